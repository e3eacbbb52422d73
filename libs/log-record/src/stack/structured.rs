//! Traces that a logger has taken apart already, into a JSON array: of frames (zerolog, log4j), or of errors with their
//! frames (structlog).

use std::borrow::Cow;

use super::{Frame, Trace};
use crate::decode::value::{Value, items, members};

pub(super) fn read(text: &str) -> Trace<'_> {
    let items = items(text);
    let mut errors = items.iter().filter_map(error);
    let Some(mut outermost) = errors.next() else {
        return Trace {
            frames: items.iter().filter_map(frame).collect(),
            ..Trace::default()
        };
    };
    outermost.summary.chain = errors
        .filter_map(|cause| match (cause.summary.kind, cause.summary.message) {
            (Some(kind), Some(message)) => Some(Cow::Owned(format!("{kind}: {message}"))),
            (kind, message) => kind.or(message),
        })
        .collect();
    outermost
}

/// One error of structlog, whose frames stand in the order of the calls.
fn error<'a>(item: &Value<'a>) -> Option<Trace<'a>> {
    let Value::Nested(Cow::Borrowed(raw), _) = item else {
        return None;
    };
    let mut trace = Trace::default();
    let mut is_error = false;
    for (key, value) in members(raw) {
        match key.raw {
            "exc_type" => {
                trace.summary.kind = value.text();
                is_error = true;
            }
            "exc_value" => trace.summary.message = value.text(),
            "frames" => {
                if let Value::Nested(Cow::Borrowed(frames), _) = value {
                    trace.frames = items(frames).iter().filter_map(frame).collect();
                    trace.frames.reverse();
                }
            }
            _ => {}
        }
    }
    is_error.then_some(trace)
}

fn frame<'a>(item: &Value<'a>) -> Option<Frame<'a>> {
    let Value::Nested(Cow::Borrowed(raw), _) = item else {
        return None;
    };
    let mut frame = Frame::default();
    let mut class = None;
    for (key, value) in members(raw) {
        match key.raw {
            "func" | "function" | "method" | "name" => frame.function = value.text(),
            "class" => class = value.text(),
            "source" | "file" | "filename" => frame.file = value.text(),
            "line" | "lineno" => frame.line = frame.line.or(value.unsigned()),
            _ => {}
        }
    }
    if let (Some(class), Some(method)) = (class, &frame.function) {
        frame.function = Some(Cow::Owned(format!("{class}.{method}")));
    }
    (frame != Frame::default()).then_some(frame)
}
