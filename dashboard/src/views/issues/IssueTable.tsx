// The list of issues with its tabs, its order, and what can be done with the rows that are chosen.

import { useMemo } from "preact/hooks";
import { curlCommand } from "../../api/curl";
import { ROOT } from "../../api/root";
import type { IssueSort, IssueStatus } from "../../api/types";
import { CopyButton } from "../../components/CopyButton";
import { IssueRow } from "../../components/IssueRow";
import { searchWords } from "../../format/highlight";
import { count } from "../../format/number";
import { NO_ISSUE_FILTERS, isNarrowedTo, type IssueFilters } from "../../state/issueFilters";
import { MAX_ISSUES } from "../../state/issueList";
import type { Bulk } from "../../state/useBulk";
import type { IssueListState } from "../../state/useIssueList";
import { useNow } from "../../state/useNow";
import type { Rows } from "../../state/useRows";
import type { Selection } from "../../state/useSelection";
import type { SetIssueFilters } from "./IssuesView";

interface Props {
  filters: IssueFilters;
  list: IssueListState;
  rows: Rows;
  selection: Selection;
  hasServices: boolean;
  onChange: SetIssueFilters;
  onStatus: Bulk;
}

const TABS: readonly [IssueFilters["status"], string][] = [
  ["open", "Open"],
  ["resolved", "Resolved"],
  ["ignored", "Ignored"],
  ["all", "All"],
];

/** Ages change by the second at most for a minute; a list need not paint more often than this. */
const STEP_MS = 5_000;

export function IssueTable(props: Props) {
  const { filters, list, rows, selection, onChange } = props;
  const issues = list.data?.issues ?? [];
  const words = useMemo(() => searchWords(filters.q), [filters.q]);
  const now = Math.ceil(useNow(issues.length > 0) / STEP_MS) * STEP_MS;
  const current = issues.some((issue) => issue.id === rows.currentId)
    ? rows.currentId
    : issues[0]?.id;
  return (
    <section class="card issues" id="issues-list" aria-labelledby="issues-title">
      <h1 class="hidden" id="issues-title">
        Issues
      </h1>
      <header class="card-head issues-head">
        {selection.ids.size === 0 ? (
          <Tabs filters={filters} list={list} onChange={onChange} />
        ) : (
          <Chosen {...props} />
        )}
      </header>
      <Columns {...props} />
      {list.data === undefined && list.error === undefined && <Skeleton />}
      {list.data === undefined && list.error !== undefined && (
        <p class="empty">
          {list.error.isRefusal ? "This search cannot be answered." : "Nothing loaded yet."}
        </p>
      )}
      {list.data !== undefined && issues.length === 0 && <Empty {...props} />}
      {issues.length > 0 && (
        <ol class={list.outdated ? "issue-rows dimmed" : "issue-rows"} aria-busy={list.outdated}>
          {issues.map((issue) => (
            <IssueRow
              key={issue.id}
              issue={issue}
              words={words}
              now={now}
              selected={selection.ids.has(issue.id)}
              current={issue.id === current}
              onSelect={selection.toggle}
              onFocus={rows.setCurrent}
            />
          ))}
        </ol>
      )}
      <More list={list} />
    </section>
  );
}

function Tabs({ filters, list, onChange }: Pick<Props, "filters" | "list" | "onChange">) {
  return (
    <>
      <div class="tabs" role="group" aria-label="State">
        {TABS.map(([status, text]) => (
          <button
            key={status}
            type="button"
            aria-pressed={filters.status === status}
            onClick={() => onChange({ status })}
          >
            {text}
            {filters.status === status && list.data !== undefined && !list.outdated && (
              <span class="tab-count">{count(list.data.total)}</span>
            )}
          </button>
        ))}
      </div>
      <div class="card-tools">
        <CopyButton
          icon="terminal"
          label="Copy as curl"
          text={() => curlCommand(list.path, ROOT)}
        />
      </div>
    </>
  );
}

const ACTIONS: readonly { status: IssueStatus; text: string; key: string }[] = [
  { status: "resolved", text: "Resolve", key: "r" },
  { status: "ignored", text: "Ignore", key: "i" },
  { status: "open", text: "Reopen", key: "o" },
];

