// The lines that the live page holds: bounded, each once, with what was missed between them. Pure.

import { parseExact } from "../api/json";
import type { ErrorEvent, LogRecord } from "../api/types";
import { count } from "../format/number";
import { isErrorLevel, lineOfError, type Line } from "./lines";

/** More than a person reads; older ones leave at the top. */
export const MAX_LINES = 1_000;

/** What came over the stream, as it came. */
export interface Message {
  kind: "error" | "log" | "gap";
  id: string;
  data: string;
}

/** A line, or the place where some are missing. */
export type Item =
  { kind: "line"; key: string; line: Line } | { kind: "gap"; key: string; text: string };

export interface Tail {
  items: readonly Item[];
  /** How many lines have come. */
  received: number;
  gaps: number;
}

export const NO_LINES: Tail = { items: [], received: 0, gaps: 0 };

/** Puts what has come below what is there. `lost`: so many came faster than the page could keep them. */
export function appended(tail: Tail, messages: readonly Message[], lost: number): Tail {
  const known = new Set(tail.items.map((item) => item.key));
  const next: Tail = { ...tail, received: tail.received + lost };
  const items = [...tail.items];
  const gap = (text: string): void => {
    next.gaps += 1;
    items.push({ kind: "gap", key: `gap ${next.gaps}`, text });
  };
  if (lost > 0) gap(`${count(lost)} lines came too fast to be shown`);
  for (const message of messages) {
    if (message.kind === "gap") {
      gap(gapText(message.data));
      continue;
    }
    const line = lineFrom(message);
    if (line === undefined || known.has(line.key)) continue;
    known.add(line.key);
    next.received += 1;
    items.push({ kind: "line", key: line.key, line });
  }
  return { ...next, items: items.slice(-MAX_LINES) };
}

/** What the server says of lines that it did not send. */
export function gapText(data: string): string {
  const { count: n } = object(data) as { count?: unknown };
  return typeof n === "number"
    ? `${count(n)} lines, matching or not, were skipped: this page read too slowly`
    : "Lines are missing here: the stream could not go on where it was cut";
}

function lineFrom({ kind, id, data }: Message): Line | undefined {
  const record = object(data);
  if (typeof record["timestamp"] !== "string") return undefined;
  if (kind === "error") return lineOfError(record as unknown as ErrorEvent);
  const log = { level: "INFO", ...record } as unknown as LogRecord;
  return {
    key: id,
    record: log,
    eventId: isErrorLevel(log.level) ? id : undefined,
    issueId: undefined,
  };
}

function object(text: string): Record<string, unknown> {
  try {
    const value = parseExact(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
