import { describe, expect, test } from "vitest";
import type { ErrorEvent } from "../api/types";
import { highlighted, searchWords } from "./highlight";
import { bytes, change, compact, count, percent } from "./number";
import { causes, fieldPairs, headline, inline, source, spanPairs } from "./record";
import { age, ago, clock, duration, intervalInWords, toInputValue } from "./time";

describe("numbers", () => {
  test("are grouped, or short where room is short", () => {
    expect(count(18_273_645)).toBe("18,273,645");
    expect(compact(9_999)).toBe("9,999");
    expect(compact(10_000)).toBe("10k");
    expect(compact(999_960)).toBe("1M");
    expect(compact(18_273_645)).toBe("18.3M");
  });

  test("of ratios never read as zero when they are not", () => {
    expect(percent(0)).toBe("0%");
    expect(percent(0.00001)).toBe("<0.01%");
    expect(percent(0.0123)).toBe("1.23%");
    expect(percent(0.5)).toBe("50.0%");
    expect(percent(1)).toBe("100%");
  });

  test("of bytes use binary units", () => {
    expect(bytes(0)).toBe("0 B");
    expect(bytes(1_536)).toBe("1.5 KiB");
    expect(bytes(512 * 1024 * 1024)).toBe("512 MiB");
  });

  test("compare with what was before", () => {
    expect(change(5, 5)).toEqual({ direction: "same", text: "±0%" });
    expect(change(57, 50)).toEqual({ direction: "up", text: "+14%" });
    expect(change(25, 50)).toEqual({ direction: "down", text: "−50%" });
    expect(change(3, 0)).toEqual({ direction: "up", text: "from 0" });
    expect(change(500, 50)).toEqual({ direction: "up", text: "×10" });
    expect(change(1_000_001, 1_000_000).text).toBe("+<1%");
  });
});

describe("times", () => {
  test("show milliseconds on the clock", () => {
    expect(clock(new Date(2026, 10, 20, 7, 5, 3, 9))).toBe("07:05:03.009");
    expect(toInputValue(new Date(2026, 0, 2, 3, 4, 5))).toBe("2026-01-02T03:04:05");
  });

  test("turn into durations of two units at most", () => {
    expect(duration(200)).toBe("200 ms");
    expect(duration(4_210)).toBe("4.2 s");
    expect(duration(95_000)).toBe("1 min 35 s");
    expect(duration(3_600_000)).toBe("1 h");
    expect(duration(90_000_000)).toBe("1 d 1 h");
    expect(duration(-5)).toBe("0 ms");
  });

  test("turn into ages", () => {
    expect(age(500)).toBe("now");
    expect(ago(-3)).toBe("just now");
    expect(ago(59_999)).toBe("59 s ago");
    expect(ago(7_200_000)).toBe("2 h ago");
  });

  test("name the width of a bar", () => {
    expect(intervalInWords(60_000)).toBe("1 minute");
    expect(intervalInWords(10_000)).toBe("10 seconds");
    expect(intervalInWords(7_200_000)).toBe("2 hours");
  });
});

describe("highlighting", () => {
  test("takes the words that must occur, not keys and not exclusions", () => {
    expect(searchWords('timeout "two words" -retry order_id:7 -k:v')).toEqual([
      "timeout",
      "two words",
    ]);
    expect(searchWords('a:"b c" "say \\"hi\\"" open"')).toEqual(['say "hi"', "open"]);
  });

  test("takes a path, an address and a time for words", () => {
    const words = ["hyper::Error", "http://host", "10:30"];
    expect(searchWords(words.join(" "))).toEqual(words);
  });

  test("marks every occurrence in any case, and reads no pattern into a word", () => {
    expect(highlighted("Pool timed out (pool)", ["pool"]).filter((piece) => piece.hit)).toEqual([
      { text: "Pool", hit: true },
      { text: "pool", hit: true },
    ]);
    expect(highlighted("a.c abc", ["a.c"])).toEqual([
      { text: "a.c", hit: true },
      { text: " abc", hit: false },
    ]);
    expect(highlighted("plain", [])).toEqual([{ text: "plain", hit: false }]);
  });
});

describe("a record as text", () => {
  const bare: ErrorEvent = {
    id: "1",
    topic: "t",
    partition: 0,
    offset: 0,
    received_at: "",
    timestamp: "",
    level: "ERROR",
    service: "s",
  };

  test("has a headline even without a message", () => {
    expect(headline({ ...bare, message: "m" })).toBe("m");
    expect(headline({ ...bare, error: { type: "io::Error" } })).toBe("io::Error");
    expect(headline(bare)).toBe("(no message)");
  });

  test("shows values as they are, and the rest as JSON", () => {
    expect(inline("text")).toBe("text");
    expect(inline({ a: [1] })).toBe('{"a":[1]}');
    expect(fieldPairs({ n: 7, ok: false })).toEqual([
      ["n", "7"],
      ["ok", "false"],
    ]);
    expect(spanPairs({ name: "charge", customer_id: 4242 })).toEqual([["customer_id", "4242"]]);
  });

  test("does not repeat the error's own message among its causes", () => {
    const error = { message: "a", chain: ["a", "b"] };
    expect(causes({ ...bare, error })).toEqual(["b"]);
    expect(causes({ ...bare, error: { chain: ["b"] } })).toEqual(["b"]);
  });

  test("names its source", () => {
    expect(source({ ...bare, file: "src/login.rs", line: 142 })).toBe("src/login.rs:142");
    expect(source({ ...bare, file: "src/login.rs" })).toBe("src/login.rs");
    expect(source(bare)).toBeUndefined();
  });
});
