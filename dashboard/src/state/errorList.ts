// The list of errors over time: how a refreshed first page joins the older pages that were loaded before. Pure.

import type { ErrorEvent, ErrorPage } from "../api/types";

/** Where the next older page starts. The cursor belongs to the query that gave it. */
export interface Tail {
  path: string;
  cursor: string;
}

export interface ErrorList {
  errors: ErrorEvent[];
  total: number;
  totalIsExact: boolean;
  /** `undefined` when nothing older exists. */
  tail: Tail | undefined;
}

/** A page a person would scroll through; beyond it a search is the better tool. */
export const MAX_ROWS = 3_000;

/** A list that starts with this page. */
export function listOf(page: ErrorPage, path: string): ErrorList {
  return {
    errors: page.errors,
    total: page.total,
    totalIsExact: page.total_is_exact,
    tail: tailOf(page, path),
  };
}

/**
 * Puts a fresh first page on top of what is loaded. Rows older than the page stay, as long as both parts touch:
 * a list with a hole in it would tell a lie, so without a common row the page starts the list anew. What has left the range, which starts at `from`, goes.
 */
export function refreshed(list: ErrorList, page: ErrorPage, path: string, from: number): ErrorList {
  const known = new Map(list.errors.map((error) => [error.id, error]));
  const fresh = listOf(page, path);
  // A record never changes: the object that is known lets its row stay as it is.
  fresh.errors = page.errors.map((error) => known.get(error.id) ?? error);
  if (page.next_cursor === null) return fresh;
  const ids = new Set(page.errors.map((error) => error.id));
  const lastCommon = list.errors.findLastIndex((error) => ids.has(error.id));
  const older = list.errors
    .slice(lastCommon + 1)
    .filter((error) => Date.parse(error.timestamp) >= from);
  if (lastCommon < 0 || older.length === 0 || page.errors.length + older.length > MAX_ROWS) {
    return fresh;
  }
  return { ...fresh, errors: [...fresh.errors, ...older], tail: list.tail };
}

/** Adds an older page below. */
export function extended(list: ErrorList, page: ErrorPage, path: string): ErrorList {
  const ids = new Set(list.errors.map((error) => error.id));
  return {
    ...list,
    errors: [...list.errors, ...page.errors.filter((error) => !ids.has(error.id))],
    tail: tailOf(page, path),
  };
}

function tailOf(page: ErrorPage, path: string): Tail | undefined {
  return page.next_cursor === null ? undefined : { path, cursor: page.next_cursor };
}
