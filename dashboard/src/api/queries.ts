// Builds the addresses of the API. Relative, so that they work behind a path prefix; no request is made here.

import { readable } from "../format/address";
import { isAllLevels, type Filters } from "../state/filters";
import type { IssueFilters } from "../state/issueFilters";
import { boundParameters, type Bounds } from "../state/timeRange";
import type { ContextScope } from "./types";

/** How many errors one page of the list holds. */
export const PAGE_SIZE = 100;

/** How many issues one page of their list holds. */
export const ISSUE_PAGE_SIZE = 50;

/** How many errors an issue's page shows at first. */
const ISSUE_EVENTS = 25;

/** The list of errors that match the filters, newest first. */
export function errorsPath(filters: Filters): string {
  const query = new URLSearchParams(boundParameters(filters.range));
  setList(query, "service", filters.services);
  if (!isAllLevels(filters.levels)) setList(query, "level", filters.levels);
  if (filters.q.trim() !== "") query.set("q", filters.q.trim());
  if (filters.traceId !== "") query.set("trace_id", filters.traceId);
  if (filters.issue !== "") query.set("issue", filters.issue);
  query.set("limit", String(PAGE_SIZE));
  return `api/v1/logs/errors?${readable(query)}`;
}

/** The page after the one that gave `cursor`. The rest of the query must stay what it was. */
export function nextPagePath(path: string, cursor: string): string {
  return `${path}&cursor=${encodeURIComponent(cursor)}`;
}

/** Statistics over `bounds`, in buckets of `intervalMs`, for all services or some. */
export function statsPath(bounds: Bounds, intervalMs: number, services: readonly string[]): string {
  const query = new URLSearchParams({
    from: String(bounds.from),
    to: String(bounds.to),
    interval: `${Math.max(1, Math.round(intervalMs / 1000))}s`,
  });
  setList(query, "service", services);
  return `api/v1/logs/stats?${readable(query)}`;
}

export function eventPath(id: string): string {
  return `api/v1/logs/events/${encodeURIComponent(id)}`;
}

/** The lines around an error. */
export function contextPath(
  id: string,
  scope: ContextScope,
  before: number,
  after: number,
): string {
  return `${eventPath(id)}/context?before=${before}&after=${after}&scope=${scope}`;
}

/** The list of issues that match the filters. */
export function issuesPath(filters: IssueFilters, limit = ISSUE_PAGE_SIZE): string {
  const { status, sort, services, levels, q } = filters;
  const query = new URLSearchParams({ status, sort });
  setList(query, "service", services);
  if (!isAllLevels(levels)) setList(query, "level", levels);
  if (q.trim() !== "") query.set("q", q.trim());
  query.set("limit", String(limit));
  return `api/v1/issues?${readable(query)}`;
}

export function issuePath(id: string): string {
  return `api/v1/issues/${encodeURIComponent(id)}`;
}

/** The newest errors of an issue. */
export function issueEventsPath(id: string): string {
  return `${issuePath(id)}/events?limit=${ISSUE_EVENTS}`;
}

function setList(query: URLSearchParams, key: string, values: readonly string[]): void {
  if (values.length > 0) query.set(key, values.join(","));
}
