// Writes terms of the search language: what a press on a value of the details adds to the search. Pure.

import type { Json } from "../api/types";

/** Names that mean something else than a field when they stand alone. */
const RESERVED = new Set(
  "service host level target error trace_id span_id issue version env file".split(" "),
);

/** The key that finds a field of this name, or `undefined` for a name the language cannot write. */
export function fieldKey(name: string): string | undefined {
  if (name === "" || /[\s":]/.test(name) || name.split(".").includes("")) return undefined;
  const ambiguous = RESERVED.has(name) || /^[-\d]/.test(name) || name.startsWith("fields.");
  return ambiguous ? `fields.${name}` : name;
}

/** Whether a value can be compared by the language: texts, numbers and booleans can. */
export function isSearchable(value: Json): boolean {
  return value !== null && value !== "" && typeof value !== "object";
}

/** Adds `key:value` (or its exclusion) to a search, quoted where the language needs it. */
export function withTerm(q: string, key: string, value: string, exclude = false): string {
  const plain = value !== "*" && /^[^\s"\\():,]+$/.test(value);
  const text = plain ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
  const term = `${exclude ? "-" : ""}${key}:${text}`;
  const rest = q.trim();
  if (` ${rest} `.includes(` ${term} `)) return rest;
  return rest === "" ? term : `${rest} ${term}`;
}
