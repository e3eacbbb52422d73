// A stack trace with the application's own frames in sight; those of libraries open on a press.

import { useMemo, useState } from "preact/hooks";
import { stackParts, stackRuns, type StackPart, type StackRun } from "../format/stack";

export function Stack({ text }: { text: string }) {
  const runs = useMemo(() => stackRuns(stackParts(text)), [text]);
  const libraries = runs.filter((run) => !run.inApp);
  const hasOwn = runs.some((run) => run.inApp && run.parts.some((part) => part.kind === "frame"));
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const isFolding = hasOwn && libraries.length > 0;
  return (
    <div class="stack-box">
      {isFolding && (
        <button
          type="button"
          class="link stack-all"
          aria-pressed={all}
          onClick={() => setAll(!all)}
        >
          {all ? "Own frames only" : "All frames"}
        </button>
      )}
      <div class="stack" tabIndex={0} role="group" aria-label="Stack">
        {runs.map((run, i) =>
          run.inApp || !isFolding || all || open.has(i) ? (
            <Run key={i} run={run} isFolding={isFolding} />
          ) : (
            <button
              key={i}
              type="button"
              class="stack-fold"
              aria-expanded={false}
              onClick={() => setOpen(new Set([...open, i]))}
            >
              {run.parts.length} library {run.parts.length === 1 ? "frame" : "frames"}
            </button>
          ),
        )}
      </div>
    </div>
  );
}

function Run({ run, isFolding }: { run: StackRun; isFolding: boolean }) {
  return (
    <>
      {run.parts.map((part, i) => (
        <pre key={i} class={isFolding ? kindOf(part) : "stack-part"}>
          {part.lines.join("\n")}
        </pre>
      ))}
    </>
  );
}

function kindOf(part: StackPart): string {
  if (part.kind === "text") return "stack-part stack-text";
  return part.inApp ? "stack-part stack-own" : "stack-part stack-library";
}
