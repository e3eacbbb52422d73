//! Traces of Go: panics with their goroutines, the stacks of zap, and errors of pkg/errors printed with `%+v`.

use std::borrow::Cow;

use super::{Frame, Lines, Summary, Trace, line_number};

/// `goroutine 1 [running]:`
pub(super) fn is_goroutine(line: &str) -> bool {
    line.strip_prefix("goroutine ")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.ends_with("]:"))
}

/// `\t/src/main.go:42 +0x1d`, below the name of the function.
pub(super) fn is_place(line: &str) -> bool {
    line.strip_prefix(['\t', ' '])
        .and_then(|place| place_of(place.trim_start()))
        .is_some_and(|(file, _)| {
            file.ends_with(".go") || file.ends_with(".s") || file == "_cgo_gotypes.go"
        })
}

fn place_of(place: &str) -> Option<(&str, u32)> {
    let place = place.split(" +0x").next()?.trim_end();
    let (file, line) = place.rsplit_once(':')?;
    Some((file, line_number(line)?))
}

/// Where the trace begins that was found at `at`: with the panic in front of it, or the error that pkg/errors prints
/// before its calls; the line of a logger, which nothing follows but calls, is none of the trace.
pub(super) fn start(text: &str, at: usize) -> usize {
    let before: Vec<(usize, &str)> = Lines::new(&text[..at]).collect();
    if let Some((start, _)) = before.iter().find(|(_, line)| heading(line).is_some()) {
        return *start;
    }
    let is_pair = Lines::new(&text[at..])
        .nth(1)
        .is_some_and(|(_, line)| is_place(line));
    match before.as_slice() {
        [.., (start, line)] if is_pair && !line.trim().is_empty() => {
            let is_error = before.len() > 1 || has_further_headings(&text[at..]);
            if is_error { *start } else { at }
        }
        _ => at,
    }
}

/// Whether the calls of another error follow.
fn has_further_headings(text: &str) -> bool {
    let mut lines = Lines::new(text).map(|(_, line)| line).peekable();
    let mut has_calls = false;
    while let Some(line) = lines.next() {
        let is_call = is_place(line) || lines.peek().is_some_and(|next| is_place(next));
        if has_calls && !is_call && !line.trim().is_empty() {
            return true;
        }
        has_calls |= is_call;
    }
    false
}

/// What a panic says.
fn heading(line: &str) -> Option<(&'static str, &str)> {
    let (kind, message) = ["panic", "fatal error"].into_iter().find_map(|kind| {
        let message = line.strip_prefix(kind)?.strip_prefix(": ")?;
        Some((kind, message))
    })?;
    Some((
        kind,
        message.strip_suffix(" [recovered]").unwrap_or(message),
    ))
}

pub(super) fn read(text: &str) -> Trace<'_> {
    let mut summary = Summary::default();
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut headings: Vec<&str> = Vec::new();
    let mut lines = Lines::new(text).map(|(_, line)| line).peekable();
    let mut is_panic = false;
    let mut goroutines = 0;
    while let Some(line) = lines.next() {
        if is_goroutine(line) {
            goroutines += 1;
            // The calls of another one begin.
            if !frames.is_empty() {
                break;
            }
        } else if let Some((kind, message)) = heading(line.trim_start()) {
            let message = Cow::Borrowed(message);
            if is_panic {
                summary.chain.push(message);
            } else {
                summary.kind = Some(Cow::Borrowed(kind));
                summary.message = Some(message);
                summary.heading = Some(Cow::Borrowed(line));
            }
            is_panic = true;
        } else if lines.peek().is_some_and(|next| is_place(next)) {
            let place = lines.next().and_then(|place| place_of(place.trim_start()));
            if let Some((file, number)) = place {
                frames.push(Frame {
                    function: Some(Cow::Borrowed(function(line, goroutines > 0))),
                    file: Some(Cow::Borrowed(file)),
                    line: Some(number),
                });
            }
        } else if !is_panic && goroutines == 0 && !line.trim().is_empty() {
            // An error of pkg/errors: the frames so far were those of its cause.
            frames.clear();
            summary.heading.get_or_insert(Cow::Borrowed(line));
            headings.push(line);
        }
    }
    if !is_panic && let Some(outermost) = headings.pop() {
        headings.reverse();
        summary.chain = headings.into_iter().map(Cow::Borrowed).collect();
        summary.message = Some(Cow::Borrowed(outermost));
    }
    Trace { summary, frames }
}

/// `main.(*Server).pay(0xc000012345, ...)` of a goroutine, without what is in the last parentheses; of the call that
/// began the goroutine, `created by main.run in goroutine 7`, the name.
fn function(call: &str, has_arguments: bool) -> &str {
    if let Some(creator) = call.strip_prefix("created by ") {
        return creator.split(" in goroutine ").next().unwrap_or(creator);
    }
    match call.strip_suffix(')').and_then(|inside| inside.rfind('(')) {
        Some(at) if has_arguments => &call[..at],
        _ => call,
    }
}
