// Resolving, ignoring and reopening issues of the list: shown at once, told to the server, and undone on request.

import { useCallback, useRef } from "preact/hooks";
import { changeIssues } from "../api/client";
import { errorFromFailure } from "../api/error";
import type { Issue, IssueStatus } from "../api/types";
import { count } from "../format/number";
import { neighbour, withStatus } from "./issueList";
import type { IssueFilters } from "./issueFilters";
import type { IssueListState } from "./useIssueList";
import type { Notices } from "./useNotice";
import { focusRow, type Rows } from "./useRows";
import type { Selection } from "./useSelection";

const DONE: Record<IssueStatus, string> = {
  open: "Reopened",
  resolved: "Resolved",
  ignored: "Ignored",
};

export type Bulk = (status: IssueStatus, only?: readonly string[]) => void;

/** Changes what is selected, or the current row where nothing is. */
export function useBulk(
  filters: IssueFilters,
  list: IssueListState,
  rows: Rows,
  selection: Selection,
  { say }: Notices,
): Bulk {
  const latest = useRef({ filters, list, rows, selection });
  latest.current = { filters, list, rows, selection };

  return useCallback<Bulk>((status, only) => {
    const { filters: asked, list: shown, rows: moving, selection: chosen } = latest.current;
    const issues = shown.data?.issues ?? [];
    const wanted = new Set(only ?? chosenOr(chosen.ids, moving.currentId));
    const changing = issues.filter((issue) => wanted.has(issue.id) && issue.status !== status);
    if (changing.length === 0) return;
    const ids = new Set(changing.map((issue) => issue.id));
    const next = neighbour(
      issues.map((issue) => issue.id),
      moving.currentId,
      asked.status === "all" || asked.status === status ? new Set() : ids,
    );
    shown.update((old) => withStatus(old, ids, status, asked.status));
    chosen.setAll([]);
    if (next !== undefined && document.activeElement?.closest(".issues") !== null) {
      moving.setCurrent(next);
      requestAnimationFrame(() => focusRow(next));
    }
    const reload = (): void => latest.current.list.reload();
    changeIssues([...ids], { status })
      .then(() => say({ text: sentence(status, changing), undo: () => void restore(changing) }))
      .catch((cause: unknown) => say({ text: failure(cause), failed: true }))
      .finally(reload);

    const restore = async (before: readonly Issue[]): Promise<void> => {
      try {
        for (const old of new Set(before.map((issue) => issue.status))) {
          const back = before.filter((issue) => issue.status === old).map((issue) => issue.id);
          await changeIssues(back, { status: old });
        }
      } catch (cause) {
        say({ text: failure(cause), failed: true });
      }
      reload();
    };
  }, []);
}

function chosenOr(ids: ReadonlySet<string>, current: string | undefined): readonly string[] {
  if (ids.size > 0) return [...ids];
  return current === undefined ? [] : [current];
}

function sentence(status: IssueStatus, issues: readonly Issue[]): string {
  const [first] = issues;
  if (issues.length === 1 && first !== undefined) return `${DONE[status]}: ${first.title}`;
  return `${DONE[status]} ${count(issues.length)} issues`;
}

function failure(cause: unknown): string {
  return `Not done: ${errorFromFailure(cause).message}`;
}
