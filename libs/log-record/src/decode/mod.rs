//! Reading the records in the bytes of a message, whoever wrote them.
//!
//! The bytes decide who reads them, unless a content type does: a JSON object goes through [`json`] (our own format and
//! the JSON of other loggers, told apart by nothing but their keys), OTLP through [`otlp_json`] or [`otlp_protobuf`],
//! lines of text through [`syslog`], [`logfmt`] or [`text`]. All of them hand their members to [`candidates`], where the
//! table of aliases makes a record of them.

mod candidates;
mod cursor;
mod error;
mod fields;
mod finish;
mod format;
mod json;
mod keys;
mod level;
mod logfmt;
mod otlp;
mod otlp_json;
mod otlp_protobuf;
mod own;
mod peek;
mod places;
mod plain;
mod protobuf;
mod read;
mod shape;
mod syslog;
mod template;
mod text;
pub(crate) mod value;
mod wrapper;

pub use cursor::JsonError;
pub use format::{Format, UnknownFormat};
pub use peek::{Identity, Peek, peek, peek_text};

use std::borrow::Cow;

use cursor::Cursor;

use crate::{LogRecord, Severity, Timestamp};

/// What is known about a message beside its bytes, and what a record means where it does not say so itself.
#[derive(Clone, Debug)]
pub struct Hints<'a> {
    /// What the message's content type, or a setting for its topic, says it is. Without one, or where it is wrong, the
    /// bytes decide.
    pub format: Option<Format>,
    /// The time of the Kafka record.
    pub timestamp: Timestamp,
    /// The level of a record without one.
    pub level: Severity,
    /// The service of a record without one.
    pub service: &'a str,
    /// What a time without a zone is meant in, in seconds east of Greenwich.
    pub utc_offset_seconds: i32,
    /// Note which key gave which field: [`Decoded::sources`].
    pub explain: bool,
    /// How many wrappers have been taken off already.
    pub(crate) depth: u8,
}

impl<'a> Hints<'a> {
    /// Nothing is known but the time of the Kafka record: the level is INFO, the service `unknown`, the zone UTC.
    #[must_use]
    pub fn new(timestamp: Timestamp) -> Hints<'a> {
        Hints {
            format: None,
            timestamp,
            level: Severity::Info,
            service: "unknown",
            utc_offset_seconds: 0,
            explain: false,
            depth: 0,
        }
    }
}

/// One record, and how it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded<'a> {
    /// The record.
    pub record: LogRecord<'a>,
    /// Who took it.
    pub format: Format,
    /// Which logger it looks like, where its keys tell and [`Hints::explain`] asked.
    pub shape: Option<&'static str>,
    /// The record has a level that no logger we know uses. It is INFO, with the original in its fields.
    pub is_level_unknown: bool,
    /// Which key gave which field, where [`Hints::explain`] asked.
    pub sources: Vec<Source>,
    pub(crate) told: Told,
}

/// What a record says itself, rather than the hints or the wrapper around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) timestamp: bool,
    pub(crate) level: bool,
    pub(crate) service: bool,
}

impl Told {
    const ALL: Told = Told {
        timestamp: true,
        level: true,
        service: true,
    };
}

/// The key that gave a field its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The field of the canonical record.
    pub field: &'static str,
    /// The key it was found under, groups and dots in one.
    pub key: String,
}

/// The records of one message.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one record is by far the most frequent, and must not cost an allocation"
)]
pub enum Records<'a> {
    /// The message is a record.
    One(Decoded<'a>),
    /// The message is a container of any number of records: OTLP, a JSON array, lines of JSON.
    Many(Vec<Decoded<'a>>),
}

impl<'a> Records<'a> {
    /// The record of a message that is one; `None` of a container.
    #[must_use]
    pub fn into_single(self) -> Option<LogRecord<'a>> {
        match self {
            Records::One(decoded) => Some(decoded.record),
            Records::Many(_) => None,
        }
    }

    /// The records in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Decoded<'a>] {
        match self {
            Records::One(decoded) => std::slice::from_ref(decoded),
            Records::Many(decoded) => decoded,
        }
    }
}

/// Why the bytes are no record. Such a message belongs into quarantine, whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The message has no bytes, or white space only.
    #[error("the message is empty")]
    Empty,
    /// The bytes are not text, and not OTLP.
    #[error("not UTF-8 at byte {valid_up_to}")]
    NotUtf8 {
        /// How many bytes before the first wrong one are text.
        valid_up_to: usize,
    },
    /// The message starts as JSON and is none: cut off, or malformed.
    #[error("malformed JSON: {0}")]
    MalformedJson(#[source] JsonError),
    /// The content type says that the message is OTLP in protobuf, and the bytes are nothing.
    #[error("malformed OTLP")]
    MalformedOtlp,
}

impl DecodeError {
    /// A short, fixed word for counters and labels.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            DecodeError::Empty => "empty",
            DecodeError::NotUtf8 { .. } => "not_utf8",
            DecodeError::MalformedJson(_) => "malformed_json",
            DecodeError::MalformedOtlp => "malformed_otlp",
        }
    }
}

/// Reads the records in `payload`: all of them, or none. Linear in its length; no nesting, however deep, recurses.
///
/// # Errors
/// Only bytes that are neither text nor OTLP, or JSON that is cut off or malformed; a value of an unexpected type is
/// coerced or moved to `fields`, and an unknown key goes there too.
pub fn decode<'a>(payload: &'a [u8], hints: &Hints<'_>) -> Result<Records<'a>, DecodeError> {
    if own::may_be(payload)
        && !hints.explain
        && let Ok(text) = std::str::from_utf8(payload)
        && let Some(record) = own::read(text)
    {
        return Ok(Records::One(Decoded {
            record,
            format: Format::Json,
            shape: None,
            is_level_unknown: false,
            sources: Vec::new(),
            told: Told::ALL,
        }));
    }
    decode_any(payload, hints)
}

