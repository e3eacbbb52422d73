//! A record that is one JSON object: every key is looked up once, the best alias of each meaning wins, and what
//! no row of the table claims goes to `fields`.

use std::borrow::Cow;

use super::keys::{self, Rank, Slot};
use super::level::{self, Level};
use super::tame::is_tame;
use super::value::{Members, Number, Value};
use super::{Defaults, error_info};
use crate::json::push_str;
use crate::{ErrorInfo, Instance, LogRecord, RawJson, Severity, Timestamp};

pub(super) fn decode<'a>(
    text: &'a str,
    defaults: &Defaults<'_>,
) -> Result<LogRecord<'a>, serde_json::Error> {
    let Members(members) = serde_json::from_str(text)?;
    let mut candidates = Candidates::default();
    for (key, value) in members {
        candidates.add(key, value);
    }
    Ok(candidates.into_record(text, defaults))
}

/// A key that may give a slot its value.
#[derive(Debug)]
struct Candidate<'a> {
    rank: Rank,
    key: Cow<'a, str>,
    value: Value<'a>,
}

/// The best candidate of every slot so far, and the members that are the user's own.
#[derive(Debug)]
struct Candidates<'a> {
    best: [Option<Candidate<'a>>; Slot::COUNT],
    extra: Vec<(Cow<'a, str>, Value<'a>)>,
    /// GELF or syslog: a bare number as `level` is a syslog code.
    syslog: bool,
}

impl Default for Candidates<'_> {
    fn default() -> Self {
        Candidates {
            best: [const { None }; Slot::COUNT],
            extra: Vec::new(),
            syslog: false,
        }
    }
}

impl<'a> Candidates<'a> {
    fn add(&mut self, key: Cow<'a, str>, value: Value<'a>) {
        if value.is_null() {
            return;
        }
        if keys::is_group(&key)
            && let Some(Members(members)) = value.members()
        {
            for (inner, value) in members {
                self.add_flat(Cow::Owned(format!("{key}.{inner}")), value);
            }
            return;
        }
        self.add_flat(key, value);
    }

    fn add_flat(&mut self, key: Cow<'a, str>, value: Value<'a>) {
        self.syslog |= matches!(key.as_ref(), "short_message" | "PRIORITY");
        let Some((slot, rank)) = keys::slot(&key) else {
            self.extra.push((key, value));
            return;
        };
        // A number under a key for words ranks behind every word: text beats number.
        let rank = match slot {
            Slot::Level if rank < keys::NUMERIC_LEVEL && value.string().is_none() => {
                rank + keys::NUMERIC_LEVEL / 2
            }
            _ => rank,
        };
        let candidate = Candidate { rank, key, value };
        let best = &mut self.best[slot as usize];
        // The first of equal keys wins, which is also what a peek at the first one sees.
        let loser = match best {
            Some(held) if held.rank <= rank => Some(candidate),
            held => held.replace(candidate),
        };
        if let Some(loser) = loser {
            self.extra.push((loser.key, loser.value));
        }
    }

    /// Takes the slot's value through `read`; one that cannot be read goes to `fields` under its own key.
    fn take<T>(&mut self, slot: Slot, read: impl FnOnce(Value<'a>) -> Option<T>) -> Option<T> {
        let candidate = self.best[slot as usize].take()?;
        let taken = read(candidate.value);
        if taken.is_none() && candidate.value.raw() != "\"\"" {
            self.extra.push((candidate.key, candidate.value));
        }
        taken
    }

    fn text(&mut self, slot: Slot) -> Option<Cow<'a, str>> {
        self.take(slot, Value::text)
    }

    fn level(&mut self, defaults: &Defaults<'_>) -> (Severity, Option<String>) {
        let syslog = self.syslog;
        let rank = self.best[Slot::Level as usize]
            .as_ref()
            .map_or(0, |candidate| match candidate.rank {
                // Undo the demotion of `add_flat`: the key's own rank decides what the number means.
                rank if (keys::NUMERIC_LEVEL / 2..keys::NUMERIC_LEVEL).contains(&rank) => {
                    rank - keys::NUMERIC_LEVEL / 2
                }
                rank => rank,
            });
        match self.take(Slot::Level, |value| level::read(rank, value, syslog)) {
            Some(Level::Known(severity)) => (severity, None),
            Some(Level::Unknown(original)) => (Severity::Info, Some(original)),
            None => (defaults.level, None),
        }
    }

