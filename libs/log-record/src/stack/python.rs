//! Tracebacks of Python: the error stands last, and of a chain the last one is the outermost.

use std::borrow::Cow;

use super::{Frame, Lines, Summary, Trace, line_number};

/// `File "cart.py", line 3, in load`.
pub(super) fn is_frame(trimmed: &str) -> bool {
    trimmed.starts_with("File \"") && trimmed.contains("\", line ")
}

/// One traceback of a chain.
#[derive(Debug, Default)]
struct Block<'a> {
    frames: Vec<Frame<'a>>,
    /// The lines that name the error.
    error: Vec<&'a str>,
}

pub(super) fn read(text: &str) -> Trace<'_> {
    let mut blocks = vec![Block::default()];
    let mut is_group = false;
    for (_, line) in Lines::new(text) {
        let mut line = line;
        let trimmed = line.trim_start();
        is_group |= trimmed.starts_with("+ Exception Group Traceback");
        if is_group {
            // The errors of a group are drawn below it; the group itself is the error.
            if trimmed.starts_with("+-+-") {
                break;
            }
            line = trimmed
                .strip_prefix("| ")
                .or(trimmed.strip_prefix('|'))
                .unwrap_or(line);
        }
        take_line(line, &mut blocks);
    }
    let outermost = blocks.pop().unwrap_or_default();
    let (kind, message) = describe(&outermost.error);
    let heading = outermost.error.join("\n").trim_end().to_owned();
    let heading = Some(heading)
        .filter(|heading| !heading.is_empty())
        .map(Cow::Owned);
    let chain = blocks.iter().rev().filter_map(|block| {
        Some(match describe(&block.error) {
            (Some(kind), Some(message)) => Cow::Owned(format!("{kind}: {message}")),
            (Some(kind), None) => Cow::Borrowed(kind),
            (None, message) => message?,
        })
    });
    let chain = chain.collect();
    let mut frames = outermost.frames;
    frames.reverse();
    Trace {
        summary: Summary {
            kind: kind.map(Cow::Borrowed),
            message,
            chain,
            heading,
        },
        frames,
    }
}

fn take_line<'a>(line: &'a str, blocks: &mut Vec<Block<'a>>) {
    let is_link = line.starts_with("The above exception was the direct cause")
        || line.starts_with("During handling of the above exception");
    if is_link {
        blocks.push(Block::default());
        return;
    }
    let Some(block) = blocks.last_mut() else {
        return;
    };
    let trimmed = line.trim_start();
    if is_frame(trimmed) && block.error.is_empty() {
        block.frames.push(frame(trimmed));
        return;
    }
    let is_heading = trimmed.starts_with("Traceback (most recent call last)")
        || trimmed.starts_with("+ Exception Group Traceback")
        || trimmed.starts_with("Stack (most recent call last)");
    // Whatever stands in front of a traceback is not of it.
    let is_error =
        !block.error.is_empty() || (!block.frames.is_empty() && trimmed.len() == line.len());
    if is_error && !is_heading && !(block.error.is_empty() && trimmed.is_empty()) {
        block.error.push(line);
    }
}

/// `ValueError: no such order`, whose message may go on for lines.
fn describe<'a>(error: &[&'a str]) -> (Option<&'a str>, Option<Cow<'a, str>>) {
    let Some((first, more)) = error.split_first() else {
        return (None, None);
    };
    let (kind, message) = match first.split_once(": ") {
        Some((kind, message)) => (kind, Some(message)),
        None => (first.strip_suffix(':').unwrap_or(first), None),
    };
    if kind.is_empty() || kind.contains(' ') {
        return (None, Some(Cow::Borrowed(first)));
    }
    let has_more = more.iter().any(|line| !line.trim().is_empty());
    let message = if has_more {
        let lines: Vec<&str> = message.into_iter().chain(more.iter().copied()).collect();
        Some(Cow::Owned(lines.join("\n").trim_end().to_owned()))
    } else {
        message.map(Cow::Borrowed)
    };
    (Some(kind), message)
}

fn frame(trimmed: &str) -> Frame<'_> {
    let rest = trimmed.strip_prefix("File \"").unwrap_or(trimmed);
    let (file, rest) = rest.split_once("\", line ").unwrap_or((rest, ""));
    let (line, function) = match rest.split_once(", in ") {
        Some((line, function)) => (line, Some(function.trim_end())),
        None => (rest.trim_end(), None),
    };
    Frame {
        function: function.map(Cow::Borrowed),
        file: Some(Cow::Borrowed(file)),
        line: line_number(line),
    }
}
