//! Backtraces of Ruby: a line for each call, and the error behind the first one.

use std::borrow::Cow;

use super::{Frame, Lines, Summary, Trace, line_number};

/// `/app/orders.rb:12:in 'Orders#save'`, behind `from` where it is not the first.
pub(super) fn is_frame(trimmed: &str) -> bool {
    trimmed.ends_with(['\'', ')']) && call(trimmed).is_some()
}

/// The frame of a line, and what stands behind it.
fn call(trimmed: &str) -> Option<(Frame<'_>, &str)> {
    let call = trimmed.strip_prefix("from ").unwrap_or(trimmed);
    let (place, function) = call.split_once(":in ")?;
    let (file, line) = place.rsplit_once(':')?;
    let line = line_number(line)?;
    // Older versions open with a backtick.
    let (function, rest) = function.strip_prefix(['`', '\''])?.split_once('\'')?;
    let frame = Frame {
        function: Some(Cow::Borrowed(function)),
        file: Some(Cow::Borrowed(file)),
        line: Some(line),
    };
    Some((frame, rest))
}

pub(super) fn read(text: &str) -> Trace<'_> {
    let mut trace = Trace::default();
    let mut is_cause = false;
    for (_, line) in Lines::new(text) {
        let Some((frame, rest)) = call(line.trim_start()) else {
            continue;
        };
        if let Some((message, kind)) = raised(rest) {
            is_cause = !trace.frames.is_empty();
            if is_cause {
                let cause = Cow::Owned(format!("{kind}: {message}"));
                trace.summary.chain.push(cause);
            } else {
                trace.summary = Summary {
                    kind: Some(Cow::Borrowed(kind)),
                    message: Some(Cow::Borrowed(message)),
                    heading: Some(Cow::Borrowed(line)),
                    ..Summary::default()
                };
            }
        }
        if !is_cause {
            trace.frames.push(frame);
        }
    }
    trace
}

/// Message and type in `: no such order (KeyError)`.
fn raised(rest: &str) -> Option<(&str, &str)> {
    rest.strip_prefix(": ")?
        .strip_suffix(')')?
        .rsplit_once(" (")
}
