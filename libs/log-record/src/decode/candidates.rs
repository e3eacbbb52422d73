//! The members of one record, whatever it was written in: every key is looked up once, the best alias of each meaning
//! wins, and what no row of the table claims goes to `fields`.

use std::borrow::Cow;

use super::Hints;
use super::error::ErrorDraft;
use super::keys::{self, Rank, Slot, numeric_level};
use super::level;
use super::shape::Shape;
use super::text::without_colours;
use super::value::Value;
use crate::{Severity, Timestamp};

/// A number, or anything else that is not text, under a key for words ranks behind every word.
const NOT_TEXT: Rank = 100;

/// The year 2000, in microseconds. A number that would be earlier counts something else, unless its key says otherwise.
const EARLIEST_LIKELY: i64 = 946_684_800_000_000;

/// A key, and the group it stands in.
#[derive(Clone, Debug)]
pub(super) struct Key<'a> {
    pub(super) group: &'static str,
    pub(super) name: Cow<'a, str>,
}

impl<'a> Key<'a> {
    pub(super) fn new(group: &'static str, name: impl Into<Cow<'a, str>>) -> Self {
        Key {
            group,
            name: name.into(),
        }
    }

    /// With its group in front, as it is found in `fields`.
    pub(super) fn dotted(&self) -> Cow<'_, str> {
        if self.group.is_empty() {
            Cow::Borrowed(&self.name)
        } else {
            Cow::Owned(format!("{}.{}", self.group, self.name))
        }
    }
}

/// A key that may give a slot its value.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) rank: Rank,
    pub(super) key: Key<'a>,
    pub(super) value: Value<'a>,
}

/// The best candidate of every slot so far, and the members that are the user's own.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    pub(super) best: [Option<Candidate<'a>>; Slot::COUNT],
    pub(super) timestamp: Option<Timestamp>,
    /// The words and numbers for the level have an order of their own: words that are known, numbers, other words.
    pub(super) level: Option<Severity>,
    pub(super) numeric_level: Option<Candidate<'a>>,
    pub(super) unknown_level: Option<Candidate<'a>>,
    /// Word and number are two forms of one level, as in OTLP.
    pub(super) is_number_said_by_word: bool,
    pub(super) error: ErrorDraft<'a>,
    pub(super) extra: Vec<(Key<'a>, Value<'a>)>,
    pub(super) shape: Shape,
    pub(super) has_empty_message: bool,
    /// How many members a row of the table has claimed.
    pub(super) claimed: usize,
    /// The innermost span as an object, which counts where there is no list of all.
    pub(super) span_object: Option<&'a str>,
    pub(super) utc_offset_seconds: i32,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(hints: &Hints<'_>) -> Self {
        Candidates {
            best: [const { None }; Slot::COUNT],
            timestamp: None,
            level: None,
            numeric_level: None,
            unknown_level: None,
            is_number_said_by_word: false,
            error: ErrorDraft::default(),
            extra: Vec::new(),
            shape: Shape::default(),
            has_empty_message: false,
            claimed: 0,
            span_object: None,
            utc_offset_seconds: hints.utc_offset_seconds,
        }
    }

    /// Takes a member of the record.
    #[inline]
    pub(super) fn add(&mut self, key: Key<'a>, value: Value<'a>) {
        if matches!(value, Value::Null) {
            return;
        }
        let found = keys::slot_in(key.group, &*key.name);
        // Our own keys, the first of each row, tell nothing about other loggers; but for the process id they all have.
        let is_own = matches!(found, Some((slot, 0)) if slot != Slot::Pid);
        if !is_own && key.group.is_empty() {
            self.shape.note(&*key.name);
        }
        match found {
            Some((slot, rank)) => {
                self.claimed += 1;
                self.offer(slot, rank, key, value);
            }
            None => self.extra.push((key, value)),
        }
    }

    /// A candidate for a slot; what the slot cannot use goes to `fields`.
    pub(super) fn offer(&mut self, slot: Slot, rank: Rank, key: Key<'a>, value: Value<'a>) {
        if value.is_nothing() {
            self.has_empty_message |= slot == Slot::Message && rank == 0;
            return;
        }
        match slot {
            Slot::Timestamp => return self.offer_timestamp(rank, key, value),
            Slot::Level => return self.offer_level(rank, key, value),
            Slot::Error => return self.offer_error(rank, key, value),
            _ => {}
        }
        let rank = match usable(slot, &key, &value) {
            Usable::Yes => rank,
            Usable::Coerced => rank.saturating_add(NOT_TEXT),
            Usable::No => return self.extra.push((key, value)),
        };
        self.hold(slot, Candidate { rank, key, value });
    }

    pub(super) fn hold(&mut self, slot: Slot, candidate: Candidate<'a>) {
        let held = &mut self.best[slot as usize];
        // The first of equal keys wins, which is also what a peek at the first one sees.
        let loser = match held {
            Some(best) if best.rank <= candidate.rank => Some(candidate),
            _ => held.replace(candidate),
        };
        if let Some(loser) = loser {
            self.extra.push((loser.key, loser.value));
        }
    }

    fn is_behind(&self, slot: Slot, rank: Rank) -> bool {
        let held = self.best[slot as usize].as_ref();
        held.is_some_and(|held| held.rank <= rank)
    }

    fn offer_timestamp(&mut self, rank: Rank, key: Key<'a>, value: Value<'a>) {
        if self.is_behind(Slot::Timestamp, rank) {
            return self.extra.push((key, value));
        }
        let is_likely =
            |at: &Timestamp| rank < keys::TIMESTAMP_BY_LOOKS || at.as_micros() >= EARLIEST_LIKELY;
        let timestamp = value.timestamp(self.utc_offset_seconds);
        let Some(timestamp) = timestamp.filter(is_likely) else {
            return self.extra.push((key, value));
        };
        self.shape.has_text_time |= value.is_text() && key.name == "time";
        self.timestamp = Some(timestamp);
        self.hold(Slot::Timestamp, Candidate { rank, key, value });
    }

    /// A time that was read from several members.
    pub(super) fn set_timestamp(
        &mut self,
        rank: Rank,
        key: Key<'a>,
        value: Value<'a>,
        at: Timestamp,
    ) {
        if self.is_behind(Slot::Timestamp, rank) {
            return self.extra.push((key, value));
        }
        self.timestamp = Some(at);
        self.hold(Slot::Timestamp, Candidate { rank, key, value });
    }

    fn offer_level(&mut self, rank: Rank, key: Key<'a>, value: Value<'a>) {
        let number = value.integer();
        if value.is_text() && number.is_none() {
            let word = value.string().unwrap_or_default();
            // Some loggers colour the word even where nobody looks at a terminal.
            let known = level::from_word(without_colours(&word).trim());
            let candidate = Candidate { rank, key, value };
            return match known {
                Some(_) if self.is_behind(Slot::Level, rank) => {
                    self.extra.push((candidate.key, candidate.value));
                }
                Some(level) => {
                    self.level = Some(level);
                    self.hold(Slot::Level, candidate);
                }
                None if word.trim().is_empty() => {}
                None => replace_if_better(&mut self.unknown_level, candidate, &mut self.extra),
            };
        }
        if number.is_none() {
            return self.extra.push((key, value));
        }
        self.shape.has_numeric_level |= rank < numeric_level::OTEL;
        let candidate = Candidate { rank, key, value };
        replace_if_better(&mut self.numeric_level, candidate, &mut self.extra);
    }

    /// An error of whatever shape that is no object: its message, or a stack trace, or lines of one.
    fn offer_error(&mut self, rank: Rank, key: Key<'a>, value: Value<'a>) {
        let is_array = value.array().is_some();
        if is_array || is_trace(&value) {
            self.offer(Slot::ErrorStack, rank + 10, key, value);
        } else if value.is_text() {
            self.offer(Slot::ErrorMessage, rank + 10, key, value);
        } else {
            self.extra.push((key, value));
        }
    }

    /// How many members the table had a row for.
    pub(super) fn claimed(&self) -> usize {
        self.claimed
    }

    /// The innermost span as tracing-subscriber writes it, with its fields.
    pub(super) fn set_span_object(&mut self, object: &'a str) {
        self.span_object.get_or_insert(object);
    }

    /// Whether something stands for the slot already, so that a lesser alias need not be looked at.
    pub(super) fn has(&self, slot: Slot) -> bool {
        self.best[slot as usize].is_some()
    }

    /// Whether any key told a level that is known.
    pub(super) fn knows_level(&self) -> bool {
        self.level.is_some() || self.numeric_level.is_some()
    }

    /// Forgets the number of a level beside a word that is known.
    pub(super) fn drop_numeric_level(&mut self) {
        if self.level.is_some() {
            self.numeric_level = None;
        }
        self.is_number_said_by_word = true;
    }
}

