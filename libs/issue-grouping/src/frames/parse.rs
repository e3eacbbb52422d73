//! The text of a stack, line by line. Which language it is shows in each line.

use super::{Frame, dotnet, go, java, javascript, python, ruby, rust};

/// Frames behind these are not read.
const MAX_FRAMES: usize = 100;
/// Lines behind these are not read.
const MAX_LINES: usize = 500;

/// Reads the frames of a stack, innermost first. Understands the stacks of Java and its kin, Python, JavaScript, Rust,
/// Go, .NET and Ruby. Of several stacks in one text (causes, other threads) the first is read, of Python's the last: the
/// one of the error that was logged.
#[must_use]
pub fn parse_stack(stack: &str) -> Vec<Frame<'_>> {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut outermost_first = false;
    let mut pending = None;
    for line in stack.lines().take(MAX_LINES) {
        let text = line.trim();
        if text.starts_with("Traceback (most recent") {
            frames.clear();
            continue;
        }
        if !frames.is_empty() && begins_another(text) {
            break;
        }
        if let Some(function) = pending.take()
            && let Some(frame) =
                rust::location(text, function).or_else(|| go::location(line, function))
        {
            frames.push(frame);
        } else if let Some(frame) = python::frame(text) {
            outermost_first = true;
            frames.push(frame);
        } else if let Some(frame) = frame(text) {
            frames.push(frame);
        } else {
            pending = rust::function(text).or_else(|| go::function(text));
        }
        if frames.len() >= MAX_FRAMES && !outermost_first {
            break;
        }
    }
    if outermost_first {
        frames.reverse();
    }
    frames
}

/// Whether the stack of a cause, of what was suppressed, or of another thread begins here.
fn begins_another(text: &str) -> bool {
    [
        "Caused by:",
        "caused by:",
        "Wrapped by:",
        "Suppressed:",
        "[cause]:",
        "goroutine ",
    ]
    .iter()
    .any(|start| text.starts_with(start))
}

/// A frame that takes one line.
fn frame(text: &str) -> Option<Frame<'_>> {
    if let Some(call) = text.strip_prefix("at ") {
        return java::frame(call)
            .or_else(|| dotnet::frame(call))
            .or_else(|| javascript::frame(call));
    }
    ruby::frame(text)
}

/// Splits `path:12` and `path:12:34` into path and line.
pub(super) fn path_and_line(text: &str) -> Option<(&str, u32)> {
    let (head, last) = text.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match head.rsplit_once(':') {
        Some((path, line)) if line.parse::<u32>().is_ok() => Some((path, line.parse().ok()?)),
        _ => Some((head, last)),
    }
}
