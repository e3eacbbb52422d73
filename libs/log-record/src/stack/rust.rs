//! Backtraces of Rust, of panics and of errors, and the causes that `anyhow` lists.

use std::borrow::Cow;

use super::{Frame, Lines, Summary, Trace, line_number};

/// `stack backtrace:`, which `anyhow` writes with a capital.
pub(super) fn is_heading(trimmed: &str) -> bool {
    trimmed.eq_ignore_ascii_case("stack backtrace:")
}

/// `4: shop::cart::load`
pub(super) fn is_frame(trimmed: &str) -> bool {
    function(trimmed).is_some_and(|name| name.contains("::") && !name.contains(": "))
}

/// `0: rust_begin_unwind`, a call as well if `next` tells its place.
pub(super) fn is_placed_frame(trimmed: &str, next: &str) -> bool {
    next.trim_start().starts_with("at ") && function(trimmed).is_some()
}

fn function(trimmed: &str) -> Option<&str> {
    let (number, name) = trimmed.split_once(": ")?;
    line_number(number).filter(|_| number.len() <= 4)?;
    // With RUST_BACKTRACE=full the address stands in front.
    let name = name.trim();
    Some(match name.split_once(" - ") {
        Some((address, name)) if address.starts_with("0x") => name,
        _ => name,
    })
}

/// Where the trace begins that was found at `at`: the causes of an error are listed before its frames.
pub(super) fn start(text: &str, at: usize) -> usize {
    let causes = Lines::new(&text[..at]).find(|(_, line)| *line == "Caused by:");
    causes.map_or(at, |(start, _)| start)
}

pub(super) fn read(text: &str) -> Trace<'_> {
    let mut summary = Summary::default();
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut panicked = None;
    let mut is_in_causes = false;
    let mut heading: Vec<&str> = Vec::new();
    let mut is_in_heading = false;
    for (_, line) in Lines::new(text) {
        let trimmed = line.trim_start();
        if is_heading(trimmed) {
            is_in_causes = false;
            is_in_heading = false;
        } else if line == "Caused by:" {
            is_in_causes = true;
            is_in_heading = false;
        } else if line.starts_with("thread '") && line.contains(" panicked at ") {
            panicked = Some(line);
            is_in_heading = true;
            heading.push(line);
        } else if line.starts_with("note: ") {
            is_in_heading = false;
        } else if is_in_heading {
            heading.push(line);
        } else if is_in_causes {
            if trimmed.is_empty() || trimmed.len() == line.len() {
                is_in_causes = trimmed.is_empty();
            } else {
                summary
                    .chain
                    .push(Cow::Borrowed(function(trimmed).unwrap_or(trimmed)));
            }
        } else if let Some(name) = function(trimmed) {
            frames.push(Frame {
                function: Some(Cow::Borrowed(name)),
                ..Frame::default()
            });
        } else if let Some(place) = trimmed.strip_prefix("at ")
            && let Some(last) = frames.last_mut().filter(|last| last.file.is_none())
        {
            let (file, line) = place_of(place.trim_end());
            last.file = Some(Cow::Borrowed(file));
            last.line = line;
        }
    }
    if let Some(line) = panicked {
        panic(line, &heading, &mut summary, &mut frames);
    }
    Trace { summary, frames }
}

/// `thread 'main' panicked at src/main.rs:4:5:` with the message on the next lines; older versions have it in between:
/// `panicked at 'no', src/main.rs:4:5`.
fn panic<'a>(
    line: &'a str,
    heading: &[&'a str],
    summary: &mut Summary<'a>,
    frames: &mut Vec<Frame<'a>>,
) {
    let rest = line
        .split_once(" panicked at ")
        .map_or(line, |(_, rest)| rest);
    let (place, message) = match rest
        .strip_prefix('\'')
        .and_then(|rest| rest.rsplit_once("', "))
    {
        Some((message, place)) => (place, Cow::Borrowed(message)),
        None => {
            let lines = heading.get(1..).unwrap_or_default().join("\n");
            (
                rest.strip_suffix(':').unwrap_or(rest),
                Cow::Owned(lines.trim_end().to_owned()),
            )
        }
    };
    summary.kind = Some(Cow::Borrowed("panic"));
    summary.message = Some(message).filter(|message| !message.is_empty());
    summary.heading = Some(Cow::Owned(heading.join("\n").trim_end().to_owned()));
    // Without a backtrace, where it happened is all there is.
    if frames.is_empty() {
        let (file, line) = place_of(place);
        frames.push(Frame {
            function: None,
            file: Some(Cow::Borrowed(file)),
            line,
        });
    }
}

/// `src/main.rs:4:5`
fn place_of(place: &str) -> (&str, Option<u32>) {
    let mut parts = place.rsplitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(column), Some(line), Some(file))
            if line_number(column).is_some() && line_number(line).is_some() =>
        {
            (file, line_number(line))
        }
        _ => match place.rsplit_once(':') {
            Some((file, line)) if line_number(line).is_some() => (file, line_number(line)),
            _ => (place, None),
        },
    }
}
