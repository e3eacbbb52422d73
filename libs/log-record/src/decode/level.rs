//! The level of a record, from its words or from a number whose meaning the key decides.

use super::keys::{NUMERIC_LEVEL, Rank};
use super::value::{Number, Value};
use crate::Severity;

/// What a level key's value says.
#[derive(Debug, PartialEq)]
pub(super) enum Level {
    /// A level we know.
    Known(Severity),
    /// A word or number no logger we know uses; the record is INFO and keeps the original.
    Unknown(String),
}

/// Reads the value of the level key of that rank. `syslog` says that the record has the shape of GELF or syslog,
/// where a bare number is a syslog code.
pub(super) fn read(rank: Rank, value: Value<'_>, syslog: bool) -> Option<Level> {
    if let Some(number) = value.number() {
        let known = match number {
            Number::Integer(number) => from_number(rank, number, syslog),
            Number::Float(_) => None,
        };
        return Some(known.map_or_else(|| Level::Unknown(value.raw().to_owned()), Level::Known));
    }
    let text = value.text()?;
    let word = text.trim();
    if word.is_empty() {
        return None;
    }
    Some(Severity::from_text(word).map_or_else(|| Level::Unknown(word.to_owned()), Level::Known))
}

fn from_number(rank: Rank, number: i64, syslog: bool) -> Option<Severity> {
    match rank.checked_sub(NUMERIC_LEVEL) {
        // `level` and the other text keys: pino and bunyan, unless the record is GELF.
        None if syslog => Severity::from_syslog_code(number),
        None => Severity::from_pino_level(number),
        Some(0 | 1) => Severity::from_otel_number(number),
        Some(2) => Severity::from_logback_value(number),
        Some(3) => Severity::from_python_levelno(number),
        Some(_) => Severity::from_syslog_code(number),
    }
}
