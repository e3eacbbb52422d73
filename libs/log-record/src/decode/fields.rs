//! The user's fields of a record: one JSON object, joined from wherever they stood.

use std::borrow::Cow;
use std::collections::HashMap;

use super::candidates::Key;
use super::finish::is_critical_severity;
use super::value::{Value, members};
use crate::RawJson;
use crate::json::push_str;

/// What goes into `fields`, from several places, in order.
#[derive(Debug)]
pub(super) struct FieldsWriter<'a> {
    /// The record's own `fields` object.
    own: Option<Value<'a>>,
    /// The message was taken out of it.
    has_given_message: bool,
    has_given_severity: bool,
    /// The fields of the record inside the record.
    inner: Option<RawJson<'a>>,
    original_level: Option<Value<'a>>,
}

impl<'a> FieldsWriter<'a> {
    pub(super) fn new(own: Option<Value<'a>>, original_level: Option<Value<'a>>) -> Self {
        FieldsWriter {
            own,
            has_given_message: false,
            has_given_severity: false,
            inner: None,
            original_level,
        }
    }

    /// Fields that stand in front of all others.
    pub(super) fn put_first(&mut self, inner: Option<RawJson<'a>>) {
        self.inner = inner;
    }

    /// `fields.message`, where nothing else is the message: so tracing-subscriber writes it.
    pub(super) fn take_message(&mut self) -> Option<Cow<'a, str>> {
        let Some(Value::Nested(Cow::Borrowed(own), _)) = &self.own else {
            return None;
        };
        let mut members = members(own).into_iter();
        let (_, message) = members.find(|(key, _)| key.raw == "message")?;
        let text = message.text()?;
        self.has_given_message = true;
        Some(text)
    }

    /// Whether `fields.severity` says CRITICAL, where the message came from there: then it is the level.
    pub(super) fn take_critical(&mut self) -> bool {
        let own = self.own.as_ref().and_then(Value::object);
        let mut members = own.map(members).into_iter().flatten();
        self.has_given_severity = members.any(|(key, value)| is_critical_severity(key.raw, &value));
        self.has_given_severity
    }

    /// The user's own object as it is, or joined with what no slot took.
    pub(super) fn finish(self, extra: &[(Key<'a>, Value<'a>)]) -> Option<RawJson<'a>> {
        let is_joined = !extra.is_empty()
            || self.original_level.is_some()
            || self.has_given_message
            || self.inner.is_some();
        match self.own {
            Some(Value::Nested(own, true)) if !is_joined => {
                return (own != "{}").then(|| RawJson::from_trusted(own));
            }
            None if !is_joined => return None,
            _ => {}
        }
        let mut joined = Object::default();
        for object in [
            self.inner.as_ref().map(RawJson::as_str),
            self.own.as_ref().and_then(Value::object),
        ]
        .into_iter()
        .flatten()
        {
            for (key, value) in members(object) {
                let is_taken = (self.has_given_message && key.raw == "message")
                    || (self.has_given_severity && key.raw == "severity");
                if !is_taken {
                    joined.push(&key.text(), &value);
                }
            }
            joined.place += 1;
        }
        for (key, value) in extra {
            joined.push(&key.dotted(), value);
        }
        joined.place += 1;
        if let Some(original) = &self.original_level {
            joined.push("original_level", original);
        }
        joined.finish()
    }
}

/// A JSON object under construction. Of equal keys in one place the first wins; a key that came from another place
/// already gets a number behind it.
#[derive(Debug, Default)]
struct Object {
    text: Vec<u8>,
    /// Where each key came from.
    keys: HashMap<String, usize>,
    place: usize,
}

impl Object {
    fn push(&mut self, key: &str, value: &Value<'_>) {
        let mut unique = key.to_owned();
        let mut number = 2;
        while let Some(&place) = self.keys.get(&unique) {
            if place == self.place {
                return;
            }
            unique = format!("{key}_{number}");
            number += 1;
        }
        self.text
            .push(if self.text.is_empty() { b'{' } else { b',' });
        push_str(&mut self.text, &unique);
        self.text.push(b':');
        value.write(&mut self.text);
        self.keys.insert(unique, self.place);
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
