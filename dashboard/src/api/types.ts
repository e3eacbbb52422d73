// The shapes of the public API, as API.md gives them. Only what the page reads; unknown fields are welcome.

/** The levels that are stored as errors. */
export type ErrorLevel = "ERROR" | "CRITICAL";

export const ERROR_LEVELS: readonly ErrorLevel[] = ["ERROR", "CRITICAL"];

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

/** One error: the record on the wire plus where it was found. */
export interface ErrorEvent {
  id: string;
  issue_id?: string;
  topic: string;
  partition: number;
  offset: number;
  received_at: string;
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
