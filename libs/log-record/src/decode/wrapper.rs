//! Lines that a collector or a container runtime has put into something of its own, and lines of text that are none:
//! what is inside counts, and what the wrapper adds fills in what is missing.

use std::borrow::Cow;

use super::candidates::{Candidates, Key};
use super::cursor::Cursor;
use super::keys::Slot;
use super::value::Value;
use super::{Decoded, Format, Hints, Source, json, logfmt, syslog, text};
use crate::{LogRecord, RawJson, Timestamp};

/// A record in a line in a record, and so on: no real pipeline goes deeper.
const MAX_DEPTH: u8 = 3;

/// Reads the line of text inside a record. `None` where it has nothing to tell: then it is the message.
pub(super) fn decode<'a>(
    line: Cow<'a, str>,
    is_any_text: bool,
    hints: &Hints<'_>,
) -> Option<Decoded<'a>> {
    match line {
        Cow::Borrowed(line) => decode_line(line, is_any_text, hints),
        Cow::Owned(line) => decode_line(&line, is_any_text, hints).map(Decoded::into_owned),
    }
}

fn decode_line<'a>(line: &'a str, is_any_text: bool, hints: &Hints<'_>) -> Option<Decoded<'a>> {
    let line = line.trim();
    if hints.depth > MAX_DEPTH || line.is_empty() {
        return None;
    }
    if line.starts_with('{') {
        let mut cursor = Cursor::new(line);
        if let Ok(json::Object::Record(decoded)) = json::decode(&mut cursor, hints)
            && cursor.peek().is_none()
            // An object of no logger is the message as it is.
            && decoded.record.message != line
        {
            return Some(decoded);
        }
    }
    is_any_text.then(|| decode_plain(line, hints))
}

/// Reads text that is no JSON: a line of a container runtime, of syslog, of pairs, or just text.
pub(super) fn decode_plain<'a>(text: &'a str, hints: &Hints<'_>) -> Decoded<'a> {
    let text = text.trim();
    if hints.format != Some(Format::Text) {
        let read = cri(text, hints)
            .or_else(|| syslog::decode(text, hints))
            .or_else(|| logfmt::decode(text, hints));
        if let Some(decoded) = read {
            return decoded;
        }
    }
    dated_json(text, hints).unwrap_or_else(|| text::decode(text, hints))
}

/// Lines that are records each, several to a message: of a container runtime, of syslog, of pairs.
pub(super) fn decode_lines<'a>(text: &'a str, hints: &Hints<'_>) -> Option<Vec<Decoded<'a>>> {
    if hints.format == Some(Format::Text) || memchr::memchr(b'\n', text.as_bytes()).is_none() {
        return None;
    }
    let read = |line: &'a str| {
        let is_syslog = line.starts_with('<');
        let syslog = || syslog::decode(line, hints).filter(|_| is_syslog);
        cri(line, hints)
            .or_else(syslog)
            .or_else(|| logfmt::decode(line, hints))
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(read).collect()
}

/// `2026-11-20T22:15:16.515Z {"level":..}`: a time that whoever collected the line has put in front.
fn dated_json<'a>(text: &'a str, hints: &Hints<'_>) -> Option<Decoded<'a>> {
    let (timestamp, line) = split_date(text)?;
    let inside = Hints {
        timestamp: timestamp.unwrap_or(hints.timestamp),
        depth: hints.depth + 1,
        ..hints.clone()
    };
    decode_line(line, false, &inside)
}

/// The date in front of what looks like an object.
pub(super) fn split_date(text: &str) -> Option<(Option<Timestamp>, &str)> {
    if !text.ends_with('}') {
        return None;
    }
    let (timestamp, rest) = Timestamp::parse_leading_zoned(text)?;
    let line = rest.trim_start();
    line.starts_with('{').then_some((timestamp, line))
}

/// `2026-11-20T22:15:16.515486123Z stderr F the line`, as container runtimes of Kubernetes write it.
pub(super) struct CriLine<'a> {
    timestamp: Timestamp,
    stream: &'a str,
    tag: &'a str,
    pub(super) line: &'a str,
}

