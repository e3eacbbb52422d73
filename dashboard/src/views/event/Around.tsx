// The lines around the error, as they were logged: the error in their middle, more on both sides, of whom one likes.

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Context, ContextScope, ErrorEvent } from "../../api/types";
import { LogLine } from "../../components/LogLine";
import { Segmented } from "../../components/Segmented";
import { count } from "../../format/number";
import { dayAndMinutes, fromError } from "../../format/time";
import { edgeOf, MAX_SIDE, STEP, type ContextView, type Edge } from "../../state/contextView";
import { searchFor, searchTrace } from "../../state/searches";
import type { Loader } from "../../state/useResource";
import type { LineRows } from "./useLineRows";

interface Props {
  event: ErrorEvent;
  view: ContextView;
  context: Loader<Context>;
  lines: LineRows;
  onChange: (change: Partial<ContextView>) => void;
}

export function Around({ event, view, context, lines, onChange }: Props) {
  const { data } = context;
  const box = useKeptInSight(context);
  const at = Date.parse(event.timestamp);
  const { rows, open, markedKey } = lines;
  const shown = lines.lines;
  const current = shown.some((line) => line.key === rows.currentId) ? rows.currentId : markedKey;
  const before = data && edgeOf(data, "before", view.before);
  const after = data && edgeOf(data, "after", view.after);
  const isLoading = context.outdated || (data === undefined && context.error === undefined);
  return (
    <section class="card around" aria-labelledby="around-title">
      <header class="card-head">
        <h2 id="around-title">Lines around it</h2>
        <Scopes event={event} scope={view.scope} onChoose={(scope) => onChange({ scope })} />
        <span class="list-count">{data !== undefined && !context.outdated && summary(data)}</span>
        <div class="card-tools">
          <button type="button" class="button" onClick={context.reload} title="Read them again">
            Read again
          </button>
        </div>
      </header>
      {context.error !== undefined && (
        <p class="around-failed" role="alert">
          The lines cannot be read: {context.error.message}.
        </p>
      )}
      <div class="lines-box" ref={box} aria-busy={isLoading}>
        <More
          edge={before}
          text="Load more before"
          loading={isLoading}
          onMore={() => onChange({ before: Math.min(MAX_SIDE, view.before + STEP) })}
        />
        <ol class={context.outdated ? "lines dimmed-late" : "lines"}>
          {shown.map((line) => (
            <LogLine
              key={line.key}
              line={line}
              words={NO_WORDS}
              marked={line.key === markedKey}
              offset={
                line.key === markedKey ? "" : fromError(Date.parse(line.record.timestamp) - at)
              }
              showService={view.scope !== "instance"}
              open={open.includes(line.key)}
              current={line.key === current}
              onToggle={lines.toggle}
              onFocus={rows.setCurrent}
              onTerm={searchFor}
              onTrace={searchTrace}
            />
          ))}
        </ol>
        <More
          edge={after}
          text="Load more after"
          loading={isLoading}
          onMore={() => onChange({ after: Math.min(MAX_SIDE, view.after + STEP) })}
        />
      </div>
    </section>
  );
}

const NO_WORDS: readonly string[] = [];

const SCOPES: readonly { value: ContextScope; text: string; title: string }[] = [
  { value: "instance", text: "Instance", title: "The lines of the same process" },
  { value: "service", text: "Service", title: "All lines of the service, wherever it runs" },
  { value: "trace", text: "Trace", title: "All lines of the same trace, of every service" },
];

interface ScopesProps {
  event: ErrorEvent;
  scope: ContextScope;
  onChoose: (scope: ContextScope) => void;
}

function Scopes({ event, scope, onChoose }: ScopesProps) {
  const options = SCOPES.map((option) =>
    option.value === "trace" && event.trace_id === undefined
      ? { ...option, disabled: true, title: "This error has no trace id" }
      : option,
  );
  return <Segmented label="Whose lines" options={options} value={scope} onChoose={onChoose} />;
}

function summary({ before, after, scanned, source, taken_at }: Context): string {
  const kept = taken_at === undefined ? "" : ` ${dayAndMinutes(new Date(taken_at))}`;
  const read = source === "snapshot" ? `kept${kept}` : `${count(scanned)} read in Kafka`;
  return `${count(before.length)} before, ${count(after.length)} after; ${read}`;
}

interface MoreProps {
  edge: Edge | undefined;
  text: string;
  loading: boolean;
  onMore: () => void;
}

function More({ edge, text, loading, onMore }: MoreProps) {
  if (edge === undefined) return <p class="line-edge">{loading ? "Reading…" : ""}</p>;
  return (
    <p class="line-edge">
      {edge.more ? (
        <button type="button" class="button" disabled={loading} onClick={onMore}>
          {loading ? "Reading…" : text}
        </button>
      ) : (
        edge.text
      )}
    </p>
  );
}

/** The error stands in the middle at first; later, what is read stays where it is when lines come above it. */
function useKeptInSight(context: Loader<Context>) {
  const box = useRef<HTMLDivElement>(null);
  const place = useRef<number | undefined>(undefined);
  const marked = (): HTMLElement | null | undefined =>
    box.current?.querySelector<HTMLElement>(".line-marked");

  useLayoutEffect(() => {
    const scroller = box.current;
    const line = marked();
    if (!scroller || !line || context.data === undefined) return;
    const wanted = place.current ?? (scroller.clientHeight - line.offsetHeight) / 2;
    scroller.scrollTop = line.offsetTop - wanted;
  }, [context.data]);

  useEffect(() => {
    const scroller = box.current;
    const note = (): void => {
      const line = marked();
      if (scroller && line) place.current = line.offsetTop - scroller.scrollTop;
    };
    scroller?.addEventListener("scroll", note, { passive: true });
    return () => scroller?.removeEventListener("scroll", note);
  }, []);
  return box;
}
