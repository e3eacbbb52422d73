import { describe, expect, test } from "vitest";
import type { Stats } from "../api/types";
import { columns, rateOf, serviceBars } from "./summary";

const STATS: Stats = {
  total_errors: 12,
  by_level: { ERROR: 10, CRITICAL: 2 },
  by_service: { booking: 9, usermanagement: 3 },
  by_host: {},
  timeline: {
    interval_ms: 60_000,
    buckets: [
      { time_ms: 60_000, ERROR: 4, CRITICAL: 0 },
      { time_ms: 120_000, ERROR: 6, CRITICAL: 2 },
    ],
  },
  logs: { total: 1_000, by_service: { booking: { INFO: 291, ERROR: 9 }, quiet: { INFO: 50 } } },
};

describe("the error rate", () => {
  test("counts errors among all records", () => {
    expect(rateOf(STATS)).toEqual({ errors: 12, criticals: 2, logs: 1_000, ratio: 0.012 });
  });

  test("is unknown, not zero, when nothing was logged", () => {
    expect(rateOf({ ...STATS, total_errors: 0, logs: { total: 0 } }).ratio).toBeUndefined();
  });
});

describe("errors by service", () => {
  test("puts the loudest first and keeps quiet and selected ones", () => {
    const bars = serviceBars(STATS, ["quiet", "booking"], ["gone"]);
    expect(bars.map((bar) => bar.name)).toEqual(["booking", "usermanagement", "gone", "quiet"]);
    expect(bars[0]).toEqual({ name: "booking", errors: 9, share: 1, ratio: 0.03 });
    expect(bars[1]?.share).toBeCloseTo(1 / 3);
    expect(bars[1]?.ratio).toBeUndefined();
  });

  test("is an empty list before anything is known", () => {
    expect(serviceBars(undefined, [], [])).toEqual([]);
  });
});

describe("the columns of the histogram", () => {
  test("stack: the total contains the critical part", () => {
    expect(columns(STATS, [])).toEqual({ times: [60, 120], totals: [4, 8], criticals: [0, 2] });
  });

  test("leave out a level that is filtered out", () => {
    expect(columns(STATS, ["CRITICAL"]).totals).toEqual([0, 2]);
    expect(columns(STATS, ["ERROR"])).toMatchObject({ totals: [4, 6], criticals: [0, 0] });
  });
});
