// One issue in two lines: what and where, how it goes, how often, since when and until when.

import type { Issue } from "../api/types";
import { growth, growthText } from "../format/issue";
import { compact, count } from "../format/number";
import { age, dayAndSeconds } from "../format/time";
import { addressOf } from "../state/place";
import { Badge } from "./Badge";
import { followed } from "./Link";
import { Marked } from "./Marked";
import { memo } from "./memo";
import { Level } from "./Level";
import { Sparkline } from "./Sparkline";

interface Props {
  issue: Issue;
  words: readonly string[];
  selected: boolean;
  /** The row that Tab reaches; j and k move it. */
  current: boolean;
  /** The time of this machine, in whole steps: it makes the row paint again. */
  now: number;
  onSelect: (id: string, range: boolean) => void;
  onFocus: (id: string) => void;
}

export const IssueRow = memo(function IssueRow(props: Props) {
  const { issue, words, selected, current, now } = props;
  const route = { view: "issue", id: issue.id } as const;
  return (
    <li class={`issue-item is-${issue.level.toLowerCase()}${selected ? " selected" : ""}`}>
      <label class="issue-check">
        <input
          type="checkbox"
          checked={selected}
          tabIndex={current ? 0 : -1}
          aria-label={`Select ${issue.title}`}
          onClick={(event) => props.onSelect(issue.id, event.shiftKey)}
        />
      </label>
      <a
        class="row issue-row"
        href={addressOf(route)}
        data-id={issue.id}
        tabIndex={current ? 0 : -1}
        onClick={(event) => followed(event, route)}
        onFocus={() => props.onFocus(issue.id)}
      >
        <span class="issue-what">
          <span class="issue-title">
            <Marked text={issue.title} words={words} />
          </span>
          <span class="issue-where">
            <Level level={issue.level} />
            <Badge issue={issue} />
            <span class="issue-service">{issue.service}</span>
            {issue.assignee ? <span class="issue-assignee">{issue.assignee}</span> : null}
          </span>
        </span>
        <span class="issue-trend">
          <Sparkline counts={issue.trend.counts} />
          <Growth issue={issue} />
        </span>
        <span class="issue-number" title={`${count(issue.count)} errors`}>
          <b>{compact(issue.count)}</b>
        </span>
        <span class="issue-number issue-hosts" title={`on ${count(issue.hosts)} hosts`}>
          {compact(issue.hosts)}
        </span>
        <Seen class="issue-first" label="First seen" time={issue.first_seen} now={now} />
        <Seen class="issue-last" label="Last seen" time={issue.last_seen} now={now} />
      </a>
    </li>
  );
});

function Growth({ issue }: { issue: Issue }) {
  const ratio = growth(issue.trend);
  if (ratio === undefined) return <span />;
  const text = growthText(ratio);
  return (
    <span
      class="issue-growth"
      title={`This hour or the last one has ${text} the errors of a usual one`}
    >
      {text} <span aria-hidden="true">↗</span>
    </span>
  );
}

interface SeenProps {
  class: string;
  label: string;
  time: string;
  now: number;
}

function Seen({ label, time, now, ...rest }: SeenProps) {
  const date = new Date(time);
  return (
    <time {...rest} dateTime={time} title={`${label} ${dayAndSeconds(date)}`}>
      {age(now - date.getTime())}
    </time>
  );
}
