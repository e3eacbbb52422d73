//! Values as the fields of a record want them.

use std::borrow::Cow;

use super::value::{Value, items};
use crate::RawJson;

/// Text, or the lines of it in an array; an array of anything else as the JSON it is.
pub(super) fn read_lines<'a>(value: &Value<'a>) -> Option<Cow<'a, str>> {
    let Value::Nested(raw, _) = value else {
        return value.text();
    };
    if !raw.starts_with('[') {
        return None;
    }
    let lines: Option<Vec<_>> = items(raw).iter().map(Value::string).collect();
    match lines {
        Some(lines) if lines.is_empty() => None,
        Some(lines) => Some(Cow::Owned(lines.join("\n"))),
        None => Some(raw.clone()),
    }
}

pub(super) fn read_chain<'a>(value: &Value<'a>) -> Option<Vec<Cow<'a, str>>> {
    let Value::Nested(Cow::Borrowed(raw), _) = value else {
        return None;
    };
    items(raw).iter().map(Value::text).collect()
}

pub(super) fn read_spans<'a>(value: &Value<'a>) -> Option<RawJson<'a>> {
    match value {
        Value::Nested(raw, true) => Some(RawJson::from_trusted(raw.clone())),
        _ => None,
    }
}

/// A trace or span id of that many hex digits, lower-cased.
pub(super) fn read_id<'a>(value: &Value<'a>, digits: usize) -> Option<Cow<'a, str>> {
    let mut id = value.string()?;
    // OpenTelemetry's Python prints them as numbers, others as UUIDs.
    if id.starts_with("0x") || id.contains('-') {
        id = Cow::Owned(id.trim_start_matches("0x").replace('-', ""));
    }
    // Google writes the id as the last segment of a path.
    let id = match id {
        Cow::Borrowed(text) => Cow::Borrowed(text.rsplit('/').next().unwrap_or(text)),
        Cow::Owned(text) => Cow::Owned(text.rsplit('/').next().unwrap_or(&text).to_owned()),
    };
    // One pass without an early exit, which the compiler turns into vector operations.
    let (mut is_hex, mut has_upper) = (id.len() == digits, false);
    for byte in id.bytes() {
        is_hex &= byte.is_ascii_hexdigit();
        has_upper |= byte.is_ascii_uppercase();
    }
    if !is_hex {
        return None;
    }
    if has_upper {
        return Some(Cow::Owned(id.to_ascii_lowercase()));
    }
    Some(id)
}
