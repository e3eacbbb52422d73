//! A record that is one JSON object: our own format and the JSON of other loggers, told apart by nothing but their
//! keys.

use std::borrow::Cow;

use super::candidates::{Candidates, Key};
use super::cursor::{Cursor, JsonError};
use super::keys::{self, Slot};
use super::value::{Value, members};
use super::{Decoded, Format, Hints, error, otlp_json};
use crate::Timestamp;

/// What a JSON object turned out to be.
#[expect(
    clippy::large_enum_variant,
    reason = "one record is by far the most frequent, and must not cost an allocation"
)]
pub(super) enum Object<'a> {
    Record(Decoded<'a>),
    /// An export request of OpenTelemetry, with any number of records.
    Otlp(Vec<Decoded<'a>>),
}

/// Reads the object that the cursor stands at.
pub(super) fn decode<'a>(
    cursor: &mut Cursor<'a>,
    hints: &Hints<'_>,
) -> Result<Object<'a>, JsonError> {
    cursor.peek();
    let start = cursor.position();
    if is_otlp(cursor.rest()) {
        return otlp_json::decode(cursor, hints).map(Object::Otlp);
    }
    let mut candidates = Candidates::new(hints);
    read_group(cursor, "", &mut candidates)?;
    let text = cursor.since(start);
    Ok(Object::Record(candidates.finish(text, Format::Json, hints)))
}

/// Whether the first member is the one of an export request.
fn is_otlp(object: &str) -> bool {
    let inside = object.strip_prefix('{').unwrap_or_default().trim_start();
    let first = inside.strip_prefix('"').and_then(|key| key.split_once('"'));
    first.is_some_and(|(key, rest)| {
        let value = rest.trim_start().strip_prefix(':');
        is_request(key.as_bytes()) && value.is_some_and(|value| value.trim_start().starts_with('['))
    })
}

/// Whether an array under the first key of an object makes an export request of it.
pub(super) fn is_request(key: &[u8]) -> bool {
    matches!(key, b"resourceLogs" | b"resource_logs")
}

/// Reads the members of an object whose keys stand in a group. Groups are known ones, so this goes few levels deep.
fn read_group<'a>(
    cursor: &mut Cursor<'a>,
    group: &'static str,
    into: &mut Candidates<'a>,
) -> Result<(), JsonError> {
    cursor.open_object()?;
    let mut is_first = true;
    while let Some(name) = cursor.next_key(is_first)? {
        is_first = false;
        let key = Key::new(group, name.text());
        if cursor.peek() == Some(b'{') {
            read_object(cursor, key, name.raw, group, into)?;
        } else {
            let value = cursor.value()?;
            if group.is_empty() && name.raw == "version" && is_gelf_version(&value) {
                into.shape.note_gelf_version();
            }
            into.add(key, value);
        }
    }
    Ok(())
}

fn is_gelf_version(value: &Value<'_>) -> bool {
    matches!(value, Value::Quoted(quoted) if quoted.raw == "1.1")
}

/// A member that is an object: a group, an error, a date in parts, or the user's own.
fn read_object<'a>(
    cursor: &mut Cursor<'a>,
    key: Key<'a>,
    name: &'a str,
    group: &'static str,
    into: &mut Candidates<'a>,
) -> Result<(), JsonError> {
    match keys::slot_in(group, name) {
        Some((Slot::Error, rank)) => return error::read_object(cursor, rank, key, into),
        Some((Slot::Timestamp, rank)) => {
            let value = cursor.value()?;
            match value.object().and_then(date_of_parts) {
                Some(at) => into.set_timestamp(rank, key, value, at),
                None => into.add(key, value),
            }
            return Ok(());
        }
        Some((Slot::Fields, _)) => {
            let value = cursor.value()?;
            into.add(key, value);
            return Ok(());
        }
        _ => {}
    }
    if group.is_empty() && name == "instant" {
        let value = cursor.value()?;
        match value.object().and_then(date_of_parts) {
            Some(at) => into.set_timestamp(11, key, value, at),
            None => into.add(key, value),
        }
        return Ok(());
    }
    let Some(inner) = keys::group_in(group, name) else {
        let value = cursor.value()?;
        into.add(key, value);
        return Ok(());
    };
    if group.is_empty() {
        into.shape.note(name);
    }
    let start = cursor.position();
    let extra = into.extra.len();
    let claimed = into.claimed();
    read_group(cursor, inner, into)?;
    let raw = cursor.since(start);
    if inner == "span" && into.has(Slot::Span) {
        // tracing-subscriber writes the innermost span once more, beside the list of all.
        into.extra.truncate(extra);
        into.set_span_object(raw);
    } else if inner == "kubernetes" || (into.claimed() == claimed && !inner.contains('/')) {
        // It is the collector's account of where the line came from, or nothing of it is ours, and then the key may mean
        // something else to who wrote it: it stays as it was.
        let is_tame = into.extra[extra..].iter().all(|(_, value)| value.is_tame());
        into.extra.truncate(extra);
        into.extra
            .push((key, Value::Nested(Cow::Borrowed(raw), is_tame)));
    }
    Ok(())
}

/// `{"seconds":..,"nanos":..}` of Google, `{"epochSecond":..,"nanoOfSecond":..}` of log4j, `{"$date":..}` of MongoDB.
fn date_of_parts(object: &str) -> Option<Timestamp> {
    let (mut seconds, mut nanos) = (None, 0);
    for (key, value) in members(object) {
        match key.raw {
            "$date" | "date" => return value.timestamp(0),
            "seconds" | "epochSecond" => seconds = value.integer(),
            "nanos" | "nanoOfSecond" => nanos = value.integer().unwrap_or(0),
            _ => {}
        }
    }
    let micros = seconds?
        .checked_mul(1_000_000)?
        .checked_add(nanos / 1_000)?;
    Some(Timestamp::from_micros(micros))
}
