import { describe, expect, test } from "vitest";
import { isLibrary, stackParts, stackRuns } from "./stack";

/** The first lines of the frames of the application, trimmed. */
const own = (stack: string) =>
  stackParts(stack)
    .filter((part) => part.kind === "frame" && part.inApp)
    .map((part) => part.lines[0]?.trim());

const frames = (stack: string) => stackParts(stack).filter((part) => part.kind === "frame");

describe("a stack trace", () => {
  test("of Rust has its places below the names", () => {
    const stack = `   0: std::panicking::begin_panic_handler
             at /rustc/1234/library/std/src/panicking.rs:665:5
   1: booking::orders::charge
             at ./src/orders.rs:42:13
   2: <tokio::runtime::task::core::Core<T,S>>::poll
             at /root/.cargo/registry/src/index-1/tokio-1.40.0/src/runtime/task/core.rs:331:17
   3: std::sys::backtrace::__rust_begin_short_backtrace`;
    expect(frames(stack)).toHaveLength(4);
    expect(own(stack)).toEqual(["1: booking::orders::charge"]);
    expect(frames(stack)[1]?.lines).toHaveLength(2);
  });

  test("of JavaScript leaves out node's own and packages", () => {
    const stack = `TypeError: x is undefined
    at charge (/app/src/orders.js:10:5)
    at Layer.handle (/app/node_modules/express/lib/router/layer.js:95:5)
    at async Promise.all (index 0)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`;
    expect(own(stack)).toEqual([
      "at charge (/app/src/orders.js:10:5)",
      "at async Promise.all (index 0)",
    ]);
    expect(stackParts(stack)[0]).toMatchObject({ kind: "text", inApp: true });
  });

  test("of Python keeps the source line with its frame", () => {
    const stack = `Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/flask/app.py", line 1484, in full_dispatch_request
    rv = self.dispatch_request()
  File "/app/orders.py", line 7, in charge
    raise PaymentError("declined")
PaymentError: declined`;
    expect(own(stack)).toEqual(['File "/app/orders.py", line 7, in charge']);
    expect(frames(stack)[1]?.lines[1]?.trim()).toBe('raise PaymentError("declined")');
    expect(stackParts(stack).at(-1)).toMatchObject({ kind: "text" });
  });

  test("of Java knows the runtime and the frameworks by their packages", () => {
    const stack = `java.lang.IllegalStateException: no rate
	at com.example.Booking.charge(Booking.java:12)
	at java.base/java.lang.reflect.Method.invoke(Method.java:568)
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:897)
	at sun.reflect.Native.invoke(Native.java)
Caused by: java.io.IOException: closed
	at com.example.Rates.load(Rates.java:3)
	... 12 more`;
    expect(own(stack)).toEqual([
      "at com.example.Booking.charge(Booking.java:12)",
      "at com.example.Rates.load(Rates.java:3)",
    ]);
    expect(stackParts(stack).filter((part) => part.kind === "text")).toHaveLength(2);
  });

  test("of Go joins a function and its place", () => {
    const stack = `goroutine 1 [running]:
runtime.gopanic({0x1, 0x2})
	/usr/local/go/src/runtime/panic.go:884 +0x212
main.charge(0x7)
	/app/main.go:12 +0x1d
created by main.main
	/app/main.go:5 +0x2a`;
    expect(own(stack)).toEqual(["main.charge(0x7)", "created by main.main"]);
    expect(frames(stack)[1]?.lines).toHaveLength(2);
  });

  test("that is none stays text", () => {
    expect(stackParts("something\nelse")).toEqual([
      { kind: "text", lines: ["something", "else"], inApp: true },
    ]);
  });
});

test("library frames next to each other are one run", () => {
  const stack = `    at a (/app/a.js:1:1)
    at b (/app/node_modules/b.js:1:1)
    at c (/app/node_modules/c.js:1:1)
    at d (/app/d.js:1:1)`;
  const runs = stackRuns(stackParts(stack));
  expect(runs.map((run) => [run.inApp, run.parts.length])).toEqual([
    [true, 1],
    [false, 2],
    [true, 1],
  ]);
});

test("a crate whose name only begins like a library is the application's", () => {
  expect(isLibrary(["   1: core_banking::charge"])).toBe(false);
  expect(isLibrary(["   1: core::panicking::panic_fmt"])).toBe(true);
  expect(isLibrary(["   at networking.Client.Send()"])).toBe(false);
  expect(isLibrary(["    at f (C:\\app\\node_modules\\x.js:1:1)"])).toBe(true);
});
