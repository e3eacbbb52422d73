// The front page: what is wrong, each cause once, and what to do about it.

import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Page } from "../../components/Page";
import { Toast } from "../../components/Toast";
import { formatIssueFilters, parseIssueFilters, type IssueFilters } from "../../state/issueFilters";
import { go } from "../../state/place";
import { useBulk } from "../../state/useBulk";
import { useIssueList } from "../../state/useIssueList";
import { toggled } from "../../state/filters";
import { usePulse } from "../../state/usePulse";
import { useNotice } from "../../state/useNotice";
import { focusRow, isRowFocused, useRows } from "../../state/useRows";
import { useSelection } from "../../state/useSelection";
import { useServices } from "../../state/useServices";
import type { Shell } from "../../state/useShell";
import { leftFrom, leave } from "../../state/left";
import { IssueFilterBar } from "./IssueFilterBar";
import { IssueTable } from "./IssueTable";
import { PulseCard } from "./PulseCard";

export type SetIssueFilters = (
  change: Partial<IssueFilters>,
  options?: { replace?: boolean },
) => void;

const setFilters: SetIssueFilters = (change, options) => {
  const filters = { ...parseIssueFilters(location.search), ...change };
  go({ view: "issues" }, formatIssueFilters(filters), options);
};

export function IssuesView({ search: address, shell }: { search: string; shell: Shell }) {
  const filters = useMemo(() => parseIssueFilters(address), [address]);
  const selected = useRef(0);
  const list = useIssueList(filters, shell.refresh.tick, selected.current > 0);
  const services = useServices(shell.refresh.tick);
  const pulse = usePulse(filters, shell.refresh.tick);
  const issues = list.data?.issues ?? [];
  const ids = useMemo(() => issues.map((issue) => issue.id), [list.data]);
  const selection = useSelection(ids);
  selected.current = selection.ids.size;
  const rows = useRows(ids, { more: list.loadMore, startId: leftFrom() });
  const notices = useNotice();
  const change = useBulk(filters, list, rows, selection, notices);
  const search = useRef<HTMLInputElement>(null);

  useEffect(() => selection.setAll([]), [list.path]);
  // Back from an issue: the reader goes on where it was left.
  useEffect(() => {
    const id = leftFrom();
    if (id !== undefined) focusRow(id);
  }, []);
  // At once: whoever presses j and Enter is gone before an effect that waits for the screen.
  useLayoutEffect(() => leave(rows.currentId, address), [rows.currentId, address]);

  const refusal = list.error?.isRefusal === true ? list.error : undefined;
  const answered = refusal === undefined ? list : { ...list, error: undefined };
  const current = rows.currentId;
  return (
    <Page
      shell={shell}
      view="issues"
      title="Issues"
      skip={{ to: "issues-list", what: "the list of issues" }}
      parts={[answered, pulse]}
      keys={{
        "/": () => search.current?.select(),
        j: () => rows.step(1),
        k: () => rows.step(-1),
        ArrowDown: () => (isRowFocused() ? rows.step(1) : false),
        ArrowUp: () => (isRowFocused() ? rows.step(-1) : false),
        Enter: () =>
          current !== undefined && document.activeElement === document.body
            ? go({ view: "issue", id: current })
            : false,
        x: () => (current === undefined ? false : selection.toggle(current)),
        r: () => change("resolved"),
        i: () => change("ignored"),
        o: () => change("open"),
        Escape: () => (selection.ids.size === 0 ? false : selection.setAll([])),
      }}
    >
      <IssueFilterBar
        filters={filters}
        services={services}
        refusal={refusal}
        search={search}
        onChange={setFilters}
        onLeaveDown={() => rows.step(0)}
        onHelp={() => shell.setHelp(true)}
      />
      <main class="single">
        <PulseCard
          pulse={pulse}
          chosen={filters.services}
          onService={(service) => setFilters({ services: toggled(filters.services, service) })}
        />
        <IssueTable
          filters={filters}
          list={list}
          rows={rows}
          selection={selection}
          hasServices={services.length > 0}
          onChange={setFilters}
          onStatus={change}
        />
      </main>
      <Toast {...notices} />
    </Page>
  );
}
