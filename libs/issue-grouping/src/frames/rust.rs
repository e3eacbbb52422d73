//! Rust: `3: shop::orders::save`, and on the next line `at ./src/orders.rs:12:5`.

use super::Frame;
use super::parse::path_and_line;

/// Crates of the language and of common frameworks.
const LIBRARIES: [&str; 16] = [
    "std::",
    "core::",
    "alloc::",
    "rust_begin_unwind",
    "__rust",
    "main",
    "_start",
    "__libc",
    "clone",
    "tokio::",
    "futures_",
    "hyper::",
    "axum::",
    "tower::",
    "tracing::",
    "anyhow::",
];

/// The function of a line that begins with a number.
pub(super) fn function(text: &str) -> Option<&str> {
    let (number, rest) = text.split_once(':')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let rest = rest.trim_start();
    // `RUST_BACKTRACE=full` has the address first.
    let function = match rest.split_once(" - ") {
        Some((address, function)) if address.starts_with("0x") => function,
        _ => rest,
    };
    (is_number && !function.is_empty()).then_some(function)
}

/// The frame of `function`, whose place is in this line.
pub(super) fn location<'a>(text: &'a str, function: &'a str) -> Option<Frame<'a>> {
    let (file, line) = path_and_line(text.strip_prefix("at ")?)?;
    let name = function.trim_start_matches(['<', '&', '(']);
    let library = LIBRARIES.iter().any(|start| {
        if start.ends_with([':', '_']) {
            name.starts_with(start)
        } else {
            name == *start
        }
    }) || ["/rustc/", "/.cargo/registry/", "/.cargo/git/", "/.rustup/"]
        .iter()
        .any(|part| file.contains(part));
    Some(Frame {
        function,
        file: Some(file),
        line: Some(line),
        in_app: !library,
    })
}