/// Whether a slot can use a value.
enum Usable {
    Yes,
    /// Where nothing better is found.
    Coerced,
    No,
}

fn usable(slot: Slot, key: &Key<'_>, value: &Value<'_>) -> Usable {
    let is_nested = matches!(value, Value::Nested(..));
    let is_usable = match slot {
        Slot::Fields => value.object().is_some(),
        Slot::Spans => value.array().is_some(),
        Slot::Chain => value.array().is_some(),
        Slot::ErrorStack => match key.name.as_ref() {
            "stack" | "full_message" => value.array().is_some() || is_trace(value),
            _ => value.array().is_some() || value.is_text(),
        },
        Slot::Caller => value
            .text()
            .is_some_and(|text| split_caller(&text).is_some()),
        // Only zeros: there is none.
        Slot::TraceId | Slot::SpanId => value.is_text(),
        Slot::Message
        | Slot::Service
        | Slot::Host
        | Slot::Target
        | Slot::File
        | Slot::Thread
        | Slot::Name => {
            if !value.is_text() && !is_nested {
                return Usable::Coerced;
            }
            !is_nested
        }
        _ => !is_nested,
    };
    if is_usable { Usable::Yes } else { Usable::No }
}

fn is_trace(value: &Value<'_>) -> bool {
    value
        .string()
        .is_some_and(|text| crate::stack::is_trace(&text))
}

fn replace_if_better<'a>(
    held: &mut Option<Candidate<'a>>,
    candidate: Candidate<'a>,
    extra: &mut Vec<(Key<'a>, Value<'a>)>,
) {
    let loser = match held {
        Some(best) if best.rank <= candidate.rank => Some(candidate),
        _ => held.replace(candidate),
    };
    extra.extend(loser.map(|loser| (loser.key, loser.value)));
}

/// `file.go:42`: split at the last colon, where a number stands behind it.
pub(super) fn split_caller(text: &str) -> Option<(&str, &str)> {
    let (file, line) = text.rsplit_once(':')?;
    let is_line =
        !line.is_empty() && line.len() < 10 && line.bytes().all(|byte| byte.is_ascii_digit());
    (is_line && !file.is_empty()).then_some((file, line))
}
