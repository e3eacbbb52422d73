import { describe, expect, test } from "vitest";
import {
  NO_FILTERS,
  formatView,
  isAllLevels,
  isNarrowed,
  parseView,
  toggled,
  type ViewState,
} from "./filters";

const FULL: ViewState = {
  filters: {
    range: { kind: "between", from: 1_795_000_000_000, to: 1_795_000_060_000 },
    services: ["booking", "usermanagement"],
    levels: ["CRITICAL"],
    q: 'order_id:7 "connection refused" -retry 50% &x=1 +',
    traceId: "5b8efff798038103d269b633813fc60c",
    issue: "42",
  },
  eventId: "application-logs-errors/0/17#2",
};

describe("the address of the page", () => {
  test("is empty for the default view", () => {
    expect(formatView({ filters: NO_FILTERS, eventId: undefined })).toBe("");
    expect(parseView("")).toEqual({ filters: NO_FILTERS, eventId: undefined });
  });

  test("reproduces every filter and the open event", () => {
    expect(parseView(formatView(FULL))).toEqual(FULL);
  });

  test("speaks the words of the API", () => {
    const filters = {
      ...NO_FILTERS,
      range: { kind: "last", preset: "24h" } as const,
      services: ["a", "b"],
    };
    expect(formatView({ filters, eventId: undefined })).toBe("?from=-24h&service=a,b");
  });

  test("ignores what makes no sense", () => {
    const view = parseView("?from=yesterday&to=-&level=INFO,nonsense&service=,,&event=&x=1");
    expect(view).toEqual({ filters: NO_FILTERS, eventId: undefined });
  });

  test("accepts a level in any case and a service only once", () => {
    const { filters } = parseView("?level=critical&service=a,a, b");
    expect(filters.levels).toEqual(["CRITICAL"]);
    expect(filters.services).toEqual(["a", "b"]);
  });
});

describe("filters", () => {
  test("naming all levels narrows nothing", () => {
    expect(isAllLevels(["ERROR", "CRITICAL"])).toBe(true);
    expect(isNarrowed({ ...NO_FILTERS, levels: ["ERROR", "CRITICAL"] })).toBe(false);
    expect(isNarrowed({ ...NO_FILTERS, levels: ["ERROR"] })).toBe(true);
    expect(isNarrowed({ ...NO_FILTERS, q: "  " })).toBe(false);
  });

  test("toggling adds and removes", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });
});
