//! The record, once all of its members are known: each field from its best candidate, the rest into `fields`.

use std::borrow::Cow;

use super::candidates::{Candidate, Candidates, Key};
use super::fields::FieldsWriter;
use super::keys::{self, Slot};
use super::read::{read_chain, read_id, read_lines, read_spans};
use super::value::Value;
use super::{Decoded, Format, Hints, Source, Told, level, template, text, wrapper};
use crate::{Instance, LogRecord, RawJson, Severity};

impl<'a> Candidates<'a> {
    /// The record. `whole` is what it was read from, which is shown where it says nothing.
    pub(super) fn finish(
        &mut self,
        whole: &'a str,
        format: Format,
        hints: &Hints<'_>,
    ) -> Decoded<'a> {
        self.place_late();
        let sources = if hints.explain {
            self.sources()
        } else {
            Vec::new()
        };
        let shape = hints.explain.then(|| self.shape.name()).flatten();
        let is_own = self.has_own_level_and_service();
        let traits = Traits {
            is_ours: self.has(Slot::Schema),
            has_empty_message: self.has_empty_message,
            is_numbered: self.is_numbered(),
        };
        let told = Told {
            timestamp: self.has(Slot::Timestamp),
            level: self.knows_level(),
            service: self.has(Slot::Service),
        };
        let message = self.best[Slot::Message as usize].take();
        let line = message.as_ref().and_then(|held| self.wrapped_line(held));
        let outer = line.as_ref().map(|_| self.overridable());
        let timestamp = self.timestamp.unwrap_or(hints.timestamp);
        self.best[Slot::Timestamp as usize] = None;
        self.raise_level();
        let (level, original_level) = self.read_level(hints.level);
        let service = self
            .text(Slot::Service)
            .unwrap_or_else(|| Cow::Owned(hints.service.to_owned()));
        let mut record = LogRecord::new(timestamp, level, service, "");
        self.fill(&mut record);
        let own = self.take(Slot::Fields, |value| {
            value.object().is_some().then(|| value.clone())
        });
        let mut decoded = Decoded {
            record,
            format,
            shape,
            is_level_unknown: original_level.is_some() && !told.level,
            sources,
            told,
        };
        let mut fields = FieldsWriter::new(own, original_level);
        let inner = line.and_then(|line| {
            let hints = Hints {
                timestamp: decoded.record.timestamp,
                level: decoded.record.level,
                service: &decoded.record.service,
                depth: hints.depth + 1,
                ..hints.clone()
            };
            wrapper::decode(line, self.shape.is_collected(), &hints)
        });
        match inner {
            Some(inner) => {
                let overridden = outer.into_iter().flatten();
                let overridden =
                    overridden.filter(|(slot, ..)| wrapper::overrides(&inner, *slot, is_own));
                self.extra
                    .extend(overridden.map(|(_, key, value)| (key, value)));
                fields.put_first(wrapper::merge(&mut decoded, inner, is_own));
            }
            None => {
                self.set_message(&mut decoded.record, message, whole, &mut fields, &traits);
                let is_told = told.level || decoded.is_level_unknown || self.shape.is_clef();
                if !is_told && !traits.is_ours && hints.depth == 0 {
                    // A line that a collector has put into an object without saying how bad it is.
                    let level = text::level(&decoded.record.message);
                    decoded.record.level = level.unwrap_or(decoded.record.level);
                }
            }
        }
        decoded.record.fields = fields.finish(&self.extra);
        decoded
    }

    /// The message, wherever it stands; `whole` where nothing tells it.
    fn set_message(
        &self,
        record: &mut LogRecord<'a>,
        message: Option<Candidate<'a>>,
        whole: &'a str,
        fields: &mut FieldsWriter<'a>,
        traits: &Traits,
    ) {
        let held = message.as_ref();
        let is_last = held.is_none_or(|held| held.rank > keys::MESSAGE_IN_FIELDS);
        let in_fields = if is_last { fields.take_message() } else { None };
        let may_raise = in_fields.is_some() && !traits.is_numbered;
        if may_raise && record.level == Severity::Error && fields.take_critical() {
            record.level = Severity::Critical;
        }
        record.message = match (in_fields, message) {
            (Some(text), _) => text,
            (None, Some(held)) if held.rank == keys::MESSAGE_TEMPLATE => {
                let template = held.value.text().unwrap_or_default();
                Cow::Owned(template::render(&template, &self.extra))
            }
            (None, Some(held)) => held.value.text().unwrap_or_default(),
            (None, None) if traits.is_ours && traits.has_empty_message => Cow::Borrowed(""),
            (None, None) => {
                let error = record.error.as_ref();
                let message = error.and_then(|error| error.message.clone());
                message.unwrap_or(Cow::Borrowed(whole))
            }
        };
        if record.error.is_none() && !traits.is_ours {
            split_trace(record);
        }
    }

    /// What the record inside may know better.
    fn overridable(&self) -> Vec<(Slot, Key<'a>, Value<'a>)> {
        let slots = [
            Slot::Timestamp,
            Slot::Service,
            Slot::Host,
            Slot::Version,
            Slot::Env,
            Slot::Pid,
            Slot::Target,
            Slot::Module,
            Slot::File,
            Slot::Line,
            Slot::Thread,
        ];
        slots
            .into_iter()
            .filter_map(|slot| {
                let held = self.best[slot as usize].as_ref()?;
                // Parts of objects that are passed on whole stay there.
                let is_whole = held.key.group.is_empty();
                is_whole.then(|| (slot, held.key.clone(), held.value.clone()))
            })
            .collect()
    }

    /// The line of another program that a collector has put into its own record: where it has a record of its own, that
    /// one counts.
    fn wrapped_line(&self, held: &Candidate<'a>) -> Option<Cow<'a, str>> {
        if !held.key.group.is_empty() || !held.value.is_text() {
            return None;
        }
        let is_line = match held.key.name.as_ref() {
            // The level of a syslog line is often that of the stream it was printed to.
            "log" | "MESSAGE" => true,
            "message" | "msg" | "body" => self.shape.is_collected() || !self.knows_level(),
            _ => false,
        };
        held.value.text().filter(|_| is_line)
    }

    /// The words of a level as they stand under `level` itself, where they are known.
    fn has_own_level_and_service(&self) -> bool {
        let is_own = |slot: Slot| {
            let held = self.best[slot as usize].as_ref();
            held.is_some_and(|held| held.rank == 0)
        };
        is_own(Slot::Level) && is_own(Slot::Service)
    }

    /// Whether our own layer has numbered it.
    fn is_numbered(&self) -> bool {
        self.has(Slot::Instance) && self.has(Slot::Seq)
    }

    /// `critical!` of our own layer is an ERROR of tracing with the field `severity`, which may raise the level. Our
    /// own records, which have a number, say so in their level.
    fn raise_level(&mut self) {
        if self.level != Some(Severity::Error) || self.is_numbered() {
            return;
        }
        let raising = self
            .extra
            .iter()
            .position(|(key, value)| is_critical_severity(&key.dotted(), value));
        if let Some(at) = raising {
            self.extra.remove(at);
            self.level = Some(Severity::Critical);
        }
    }

    /// Which key gave which field.
    fn sources(&self) -> Vec<Source> {
        let mut sources: Vec<Source> = Slot::ALL
            .into_iter()
            .filter_map(|slot| {
                let held = self.best[slot as usize].as_ref()?;
                Some(Source {
                    field: slot.field(),
                    key: held.key.dotted().into_owned(),
                })
            })
            .collect();
        if self.level.is_none()
            && let Some(held) = self.numeric_level.as_ref().or(self.unknown_level.as_ref())
        {
            sources.push(Source {
                field: "level",
                key: held.key.dotted().into_owned(),
            });
        }
        sources.extend(self.error.key().map(|key| Source {
            field: "error",
            key,
        }));
        sources
    }

    /// The level, and the word or number that nobody knows, if that is all there is.
    fn read_level(&mut self, default: Severity) -> (Severity, Option<Value<'a>>) {
        self.best[Slot::Level as usize] = None;
        let number = self.numeric_level.take();
        let unknown = self.unknown_level.take();
        if let Some(level) = self.level {
            for loser in [number, unknown].into_iter().flatten() {
                self.extra.push((loser.key, loser.value));
            }
            return (level, None);
        }
        let Some(number) = number else {
            return match unknown {
                Some(unknown) => (Severity::Info, Some(unknown.value)),
                None if self.shape.is_clef() => (Severity::Info, None),
                None => (default, None),
            };
        };
        let known = number
            .value
            .integer()
            .and_then(|value| level::from_number(number.rank, value, &self.shape));
        match (known, unknown) {
            (Some(level), None) => (level, None),
            // The number still says what the word meant.
            (Some(level), Some(unknown)) => {
                if !self.is_number_said_by_word {
                    self.extra.push((number.key, number.value));
                }
                (level, Some(unknown.value))
            }
            (None, None) => (Severity::Info, Some(number.value)),
            (None, Some(unknown)) => {
                self.extra.push((number.key, number.value));
                (Severity::Info, Some(unknown.value))
            }
        }
    }

    /// All fields that need no further thought.
    fn fill(&mut self, record: &mut LogRecord<'a>) {
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
        let kind = self.text(Slot::ErrorType);
        let message = self.text(Slot::ErrorMessage);
        let stack = self.take(Slot::ErrorStack, read_lines);
        let chain = self.take(Slot::Chain, read_chain);
        let error = std::mem::take(&mut self.error);
        record.error = error.finish(
            kind,
            message,
            stack,
            chain.unwrap_or_default(),
            &mut self.extra,
        );
        record.span = self.text(Slot::Span);
        record.spans = self.take(Slot::Spans, read_spans).or_else(|| {
            let span = self.span_object?;
            Some(RawJson::from_trusted(format!("[{span}]")))
        });
        record.trace_id = self.id(Slot::TraceId, 32);
        record.span_id = self.id(Slot::SpanId, 16);
        record.truncated = self
            .take(Slot::Truncated, |value| {
                matches!(value, Value::Bool(true)).then_some(())
            })
            .is_some();
        // The schema's number tells a reader nothing it could act on yet.
        self.best[Slot::Schema as usize] = None;
    }

    /// Takes the slot's value through `read`; one that cannot be read goes to `fields` under its own key.
    fn take<T>(&mut self, slot: Slot, read: impl FnOnce(&Value<'a>) -> Option<T>) -> Option<T> {
        let candidate = self.best[slot as usize].take()?;
        let taken = read(&candidate.value);
        if taken.is_none() {
            self.extra.push((candidate.key, candidate.value));
        }
        taken
    }

    fn text(&mut self, slot: Slot) -> Option<Cow<'a, str>> {
        self.take(slot, Value::text)
    }

    /// An id of that many digits. One of zeros only says that there is none.
    fn id(&mut self, slot: Slot, digits: usize) -> Option<Cow<'a, str>> {
        let is_zero = |value: &Value<'a>| {
            let text = value.string();
            text.is_some_and(|text| text.bytes().all(|byte| byte == b'0'))
        };
        self.best[slot as usize].take_if(|held| is_zero(&held.value));
        self.take(slot, |value| read_id(value, digits))
    }
}

/// What decides how much of a record is believed as it stands.
struct Traits {
    /// Our own layer has written it.
    is_ours: bool,
    /// It says that its message is empty.
    has_empty_message: bool,
    /// And numbered it.
    is_numbered: bool,
}

/// Takes a stack trace out of the message, for loggers that know no better place.
fn split_trace(record: &mut LogRecord<'_>) {
    if memchr::memchr(b'\n', record.message.as_bytes()).is_none() {
        return;
    }
    let (message, error) = text::split_trace(&record.message);
    if let Some(error) = error {
        record.error = Some(error.into_owned());
        record.message = Cow::Owned(message.into_owned());
    }
}

/// `severity="CRITICAL"`
pub(super) fn is_critical_severity(key: &str, value: &Value<'_>) -> bool {
    key == "severity"
        && value.string().and_then(|word| Severity::from_text(&word)) == Some(Severity::Critical)
}
