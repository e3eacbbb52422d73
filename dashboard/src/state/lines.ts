// Log lines as the event page and the live page show them. Pure.

import type { ErrorEvent, LogRecord } from "../api/types";

export interface Line {
  /** Its own among the lines of a page. */
  key: string;
  record: LogRecord;
  /** The id of the error that it is, when it is one. */
  eventId: string | undefined;
  issueId: string | undefined;
}

/** A line from the logs topic: its place there is its key. */
export function lineOf(record: LogRecord): Line {
  return {
    key: keyOf(record),
    record,
    eventId: isErrorLevel(record.level) ? idOf(record) : undefined,
    issueId: undefined,
  };
}

export function lineOfError(event: ErrorEvent): Line {
  return { key: event.id, record: event, eventId: event.id, issueId: event.issue_id };
}

/** The id that logmonitor gives to a record whose process numbers its records. */
export function idOf({ instance, seq }: LogRecord): string | undefined {
  return instance === undefined || seq === undefined ? undefined : `${instance}-${seq}`;
}

export function isErrorLevel(level: string): boolean {
  return level === "ERROR" || level === "CRITICAL";
}

function keyOf(record: LogRecord): string {
  const { partition, offset, index = 0 } = record;
  if (partition !== undefined && offset !== undefined) return `${partition}:${offset}:${index}`;
  return idOf(record) ?? `${record.timestamp} ${record.message ?? ""}`;
}
