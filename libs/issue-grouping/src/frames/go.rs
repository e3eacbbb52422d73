//! Go: `main.save(0x1, 0x2)`, and on the next line, behind a tab, `/app/orders.go:12 +0x1d`.

use super::Frame;
use super::parse::path_and_line;

/// The standard library, by the first part of a package's path. Modules from elsewhere begin with a domain.
#[rustfmt::skip]
const LIBRARIES: [&str; 44] = [
    "archive", "bufio", "bytes", "cmp", "compress", "container", "context", "crypto", "database", "debug", "embed",
    "encoding", "errors", "expvar", "flag", "fmt", "hash", "html", "image", "index", "internal", "io", "iter", "log",
    "maps", "math", "mime", "net", "os", "path", "plugin", "reflect", "regexp", "runtime", "slices", "sort",
    "strconv", "strings", "sync", "syscall", "testing", "text", "time", "unicode",
];

/// The function of a line, with or without its arguments.
pub(super) fn function(text: &str) -> Option<&str> {
    if let Some(created) = text.strip_prefix("created by ") {
        return Some(created.split(" in goroutine").next().unwrap_or(created));
    }
    let called = text
        .strip_suffix(')')
        .and_then(|call| call.rsplit_once('('));
    let function = called.map_or(text, |(function, _)| function);
    (function.contains('.') && !function.contains(' ')).then_some(function)
}

/// The frame of `function`, whose place is in this line.
pub(super) fn location<'a>(line: &'a str, function: &'a str) -> Option<Frame<'a>> {
    let place = line
        .strip_prefix('\t')
        .or_else(|| line.strip_prefix("    "))?;
    let place = place.split(" +0x").next().unwrap_or(place);
    let (file, number) = path_and_line(place)?;
    if !file.ends_with(".go") && !file.ends_with(".s") {
        return None;
    }
    let package = function.split(['/', '.']).next().unwrap_or(function);
    let library = LIBRARIES.contains(&package)
        || file.contains('@')
        || ["/pkg/mod/", "/go/src/", "/vendor/"]
            .iter()
            .any(|part| file.contains(part));
    Some(Frame {
        function,
        file: Some(file),
        line: Some(number),
        in_app: !library,
    })
}
