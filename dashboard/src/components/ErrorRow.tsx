// One error in one line (two on a phone): when, how bad, who, what, and the fields as far as there is room.

import { memo } from "./memo";
import type { ErrorEvent } from "../api/types";
import { headline, reason } from "../format/record";
import { clock, dayAndSeconds } from "../format/time";
import { Level } from "./Level";
import { Marked } from "./Marked";
import { RowFields } from "./RowFields";

interface Props {
  event: ErrorEvent;
  words: readonly string[];
  open: boolean;
  /** The row that Tab reaches; j and k move it. */
  current: boolean;
  fresh: boolean;
  onOpen: (id: string) => void;
  onFocus: (id: string) => void;
}

export const ErrorRow = memo(function ErrorRow(props: Props) {
  const { event, words, open, current, fresh } = props;
  const time = new Date(event.timestamp);
  const level = event.level.toLowerCase();
  return (
    <li class={`row-item is-${level}${open ? " open" : ""}${fresh ? " fresh" : ""}`}>
      <button
        type="button"
        class="row"
        data-id={event.id}
        tabIndex={current ? 0 : -1}
        aria-current={open ? "true" : undefined}
        onClick={() => props.onOpen(event.id)}
        onFocus={() => props.onFocus(event.id)}
      >
        <time class="row-time" dateTime={event.timestamp} title={`${dayAndSeconds(time)}`}>
          {clock(time)}
        </time>
        <Level level={event.level} />
        <span class="row-service">{event.service}</span>
        <span class="row-text">
          <span class="row-message">
            <Marked text={headline(event)} words={words} />
          </span>
          {reason(event) !== undefined && (
            <span class="row-cause">
              <Marked text={reason(event) ?? ""} words={words} />
            </span>
          )}
          <RowFields fields={event.fields} words={words} />
        </span>
      </button>
    </li>
  );
});
