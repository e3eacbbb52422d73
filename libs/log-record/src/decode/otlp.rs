//! One log record of OpenTelemetry, whichever encoding it came in: its own members, its attributes, and those of the
//! resource and scope it belongs to.

use std::borrow::Cow;

use super::candidates::{Candidates, Key};
use super::keys::{self, Rank, Slot, numeric_level};
use super::value::{Value, members};
use super::{Decoded, Format, Hints};

/// Values nested deeper than this are passed on as text, or not at all.
pub(super) const MAX_DEPTH: usize = 32;

/// What every record of a resource or scope repeats is at most so long.
const MAX_SHARED: usize = 1024;

/// A key and its value.
pub(super) type Attribute<'a> = (Cow<'a, str>, Value<'a>);

/// What the records of one scope have in common.
#[derive(Debug, Default)]
pub(super) struct Origin<'a> {
    /// The resource's attributes that the table has a row for, each once.
    known: Vec<(Slot, Rank, Attribute<'a>)>,
    /// Its others.
    others: Vec<Attribute<'a>>,
    pub(super) scope: Option<Cow<'a, str>>,
}

impl<'a> Origin<'a> {
    /// Takes an attribute of the resource.
    pub(super) fn add(&mut self, attribute: Attribute<'a>) {
        let slot = match attribute.0.as_ref() {
            "service.name" => Some((Slot::Service, 1)),
            "host.name" => Some((Slot::Host, 1)),
            "k8s.node.name" => Some((Slot::Host, 6)),
            "k8s.pod.name" => Some((Slot::Host, 7)),
            "service.version" => Some((Slot::Version, 1)),
            "deployment.environment.name" => Some((Slot::Env, 2)),
            "deployment.environment" => Some((Slot::Env, 3)),
            "process.pid" => Some((Slot::Pid, 1)),
            _ => None,
        };
        match slot {
            Some(of)
                if !self
                    .known
                    .iter()
                    .any(|(slot, rank, _)| (*slot, *rank) == of) =>
            {
                self.known.push((of.0, of.1, attribute));
            }
            _ => self.others.push(attribute),
        }
    }
}

/// One record, before its members are told apart.
#[derive(Debug, Default)]
pub(super) struct OtlpRecord<'a> {
    /// Members that are found in the table under their own names.
    pub(super) members: Vec<(&'static str, Value<'a>)>,
    pub(super) body: Option<Value<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
    /// Members of newer versions.
    pub(super) unknown: Vec<Attribute<'a>>,
    /// The text of the record, where it has one.
    pub(super) text: &'a str,
}

/// Makes records, and limits how much of the resource is repeated in each: a small message must not become a large one.
#[derive(Debug)]
pub(super) struct Builder<'h> {
    hints: Hints<'h>,
    format: Format,
    budget: usize,
}

impl<'h> Builder<'h> {
    pub(super) fn new(hints: &Hints<'h>, format: Format, message_length: usize) -> Self {
        Builder {
            hints: hints.clone(),
            format,
            budget: 64 * 1024 + 16 * message_length,
        }
    }

    pub(super) fn build<'a>(&mut self, record: OtlpRecord<'a>, origin: &Origin<'a>) -> Decoded<'a> {
        let mut candidates = Candidates::new(&self.hints);
        // Zero is how protobuf says nothing.
        let is_set = |value: &Value<'_>| value.integer() != Some(0);
        for (name, value) in record.members {
            let rank = match name {
                "severityNumber" => numeric_level::OTEL,
                "severityText" => 3,
                "observedTimeUnixNano" => 10,
                "timeUnixNano" => 5,
                _ => 0,
            };
            let slot = keys::slot(name).map(|(slot, _)| slot);
            if let Some(slot) = slot.filter(|_| is_set(&value)) {
                candidates.offer(slot, rank, Key::new("", name), value);
            }
        }
        // When it was seen is not when it was, and where a word tells the level, its number tells no more.
        candidates
            .extra
            .retain(|(key, _)| key.dotted() != "observedTimeUnixNano");
        candidates.drop_numeric_level();
        self.add_body(&mut candidates, record.body);
        for (name, value) in record.attributes {
            add_attribute(&mut candidates, name, value);
        }
        if let Some(scope) = origin
            .scope
            .as_ref()
            .filter(|scope| scope.len() <= MAX_SHARED)
        {
            candidates.add(Key::new("scope", "name"), Value::Text(scope.clone()));
        }
        for (slot, rank, (name, value)) in &origin.known {
            candidates.offer(*slot, *rank, Key::new("", name.clone()), value.clone());
        }
        for (name, value) in &origin.others {
            let size = name.len() + value.size() + 64;
            let Some(left) = self.budget.checked_sub(size) else {
                self.budget = 0;
                break;
            };
            self.budget = left;
            candidates
                .extra
                .push((Key::new("", name.clone()), value.clone()));
        }
        for (name, value) in record.unknown {
            candidates.extra.push((Key::new("", name), value));
        }
        candidates.finish(record.text, self.format, &self.hints)
    }

    fn add_body<'a>(&self, candidates: &mut Candidates<'a>, body: Option<Value<'a>>) {
        match body {
            // A record in a record: its message is the message, and the rest is the user's.
            Some(Value::Nested(Cow::Owned(object), _)) if object.starts_with('{') => {
                let mut has_message = false;
                for (key, value) in members(&object) {
                    let is_message =
                        matches!(key.raw, "message" | "msg") && value.is_text() && !has_message;
                    has_message |= is_message;
                    let value = value.into_owned();
                    if is_message {
                        candidates.offer(
                            Slot::Message,
                            3,
                            Key::new("body", key.text().into_owned()),
                            value,
                        );
                    } else {
                        candidates
                            .extra
                            .push((Key::new("", key.text().into_owned()), value));
                    }
                }
                if !has_message {
                    candidates.offer(
                        Slot::Message,
                        3,
                        Key::new("", "body"),
                        Value::Text(Cow::Owned(object)),
                    );
                }
            }
            Some(Value::Nested(array, _)) => {
                candidates.offer(Slot::Message, 3, Key::new("", "body"), Value::Text(array));
            }
            Some(body) => candidates.offer(Slot::Message, 3, Key::new("", "body"), body),
            None => {}
        }
    }
}

/// The user's attributes, and those that conventions give a meaning.
fn add_attribute<'a>(candidates: &mut Candidates<'a>, name: Cow<'a, str>, value: Value<'a>) {
    let found = keys::slot(&*name).filter(|_| name.contains('.'));
    let key = Key::new("", name);
    match found {
        Some((
            slot @ (Slot::File
            | Slot::Line
            | Slot::Thread
            | Slot::Target
            | Slot::ErrorType
            | Slot::ErrorMessage
            | Slot::ErrorStack),
            rank,
        )) => candidates.offer(slot, rank, key, value),
        _ => candidates.extra.push((key, value)),
    }
}
