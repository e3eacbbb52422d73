//! Go: `main.save(0x1, 0x2)`, and on the next line, behind a tab, `/app/orders.go:12 +0x1d`.

use super::Frame;
use super::parse::path_and_line;

/// The function of a line with arguments at its end.
pub(super) fn function(text: &str) -> Option<&str> {
    if let Some(created) = text.strip_prefix("created by ") {
        return Some(created.split(" in goroutine").next().unwrap_or(created));
    }
    let (function, _) = text.strip_suffix(')')?.rsplit_once('(')?;
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
    let library = ["/pkg/mod/", "/go/src/", "/usr/local/go/", "/vendor/"]
        .iter()
        .any(|part| file.contains(part));
    Some(Frame {
        function,
        file: Some(file),
        line: Some(number),
        in_app: !library && !function.starts_with("runtime."),
    })
}
