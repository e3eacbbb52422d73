// The health of the pipeline in a few words, computed from `/api/v1/status` and `/ready`. Pure.

import type { PartitionStatus, Readiness, Status } from "../api/types";

/** One topic, over all its partitions. */
export interface TopicLag {
  topic: string;
  partitions: number;
  /** Records not read yet. */
  lag: number;
  /** How far behind, in seconds: the worst partition. `undefined` when nobody knows. */
  lagSeconds: number | undefined;
}

export type Health = "ok" | "late" | "down";

/** Behind by more than this, the newest errors are not on the page. */
const LATE_SECONDS = 10;

export function topicLags(partitions: readonly PartitionStatus[]): TopicLag[] {
  const topics = new Map<string, TopicLag>();
  for (const { topic, lag, lag_seconds } of partitions) {
    const sum = topics.get(topic) ?? { topic, partitions: 0, lag: 0, lagSeconds: undefined };
    sum.partitions += 1;
    sum.lag += Math.max(0, lag ?? 0);
    if (typeof lag_seconds === "number") {
      sum.lagSeconds = Math.max(sum.lagSeconds ?? 0, lag_seconds);
    }
    topics.set(topic, sum);
  }
  return [...topics.values()].sort((a, b) => a.topic.localeCompare(b.topic));
}

export function healthOf(status: Status, readiness: Readiness | undefined): Health {
  if (!status.kafka.connected || readiness?.ready === false) return "down";
  const worst = Math.max(0, ...topicLags(status.partitions).map((topic) => topic.lagSeconds ?? 0));
  return worst > LATE_SECONDS ? "late" : "ok";
}

/** Counters in the order a person cares; `alarming` ones mean that something was lost or unreadable. */
export interface Counter {
  label: string;
  value: number;
  alarming: boolean;
}

const LABELS: readonly [key: string, label: string, alarming: boolean][] = [
  ["records_consumed", "Records read", false],
  ["errors_stored", "Errors stored", false],
  ["duplicates", "Duplicates merged", false],
  ["quarantined", "Quarantined", true],
  ["lost_before_read", "Lost before read", true],
  ["live_tail_skipped", "Skipped by slow viewers", true],
];

export function counters(status: Status): Counter[] {
  const known = LABELS.flatMap(([key, label, alarming]) => {
    const value = status.counters[key];
    return typeof value === "number" ? [{ label, value, alarming: alarming && value > 0 }] : [];
  });
  const producers = status.producers ?? [];
  const dropped = producers.reduce((sum, producer) => sum + producer.reported_dropped, 0);
  const lost = producers.reduce((sum, producer) => sum + producer.lost_in_transit, 0);
  return [
    ...known,
    ...(dropped > 0 ? [{ label: "Dropped by services", value: dropped, alarming: true }] : []),
    ...(lost > 0 ? [{ label: "Missing from services", value: lost, alarming: true }] : []),
  ];
}
