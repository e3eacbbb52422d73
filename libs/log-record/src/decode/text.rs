//! Text that is no JSON: the whole of it is the message, and a leading word or bracket may tell the level.

use std::borrow::Cow;

use super::Defaults;
use crate::{LogRecord, Severity};

pub(super) fn decode<'a>(text: &'a str, defaults: &Defaults<'_>) -> LogRecord<'a> {
    let level = leading_level(text).unwrap_or(defaults.level);
    LogRecord::new(
        defaults.timestamp,
        level,
        Cow::Owned(defaults.service.to_owned()),
        text,
    )
}

/// `ERROR ...`, `[error] ...`, `warn: ...`.
fn leading_level(text: &str) -> Option<Severity> {
    let first = text.split_whitespace().next()?;
    let word = first
        .trim_start_matches(['[', '(', '<'])
        .trim_end_matches([']', ')', '>', ':']);
    Severity::from_text(word)
}
