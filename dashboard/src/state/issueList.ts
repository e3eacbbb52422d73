// The list of issues over time: how a refreshed part joins what was loaded before, and what a change does to it. Pure.

import type { Issue, IssuePage, IssueStatus } from "../api/types";

export interface IssueList {
  issues: Issue[];
  total: number;
  cursor: string | undefined;
}

/** The most that one answer of the API holds. */
export const MAX_ISSUES = 1_000;

/** What a refresh brings, over what was there. `hold`: somebody is choosing rows, so none may move. */
export function refreshedIssues(
  list: IssueList | undefined,
  page: IssuePage,
  hold: boolean,
): IssueList {
  const known = new Map(list?.issues.map((issue) => [issue.id, issue]));
  // An object that says the same lets its row stay as it is.
  const fresh = page.issues.map((issue) => same(known.get(issue.id), issue));
  const next = { issues: fresh, total: page.total, cursor: page.next_cursor ?? undefined };
  if (list === undefined) return next;
  const ids = new Set(fresh.map((issue) => issue.id));
  if (hold) {
    const byId = new Map(fresh.map((issue) => [issue.id, issue]));
    return { ...list, issues: list.issues.map((issue) => byId.get(issue.id) ?? issue) };
  }
  if (next.cursor === undefined || list.issues.length <= fresh.length) return next;
  // A page was added while this refresh was on its way.
  const older = list.issues.slice(fresh.length).filter((issue) => !ids.has(issue.id));
  return { ...next, issues: [...fresh, ...older], cursor: list.cursor };
}

/** Adds the next page below. */
export function extendedIssues(list: IssueList, page: IssuePage): IssueList {
  const ids = new Set(list.issues.map((issue) => issue.id));
  const added = page.issues.filter((issue) => !ids.has(issue.id));
  return {
    issues: [...list.issues, ...added],
    total: page.total,
    cursor: page.next_cursor ?? undefined,
  };
}

/** The list after issues have got another status: those that no longer belong into it are gone. */
export function withStatus(
  list: IssueList,
  changed: ReadonlySet<string>,
  status: IssueStatus,
  shown: IssueStatus | "all",
): IssueList {
  if (shown === "all" || shown === status) {
    const issues = list.issues.map((issue) =>
      changed.has(issue.id) ? { ...issue, status } : issue,
    );
    return { ...list, issues };
  }
  const issues = list.issues.filter((issue) => !changed.has(issue.id));
  const gone = list.issues.length - issues.length;
  return { ...list, issues, total: Math.max(0, list.total - gone) };
}

/** The row to go on with when some are taken out of the list: the next one that stays, else the one before. */
export function neighbour(
  ids: readonly string[],
  from: string | undefined,
  gone: ReadonlySet<string>,
): string | undefined {
  const at = from === undefined ? -1 : ids.indexOf(from);
  if (at < 0) return undefined;
  const stays = (id: string): boolean => !gone.has(id);
  return ids.slice(at).find(stays) ?? ids.slice(0, at).findLast(stays);
}

function same(old: Issue | undefined, issue: Issue): Issue {
  return old !== undefined && JSON.stringify(old) === JSON.stringify(issue) ? old : issue;
}
