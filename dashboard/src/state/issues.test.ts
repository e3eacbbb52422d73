import { describe, expect, test } from "vitest";
import type { Issue, IssueDetails, IssuePage } from "../api/types";
import { growth, growthText, shares, stateInWords } from "../format/issue";
import { sparkPath } from "../components/Sparkline";
import { changed } from "./issueChange";
import {
  NO_ISSUE_FILTERS,
  formatIssueFilters,
  parseIssueFilters,
  type IssueFilters,
} from "./issueFilters";
import { extendedIssues, neighbour, refreshedIssues, withStatus } from "./issueList";
import { toggledRange } from "./useSelection";
import { stepped } from "./useRows";

function issue(id: string, change: Partial<Issue> = {}): Issue {
  return {
    id,
    service: "booking",
    title: `title of ${id}`,
    level: "ERROR",
    status: "open",
    substatus: "new",
    first_seen: "2026-11-20T10:00:00.000000Z",
    last_seen: "2026-11-21T10:00:00.000000Z",
    count: 7,
    hosts: 1,
    trend: { interval_ms: 3_600_000, counts: [0, 7] },
    ...change,
  };
}

function page(ids: string[], total: number, cursor: string | null = null): IssuePage {
  return { issues: ids.map((id) => issue(id)), count: ids.length, total, next_cursor: cursor };
}

const idsOf = (list: { issues: Issue[] }) => list.issues.map(({ id }) => id).join(" ");

describe("the address of the list of issues", () => {
  test("is empty as the page opens", () => {
    expect(formatIssueFilters(NO_ISSUE_FILTERS)).toBe("");
    expect(parseIssueFilters("")).toEqual(NO_ISSUE_FILTERS);
  });

  test("reproduces every filter", () => {
    const full: IssueFilters = {
      status: "all",
      sort: "trend",
      services: ["booking", "a b"],
      levels: ["CRITICAL"],
      q: 'timeout "two words" -x',
    };
    expect(parseIssueFilters(formatIssueFilters(full))).toEqual(full);
  });

  test("ignores what it does not know", () => {
    const search = "?status=closed&sort=alphabet&level=INFO&service=,,&other=1";
    expect(parseIssueFilters(search)).toEqual(NO_ISSUE_FILTERS);
  });
});

describe("a refresh of the list", () => {
  test("keeps the object of an issue that has not changed", () => {
    const before = refreshedIssues(undefined, page(["a", "b"], 2), false);
    const next = page(["b", "a"], 2);
    next.issues[0] = issue("b", { count: 8 });
    const after = refreshedIssues(before, next, false);
    expect(idsOf(after)).toBe("b a");
    expect(after.issues[1]).toBe(before.issues[0]);
    expect(after.issues[0]?.count).toBe(8);
  });

  test("moves no row while rows are being chosen, but counts on", () => {
    const before = refreshedIssues(undefined, page(["a", "b"], 2), false);
    const next = page(["c", "b", "a"], 3);
    next.issues[2] = issue("a", { count: 9 });
    const after = refreshedIssues(before, next, true);
    expect(idsOf(after)).toBe("a b");
    expect(after.issues[0]?.count).toBe(9);
  });

  test("keeps the page that was added meanwhile, and shows none twice", () => {
    const first = refreshedIssues(undefined, page(["a", "b"], 4, "one"), false);
    const both = extendedIssues(first, page(["b", "c", "d"], 4, "two"));
    expect(idsOf(both)).toBe("a b c d");
    const after = refreshedIssues(both, page(["c", "a"], 4, "one"), false);
    expect(idsOf(after)).toBe("c a d");
    expect(after.cursor).toBe("two");
  });
});

