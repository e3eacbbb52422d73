// The shapes of the public API, as API.md gives them. Only what the page reads; unknown fields are welcome.

/** The levels that are stored as errors. */
export type ErrorLevel = "ERROR" | "CRITICAL";

export const ERROR_LEVELS: readonly ErrorLevel[] = ["ERROR", "CRITICAL"];

/** Every level, the least severe first. */
export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"] as const;

export type LogLevel = (typeof LEVELS)[number];

/** A field's value: whatever JSON can hold; `bigint` where a number would lose digits. */
export type Json = string | number | bigint | boolean | null | Json[] | { [key: string]: Json };

/** What the service said about the cause. */
export interface ErrorInfo {
  type?: string;
  message?: string;
  chain?: string[];
  stack?: string;
}

/** One frame of span context: its name, and its fields beside it. */
export type Span = { name?: string } & { [key: string]: Json | undefined };

/** One log line: the record on the wire, and where it stands. */
export interface LogRecord {
  partition?: number;
  offset?: number;
  /** Which one, within a message of several. */
  index?: number;
  timestamp: string;
  level: string;
  service: string;
  message?: string;
  host?: string;
  instance?: string;
  seq?: number;
  schema?: number;
  version?: string;
  env?: string;
  pid?: number;
  target?: string;
  module?: string;
  file?: string;
  line?: number;
  thread?: string;
  error?: ErrorInfo;
  fields?: { [key: string]: Json };
  span?: string;
  spans?: Span[];
  trace_id?: string;
  span_id?: string;
  truncated?: boolean;
}

/** One error: the record plus what it became. */
export interface ErrorEvent extends LogRecord {
  id: string;
  issue_id?: string;
  topic: string;
  partition: number;
  offset: number;
  received_at: string;
}

/** One page of errors. */
export interface ErrorPage {
  errors: ErrorEvent[];
  count: number;
  total: number;
  total_is_exact: boolean;
  next_cursor: string | null;
}

/** One bar of the timeline. */
export interface Bucket {
  time_ms: number;
  ERROR: number;
  CRITICAL: number;
}

export interface Stats {
  total_errors: number;
  by_level: Partial<Record<string, number>>;
  by_service: Record<string, number>;
  by_host: Record<string, number>;
  timeline: { interval_ms: number; buckets: Bucket[] };
  logs: {
    total: number;
    by_level?: Record<string, number>;
    by_service?: Record<string, Record<string, number>>;
  };
  oldest?: string | null;
  newest?: string | null;
}

export interface Services {
  services: string[];
}

export interface PartitionStatus {
  topic: string;
  partition: number;
  position?: number | null;
  high_watermark?: number | null;
  lag?: number | null;
  lag_seconds?: number | null;
  headroom_seconds?: number | null;
}

export interface Status {
  version: string;
  started_at: string;
  kafka: { bootstrap_servers: string; connected: boolean; embedded: boolean };
  partitions: PartitionStatus[];
  counters: Record<string, number>;
  /** Services whose processes number their records. */
  producers?: { service: string; reported_dropped: number; lost_in_transit: number }[];
  store: { records: number; bytes: number; oldest?: string | null };
  archive?: { path?: string; records?: number; bytes?: number; oldest?: string | null } | null;
}

/** The answer of `/ready`, whichever way it says no. */
export interface Readiness {
  ready: boolean;
  reasons: string[];
}

export const ISSUE_STATUSES = ["open", "resolved", "ignored"] as const;

export type IssueStatus = (typeof ISSUE_STATUSES)[number];

export const ISSUE_SORTS = ["last_seen", "first_seen", "count", "trend"] as const;

export type IssueSort = (typeof ISSUE_SORTS)[number];

/** Errors by hour, oldest first; the last one is the current hour. */
export interface Trend {
  interval_ms: number;
  counts: number[];
}

/** Errors of one cause, as lists show them. */
export interface Issue {
  id: string;
  service: string;
  title: string;
  level: string;
  status: IssueStatus;
  substatus: "new" | "ongoing" | "regressed";
  first_seen: string;
  last_seen: string;
  count: number;
  hosts: number;
  trend: Trend;
  assignee?: string | null;
}

/** One page of issues. */
export interface IssuePage {
  issues: Issue[];
  count: number;
  total: number;
  next_cursor: string | null;
}

/** Why errors belong together. */
export interface Grouping {
  version: number;
  components: { name: string; value: string }[];
}

/** One issue, with all that is known of it. */
export interface IssueDetails extends Issue {
  type?: string | null;
  target?: string | null;
  note?: string | null;
  resolved_in_version?: string | null;
  ignore_until?: string | null;
  ignore_until_count?: number | null;
  by_host?: Record<string, number>;
  by_version?: Record<string, number>;
  /** Issues that are a part of it. */
  merged?: string[];
  grouping?: Grouping;
  latest?: ErrorEvent | null;
}

/** What is to become of an issue. Absent: stays as it is. */
export interface IssueChange {
  status?: IssueStatus;
  resolved_in_version?: string;
  ignore_until?: string;
  ignore_until_count?: number;
  assignee?: string | null;
  note?: string | null;
}

/** Something that happened to an issue. */
export interface Activity {
  at: string;
  kind: string;
  detail?: string | null;
}

export const CONTEXT_SCOPES = ["instance", "service", "trace"] as const;

export type ContextScope = (typeof CONTEXT_SCOPES)[number];

/** Why lines are missing; a server may say it in words only. */
export type Missing = string | { reason?: string; lines?: number; message?: string };

/** The lines around an error. */
export interface Context {
  before: LogRecord[];
  event: ErrorEvent;
  after: LogRecord[];
  complete_before: boolean;
  complete_after: boolean;
  missing?: string | { before?: Missing; after?: Missing };
  scanned: number;
  /** `kafka`, or `snapshot`: kept when the issue began. */
  source: string;
  /** When the snapshot was taken. */
  taken_at?: string;
}