impl<'a> CriLine<'a> {
    pub(super) fn split(text: &'a str) -> Option<CriLine<'a>> {
        let (time, rest) = text.split_once(' ')?;
        let (stream, rest) = rest.split_once(' ')?;
        if !matches!(stream, "stdout" | "stderr") {
            return None;
        }
        let (tag, line) = rest.split_once(' ').unwrap_or((rest, ""));
        if !matches!(tag.split(':').next(), Some("F" | "P")) {
            return None;
        }
        Some(CriLine {
            timestamp: Timestamp::parse(time)?,
            stream,
            tag,
            line,
        })
    }
}

fn cri<'a>(text: &'a str, hints: &Hints<'_>) -> Option<Decoded<'a>> {
    let CriLine {
        timestamp,
        stream,
        tag,
        line,
    } = CriLine::split(text)?;
    let mut candidates = Candidates::new(hints);
    candidates.add(Key::new("", "stream"), Value::Text(Cow::Borrowed(stream)));
    candidates.add(Key::new("", "logtag"), Value::Text(Cow::Borrowed(tag)));
    candidates.add(Key::new("", "log"), Value::Text(Cow::Borrowed(line)));
    let inside = Hints {
        timestamp,
        ..hints.clone()
    };
    Some(candidates.finish(text, Format::Cri, &inside))
}

/// Whether the record of the line has something of its own for the slot.
pub(super) fn overrides(inner: &Decoded<'_>, slot: Slot, is_own: bool) -> bool {
    let record = &inner.record;
    match slot {
        Slot::Timestamp => inner.told.timestamp,
        Slot::Service => inner.told.service && !is_own,
        Slot::Host => record.host.is_some(),
        Slot::Version => record.version.is_some(),
        Slot::Env => record.env.is_some(),
        Slot::Pid => record.pid.is_some(),
        Slot::Target => record.target.is_some(),
        Slot::Module => record.module.is_some(),
        Slot::File => record.file.is_some(),
        Slot::Line => record.line.is_some(),
        Slot::Thread => record.thread.is_some(),
        _ => false,
    }
}

/// Puts the record of the line in the place of the collector's, which fills in what the line does not say. Returns the
/// fields of the line. `is_own`: level and service stand under our own names, which nothing inside overrides.
pub(super) fn merge<'a>(
    outer: &mut Decoded<'a>,
    inner: Decoded<'a>,
    is_own: bool,
) -> Option<RawJson<'a>> {
    let mut record = inner.record;
    let held = std::mem::replace(
        &mut outer.record,
        LogRecord::new(record.timestamp, record.level, "", ""),
    );
    if is_own {
        record.level = held.level;
        record.service = held.service;
    }
    record.host = record.host.or(held.host);
    record.instance = record.instance.or(held.instance);
    record.seq = record.seq.or(held.seq);
    record.version = record.version.or(held.version);
    record.env = record.env.or(held.env);
    record.pid = record.pid.or(held.pid);
    record.target = record.target.or(held.target);
    record.module = record.module.or(held.module);
    record.file = record.file.or(held.file);
    record.line = record.line.or(held.line);
    record.thread = record.thread.or(held.thread);
    record.error = record.error.or(held.error);
    record.span = record.span.or(held.span);
    record.spans = record.spans.or(held.spans);
    record.trace_id = record.trace_id.or(held.trace_id);
    record.span_id = record.span_id.or(held.span_id);
    let fields = record.fields.take();
    outer.record = record;
    outer.is_level_unknown =
        inner.is_level_unknown || (outer.is_level_unknown && !inner.told.level);
    outer.told.timestamp |= inner.told.timestamp;
    outer.told.level |= inner.told.level;
    outer.told.service |= inner.told.service;
    outer.shape = inner.shape.or(outer.shape);
    let is_overridden = |source: &Source| {
        inner
            .sources
            .iter()
            .any(|inner| inner.field == source.field)
    };
    outer.sources.retain(|source| !is_overridden(source));
    let inside = inner.sources.into_iter().map(|mut source| {
        source.key.insert_str(0, "(line) ");
        source
    });
    outer.sources.extend(inside);
    fields
}
