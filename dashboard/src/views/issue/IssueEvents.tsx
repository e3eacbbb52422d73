// The newest errors of the issue; each leads to the lines around it.

import { useState } from "preact/hooks";
import { getErrorPage } from "../../api/client";
import { errorFromFailure } from "../../api/error";
import { issueEventsPath, nextPagePath } from "../../api/queries";
import type { ErrorEvent, ErrorPage } from "../../api/types";
import { followed } from "../../components/Link";
import { headline } from "../../format/record";
import { count } from "../../format/number";
import { clock, dayAndSeconds } from "../../format/time";
import { addressOf } from "../../state/place";
import type { Resource } from "../../state/useResource";
import type { Rows } from "../../state/useRows";
import { RowFields } from "../../components/RowFields";

interface Props {
  id: string;
  events: Resource<ErrorPage>;
  rows: Rows;
  older: Older;
}

/** Errors that were loaded below those that are refreshed. */
export interface Older {
  errors: ErrorEvent[];
  cursor: string | null | undefined;
  loading: boolean;
  failed: string | undefined;
  load: () => void;
}

export function useOlderEvents(id: string, page: ErrorPage | undefined): Older {
  const [older, setOlder] = useState<Pick<Older, "errors" | "cursor">>({
    errors: [],
    cursor: undefined,
  });
  const [loading, setLoading] = useState(false);
  const [failed, setFailed] = useState<string | undefined>(undefined);
  const cursor = older.cursor === undefined ? page?.next_cursor : older.cursor;
  const load = (): void => {
    if (!cursor || loading) return;
    setLoading(true);
    getErrorPage(nextPagePath(issueEventsPath(id), cursor), new AbortController().signal)
      .then((next) => {
        setFailed(undefined);
        // What was shown stays below what a refresh puts on top.
        setOlder((old) => ({
          errors: [...(old.errors.length > 0 ? old.errors : (page?.errors ?? [])), ...next.errors],
          cursor: next.next_cursor,
        }));
      })
      .catch((cause: unknown) => setFailed(errorFromFailure(cause).message))
      .finally(() => setLoading(false));
  };
  return { errors: older.errors, cursor, loading, failed, load };
}

/** The refreshed page, and below it what was loaded before; none twice. */
export function joined(page: ErrorPage | undefined, older: Older): ErrorEvent[] {
  const fresh = page?.errors ?? [];
  const ids = new Set(fresh.map((event) => event.id));
  return [...fresh, ...older.errors.filter((event) => !ids.has(event.id))];
}

export function IssueEvents({ events, rows, older }: Props) {
  const errors = joined(events.data, older);
  const current = errors.some((event) => event.id === rows.currentId)
    ? rows.currentId
    : errors[0]?.id;
  return (
    <section class="card" aria-labelledby="events-title">
      <header class="card-head">
        <h2 id="events-title">Its errors</h2>
        <span class="list-count">{countText(errors.length, events.data)}</span>
      </header>
      {events.data !== undefined && errors.length === 0 && (
        <p class="card-note">
          None is held any more: the issue outlives the retention of its records.
        </p>
      )}
      {events.data === undefined && events.error !== undefined && (
        <p class="card-note" role="alert">
          {events.error.message}
        </p>
      )}
      <ol class="rows event-rows">
        {errors.map((event) => (
          <EventRow
            key={event.id}
            event={event}
            current={event.id === current}
            onFocus={rows.setCurrent}
          />
        ))}
      </ol>
      {older.cursor && (
        <div class="older">
          <button type="button" class="button" disabled={older.loading} onClick={older.load}>
            {older.loading ? "Loading…" : "Load older"}
          </button>
          {older.failed !== undefined && <p role="alert">{older.failed}</p>}
        </div>
      )}
    </section>
  );
}

function countText(shown: number, page: ErrorPage | undefined): string {
  if (page === undefined || page.total <= shown) return "";
  return `${count(shown)} of ${count(page.total)}${page.total_is_exact ? "" : "+"}`;
}

interface RowProps {
  event: ErrorEvent;
  current: boolean;
  onFocus: (id: string) => void;
}

function EventRow({ event, current, onFocus }: RowProps) {
  const route = { view: "event", id: event.id } as const;
  const time = new Date(event.timestamp);
  return (
    <li class={`row-item is-${event.level.toLowerCase()}`}>
      <a
        class="row event-row"
        href={addressOf(route)}
        data-id={event.id}
        tabIndex={current ? 0 : -1}
        onClick={(press) => followed(press, route)}
        onFocus={() => onFocus(event.id)}
      >
        <time class="row-time" dateTime={event.timestamp} title={dayAndSeconds(time)}>
          {dayAndSeconds(time)}
          <span class="event-ms">{clock(time).slice(-4)}</span>
        </time>
        <span class="row-service">{[event.host, event.version].filter(Boolean).join(" · ")}</span>
        <span class="row-text">
          <span class="row-message">{headline(event)}</span>
          <RowFields fields={event.fields} />
        </span>
      </a>
    </li>
  );
}
