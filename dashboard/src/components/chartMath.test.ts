import { expect, test } from "vitest";
import { indexAt, niceTop, snapped } from "./chartMath";

test("a dragged range covers whole bars, at least one", () => {
  expect(snapped(61, 119, 60)).toEqual([60_000, 120_000]);
  expect(snapped(61, 121, 60)).toEqual([60_000, 180_000]);
  expect(snapped(60, 60, 60)).toEqual([60_000, 120_000]);
});

test("the bar under the pointer is the one that covers it", () => {
  expect(indexAt([0, 60, 120], 119, 60)).toBe(1);
  expect(indexAt([0, 60, 120], -5, 60)).toBe(0);
  expect(indexAt([0, 60, 120], 999, 60)).toBe(2);
  expect(indexAt([], 5, 60)).toBe(0);
});

test("the count axis ends at a round number, and never so low that one error looks like many", () => {
  expect(niceTop(0)).toBe(4);
  expect(niceTop(Number.NaN)).toBe(4);
  expect(niceTop(7)).toBe(8);
  expect(niceTop(99)).toBe(100);
  expect(niceTop(1_234)).toBe(1_500);
});
