import { describe, expect, test } from "vitest";
import type { Status } from "../api/types";
import { counters, healthOf, topicLags } from "./pipeline";

const STATUS: Status = {
  version: "0.1.0",
  started_at: "2026-11-20T22:00:00Z",
  kafka: { bootstrap_servers: "127.0.0.1:9092", connected: true, embedded: false },
  partitions: [
    { topic: "application-logs", partition: 0, lag: 5, lag_seconds: 0.2 },
    { topic: "application-logs", partition: 1, lag: 7, lag_seconds: 1.5 },
    { topic: "application-logs-errors", partition: 0, lag: null, lag_seconds: null },
  ],
  counters: { records_consumed: 10, quarantined: 2, lost_before_read: 0 },
  store: { records: 0, bytes: 0 },
};

describe("lag", () => {
  test("is the sum of records and the worst of seconds, by topic", () => {
    expect(topicLags(STATUS.partitions)).toEqual([
      { topic: "application-logs", partitions: 2, lag: 12, lagSeconds: 1.5 },
      { topic: "application-logs-errors", partitions: 1, lag: 0, lagSeconds: undefined },
    ]);
  });
});

describe("health", () => {
  test("is down without Kafka or readiness, late behind, else fine", () => {
    expect(healthOf(STATUS, { ready: true, reasons: [] })).toBe("ok");
    expect(healthOf(STATUS, { ready: false, reasons: ["archive"] })).toBe("down");
    const away = { ...STATUS, kafka: { ...STATUS.kafka, connected: false } };
    expect(healthOf(away, undefined)).toBe("down");
    const late = { ...STATUS, partitions: [{ topic: "t", partition: 0, lag_seconds: 11 }] };
    expect(healthOf(late, undefined)).toBe("late");
  });
});

describe("counters", () => {
  test("raise an alarm only for what was lost or unreadable", () => {
    expect(counters(STATUS)).toEqual([
      { label: "Records read", value: 10, alarming: false },
      { label: "Quarantined", value: 2, alarming: true },
      { label: "Lost before read", value: 0, alarming: false },
    ]);
  });

  test("tell what services dropped, once they did", () => {
    const producers = [
      { service: "booking", reported_dropped: 3, lost_in_transit: 0 },
      { service: "mailer", reported_dropped: 4, lost_in_transit: 1 },
    ];
    expect(counters({ ...STATUS, producers }).slice(3)).toEqual([
      { label: "Dropped by services", value: 7, alarming: true },
      { label: "Missing from services", value: 1, alarming: true },
    ]);
  });
});
