//! Stack traces as the runtimes of other languages print them: what was called where, and which error led to which.
//!
//! A trace is text to everybody but this module. Which runtime printed it, the lines tell; each has a file of its own.

mod calls;
mod go;
mod python;
mod ruby;
mod rust;
mod structured;

use std::borrow::Cow;

/// One call on a stack. What the text does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The function with whatever the runtime writes in front of it: `com.acme.Foo.bar`, `main.(*Server).pay`.
    pub function: Option<Cow<'a, str>>,
    /// The source file as the runtime knows it, or what it writes where there is none: `<anonymous>`, `Native Method`.
    pub file: Option<Cow<'a, str>>,
    /// The line in the file.
    pub line: Option<u32>,
}

/// The frames of the outermost error in a stack trace, innermost call first. Reads what Java, Python, Go, Rust, Node,
/// .NET and Ruby print, and the JSON arrays that some loggers make of it; of any other text there are none.
///
/// ```
/// let frames = log_record::frames("java.io.IOException: no\n\tat com.acme.Foo.bar(Foo.java:42)");
/// assert_eq!(frames[0].function.as_deref(), Some("com.acme.Foo.bar"));
/// assert_eq!((frames[0].file.as_deref(), frames[0].line), (Some("Foo.java"), Some(42)));
/// ```
#[must_use]
pub fn frames(stack: &str) -> Vec<Frame<'_>> {
    read(stack).map(|trace| trace.frames).unwrap_or_default()
}

/// What a trace tells about the error itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary<'a> {
    pub(crate) kind: Option<Cow<'a, str>>,
    pub(crate) message: Option<Cow<'a, str>>,
    /// The causes, outermost first.
    pub(crate) chain: Vec<Cow<'a, str>>,
    /// The lines that name the error, as they are written.
    pub(crate) heading: Option<Cow<'a, str>>,
}

/// What a trace tells about the outermost error and its causes.
pub(crate) fn summary(stack: &str) -> Summary<'_> {
    read(stack).map(|trace| trace.summary).unwrap_or_default()
}

/// The lines of a trace that name its error.
pub(crate) fn heading(stack: &str) -> Option<Cow<'_, str>> {
    summary(stack).heading
}

/// Whether the text has a stack trace in it.
pub(crate) fn is_trace(text: &str) -> bool {
    find(text).is_some()
}

/// Splits text at the line where a stack trace begins.
pub(crate) fn split(text: &str) -> Option<(&str, &str)> {
    let (runtime, at) = find(text)?;
    let start = match runtime {
        Runtime::Python | Runtime::Ruby | Runtime::Structured => at,
        Runtime::Calls => calls::start(text, at),
        Runtime::Go => go::start(text, at),
        Runtime::Rust => rust::start(text, at),
    };
    Some(text.split_at(start))
}

/// Everything that is read from one trace.
#[derive(Debug, Default)]
struct Trace<'a> {
    summary: Summary<'a>,
    frames: Vec<Frame<'a>>,
}

fn read(stack: &str) -> Option<Trace<'_>> {
    let (runtime, _) = find(stack)?;
    Some(match runtime {
        Runtime::Python => python::read(stack),
        Runtime::Ruby => ruby::read(stack),
        Runtime::Calls => calls::read(stack),
        Runtime::Go => go::read(stack),
        Runtime::Rust => rust::read(stack),
        Runtime::Structured => structured::read(stack),
    })
}

/// Who printed a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runtime {
    Python,
    Ruby,
    /// Java, Node and .NET: a line for each call, with `at` in front.
    Calls,
    Go,
    Rust,
    /// An array of JSON objects.
    Structured,
}

/// Who printed the trace in the text, and the offset of the line that tells.
fn find(text: &str) -> Option<(Runtime, usize)> {
    if text.starts_with("[{") {
        return Some((Runtime::Structured, 0));
    }
    let mut lines = Lines::new(text).peekable();
    while let Some((at, line)) = lines.next() {
        let trimmed = line.trim_start();
        let runtime = match trimmed.as_bytes().first() {
            Some(b'T') if trimmed.starts_with("Traceback (most recent call last)") => {
                Runtime::Python
            }
            Some(b'+') if trimmed.starts_with("+ Exception Group Traceback") => Runtime::Python,
            Some(b'F') if python::is_frame(trimmed) => Runtime::Python,
            Some(b'a') if calls::is_frame(line) => Runtime::Calls,
            Some(b'g') if go::is_goroutine(line) => Runtime::Go,
            Some(b't') if line.starts_with("thread '") && line.contains("' panicked at ") => {
                Runtime::Rust
            }
            // Newer versions write the number of the thread behind its name.
            Some(b't') if line.starts_with("thread '") && line.contains(") panicked at ") => {
                Runtime::Rust
            }
            Some(b's' | b'S') if rust::is_heading(trimmed) => Runtime::Rust,
            Some(b'C') if line == "Caused by:" => Runtime::Rust,
            Some(b'0'..=b'9') if rust::is_frame(trimmed) => Runtime::Rust,
            Some(b'0'..=b'9')
                if lines
                    .peek()
                    .is_some_and(|(_, next)| rust::is_placed_frame(trimmed, next)) =>
            {
                Runtime::Rust
            }
            _ if ruby::is_frame(trimmed) => Runtime::Ruby,
            _ if lines.peek().is_some_and(|(_, next)| go::is_place(next)) => Runtime::Go,
            _ => continue,
        };
        return Some((runtime, at));
    }
    None
}

/// The lines of a text with their offsets.
#[derive(Clone, Debug)]
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Lines { text, at: 0 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let at = self.at;
        let length = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at += length + 1;
        let line = &rest[..length];
        Some((at, line.strip_suffix('\r').unwrap_or(line)))
    }
}

/// `Type: message`, where the type is a name without spaces that names an error.
fn typed(line: &str) -> Option<(&str, Option<&str>)> {
    let (head, message) = match line.split_once(": ") {
        Some((head, message)) => (head, Some(message)),
        None => (line.strip_suffix(':').unwrap_or(line), None),
    };
    // Node writes a code behind the type, .NET a number.
    let kind = match head.split_once(" [").or_else(|| head.split_once(" (")) {
        Some((kind, code)) if code.ends_with([']', ')']) => kind,
        _ => head,
    };
    let is_name = !kind.is_empty()
        && kind.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && kind.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '.' | '_' | '$' | '`' | '+' | '<' | '>' | '/')
        });
    let is_error = kind.contains('.') || names_error(kind);
    (is_name && is_error).then_some((kind, message))
}

fn names_error(kind: &str) -> bool {
    ["Error", "Exception", "Rejection"]
        .iter()
        .any(|end| kind.ends_with(end))
}

/// A number that is a line.
fn line_number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}
