// One issue: how it goes, what it is, what to do about it.

import { useEffect, useMemo } from "preact/hooks";
import type { ErrorEvent, IssueDetails } from "../../api/types";
import { Badge } from "../../components/Badge";
import { CopyButton } from "../../components/CopyButton";
import { EventCause, EventEvidence } from "../../components/EventBody";
import { Level } from "../../components/Level";
import { Link } from "../../components/Link";
import { Missing } from "../../components/Missing";
import { Page } from "../../components/Page";
import { Toast } from "../../components/Toast";
import { TrendChart } from "../../components/TrendChart";
import { stateInWords } from "../../format/issue";
import { ago } from "../../format/time";
import { now } from "../../state/clock";
import { leftFilters } from "../../state/left";
import { go } from "../../state/place";
import { searchFor, searchTrace } from "../../state/searches";
import { useIssue, type IssueActions } from "../../state/useIssue";
import { useNotice } from "../../state/useNotice";
import { useNow } from "../../state/useNow";
import { useRows } from "../../state/useRows";
import type { Shell } from "../../state/useShell";
import { IssueEvents, joined, useOlderEvents } from "./IssueEvents";
import { IssueSide } from "./IssueSide";
import { MergeMenu } from "./MergeMenu";
import { StateActions } from "./StateActions";

export function IssueView({ id, shell }: { id: string; shell: Shell }) {
  const notices = useNotice();
  const { details, activity, events, actions } = useIssue(id, shell.refresh.tick, notices);
  const issue = details.data;
  const older = useOlderEvents(id, events.data);
  const ids = useMemo(
    () => joined(events.data, older).map((event) => event.id),
    [events.data, older.errors],
  );
  const rows = useRows(ids, { more: older.load });
  // A part of another issue is shown as that one, and its address says so.
  const whole = issue?.id;
  useEffect(() => {
    if (whole !== undefined && whole !== id) {
      go({ view: "issue", id: whole }, "", { replace: true });
    }
  }, [whole]);

  const gone = details.error?.status === 404 || details.error?.isRefusal === true;
  const own = gone ? { ...details, error: undefined } : details;
  return (
    <Page
      shell={shell}
      view="issue"
      title={issue?.title ?? "Issue"}
      skip={{ to: "events-title", what: "its errors" }}
      parts={issue === undefined || gone ? [own] : [own, activity, events]}
      keys={{
        j: () => rows.step(1),
        k: () => rows.step(-1),
        r: () => (issue ? actions.change({ status: "resolved" }, "Resolved") : false),
        i: () => (issue ? actions.change({ status: "ignored" }, "Ignored for good") : false),
        o: () => (issue ? actions.change({ status: "open" }, "Reopened") : false),
        Escape: () => go({ view: "issues" }, leftFilters()),
      }}
    >
      {issue === undefined ? (
        <Missing
          title="There is no such issue"
          gone={gone}
          error={details.error}
          way={
            <Link class="button" to={{ view: "issues" }}>
              All issues
            </Link>
          }
        />
      ) : (
        <main class="detail">
          <Head issue={issue} actions={actions} />
          <div class="detail-main">
            <TrendChart trend={issue.trend} level={issue.level} now={now()} />
            <Latest issue={issue} />
            <IssueEvents id={id} events={events} rows={rows} older={older} />
          </div>
          <IssueSide issue={issue} activity={activity.data} actions={actions} />
        </main>
      )}
      <Toast {...notices} />
    </Page>
  );
}

function Head({ issue, actions }: { issue: IssueDetails; actions: IssueActions }) {
  return (
    <header class="detail-head">
      <p class="crumbs">
        <Link class="link" to={{ view: "issues" }} search={leftFilters()}>
          Issues
        </Link>
        <span aria-hidden="true">/</span>
        <Link
          class="link"
          to={{ view: "issues" }}
          search={`?service=${encodeURIComponent(issue.service)}`}
        >
          {issue.service}
        </Link>
      </p>
      <h1 class="detail-title">{issue.title}</h1>
      <div class="detail-line">
        <Level level={issue.level} />
        <Badge issue={issue} />
        {issue.target && <span class="mono muted">{issue.target}</span>}
        <span class="muted">{stateInWords(issue)}</span>
      </div>
      <div class="detail-actions">
        <StateActions issue={issue} change={actions.change} />
        <MergeMenu issue={issue} mergeInto={actions.mergeInto} />
        <CopyButton icon="link" label="Copy link" text={() => location.href} />
      </div>
    </header>
  );
}

function Latest({ issue }: { issue: IssueDetails }) {
  const event = issue.latest;
  if (event === undefined || event === null) {
    return (
      <section class="card" aria-label="Latest error">
        <p class="card-note card-alone">
          No error of it is held any more: the issue outlives the retention of its records.
        </p>
      </section>
    );
  }
  return <LatestEvent event={event} />;
}

function LatestEvent({ event }: { event: ErrorEvent }) {
  const time = useNow();
  return (
    <section class="card" aria-labelledby="latest-title">
      <header class="card-head">
        <h2 id="latest-title">Latest error</h2>
        <span class="list-count">{ago(time - Date.parse(event.timestamp))}</span>
        <div class="card-tools">
          <Link class="button" to={{ view: "event", id: event.id }}>
            Lines around it
          </Link>
        </div>
      </header>
      <div class="card-body">
        <EventCause event={event} />
        <EventEvidence event={event} onTerm={searchFor} onTrace={searchTrace} />
      </div>
    </section>
  );
}
