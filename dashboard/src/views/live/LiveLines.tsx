// The lines themselves, the newest at the bottom. The page follows them until somebody scrolls up to read.

import { useCallback, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { LogLine } from "../../components/LogLine";
import { searchWords } from "../../format/highlight";
import { count } from "../../format/number";
import { toggled } from "../../state/filters";
import type { LiveFilters } from "../../state/liveFilters";
import { withTerm } from "../../state/searchTerm";
import type { Live } from "../../state/useLive";
import type { Rows } from "../../state/useRows";
import type { SetLiveFilters } from "./LiveView";

interface Props {
  live: Live;
  filters: LiveFilters;
  rows: Rows;
  paused: boolean;
  onPause: () => void;
  onChange: SetLiveFilters;
}

export function LiveLines({ live, filters, rows, paused, onPause, onChange }: Props) {
  const { items, received } = live.tail;
  const { box, following, follow } = useFollowing(items);
  const [open, setOpen] = useState<readonly string[]>([]);
  const toggle = useCallback((key: string) => setOpen((keys) => toggled(keys, key)), []);
  const words = useMemo(() => searchWords(filters.q), [filters.q]);
  const term = useCallback(
    (key: string, value: string, exclude: boolean) =>
      onChange({ q: withTerm(filters.q, key, value, exclude) }),
    [filters.q],
  );
  const trace = useCallback((traceId: string) => onChange({ traceId, scope: "all" }), []);
  const last = items.findLast((item) => item.kind === "line")?.key;
  const current = items.some((item) => item.key === rows.currentId) ? rows.currentId : last;
  return (
    <section class="card live-lines" aria-labelledby="live-title">
      <header class="card-head">
        <h1 class="card-title" id="live-title">
          {filters.scope === "all" ? "All lines, live" : "Errors, live"}
        </h1>
        <State live={live} paused={paused} />
        <span class="list-count">{count(received)} received</span>
        <div class="card-tools">
          <button type="button" class="button" title="Clear (c)" onClick={live.clear}>
            Clear
          </button>
        </div>
      </header>
      <div class="lines-box" ref={box}>
        {items.length === 0 && <Nothing live={live} filters={filters} />}
        <ol class="lines" aria-live="off">
          {items.map((item) =>
            item.kind === "gap" ? (
              <li key={item.key} class="line-gap">
                {item.text}
              </li>
            ) : (
              <LogLine
                key={item.key}
                line={item.line}
                words={words}
                showService
                open={open.includes(item.key)}
                current={item.key === current}
                onToggle={toggle}
                onFocus={rows.setCurrent}
                onTerm={term}
                onTrace={trace}
              />
            ),
          )}
        </ol>
      </div>
      {(paused || !following) && items.length > 0 && (
        <button
          type="button"
          class="button button-primary to-newest"
          onClick={() => {
            if (paused) onPause();
            follow();
          }}
        >
          {paused
            ? `Resume${live.waiting > 0 ? `: ${count(live.waiting)} waiting` : ""}`
            : "To the newest"}
        </button>
      )}
    </section>
  );
}

const WORDS = { connecting: "connecting", open: "live", lost: "cut off, trying again" } as const;

function State({ live, paused }: { live: Live; paused: boolean }) {
  const refused = live.error?.isRefusal === true;
  const word = refused ? "refused" : paused ? "paused" : WORDS[live.connection];
  return (
    <span
      class={`live-state live-state-${paused && !refused ? "paused" : live.connection}`}
      role="status"
    >
      <span class="dot" aria-hidden="true" />
      {word}
      {!refused && live.error !== undefined && `: ${live.error.message}`}
    </span>
  );
}

function Nothing({ live, filters }: { live: Live; filters: LiveFilters }) {
  const narrowed =
    filters.q !== "" ||
    filters.services.length > 0 ||
    filters.level !== "TRACE" ||
    filters.traceId !== "";
  if (live.connection !== "open") return <p class="empty">Nothing has come yet.</p>;
  return (
    <div class="empty">
      <p class="empty-title">Waiting for the next line</p>
      <p>
        {filters.scope === "all" ? "Lines" : "Errors"} {narrowed ? "that match " : ""}appear here
        the moment they are read.
      </p>
    </div>
  );
}

/** Whether the newest line is in sight, and keeping it there while it is. */
function useFollowing(items: unknown) {
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const wanted = useRef(true);
  const follow = useCallback(() => {
    wanted.current = true;
    setFollowing(true);
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (wanted.current && element !== null) element.scrollTop = element.scrollHeight;
  }, [items]);
  useLayoutEffect(() => {
    const element = box.current;
    const note = (): void => {
      if (element === null) return;
      const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
      wanted.current = rest < NEAR_PX;
      setFollowing(wanted.current);
    };
    element?.addEventListener("scroll", note, { passive: true });
    return () => element?.removeEventListener("scroll", note);
  }, []);
  return { box, following, follow };
}

/** About two lines: whoever is this near to the end means to be there. */
const NEAR_PX = 48;