function Chosen({ filters, selection, onStatus }: Props) {
  return (
    <>
      <p class="chosen" role="status">
        {count(selection.ids.size)} selected
      </p>
      {ACTIONS.filter(({ status }) => status !== filters.status).map(({ status, text, key }) => (
        <button
          key={status}
          type="button"
          class="button"
          title={`${text} (${key})`}
          onClick={() => onStatus(status)}
        >
          {text}
        </button>
      ))}
      <div class="card-tools">
        <button type="button" class="link" onClick={() => selection.setAll([])}>
          Clear the selection
        </button>
      </div>
    </>
  );
}

const SORTS: readonly { sort: IssueSort; text: string; class: string; title: string }[] = [
  { sort: "trend", text: "Last 24 h", class: "col-trend", title: "What is rising most first" },
  { sort: "count", text: "Errors", class: "col-count", title: "The most errors first" },
  { sort: "first_seen", text: "First", class: "col-first", title: "The newest issue first" },
  { sort: "last_seen", text: "Last", class: "col-last", title: "The latest error first" },
];

function Columns({ filters, list, selection, onChange }: Props) {
  const issues = list.data?.issues ?? [];
  const all = issues.length > 0 && issues.every((issue) => selection.ids.has(issue.id));
  const columns = SORTS.map(({ sort, text, title, ...rest }) => (
    <button
      key={sort}
      type="button"
      class={`col ${rest.class}`}
      title={title}
      aria-label={`Sort by ${text}: ${title}`}
      aria-pressed={filters.sort === sort}
      onClick={() => onChange({ sort })}
    >
      {text}
    </button>
  ));
  return (
    <div class="issue-columns" role="group" aria-label="Order">
      <label class="issue-check">
        <input
          type="checkbox"
          aria-label="Select all that are shown"
          disabled={issues.length === 0}
          checked={all}
          onClick={() => selection.setAll(all ? [] : issues.map((issue) => issue.id))}
        />
      </label>
      <div class="issue-cells">
        <span class="col col-what">Issue</span>
        {columns.slice(0, 2)}
        <span class="col col-hosts">Hosts</span>
        {columns.slice(2)}
      </div>
    </div>
  );
}

function More({ list }: { list: IssueListState }) {
  if (list.data?.cursor === undefined) return null;
  if (list.data.issues.length >= MAX_ISSUES) {
    return <p class="list-end">The first {count(MAX_ISSUES)} are shown: a search finds others.</p>;
  }
  return (
    <div class="older">
      <button type="button" class="button" disabled={list.loadingMore} onClick={list.loadMore}>
        {list.loadingMore ? "Loading…" : "Load more"}
      </button>
      <span class="muted">
        {count(list.data.issues.length)} of {count(list.data.total)}
      </span>
      {list.moreError !== undefined && <p role="alert">{list.moreError.message}</p>}
    </div>
  );
}

const NOTHING: Record<IssueFilters["status"], string> = {
  open: "No open issues",
  resolved: "Nothing is resolved yet",
  ignored: "Nothing is ignored",
  all: "No issues",
};

function Empty({ filters, hasServices, onChange }: Props) {
  const narrowed = isNarrowedTo(filters);
  return (
    <div class="empty">
      <p class="empty-title">
        {narrowed ? "No issues match these filters" : NOTHING[filters.status]}
      </p>
      {!hasServices && !narrowed && (
        <p>
          No service has logged yet. Point one at the same Kafka, and what goes wrong in it appears
          here.
        </p>
      )}
      {narrowed && (
        <p class="empty-actions">
          <button
            type="button"
            class="button"
            onClick={() =>
              onChange({ ...NO_ISSUE_FILTERS, status: filters.status, sort: filters.sort })
            }
          >
            Clear the filters
          </button>
          {filters.status !== "all" && (
            <button type="button" class="button" onClick={() => onChange({ status: "all" })}>
              Look in every state
            </button>
          )}
        </p>
      )}
    </div>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" aria-label="Loading">
      {Array.from({ length: 10 }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}
