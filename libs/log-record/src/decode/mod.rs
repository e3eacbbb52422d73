//! Reading a record from the bytes of a message, whoever wrote them.
//!
//! A JSON object goes through [`json`] (our own format and the flat JSON of other loggers, told apart by nothing:
//! the aliases of the wire table cover both); any other text becomes the message of a record through [`text`].
//! A further format gets a file of its own here and a line in [`decode`].

mod error_info;
mod json;
mod keys;
mod level;
mod tame;
mod text;
mod value;

use crate::{LogRecord, Severity, Timestamp};

/// What a record means where it does not say so itself.
#[derive(Clone, Debug)]
pub struct Defaults<'a> {
    /// The time of the Kafka record.
    pub timestamp: Timestamp,
    /// The level of a record without one.
    pub level: Severity,
    /// The service of a record without one.
    pub service: &'a str,
}

/// Why the bytes are no record. Such a message belongs into quarantine, whole.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The message has no bytes, or white space only.
    #[error("the message is empty")]
    Empty,
    /// The bytes are not text.
    #[error("not UTF-8 at byte {valid_up_to}")]
    NotUtf8 {
        /// How many bytes before the first wrong one are text.
        valid_up_to: usize,
    },
    /// The message starts as a JSON object and is none: cut off, or malformed.
    #[error("malformed JSON object: {0}")]
    MalformedJson(#[source] serde_json::Error),
}

impl DecodeError {
    /// A short, fixed word for counters and labels.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            DecodeError::Empty => "empty",
            DecodeError::NotUtf8 { .. } => "not_utf8",
            DecodeError::MalformedJson(_) => "malformed_json",
        }
    }
}

/// Reads the record in `payload`. Linear in its length; no nesting, however deep, recurses.
///
/// # Errors
/// Only bytes that are no text at all, or a JSON object that is cut off or malformed; a value of an unexpected
/// type is coerced or moved to `fields`, and an unknown key goes there too.
pub fn decode<'a>(
    payload: &'a [u8],
    defaults: &Defaults<'_>,
) -> Result<LogRecord<'a>, DecodeError> {
    let text = std::str::from_utf8(payload)
        .map_err(|error| DecodeError::NotUtf8 {
            valid_up_to: error.valid_up_to(),
        })?
        // Some Windows loggers write a byte order mark.
        .trim_start_matches('\u{feff}')
        .trim();
    match text.as_bytes().first() {
        None => Err(DecodeError::Empty),
        Some(b'{') => json::decode(text, defaults).map_err(DecodeError::MalformedJson),
        Some(_) => Ok(text::decode(text, defaults)),
    }
}
