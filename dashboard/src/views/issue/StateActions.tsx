// Resolve, ignore, reopen: for now, for a version, for a while.

import { useState } from "preact/hooks";
import type { IssueDetails } from "../../api/types";
import { Menu } from "../../components/Menu";
import { count } from "../../format/number";
import { dayAndMinutes, toInputValue } from "../../format/time";
import { now } from "../../state/clock";
import type { IssueActions } from "../../state/useIssue";

interface Props {
  issue: IssueDetails;
  change: IssueActions["change"];
}

export function StateActions({ issue, change }: Props) {
  return (
    <>
      {issue.status !== "open" && (
        <button
          type="button"
          class="button"
          title="Reopen (o)"
          onClick={() => change({ status: "open" }, "Reopened")}
        >
          Reopen
        </button>
      )}
      {issue.status !== "resolved" && (
        <div class="split">
          <button
            type="button"
            class="button button-primary"
            title="Resolve (r)"
            onClick={() => change({ status: "resolved" }, "Resolved")}
          >
            Resolve
          </button>
          <Menu text="" label="Resolve in a version" class="button button-primary">
            {(close) => <ResolveIn issue={issue} change={change} close={close} />}
          </Menu>
        </div>
      )}
      <Menu text={issue.status === "ignored" ? "Ignore differently" : "Ignore"}>
        {(close) => <Ignore change={change} close={close} />}
      </Menu>
    </>
  );
}

function ResolveIn({ issue, change, close }: Props & { close: () => void }) {
  const versions = Object.keys(issue.by_version ?? {});
  const [version, setVersion] = useState(issue.latest?.version ?? versions[0] ?? "");
  const submit = (event: Event): void => {
    event.preventDefault();
    const resolved_in_version = version.trim();
    if (resolved_in_version === "") return;
    change({ status: "resolved", resolved_in_version }, `Resolved in ${resolved_in_version}`);
    close();
  };
  return (
    <form class="menu-form" onSubmit={submit}>
      <label>
        Resolved in version
        <input
          type="text"
          list="versions"
          placeholder="1.4.3"
          value={version}
          onInput={(event) => setVersion(event.currentTarget.value)}
        />
        <datalist id="versions">
          {versions.map((known) => (
            <option key={known} value={known} />
          ))}
        </datalist>
      </label>
      <p class="muted">Errors of older versions do not reopen it.</p>
      <button type="submit" class="button button-primary" disabled={version.trim() === ""}>
        Resolve
      </button>
    </form>
  );
}

const HOUR = 3_600_000;

const WHILES: readonly [text: string, ms: number][] = [
  ["For 1 hour", HOUR],
  ["For 24 hours", 24 * HOUR],
  ["For 7 days", 7 * 24 * HOUR],
];

function Ignore({ change, close }: { change: IssueActions["change"]; close: () => void }) {
  const [until, setUntil] = useState(() => toInputValue(new Date(now() + 24 * HOUR)));
  const [more, setMore] = useState("100");
  const errors = Number(more);
  const ignoreUntil = (time: number): void => {
    const date = new Date(time);
    const ignore_until = date.toISOString();
    change({ status: "ignored", ignore_until }, `Ignored until ${dayAndMinutes(date)}`);
    close();
  };
  return (
    <>
      <button
        type="button"
        class="menu-item"
        onClick={() => {
          change({ status: "ignored" }, "Ignored for good");
          close();
        }}
      >
        For good <kbd>i</kbd>
      </button>
      {WHILES.map(([text, ms]) => (
        <button key={text} type="button" class="menu-item" onClick={() => ignoreUntil(now() + ms)}>
          {text}
        </button>
      ))}
      <form
        class="menu-form menu-row"
        onSubmit={(event) => {
          event.preventDefault();
          if (Number.isFinite(Date.parse(until))) ignoreUntil(Date.parse(until));
        }}
      >
        <label>
          Until
          <input
            type="datetime-local"
            value={until}
            onInput={(event) => setUntil(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button" aria-label="Ignore until this time">
          Ignore
        </button>
      </form>
      <form
        class="menu-form menu-row"
        onSubmit={(event) => {
          event.preventDefault();
          if (!Number.isInteger(errors) || errors < 1) return;
          change(
            { status: "ignored", ignore_until_count: errors },
            `Ignored until ${count(errors)} more errors`,
          );
          close();
        }}
      >
        <label>
          Until so many more
          <input
            type="number"
            min="1"
            value={more}
            onInput={(event) => setMore(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button" aria-label="Ignore until so many more errors">
          Ignore
        </button>
      </form>
    </>
  );
}
