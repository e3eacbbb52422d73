import { describe, expect, test } from "vitest";
import type { ErrorEvent, ErrorPage } from "../api/types";
import { extended, listOf, refreshed } from "./errorList";

const PATH = "api/v1/logs/errors?from=-1h";

/** Errors by number; a higher number is newer. */
function error(n: number): ErrorEvent {
  return {
    id: `e${n}`,
    topic: "application-logs-errors",
    partition: 0,
    offset: n,
    timestamp: new Date(n * 1000).toISOString(),
    received_at: new Date(n * 1000).toISOString(),
    level: "ERROR",
    service: "booking",
  };
}

function page(numbers: number[], cursor: string | null): ErrorPage {
  return {
    errors: numbers.map(error),
    count: numbers.length,
    total: 50,
    total_is_exact: true,
    next_cursor: cursor,
  };
}

const ids = (list: { errors: ErrorEvent[] }): string[] => list.errors.map((event) => event.id);

describe("a refreshed list", () => {
  const long = extended(listOf(page([9, 8], "c8"), PATH), page([7, 6], "c6"), PATH);

  test("puts new errors on top and keeps the older pages and their cursor", () => {
    const list = refreshed(long, page([10, 9], "c9"), PATH, 0);
    expect(ids(list)).toEqual(["e10", "e9", "e8", "e7", "e6"]);
    expect(list.tail).toEqual({ path: PATH, cursor: "c6" });
  });

  test("starts anew rather than hide a hole", () => {
    const list = refreshed(long, page([20, 19], "c19"), PATH, 0);
    expect(ids(list)).toEqual(["e20", "e19"]);
    expect(list.tail).toEqual({ path: PATH, cursor: "c19" });
  });

  test("forgets what is gone", () => {
    expect(ids(refreshed(long, page([9, 7], "c7"), PATH, 0))).toEqual(["e9", "e7", "e6"]);
    expect(ids(refreshed(long, page([9], null), PATH, 0))).toEqual(["e9"]);
    expect(ids(refreshed(long, page([9, 8], "c8"), PATH, 7_000))).toEqual(["e9", "e8", "e7"]);
  });

  test("keeps the objects it knows, so that their rows need no new rendering", () => {
    const list = refreshed(long, page([10, 9], "c9"), PATH, 0);
    expect(list.errors[1]).toBe(long.errors[0]);
  });
});

describe("an extended list", () => {
  test("shows no error twice", () => {
    const list = extended(listOf(page([9, 8], "c8"), PATH), page([8, 7], null), PATH);
    expect(ids(list)).toEqual(["e9", "e8", "e7"]);
    expect(list.tail).toBeUndefined();
  });
});
