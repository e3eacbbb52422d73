import { describe, expect, test } from "vitest";
import { fieldKey, isSearchable, withTerm } from "./searchTerm";

describe("adding a value to the search", () => {
  test("quotes only what needs it", () => {
    expect(withTerm("", "order_id", "7")).toBe("order_id:7");
    expect(withTerm("timeout ", "room", "B 12")).toBe('timeout room:"B 12"');
    expect(withTerm("", "error", "io::Error")).toBe('error:"io::Error"');
    expect(withTerm("", "glob", "*")).toBe('glob:"*"');
  });

  test("can exclude, and does not repeat itself", () => {
    expect(withTerm("a", "host", "h1", true)).toBe("a -host:h1");
    expect(withTerm("a host:h1 b", "host", "h1")).toBe("a host:h1 b");
  });

  test("escapes what would end the quotes", () => {
    expect(withTerm("", "name", 'say "hi" \\')).toBe('name:"say \\"hi\\" \\\\"');
  });
});

describe("the key of a field", () => {
  test("is its name, with its family where the name alone means something else", () => {
    expect(fieldKey("order_id")).toBe("order_id");
    expect(fieldKey("http.method")).toBe("http.method");
    expect(fieldKey("service")).toBe("fields.service");
    expect(fieldKey("2fa")).toBe("fields.2fa");
    expect(fieldKey("-x")).toBe("fields.-x");
  });

  test("does not exist where the language has no way to write it", () => {
    for (const name of ["", "a b", 'a"b', "a:b", "a..b", ".a"])
      expect(fieldKey(name)).toBeUndefined();
  });
});

test("only plain values can be searched for", () => {
  expect([1, "a", false, 10n].every(isSearchable)).toBe(true);
  expect(isSearchable(null) || isSearchable("") || isSearchable([1]) || isSearchable({})).toBe(
    false,
  );
});
