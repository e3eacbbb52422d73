import { describe, expect, test } from "vitest";
import type { Context, ErrorEvent, LogRecord } from "../api/types";
import { contextPath } from "../api/queries";
import { fromError } from "../format/time";
import { FIRST_VIEW, MAX_SIDE, edgeOf, formatContextView, parseContextView } from "./contextView";
import { lineOf } from "./lines";
import { NO_LIVE_FILTERS, formatLiveFilters, parseLiveFilters, streamPath } from "./liveFilters";
import { MAX_LINES, NO_LINES, appended, gapText, type Message } from "./liveTail";
import { formatRoute, isSameRoute, parseRoute, type Route } from "./route";

const RECORD: LogRecord = {
  timestamp: "2026-11-21T10:00:00.000000Z",
  level: "INFO",
  service: "booking",
};

describe("the pages", () => {
  test("are found again by their address", () => {
    const routes: Route[] = [
      { view: "issues" },
      { view: "issue", id: "0123abc" },
      { view: "event", id: "a/b~1~2 %" },
      { view: "live" },
      { view: "overview" },
    ];
    for (const route of routes) expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  test("are the front page where the address says nothing", () => {
    for (const path of ["", "/", "/issues", "/issues/", "/x/y/z", "/events/%zz"]) {
      expect(parseRoute(path)).toEqual({ view: "issues" });
    }
    expect(parseRoute("/", "?event=e1")).toEqual({ view: "overview" });
  });

  test("are the same whatever their filters", () => {
    expect(isSameRoute({ view: "issue", id: "a" }, { view: "issue", id: "a" })).toBe(true);
    expect(isSameRoute({ view: "issue", id: "a" }, { view: "issue", id: "b" })).toBe(false);
  });
});

describe("what is shown around an error", () => {
  test("stands in the address when it is not what the page opens with", () => {
    expect(formatContextView(FIRST_VIEW)).toBe("");
    const view = { scope: "trace", before: 150, after: 50 } as const;
    expect(formatContextView(view)).toBe("?scope=trace&before=150");
    expect(parseContextView(formatContextView(view))).toEqual(view);
    expect(parseContextView("?scope=all&before=-1&after=many")).toEqual(FIRST_VIEW);
    expect(parseContextView("?before=9999").before).toBe(MAX_SIDE);
    expect(contextPath("a b", "trace", 1, 2)).toBe(
      "api/v1/logs/events/a%20b/context?before=1&after=2&scope=trace",
    );
  });

  const context = (change: Partial<Context>): Context => ({
    before: [RECORD, RECORD],
    event: {} as ErrorEvent,
    after: [],
    complete_before: true,
    complete_after: true,
    scanned: 3,
    source: "kafka",
    ...change,
  });

  test("goes on where as much came as was asked for", () => {
    expect(edgeOf(context({}), "before", 2)).toEqual({ more: true, text: "" });
    const full = context({ before: Array<LogRecord>(MAX_SIDE).fill(RECORD) });
    expect(edgeOf(full, "before", MAX_SIDE).more).toBe(false);
  });

  test("ends where nothing was logged", () => {
    expect(edgeOf(context({}), "before", 50).text).toMatch(/^Nothing was logged before/);
    expect(edgeOf(context({}), "after", 50).text).toMatch(/^Nothing has been logged since/);
  });

  test("says why lines are missing", () => {
    const missing = { before: { reason: "deleted", message: "Kafka has deleted them" } };
    const cut = context({ complete_before: false, missing });
    expect(edgeOf(cut, "before", 50)).toEqual({ more: false, text: "Kafka has deleted them." });
    const silent = context({ complete_before: false });
    expect(edgeOf(silent, "before", 50).text).toMatch(/could not be read/);
  });

  test("is told by its distance", () => {
    expect(fromError(-1_234)).toBe("\u22121.2 s");
    expect(fromError(40)).toBe("+40 ms");
  });
});

describe("a line of the logs topic", () => {
  test("is known by its place, and leads to the error that it is", () => {
    const line = lineOf({
      ...RECORD,
      level: "ERROR",
      partition: 2,
      offset: 7,
      instance: "i",
      seq: 3,
    });
    expect(line).toMatchObject({ key: "2:7:0", eventId: "i-3" });
    expect(lineOf({ ...RECORD, instance: "i", seq: 3 }).eventId).toBeUndefined();
  });
});

describe("the live page", () => {
  test("asks for what its address says", () => {
    expect(formatLiveFilters(NO_LIVE_FILTERS)).toBe("");
    expect(streamPath(NO_LIVE_FILTERS)).toBe("api/v1/logs/stream");
    const filters = {
      scope: "all",
      services: ["booking"],
      level: "WARN",
      q: "x",
      traceId: "t",
    } as const;
    expect(parseLiveFilters(formatLiveFilters({ ...filters, services: ["booking"] }))).toEqual(
      filters,
    );
    expect(streamPath({ ...filters, services: [] })).toBe(
      "api/v1/logs/stream?scope=all&level=WARN,ERROR,CRITICAL&q=x&trace_id=t",
    );
  });

  test("asks for no level that errors cannot have", () => {
    expect(streamPath({ ...NO_LIVE_FILTERS, level: "WARN" })).toBe("api/v1/logs/stream");
    expect(streamPath({ ...NO_LIVE_FILTERS, level: "CRITICAL" })).toContain("level=CRITICAL");
  });

  const message = (id: string, change: Partial<LogRecord> = {}): Message => ({
    kind: "log",
    id,
    data: JSON.stringify({ ...RECORD, ...change }),
  });

  test("shows each line once, in the order of arrival", () => {
    const one = appended(NO_LINES, [message("a"), message("b")], 0);
    const two = appended(one, [message("b"), message("c", { level: "ERROR" })], 0);
    expect(two.items.map(({ key }) => key)).toEqual(["a", "b", "c"]);
    expect(two.received).toBe(3);
    expect(two.items.map((item) => item.kind === "line" && item.line.eventId)).toEqual([
      undefined,
      undefined,
      "c",
    ]);
  });

  test("holds no more than a person reads", () => {
    const many = Array.from({ length: MAX_LINES + 5 }, (_, i) => message(`m${i}`));
    const tail = appended(NO_LINES, many, 0);
    expect(tail.items.length).toBe(MAX_LINES);
    expect(tail.items[0]?.key).toBe("m5");
    expect(tail.received).toBe(MAX_LINES + 5);
  });

  test("says where lines are missing", () => {
    const gap: Message = { kind: "gap", id: "", data: '{"count":1234,"reason":"skipped"}' };
    const tail = appended(NO_LINES, [message("a"), gap, gap], 12);
    expect(tail.items.map(({ kind }) => kind)).toEqual(["gap", "line", "gap", "gap"]);
    expect(new Set(tail.items.map(({ key }) => key)).size).toBe(4);
    expect(gapText(gap.data)).toMatch(/^1,234 lines/);
    expect(gapText('{"count":null,"reason":"unknown_id"}')).toMatch(/missing here/);
  });

  test("passes over what is no record", () => {
    const broken: Message = { kind: "log", id: "x", data: "{" };
    expect(appended(NO_LINES, [broken], 0).items).toEqual([]);
  });
});
