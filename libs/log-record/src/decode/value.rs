//! One value of a record, whoever wrote it, and the coercions a tolerant reader makes.

use std::borrow::Cow;

use super::cursor::{Cursor, Quoted};
use crate::Timestamp;
use crate::json::push_str;

/// A value: of JSON, still as its text, or of a format that has nothing but text.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// A number as JSON writes it.
    Number(&'a str),
    /// A string with its escapes.
    Quoted(Quoted<'a>),
    /// Text without escapes.
    Text(Cow<'a, str>),
    /// A number that was not text.
    Integer(i64),
    /// The JSON text of an object or array, and whether every parser can read it: its depth and its numbers are
    /// within what common parsers take.
    Nested(Cow<'a, str>, bool),
}

impl<'a> Value<'a> {
    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Value::Quoted(_) | Value::Text(_))
    }

    /// Whether it says nothing: null, or an empty string.
    pub(crate) fn is_nothing(&self) -> bool {
        match self {
            Value::Null => true,
            Value::Quoted(quoted) => quoted.raw.is_empty(),
            Value::Text(text) => text.is_empty(),
            Value::Bool(_) | Value::Number(_) | Value::Integer(_) | Value::Nested(..) => false,
        }
    }

    /// The JSON text of an object.
    pub(crate) fn object(&self) -> Option<&str> {
        match self {
            Value::Nested(text, _) if text.starts_with('{') => Some(text),
            _ => None,
        }
    }

    /// The JSON text of an array.
    pub(crate) fn array(&self) -> Option<&str> {
        match self {
            Value::Nested(text, _) if text.starts_with('[') => Some(text),
            _ => None,
        }
    }

    /// Whether every parser can read it.
    pub(crate) fn is_tame(&self) -> bool {
        match self {
            Value::Nested(_, is_tame) => *is_tame,
            _ => self.is_finite(),
        }
    }

    /// Whether a float can hold the number.
    pub(crate) fn is_finite(&self) -> bool {
        let Value::Number(number) = self else {
            return true;
        };
        // Short and without an exponent is the common case, and always in range.
        let is_small = number.len() < 300
            && number.ends_with(|last: char| last.is_ascii_digit())
            && !number.contains(['e', 'E']);
        is_small || number.parse::<f64>().is_ok_and(f64::is_finite)
    }

    /// About how many bytes it takes as JSON.
    pub(crate) fn size(&self) -> usize {
        match self {
            Value::Null | Value::Bool(_) | Value::Integer(_) => 20,
            Value::Number(text) => text.len(),
            Value::Quoted(quoted) => quoted.raw.len(),
            Value::Text(text) | Value::Nested(text, _) => text.len(),
        }
    }

    /// A string's content: borrowed unless it has an escape. `None` for any other type.
    pub(crate) fn string(&self) -> Option<Cow<'a, str>> {
        match self {
            Value::Quoted(quoted) => Some(quoted.text()),
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// Text: a string's content, or a number or boolean as it is written. `None` for what says nothing, objects and
    /// arrays.
    pub(crate) fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Value::Quoted(quoted) => (!quoted.raw.is_empty()).then(|| quoted.text()),
            Value::Text(text) => (!text.is_empty()).then(|| text.clone()),
            Value::Number(number) => Some(Cow::Borrowed(number)),
            Value::Integer(number) => Some(Cow::Owned(number.to_string())),
            Value::Bool(true) => Some(Cow::Borrowed("true")),
            Value::Bool(false) => Some(Cow::Borrowed("false")),
            Value::Null | Value::Nested(..) => None,
        }
    }

    /// A whole number, or a string or float that holds one.
    pub(crate) fn integer(&self) -> Option<i64> {
        let text = match self {
            Value::Integer(number) => return Some(*number),
            Value::Number(number) => Cow::Borrowed(*number),
            _ => self.string()?,
        };
        let text = text.trim();
        text.parse().ok().or_else(|| {
            // Some serializers know floats only: `30.0`.
            let (whole, fraction) = text.split_once('.')?;
            let is_whole = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
            whole.parse().ok().filter(|_| is_whole)
        })
    }

    /// A whole number that is not negative, or a string that holds one.
    pub(crate) fn unsigned<T: TryFrom<u64>>(&self) -> Option<T> {
        match self {
            // Beyond what `integer` can hold, and ours may be.
            Value::Number(number) => T::try_from(number.parse::<u64>().ok()?).ok(),
            _ => T::try_from(u64::try_from(self.integer()?).ok()?).ok(),
        }
    }

    /// A date, or a number of seconds or finer units since the epoch.
    pub(crate) fn timestamp(&self, utc_offset_seconds: i32) -> Option<Timestamp> {
        match self {
            Value::Number(number) => Timestamp::parse_number(number),
            // Some exporters of OTLP write 0 for "not known".
            Value::Integer(number) => Some(Timestamp::from_integer_by_magnitude(*number)),
            Value::Quoted(_) | Value::Text(_) => {
                let text = self.string()?;
                Timestamp::parse_local(&text, utc_offset_seconds)
                    .or_else(|| Timestamp::parse_number(text.trim()))
            }
            Value::Nested(text, _) if text.starts_with('[') => date_of_parts(text),
            Value::Null | Value::Bool(_) | Value::Nested(..) => None,
        }
    }

    /// Appends the value as JSON that everybody can read; what not everybody could becomes a string of its text.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Bool(true) => out.extend_from_slice(b"true"),
            Value::Bool(false) => out.extend_from_slice(b"false"),
            Value::Quoted(quoted) => quoted.write(out),
            Value::Text(text) => push_str(out, text),
            Value::Integer(number) => crate::json::push_i64(out, *number),
            Value::Number(text) if self.is_finite() => out.extend_from_slice(text.as_bytes()),
            Value::Number(text) => push_str(out, text),
            Value::Nested(text, true) => out.extend_from_slice(text.as_bytes()),
            Value::Nested(text, false) => push_str(out, text),
        }
    }

    /// The same value, of text of its own.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Integer(value) => Value::Integer(value),
            Value::Number(number) => match number.parse() {
                Ok(integer) => Value::Integer(integer),
                Err(_) => Value::Nested(Cow::Owned(number.to_owned()), true),
            },
            Value::Quoted(quoted) => Value::Text(Cow::Owned(quoted.text().into_owned())),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Nested(text, is_tame) => Value::Nested(Cow::Owned(text.into_owned()), is_tame),
        }
    }
}