describe("a change of state", () => {
  const list = refreshedIssues(undefined, page(["a", "b", "c"], 9), false);

  test("takes issues out of a list that shows another state", () => {
    const after = withStatus(list, new Set(["a", "c"]), "resolved", "open");
    expect(idsOf(after)).toBe("b");
    expect(after.total).toBe(7);
  });

  test("leaves them where every state is shown", () => {
    const after = withStatus(list, new Set(["a"]), "ignored", "all");
    expect(after.issues.map(({ status }) => status)).toEqual(["ignored", "open", "open"]);
    expect(after.total).toBe(9);
  });

  test("goes on with the next row that stays, else with the one before", () => {
    const ids = ["a", "b", "c"];
    expect(neighbour(ids, "a", new Set(["a", "b"]))).toBe("c");
    expect(neighbour(ids, "c", new Set(["b", "c"]))).toBe("a");
    expect(neighbour(ids, "b", new Set(ids))).toBeUndefined();
  });

  test("is in words, with what it depends on", () => {
    const details: IssueDetails = issue("a");
    const ignored = changed(details, { status: "ignored", ignore_until_count: 1_200 });
    expect(ignored.ignore_until_count).toBe(1_207);
    expect(stateInWords(ignored)).toBe("Ignored until 1,200 more errors");
    expect(stateInWords(changed(ignored, { status: "ignored" }))).toBe("Ignored for good");
    const resolved = changed(ignored, { status: "resolved", resolved_in_version: "1.4.3" });
    expect(stateInWords(resolved)).toContain("in version 1.4.3");
    expect(stateInWords(changed(resolved, { status: "resolved" }))).toContain("the next error");
  });

  test("of a note leaves the state alone", () => {
    const ignored = changed(issue("a"), { status: "ignored", ignore_until_count: 3 });
    expect(changed(ignored, { note: "x" })).toEqual({ ...ignored, note: "x" });
  });
});

describe("rows", () => {
  test("are chosen one by one, or from the one touched before", () => {
    const rows = ["a", "b", "c", "d"];
    expect([...toggledRange(rows, new Set(["d"]), undefined, "a")]).toEqual(["d", "a"]);
    expect([...toggledRange(rows, new Set(["c"]), "c", "a")].sort()).toEqual(["a", "b", "c"]);
    expect([...toggledRange(rows, new Set(rows), "b", "d")]).toEqual(["a"]);
  });

  test("are stepped through, and the end of the list is noticed", () => {
    const rows = ["a", "b"];
    expect(stepped(rows, undefined, -1)).toEqual({ id: "a", atEnd: false });
    expect(stepped(rows, "a", 1)).toEqual({ id: "b", atEnd: false });
    expect(stepped(rows, "b", 1)).toEqual({ id: "b", atEnd: true });
    expect(stepped([], undefined, 1)).toEqual({ id: undefined, atEnd: false });
  });
});

describe("how an issue goes", () => {
  const of = (...counts: number[]) => growth({ interval_ms: 3_600_000, counts });

  test("is rising when this hour has twice the errors of a usual one", () => {
    expect(of(2, 2, 2, 8)).toBe(4);
    expect(of(2, 2, 8, 0)).toBe(4);
    expect(of(4, 4, 4, 7)).toBeUndefined();
    expect(growthText(11.7)).toBe("×12");
  });

  test("is no trend for a handful, nor for what was never there", () => {
    expect(of(1, 0, 1, 2)).toBeUndefined();
    expect(of(0, 0, 0, 50)).toBeUndefined();
    expect(of(50)).toBeUndefined();
  });

  test("is drawn with every error in sight", () => {
    expect(sparkPath([0, 0])).toBe("");
    expect(sparkPath([1, 10_000])).toBe("M0 26v-2.5h4V26zM5 26v-26h4V26z");
  });

  test("is shared between hosts, the most first", () => {
    expect(shares({ a: 1, b: 4 })).toEqual([
      { name: "b", n: 4, share: 1 },
      { name: "a", n: 1, share: 0.25 },
    ]);
    expect(shares(undefined)).toEqual([]);
  });
});
