// What stands beside an issue: times, people, spread, why these errors are one, what happened.

import type { Activity, IssueDetails } from "../../api/types";
import { Link } from "../../components/Link";
import { ShareBars } from "../../components/ShareBars";
import { happened, why } from "../../format/issue";
import { count } from "../../format/number";
import { ago, dayAndMinutes, dayAndSeconds } from "../../format/time";
import type { IssueActions } from "../../state/useIssue";
import { useNow } from "../../state/useNow";
import { People } from "./People";

interface Props {
  issue: IssueDetails;
  activity: readonly Activity[] | undefined;
  actions: IssueActions;
}

export function IssueSide({ issue, activity, actions }: Props) {
  return (
    <div class="side">
      <Facts issue={issue} />
      <People issue={issue} change={actions.change} />
      <ShareBars id="hosts-title" title="Hosts" counts={issue.by_host} />
      <ShareBars id="versions-title" title="Versions" counts={issue.by_version} />
      <Why issue={issue} unmerge={actions.unmerge} />
      {activity !== undefined && activity.length > 0 && <Happened activity={activity} />}
    </div>
  );
}

function Facts({ issue }: { issue: IssueDetails }) {
  return (
    <section class="card" aria-label="Counts and times">
      <dl class="facts facts-alone">
        <div class="fact">
          <dt>Errors</dt>
          <dd>
            <b>{count(issue.count)}</b>
          </dd>
        </div>
        <Time name="Last seen" time={issue.last_seen} />
        <Time name="First seen" time={issue.first_seen} />
      </dl>
    </section>
  );
}

function Time({ name, time }: { name: string; time: string }) {
  const now = useNow();
  const date = new Date(time);
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        <time dateTime={time} title={time}>
          <span class="muted">{dayAndMinutes(date)} ·</span> {ago(now - date.getTime())}
        </time>
      </dd>
    </div>
  );
}

function Why({ issue, unmerge }: { issue: IssueDetails; unmerge: IssueActions["unmerge"] }) {
  const { grouping } = issue;
  const merged = issue.merged ?? [];
  const components = grouping?.components ?? [];
  if (components.length === 0 && merged.length === 0) return null;
  return (
    <section class="card" aria-labelledby="why-title">
      <header class="card-head">
        <h2 id="why-title">Why these are one issue</h2>
      </header>
      <dl class="why">
        {components.map(({ name, value }, i) => (
          <div key={i}>
            <dt>{why(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {merged.length > 0 && (
          <div>
            <dt>merged with it</dt>
            {merged.map((id) => (
              <dd key={id} class="why-part">
                <span class="ellipsis" title={id}>
                  {id}
                </span>
                <button
                  type="button"
                  class="link"
                  aria-label={`Unmerge ${id}`}
                  onClick={() => unmerge(id)}
                >
                  Unmerge
                </button>
              </dd>
            ))}
          </div>
        )}
      </dl>
    </section>
  );
}

function Happened({ activity }: { activity: readonly Activity[] }) {
  // Newest first, whichever way they come.
  const newest = [...activity].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return (
    <section class="card" aria-labelledby="activity-title">
      <header class="card-head">
        <h2 id="activity-title">Activity</h2>
      </header>
      <ol class="activity">
        {newest.map((entry, i) => (
          <li key={i} class={`activity-${entry.kind}`}>
            <span class="activity-what">{happened(entry)}</span>
            <time dateTime={entry.at} title={dayAndSeconds(new Date(entry.at))}>
              {dayAndMinutes(new Date(entry.at))}
            </time>
            {entry.detail && <Detail entry={entry} detail={entry.detail} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Detail({ entry, detail }: { entry: Activity; detail: string }) {
  const isIssue = /merged$/.test(entry.kind) && /^[0-9a-f]{32}$/.test(detail);
  return (
    <p class="activity-detail">
      {isIssue ? (
        <Link class="link mono" to={{ view: "issue", id: detail }}>
          {detail}
        </Link>
      ) : (
        detail
      )}
    </p>
  );
}
