// What the reader asked for on the front page, and its form in the address: the words of the API. Pure.

import {
  ERROR_LEVELS,
  ISSUE_SORTS,
  ISSUE_STATUSES,
  type ErrorLevel,
  type IssueSort,
  type IssueStatus,
} from "../api/types";
import { readable } from "../format/address";

export interface IssueFilters {
  status: IssueStatus | "all";
  sort: IssueSort;
  /** Empty: all services. */
  services: string[];
  /** Empty: all levels. */
  levels: ErrorLevel[];
  q: string;
}

export const NO_ISSUE_FILTERS: IssueFilters = {
  status: "open",
  sort: "last_seen",
  services: [],
  levels: [],
  q: "",
};

/** Reads the query part of the page's address; anything unknown in it is ignored. */
export function parseIssueFilters(search: string): IssueFilters {
  const query = new URLSearchParams(search);
  const status = query.get("status");
  const sort = query.get("sort");
  const levels = items(query.get("level")?.toUpperCase());
  return {
    status: [...ISSUE_STATUSES, "all" as const].find((known) => known === status) ?? "open",
    sort: ISSUE_SORTS.find((known) => known === sort) ?? "last_seen",
    services: items(query.get("service")),
    levels: ERROR_LEVELS.filter((level) => levels.includes(level)),
    q: query.get("q") ?? "",
  };
}

/** The query part for these filters, with its `?`; empty for the front page as it opens. */
export function formatIssueFilters(filters: IssueFilters): string {
  const query = new URLSearchParams();
  if (filters.status !== NO_ISSUE_FILTERS.status) query.set("status", filters.status);
  if (filters.sort !== NO_ISSUE_FILTERS.sort) query.set("sort", filters.sort);
  if (filters.services.length > 0) query.set("service", filters.services.join(","));
  if (filters.levels.length > 0) query.set("level", filters.levels.join(","));
  if (filters.q !== "") query.set("q", filters.q);
  const text = readable(query);
  return text === "" ? "" : `?${text}`;
}

/** Whether anything but the status narrows the list. */
export function isNarrowedTo(filters: IssueFilters): boolean {
  return filters.services.length > 0 || filters.levels.length > 0 || filters.q.trim() !== "";
}

/** The items of a list by comma, each once. */
export function items(text: string | null | undefined): string[] {
  const all = (text ?? "").split(",").map((item) => item.trim());
  return [...new Set(all.filter((item) => item !== ""))];
}
