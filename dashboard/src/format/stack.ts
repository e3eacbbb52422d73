// Reads a stack trace as people do: which lines are one frame, and which frames are the application's own. Pure.
// Traces of Rust, JavaScript, Python, Java, Go, .NET, Ruby and PHP; what looks like none of them stays text.

/** Lines that belong together: one frame, or the text between frames. */
export interface StackPart {
  kind: "frame" | "text";
  lines: string[];
  inApp: boolean;
}

/** Parts next to each other that are shown or hidden together. */
export interface StackRun {
  inApp: boolean;
  parts: StackPart[];
}

/** A line that begins a frame. */
const FRAME: readonly RegExp[] = [
  /^\s*\d+:\s+(?:0x[0-9a-f]+ - )?\S/, // Rust: "   3: tokio::runtime::park"
  /^\s*at\s+\S/, // JavaScript, Java, .NET: "    at f (/app/x.js:1:2)"
  /^\s*File "[^"]*", line \d+/, // Python
  /^[\w./*()[\]{}-]+\(.*\)$/, // Go: "main.charge(0x1)"
  /^\s*created by \S/, // Go
  /^\s*from \S+:\d+/, // Ruby
  /^\s*#\d+ \S/, // PHP
  /^\s*\.\.\. \d+ (?:more|common frames omitted)/, // Java
];

/** A line that goes on with the frame above it: where it is, or how it reads. */
const MORE: readonly RegExp[] = [
  /^\s+at \S*[/\\]\S*:\d+/, // Rust: "             at ./src/main.rs:7:9"
  /^\t\S+\.(?:go|s):\d+/, // Go
];

const LIBRARY_PATHS =
  /node_modules\/|\bnode:|\binternal\/|site-packages\/|dist-packages\/|\/lib\/python\d|<frozen |\/rustc\/|\.cargo\/registry\/|\.cargo\/git\/|\/library\/(?:std|core|alloc)\/|\/usr\/local\/go\/|\/go\/pkg\/mod\/|\/gems\/|\/vendor\//;

const LIBRARY_NAMES: readonly RegExp[] = [
  /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|kotlinx|scala|groovy)\./,
  /^(?:org\.springframework|org\.apache|org\.hibernate|org\.eclipse|org\.junit|io\.netty|reactor|io\.micrometer)\./,
  /^(?:com\.zaxxer|com\.fasterxml|com\.google|org\.jboss|org\.slf4j|ch\.qos\.logback)\./,
  /^(?:System|Microsoft)\./,
  /^(?:runtime|net\/http|net|reflect|sync|testing)\./,
  /^<?&?(?:dyn )?(?:std|core|alloc|tokio|hyper|hyper_util|axum|tower|tower_http|futures_\w+|futures|tracing\w*|backtrace|anyhow|eyre|color_eyre)::/,
  /^(?:rust_begin_unwind|__rust|_?rust_|__libc_|_start\b|clone3?\b|start_thread)/,
  /^\d+ (?:more|common)/,
];

/** Cuts a trace into frames and texts. */
export function stackParts(stack: string): StackPart[] {
  const parts: StackPart[] = [];
  let python = false;
  for (const line of stack.replace(/\s+$/, "").split("\n")) {
    const last = parts.at(-1);
    const inFrame = last?.kind === "frame" && last.lines.length < 4;
    const source = python && /^\s{4}/.test(line) && !FRAME.some((start) => start.test(line));
    if (inFrame && (isMore(line, last) || source)) {
      last.lines.push(line);
    } else if (FRAME.some((start) => start.test(line))) {
      python = /^\s*File "/.test(line);
      parts.push({ kind: "frame", lines: [line], inApp: true });
    } else if (last?.kind === "text") {
      last.lines.push(line);
    } else {
      parts.push({ kind: "text", lines: [line], inApp: true });
    }
  }
  for (const part of parts) part.inApp = part.kind === "text" || !isLibrary(part.lines);
  return parts;
}

/** Joins neighbours of the same kind, so that a row of library frames becomes one line to open. */
export function stackRuns(parts: readonly StackPart[]): StackRun[] {
  const runs: StackRun[] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (last?.inApp === part.inApp) last.parts.push(part);
    else runs.push({ inApp: part.inApp, parts: [part] });
  }
  return runs;
}

/** Whether the frame is a library's: by its path, else by the name of its function. */
export function isLibrary(lines: readonly string[]): boolean {
  if (LIBRARY_PATHS.test(lines.join("\n").replaceAll("\\", "/"))) return true;
  const name = (lines[0] ?? "").replace(
    /^\s*(?:\d+:\s+(?:0x[0-9a-f]+ - )?|at\s+(?:async )?|created by |#\d+ |\.\.\. )/,
    "",
  );
  // "app//java.base/java.lang.Thread.run": the name of a class may follow those of its loader and its module.
  const plain = name.replace(/^(?:\w+\/\/?)?(?:[\w.]+@?[\w.]*\/)(?=(?:java|jdk|sun|javax)\.)/, "");
  return LIBRARY_NAMES.some((library) => library.test(plain.replace(/^<+/, "")));
}

function isMore(line: string, frame: StackPart): boolean {
  const first = frame.lines[0] ?? "";
  // In a trace of Rust or Go the second line is a place; in the others it is the next frame.
  return /^\s*\d+:\s/.test(first) || !/^\s/.test(first) || /^created by/.test(first)
    ? MORE.some((more) => more.test(line))
    : false;
}
