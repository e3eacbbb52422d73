// One log line of any level; a press shows all that it carries.

import { headline, reason } from "../format/record";
import { clock, dayAndSeconds } from "../format/time";
import type { Line } from "../state/lines";
import { Level } from "./Level";
import { LineDetails, type LineActions } from "./LineDetails";
import { Marked } from "./Marked";
import { memo } from "./memo";
import { RowFields } from "./RowFields";

interface Props extends LineActions {
  line: Line;
  words: readonly string[];
  /** The error that the page is about. */
  marked?: boolean;
  /** How far from that error, in words. */
  offset?: string | undefined;
  showService: boolean;
  open: boolean;
  /** The row that Tab reaches; j and k move it. */
  current: boolean;
  onToggle: (key: string) => void;
  onFocus: (key: string) => void;
}

export const LogLine = memo(function LogLine(props: Props) {
  const { line, words, marked = false, offset, showService, open, current } = props;
  const { record } = line;
  const time = new Date(record.timestamp);
  const classes = [
    "line",
    `line-${record.level.toLowerCase()}`,
    ...(marked ? ["line-marked"] : []),
    ...(open ? ["open"] : []),
  ];
  return (
    <li class={classes.join(" ")} aria-current={marked ? "true" : undefined}>
      <button
        type="button"
        class="row line-row"
        data-id={line.key}
        tabIndex={current ? 0 : -1}
        aria-expanded={open}
        onClick={() => props.onToggle(line.key)}
        onFocus={() => props.onFocus(line.key)}
      >
        <time
          class="line-time"
          dateTime={record.timestamp}
          title={[`${dayAndSeconds(time)} · ${record.timestamp}`, offset]
            .filter(Boolean)
            .join(" · ")}
        >
          {clock(time)}
        </time>
        {offset !== undefined && <span class="line-offset">{offset}</span>}
        <Level level={record.level} />
        {showService && <span class="line-service">{record.service}</span>}
        <span class="line-text">
          {marked && <span class="hidden">This is the error. </span>}
          <Marked text={headline(record)} words={words} />
          {reason(record) !== undefined && (
            <span class="row-cause">
              <Marked text={reason(record) ?? ""} words={words} />
            </span>
          )}
          <RowFields fields={record.fields} words={words} />
        </span>
      </button>
      {open && <LineDetails line={line} onTerm={props.onTerm} onTrace={props.onTrace} />}
    </li>
  );
});