impl<'a> Quoted<'a> {
    /// The content.
    pub(crate) fn text(&self) -> Cow<'a, str> {
        if self.is_escaped {
            Cow::Owned(unescape(self.raw))
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        // Escapes that pair up to no character are replaced, since many parsers refuse them.
        if self.is_escaped && self.raw.contains("\\u") {
            crate::json::push_escaped(out, &unescape(self.raw));
        } else {
            out.extend_from_slice(self.raw.as_bytes());
        }
        out.push(b'"');
    }
}

/// Resolves the escapes of a string that has been walked over; half of a surrogate pair becomes U+FFFD.
fn unescape(raw: &str) -> String {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let bytes = raw.as_bytes();
    // No escape is shorter than what it stands for.
    let mut text = vec![0; bytes.len() + 8];
    let (mut from, mut to) = (0, 0);
    while let Some(&byte) = bytes.get(from) {
        if let Some(chunk) = bytes[from..].first_chunk::<8>() {
            // Eight bytes at once, of which those in front of a backslash count: in a record inside a string, one stands
            // at every few bytes.
            text[to..to + 8].copy_from_slice(chunk);
            let backslash = u64::from_le_bytes(*chunk) ^ (ONES * u64::from(b'\\'));
            let found = backslash.wrapping_sub(ONES) & !backslash & HIGHS;
            let plain = found.trailing_zeros() as usize / 8;
            from += plain;
            to += plain;
            if found == 0 {
                continue;
            }
        } else if byte != b'\\' {
            text[to] = byte;
            from += 1;
            to += 1;
            continue;
        }
        let escape = bytes.get(from + 1).copied().unwrap_or(b'\\');
        from += 2;
        text[to] = match escape {
            b'b' => 0x8,
            b'f' => 0xc,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let (character, length) = unicode_escape(raw.get(from..).unwrap_or_default());
                from += length;
                to += character.encode_utf8(&mut text[to..to + 4]).len();
                continue;
            }
            other => other,
        };
        to += 1;
    }
    text.truncate(to);
    // Made of whole characters, so this never fails.
    String::from_utf8(text).unwrap_or_default()
}

/// The character of the digits behind `\u`, and how many bytes it took.
fn unicode_escape(rest: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 4)?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else {
        return (char::REPLACEMENT_CHARACTER, 0);
    };
    if let 0xD800..0xDC00 = first
        && rest.get(4..6) == Some("\\u")
        && let Some(second @ 0xDC00..0xE000) = unit(6)
    {
        let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
            10,
        );
    }
    (
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
        4,
    )
}

/// `[2026,11,20,22,15,16,515486000]`, as Jackson writes a date that it was not told to write as text.
fn date_of_parts(array: &str) -> Option<Timestamp> {
    let items = items(array);
    let mut parts = [0_i64; 7];
    if !(5..=7).contains(&items.len()) {
        return None;
    }
    for (part, item) in parts.iter_mut().zip(&items) {
        *part = item.integer().filter(|number| *number >= 0)?;
    }
    let [year, month, day, hour, minute, second, nanos] = parts;
    let text =
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}");
    Timestamp::parse(&text)
}

/// The items of a JSON array that has been walked over.
pub(crate) fn items(array: &str) -> Vec<Value<'_>> {
    let mut items = Vec::new();
    let mut cursor = Cursor::new(array);
    if cursor.open_array().is_err() {
        return items;
    }
    while let Ok(true) = cursor.next_item(items.is_empty()) {
        let Ok(value) = cursor.value() else { break };
        items.push(value);
    }
    items
}

/// The members of a JSON object that has been walked over, in the order they were written, repeated keys included.
pub(crate) fn members(object: &str) -> Vec<(Quoted<'_>, Value<'_>)> {
    let mut members = Vec::new();
    let mut cursor = Cursor::new(object);
    if cursor.open_object().is_err() {
        return members;
    }
    while let Ok(Some(key)) = cursor.next_key(members.is_empty()) {
        let Ok(value) = cursor.value() else { break };
        members.push((key, value));
    }
    members
}
