// Builds the addresses of the API. Relative, so that they work behind a path prefix; no request is made here.

import { readable } from "../format/address";
import { isAllLevels, type Filters } from "../state/filters";
import { boundParameters, type Bounds } from "../state/timeRange";

/** How many errors one page of the list holds. */
export const PAGE_SIZE = 100;

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

function setList(query: URLSearchParams, key: string, values: readonly string[]): void {
  if (values.length > 0) query.set(key, values.join(","));
}
