// What the reader asked for, and its form in the page's address. The words are the API's own, so a link explains itself.

import { ERROR_LEVELS, type ErrorLevel } from "../api/types";
import { readable } from "../format/address";
import { DEFAULT_PRESET, boundParameters, rangeFromParameters, type TimeRange } from "./timeRange";

export interface Filters {
  range: TimeRange;
  /** Empty: all services. */
  services: string[];
  /** Empty: all levels. */
  levels: ErrorLevel[];
  q: string;
  traceId: string;
  issue: string;
}

/** Everything a link reproduces: the filters, and the event that is open. */
export interface ViewState {
  filters: Filters;
  eventId: string | undefined;
}

export const NO_FILTERS: Filters = {
  range: { kind: "last", preset: DEFAULT_PRESET },
  services: [],
  levels: [],
  q: "",
  traceId: "",
  issue: "",
};

/** Reads the query part of the page's address; anything unknown in it is ignored. */
export function parseView(search: string): ViewState {
  const query = new URLSearchParams(search);
  const eventId = query.get("event") ?? "";
  return {
    filters: {
      range: rangeFromParameters(query.get("from"), query.get("to")),
      services: list(query.get("service")),
      levels: ERROR_LEVELS.filter((level) =>
        list(query.get("level")?.toUpperCase() ?? null).includes(level),
      ),
      q: query.get("q") ?? "",
      traceId: query.get("trace_id") ?? "",
      issue: query.get("issue") ?? "",
    },
    eventId: eventId === "" ? undefined : eventId,
  };
}

/** The query part for a view, with its `?`; empty for the default view. */
export function formatView({ filters, eventId }: ViewState): string {
  const query = new URLSearchParams();
  const { range } = filters;
  if (range.kind === "between" || range.preset !== DEFAULT_PRESET) {
    for (const [key, value] of Object.entries(boundParameters(range))) query.set(key, value);
  }
  const set = (key: string, value: string): void => {
    if (value !== "") query.set(key, value);
  };
  set("service", filters.services.join(","));
  set("level", filters.levels.join(","));
  set("q", filters.q);
  set("trace_id", filters.traceId);
  set("issue", filters.issue);
  set("event", eventId ?? "");
  const text = readable(query);
  return text === "" ? "" : `?${text}`;
}

/** Naming every level is the same as naming none. */
export function isAllLevels(levels: readonly ErrorLevel[]): boolean {
  return levels.length === 0 || levels.length === ERROR_LEVELS.length;
}

/** Whether anything but the time range narrows the list. */
export function isNarrowed(filters: Filters): boolean {
  return (
    filters.services.length > 0 ||
    !isAllLevels(filters.levels) ||
    filters.q.trim() !== "" ||
    filters.traceId !== "" ||
    filters.issue !== ""
  );
}

/** Adds the value when it is missing and removes it when it is there. */
export function toggled<T>(values: readonly T[], value: T): T[] {
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}

function list(text: string | null): string[] {
  const items = (text ?? "").split(",").map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ""))];
}
