import { describe, expect, test } from "vitest";
import { NO_FILTERS } from "../state/filters";
import { readinessReasons } from "./client";
import { curlCommand, shellQuote } from "./curl";
import { parseExact, printExact } from "./json";
import { ApiError, errorFromAnswer, errorFromFailure } from "./error";
import { errorsPath, eventPath, nextPagePath, statsPath } from "./queries";

describe("an error answer", () => {
  test("keeps the server's words, code and parameter", () => {
    const body = JSON.stringify({
      message: "outer",
      error: { code: "invalid_parameter", message: "q has an unclosed quote", parameter: "q" },
    });
    const error = errorFromAnswer(400, "Bad Request", body);
    expect(error).toMatchObject({
      status: 400,
      code: "invalid_parameter",
      message: "q has an unclosed quote",
      parameter: "q",
      isRefusal: true,
    });
  });

  test("falls back to the outer message, and to the status line", () => {
    expect(errorFromAnswer(503, "", '{"message":"busy"}').message).toBe("busy");
    const proxy = errorFromAnswer(502, "Bad Gateway", "<html>nginx</html>");
    expect(proxy.message).toBe("the server answered 502 Bad Gateway");
    expect(proxy.isRefusal).toBe(false);
    expect(errorFromAnswer(500, "", "[]").message).toBe("the server answered 500");
  });
});

describe("a request without an answer", () => {
  test("says what happened", () => {
    expect(errorFromFailure(new TypeError("failed")).code).toBe("unreachable");
    expect(errorFromFailure(new DOMException("", "TimeoutError")).code).toBe("timeout");
    expect(errorFromFailure(new SyntaxError("x")).code).toBe("bad_answer");
    const known = new ApiError(400, "c", "m");
    expect(errorFromFailure(known)).toBe(known);
  });
});

describe("a not-ready answer", () => {
  test("gives its reasons in whatever form they come", () => {
    expect(readinessReasons('{"reasons":["kafka away",{"message":"disk full"}]}')).toEqual([
      "kafka away",
      "disk full",
    ]);
    expect(readinessReasons('{"message":"starting"}')).toEqual(["starting"]);
    expect(readinessReasons("upstream timed out")).toEqual([]);
  });
});

describe("addresses", () => {
  test("name only the filters that are set", () => {
    expect(errorsPath(NO_FILTERS)).toBe("api/v1/logs/errors?from=-1h&limit=100");
  });

  test("carry every filter, escaped", () => {
    const path = errorsPath({
      range: { kind: "between", from: 0, to: 60_000 },
      services: ["booking", "a&b"],
      levels: ["CRITICAL"],
      q: ' order_id:7 "x y" ',
      traceId: "t",
      issue: "i",
    });
    const query = new URLSearchParams(path.split("?")[1]);
    expect(Object.fromEntries(query)).toEqual({
      from: "1970-01-01T00:00:00.000Z",
      to: "1970-01-01T00:01:00.000Z",
      service: "booking,a&b",
      level: "CRITICAL",
      q: 'order_id:7 "x y"',
      trace_id: "t",
      issue: "i",
      limit: "100",
    });
  });

  test("ask for statistics in whole seconds", () => {
    expect(statsPath({ from: 1, to: 2 }, 60_000, ["b"])).toBe(
      "api/v1/logs/stats?from=1&to=2&interval=60s&service=b",
    );
    expect(statsPath({ from: 1, to: 2 }, 1, [])).toContain("interval=1s");
  });

  test("escape ids and cursors", () => {
    expect(eventPath("a/b#1")).toBe("api/v1/logs/events/a%2Fb%231");
    expect(nextPagePath("x?y=1", "a+b=")).toBe("x?y=1&cursor=a%2Bb%3D");
  });
});

describe("JSON", () => {
  test("keeps numbers that fit and structures as they are", () => {
    const text = '{"a":[1,-2.5,1e300,"9007199254740993",null,true],"b":{}}';
    expect(printExact(parseExact(text))).toBe(text.replace("1e300", "1e+300"));
  });

  test("prints a number too large for JavaScript with its own digits", () => {
    expect(printExact({ id: 9_007_199_254_740_993n })).toContain("9007199254740993");
  });
});

describe("copy as curl", () => {
  test("resolves against the page and quotes for the shell", () => {
    expect(curlCommand("api/v1/logs/errors?q=it's", new URL("http://host:5004/logs/"))).toBe(
      "curl -sS 'http://host:5004/logs/api/v1/logs/errors?q=it%27s'",
    );
  });

  test("leaves the shell nothing to interpret", () => {
    expect(shellQuote("a'b")).toBe("'a'\\''b'");
    expect(shellQuote("$(id) `id` \\ !")).toBe("'$(id) `id` \\ !'");
  });
});