fn decode_any<'a>(payload: &'a [u8], hints: &Hints<'_>) -> Result<Records<'a>, DecodeError> {
    let is_protobuf = hints.format == Some(Format::OtlpProtobuf);
    if is_protobuf && let Some(records) = otlp_protobuf::decode(payload, hints) {
        return Ok(Records::Many(records));
    }
    match decode_text(payload, hints) {
        // What fails as text may be protobuf that nothing has announced.
        Err(error) if !is_protobuf && otlp_protobuf::may_be(payload) => {
            otlp_protobuf::decode(payload, hints)
                .map(Records::Many)
                .ok_or(error)
        }
        Err(DecodeError::NotUtf8 { .. }) if is_protobuf => Err(DecodeError::MalformedOtlp),
        decoded => decoded,
    }
}

fn decode_text<'a>(payload: &'a [u8], hints: &Hints<'_>) -> Result<Records<'a>, DecodeError> {
    let text = std::str::from_utf8(payload)
        .map_err(|error| DecodeError::NotUtf8 {
            valid_up_to: error.valid_up_to(),
        })?
        // Some Windows loggers write a byte order mark.
        .trim_start_matches('\u{feff}')
        .trim();
    match text.as_bytes() {
        [] => return Err(DecodeError::Empty),
        [b'{', ..] => {
            return json_objects(text, hints).map_err(DecodeError::MalformedJson);
        }
        [b'"', ..] => {
            if let Some(records) = json_string(text, hints) {
                return Ok(records);
            }
        }
        [b'[', rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => {
            return json_array(text, hints)
                .map(Records::Many)
                .map_err(DecodeError::MalformedJson);
        }
        _ => {}
    }
    // Protobuf that happens to be UTF-8 starts with what is a line feed in text.
    if otlp_protobuf::may_be(payload)
        && let Some(records) = otlp_protobuf::decode(payload, hints)
    {
        return Ok(Records::Many(records));
    }
    Ok(match wrapper::decode_lines(text, hints) {
        Some(records) => Records::Many(records),
        None => Records::One(wrapper::decode_plain(text, hints)),
    })
}

/// A message that was serialized as JSON once more: the string's content is what counts.
fn json_string<'a>(text: &'a str, hints: &Hints<'_>) -> Option<Records<'a>> {
    let mut cursor = Cursor::new(text);
    let content = cursor.value().ok()?.string()?;
    if cursor.peek().is_some() || hints.depth > 0 {
        return None;
    }
    let inside = Hints {
        depth: 1,
        ..hints.clone()
    };
    match content {
        Cow::Borrowed(content) => decode_text(content.as_bytes(), &inside).ok(),
        Cow::Owned(content) => {
            let records = decode_text(content.as_bytes(), &inside).ok()?;
            Some(match records {
                Records::One(decoded) => Records::One(decoded.into_owned()),
                Records::Many(decoded) => {
                    Records::Many(decoded.into_iter().map(Decoded::into_owned).collect())
                }
            })
        }
    }
}

/// One object, or several with line feeds between them.
fn json_objects<'a>(text: &'a str, hints: &Hints<'_>) -> Result<Records<'a>, JsonError> {
    let mut cursor = Cursor::new(text);
    let first = json::decode(&mut cursor, hints)?;
    let mut records = match first {
        json::Object::Record(decoded) if cursor.rest().is_empty() => {
            return Ok(Records::One(decoded));
        }
        json::Object::Record(decoded) => vec![decoded],
        json::Object::Otlp(records) => records,
    };
    loop {
        let end = cursor.position();
        let Some(next) = cursor.peek() else {
            return Ok(Records::Many(records));
        };
        if next != b'{' || !cursor.since(end).contains('\n') {
            return cursor.fail("the end of the message, or a line feed and a further object");
        }
        match json::decode(&mut cursor, hints)? {
            json::Object::Record(decoded) => records.push(decoded),
            json::Object::Otlp(more) => records.extend(more),
        }
    }
}

fn json_array<'a>(text: &'a str, hints: &Hints<'_>) -> Result<Vec<Decoded<'a>>, JsonError> {
    let mut cursor = Cursor::new(text);
    let mut records = Vec::new();
    cursor.open_array()?;
    let mut is_first = true;
    while cursor.next_item(is_first)? {
        is_first = false;
        if cursor.peek() == Some(b'{') {
            match json::decode(&mut cursor, hints)? {
                json::Object::Record(decoded) => records.push(decoded),
                json::Object::Otlp(more) => records.extend(more),
            }
            continue;
        }
        // A line of text among the records.
        let start = cursor.position();
        let value = cursor.value()?;
        let line = value.string().unwrap_or(cursor.since(start).into());
        records.push(match line {
            Cow::Borrowed(line) => wrapper::decode_plain(line, hints),
            Cow::Owned(line) => wrapper::decode_plain(&line, hints).into_owned(),
        });
    }
    match cursor.peek() {
        None => Ok(records),
        Some(_) => cursor.fail("the end of the message"),
    }
}

impl<'a> Decoded<'a> {
    fn into_owned(self) -> Decoded<'static> {
        Decoded {
            record: self.record.into_owned(),
            format: self.format,
            shape: self.shape,
            is_level_unknown: self.is_level_unknown,
            sources: self.sources,
            told: self.told,
        }
    }
}
