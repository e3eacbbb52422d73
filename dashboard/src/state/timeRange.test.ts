import { describe, expect, test } from "vitest";
import {
  PRESETS,
  aligned,
  between,
  boundParameters,
  boundsAt,
  intervalFor,
  rangeFromParameters,
  rangeInWords,
} from "./timeRange";

const NOW = Date.UTC(2026, 10, 20, 22, 15, 16, 515);

describe("a time range", () => {
  test("of a preset moves with the clock", () => {
    expect(boundsAt({ kind: "last", preset: "15m" }, NOW)).toEqual({
      from: NOW - 900_000,
      to: NOW,
    });
  });

  test("survives its own parameters", () => {
    for (const preset of PRESETS) {
      const range = { kind: "last", preset } as const;
      const { from, to } = boundParameters(range);
      expect(rangeFromParameters(from ?? null, to ?? null)).toEqual(range);
    }
  });

  test("reads the forms the API reads", () => {
    const fixed = { kind: "between", from: NOW - 60_000, to: NOW };
    expect(rangeFromParameters(String(NOW - 60_000), String(NOW))).toEqual(fixed);
    expect(rangeFromParameters("now-6h", "now")).toEqual({ kind: "last", preset: "6h" });
  });

  test("needs its ends in order", () => {
    expect(between(2, 2)).toBeUndefined();
    expect(between(Number.NaN, 2)).toBeUndefined();
    const backwards = rangeFromParameters("2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z");
    expect(backwards).toEqual({ kind: "last", preset: "1h" });
  });

  test("has words for an empty list", () => {
    expect(rangeInWords({ kind: "last", preset: "15m" })).toBe("the last 15 minutes");
  });
});

describe("the buckets of a histogram", () => {
  test("are steps of the clock, and never too many", () => {
    const widths = PRESETS.map((preset) => intervalFor(boundsAt({ kind: "last", preset }, NOW)));
    expect(widths).toEqual([10_000, 60_000, 300_000, 1_800_000, 7_200_000]);
  });

  test("exist for the shortest and the longest range", () => {
    expect(intervalFor({ from: 0, to: 1 })).toBe(1_000);
    const tenYears = { from: 0, to: 3_650 * 86_400_000 };
    expect((tenYears.to - tenYears.from) / intervalFor(tenYears)).toBeLessThan(140);
  });

  test("stand still while the clock moves inside one of them", () => {
    const at = (time: number) => aligned(boundsAt({ kind: "last", preset: "1h" }, time), 60_000);
    const minute = Math.floor(NOW / 60_000) * 60_000;
    expect(at(minute + 1)).toEqual(at(minute + 59_999));
    expect(at(minute + 1)).toEqual({ from: minute - 3_600_000, to: minute + 60_000 });
  });
});
