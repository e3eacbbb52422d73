//! What a number says about the level, which the key and the shape of the record decide.

use super::keys::{Rank, numeric_level};
use super::shape::Shape;
use crate::Severity;

/// The level of a number under the level key of that rank.
pub(super) fn from_number(rank: Rank, number: i64, shape: &Shape) -> Option<Severity> {
    match rank {
        numeric_level::SYSLOG.. => Severity::from_syslog_code(number),
        numeric_level::PYTHON.. => Severity::from_python_levelno(number),
        numeric_level::LOGBACK => Severity::from_logback_value(number),
        numeric_level::OTEL.. => Severity::from_otel_number(number),
        // The keys for words.
        _ if shape.is_syslog() => Severity::from_syslog_code(number),
        numeric_level::SEVERITY if shape.has_facility() => Severity::from_syslog_code(number),
        numeric_level::SEVERITY => from_severity(number),
        _ if shape.is_slog() && is_slog(number) => Some(Severity::from_slog_level(number)),
        _ => Severity::from_pino_level(number).or_else(|| from_monolog(number)),
    }
}

/// The level of a word under a level key, where more words are clear than in the midst of a text.
pub(super) fn from_word(word: &str) -> Option<Severity> {
    Severity::from_text(word).or_else(|| match word {
        "E" => Some(Severity::Error),
        "W" => Some(Severity::Warn),
        "I" => Some(Severity::Info),
        "D" => Some(Severity::Debug),
        "F" | "C" => Some(Severity::Critical),
        _ if word.eq_ignore_ascii_case("exception") => Some(Severity::Error),
        _ => Severity::from_text(word.strip_prefix('[')?.strip_suffix(']')?.trim()),
    })
}

/// The numbers of PHP's Monolog, all of which are above those of pino.
fn from_monolog(number: i64) -> Option<Severity> {
    match number {
        100 => Some(Severity::Debug),
        200 | 250 => Some(Severity::Info),
        300 => Some(Severity::Warn),
        400 => Some(Severity::Error),
        500 | 550 | 600 => Some(Severity::Critical),
        _ => None,
    }
}

/// Numbers that pino does not use.
fn is_slog(number: i64) -> bool {
    number < 10 || number % 10 != 0
}

/// A number under `severity`: of OpenTelemetry, of pino under another key, or Google's `LogSeverity`.
fn from_severity(number: i64) -> Option<Severity> {
    match number {
        100 => Some(Severity::Debug),
        200 | 300 => Some(Severity::Info),
        400 => Some(Severity::Warn),
        500 => Some(Severity::Error),
        600 | 700 | 800 => Some(Severity::Critical),
        25.. => Severity::from_pino_level(number),
        _ => Severity::from_otel_number(number),
    }
}
