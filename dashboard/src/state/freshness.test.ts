import { expect, test } from "vitest";
import { ApiError } from "../api/error";
import { freshness } from "./freshness";

const away = new ApiError(0, "unreachable", "logmonitor cannot be reached");

test("a page without failures is fresh", () => {
  expect(freshness([{ error: undefined, loadedAt: 5 }])).toEqual({
    error: undefined,
    since: undefined,
  });
});

test("the oldest part that failed to renew gives the age", () => {
  const parts = [
    { error: away, loadedAt: 30 },
    { error: undefined, loadedAt: 10 },
    { error: away, loadedAt: 20 },
  ];
  expect(freshness(parts)).toEqual({ error: away, since: 20 });
});

test("a part that never came has no age", () => {
  const parts = [
    { error: away, loadedAt: undefined },
    { error: away, loadedAt: 20 },
  ];
  expect(freshness(parts).since).toBeUndefined();
});
