// Leads from a value of an error to all errors that have it.

import { formatView, NO_FILTERS, type Filters } from "./filters";
import { go } from "./place";
import { withTerm } from "./searchTerm";

/** Searches in all that may matter: an issue is older than the hour that the overview opens with. */
const RANGE = { kind: "last", preset: "7d" } as const;

export function searchFor(key: string, value: string, exclude: boolean): void {
  open({ q: withTerm("", key, value, exclude) });
}

export function searchTrace(traceId: string): void {
  open({ traceId });
}

function open(change: Partial<Filters>): void {
  const filters = { ...NO_FILTERS, range: RANGE, ...change };
  go({ view: "overview" }, formatView({ filters, eventId: undefined }));
}
