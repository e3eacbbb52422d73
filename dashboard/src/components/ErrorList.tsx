// The latest errors, newest first, with the day between days and older pages on request.

import { Fragment, type ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ErrorEvent } from "../api/types";
import { searchWords } from "../format/highlight";
import { count } from "../format/number";
import { day, sameDay } from "../format/time";
import type { ErrorListState } from "../state/useErrorList";
import { ErrorRow } from "./ErrorRow";

interface Props {
  list: ErrorListState;
  q: string;
  openId: string | undefined;
  currentId: string | undefined;
  onOpen: (id: string) => void;
  onFocus: (id: string) => void;
  /** Shown when nothing matches. */
  empty: ComponentChildren;
  /** Buttons of the head. */
  tools: ComponentChildren;
}

export function ErrorList({ list, q, openId, currentId, onOpen, onFocus, empty, tools }: Props) {
  const errors = list.data?.errors ?? [];
  const words = useMemo(() => searchWords(q), [q]);
  const fresh = useFresh(list.path, list.data?.errors);
  const current = errors.some((event) => event.id === currentId) ? currentId : errors[0]?.id;
  const refused = list.error?.isRefusal === true;

  return (
    <section class="card list" aria-labelledby="list-title">
      <header class="card-head">
        <h2 id="list-title">Latest errors</h2>
        <span class="list-count">{countText(list)}</span>
        <div class="card-tools">{tools}</div>
      </header>
      {list.data === undefined && list.error === undefined && <Skeleton />}
      {list.data === undefined && list.error !== undefined && (
        <p class="empty">{refused ? "This search cannot be answered." : "Nothing loaded yet."}</p>
      )}
      {list.data !== undefined && errors.length === 0 && empty}
      {errors.length > 0 && (
        <ol class={list.outdated ? "rows dimmed" : "rows"} aria-busy={list.outdated}>
          {errors.map((event, i) => (
            <Fragment key={event.id}>
              <DayMark event={event} previous={errors[i - 1]} />
              <ErrorRow
                event={event}
                words={words}
                open={event.id === openId}
                current={event.id === current}
                fresh={fresh.has(event.id)}
                onOpen={onOpen}
                onFocus={onFocus}
              />
            </Fragment>
          ))}
        </ol>
      )}
      <Older list={list} />
    </section>
  );
}

function DayMark({ event, previous }: { event: ErrorEvent; previous: ErrorEvent | undefined }) {
  const time = new Date(event.timestamp);
  const before = previous === undefined ? new Date() : new Date(previous.timestamp);
  if (sameDay(time, before)) return null;
  return <li class="day">{day(time)}</li>;
}

function Older({ list }: { list: ErrorListState }) {
  if (list.data === undefined || list.data.errors.length === 0) return null;
  if (list.data.tail === undefined) {
    return <p class="list-end">No older errors in this time range.</p>;
  }
  return (
    <div class="older">
      <button type="button" class="button" disabled={list.loadingOlder} onClick={list.loadOlder}>
        {list.loadingOlder ? "Loading…" : "Load older"}
      </button>
      {list.olderError !== undefined && <p role="alert">{list.olderError.message}</p>}
    </div>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" aria-label="Loading">
      {Array.from({ length: 12 }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

function countText({ data }: ErrorListState): string {
  if (data === undefined || data.errors.length === 0) return "";
  const total = `${count(data.total)}${data.totalIsExact ? "" : "+"}`;
  const shown = data.errors.length;
  return shown >= data.total && data.totalIsExact ? total : `${count(shown)} of ${total}`;
}

const NONE: ReadonlySet<string> = new Set();

/** The ids that were not there at the last refresh of the same list. */
function useFresh(path: string, errors: readonly ErrorEvent[] | undefined): ReadonlySet<string> {
  const seen = useRef<{ path: string; newest: string } | undefined>(undefined);
  const fresh = useMemo(() => {
    const newest = seen.current?.path === path ? seen.current.newest : undefined;
    const at = errors?.findIndex((event) => event.id === newest) ?? -1;
    return at > 0 ? new Set(errors?.slice(0, at).map((event) => event.id)) : NONE;
  }, [path, errors]);
  useEffect(() => {
    const newest = errors?.[0]?.id;
    if (newest !== undefined) seen.current = { path, newest };
  }, [path, errors]);
  return fresh;
}
