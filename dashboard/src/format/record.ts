// Pieces of an error as text: its first line, its fields in one line, its source.

import { printExact } from "../api/json";
import type { LogRecord, Json, Span } from "../api/types";

/** What to call an error that came without a message. */
export function headline(event: LogRecord): string {
  const text = event.message ?? event.error?.message ?? event.error?.type ?? "(no message)";
  return text.trimStart();
}

/** A value in one line: strings as they are, the rest as JSON. */
export function inline(value: Json | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : printExact(value);
}

/** `order_id=7 elapsed_ms=12.5`: the fields as a row has room for them. */
export function fieldPairs(fields: LogRecord["fields"]): [string, string][] {
  return Object.entries(fields ?? {}).map(([key, value]) => [key, inline(value)]);
}

/** The fields of a span without its name. */
export function spanPairs(span: Span): [string, string][] {
  return Object.entries(span)
    .filter(([key]) => key !== "name")
    .map(([key, value]) => [key, inline(value)]);
}

/** `src/login.rs:142` */
export function source(event: LogRecord): string | undefined {
  if (event.file === undefined) return undefined;
  return event.line === undefined ? event.file : `${event.file}:${event.line}`;
}

/** The chain of causes without what the error's own message already says. */
export function causes(event: LogRecord): string[] {
  const chain = event.error?.chain ?? [];
  return chain[0] === event.error?.message ? chain.slice(1) : chain;
}

/** What the error says beyond the message. */
export function reason(event: LogRecord): string | undefined {
  const text = event.error?.message;
  return text !== undefined && event.message?.includes(text) === true ? undefined : text;
}