    fn error(&mut self) -> Option<ErrorInfo<'a>> {
        let mut error = ErrorInfo {
            kind: self.text(Slot::ErrorType),
            message: self.text(Slot::ErrorMessage),
            chain: Vec::new(),
            stack: self.text(Slot::ErrorStack),
        };
        if let Some(candidate) = self.best[Slot::Error as usize].take() {
            for (key, value) in error_info::read(candidate.value, &mut error) {
                self.extra.push((Cow::Owned(key), value));
            }
        }
        (!error.is_empty()).then_some(error)
    }

    fn into_record(mut self, text: &'a str, defaults: &Defaults<'_>) -> LogRecord<'a> {
        let timestamp = self
            .take(Slot::Timestamp, read_timestamp)
            .unwrap_or(defaults.timestamp);
        let (level, original_level) = self.level(defaults);
        let service = self
            .text(Slot::Service)
            .unwrap_or_else(|| Cow::Owned(defaults.service.to_owned()));
        let mut record = LogRecord::new(timestamp, level, service, "");
        record.host = self.text(Slot::Host);
        record.instance = self.take(Slot::Instance, |value| Instance::parse(&value.string()?));
        record.seq = self.take(Slot::Seq, Value::unsigned);
        record.version = self.text(Slot::Version);
        record.env = self.text(Slot::Env);
        record.pid = self.take(Slot::Pid, Value::unsigned);
        record.target = self.text(Slot::Target);
        record.module = self.text(Slot::Module);
        record.file = self.text(Slot::File);
        record.line = self.take(Slot::Line, Value::unsigned);
        record.thread = self.text(Slot::Thread);
        record.error = self.error();
        record.span = self.text(Slot::Span);
        record.spans = self.take(Slot::Spans, read_spans);
        record.trace_id = self.take(Slot::TraceId, |value| read_id(value, 32));
        record.span_id = self.take(Slot::SpanId, |value| read_id(value, 16));
        record.truncated = self
            .take(Slot::Truncated, |value| {
                (value.raw() == "true").then_some(())
            })
            .is_some();
        // The schema's number tells a reader nothing it could act on yet.
        self.best[Slot::Schema as usize] = None;
        record.message = self
            .text(Slot::Message)
            .or_else(|| {
                record
                    .error
                    .as_ref()
                    .and_then(|error| error.message.clone())
            })
            // A record without any text is shown as what it is.
            .unwrap_or(Cow::Borrowed(text));
        record.fields = self.fields(original_level);
        record
    }

    /// The user's own object as it is, or joined with what no slot took.
    fn fields(&mut self, original_level: Option<String>) -> Option<RawJson<'a>> {
        let own = self.take(Slot::Fields, |value| value.is_object().then_some(value));
        let is_tame = own.is_none_or(|own| is_tame(own.raw()));
        if self.extra.is_empty() && original_level.is_none() && is_tame {
            return own
                .filter(|own| own.raw() != "{}")
                .map(|own| RawJson::from_trusted(own.raw()));
        }
        let mut joined = Object::default();
        for (key, value) in own
            .and_then(Value::members)
            .map(|Members(members)| members)
            .into_iter()
            .flatten()
        {
            joined.push(&key, value.raw());
        }
        for (key, value) in self.extra.drain(..) {
            joined.push(&key, value.raw());
        }
        if let Some(original) = original_level {
            let mut quoted = Vec::new();
            push_str(&mut quoted, &original);
            joined.push("original_level", &String::from_utf8_lossy(&quoted));
        }
        joined.finish()
    }
}

/// A JSON object under construction; a key that is there already gets a number behind it, and a value that not
/// everybody could read becomes a string of its text, so that nothing is lost.
#[derive(Debug, Default)]
struct Object {
    text: Vec<u8>,
    keys: std::collections::HashSet<String>,
}

impl Object {
    fn push(&mut self, key: &str, raw: &str) {
        let mut unique = key.to_owned();
        let mut number = 2;
        while !self.keys.insert(unique.clone()) {
            unique = format!("{key}_{number}");
            number += 1;
        }
        self.text
            .push(if self.text.is_empty() { b'{' } else { b',' });
        push_str(&mut self.text, &unique);
        self.text.push(b':');
        if is_tame(raw) {
            self.text.extend_from_slice(raw.as_bytes());
        } else {
            push_str(&mut self.text, raw);
        }
    }

    fn finish(mut self) -> Option<RawJson<'static>> {
        if self.text.is_empty() {
            return None;
        }
        self.text.push(b'}');
        // Made of strings only, so this never fails.
        String::from_utf8(self.text).ok().map(RawJson::from_trusted)
    }
}

fn read_spans(value: Value<'_>) -> Option<RawJson<'_>> {
    (value.is_array() && is_tame(value.raw())).then(|| RawJson::from_trusted(value.raw()))
}

fn read_timestamp(value: Value<'_>) -> Option<Timestamp> {
    match value.number() {
        Some(Number::Integer(number)) => Some(Timestamp::from_integer_by_magnitude(number)),
        Some(Number::Float(number)) => Timestamp::from_number_by_magnitude(number),
        None => Timestamp::parse(&value.string()?),
    }
}

/// A trace or span id of that many hex digits, lower-cased; all zero means there is none.
fn read_id<'a>(value: Value<'a>, digits: usize) -> Option<Cow<'a, str>> {
    let id = value.string()?;
    // One pass without an early exit, which the compiler turns into vector operations.
    let (mut is_hex, mut has_upper, mut is_zero) = (id.len() == digits, false, true);
    for byte in id.bytes() {
        is_hex &= byte.is_ascii_hexdigit();
        has_upper |= byte.is_ascii_uppercase();
        is_zero &= byte == b'0';
    }
    if !is_hex || is_zero {
        return None;
    }
    if has_upper {
        return Some(Cow::Owned(id.to_ascii_lowercase()));
    }
    Some(id)
}
