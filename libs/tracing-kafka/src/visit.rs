//! The fields of one event, written as the text of a record. Decides which field is the message, the error, an id or
//! the severity; every other one is the user's.

use std::error::Error;
use std::fmt;

use log_record::{Severity, json};
use tracing::Metadata;
use tracing::field::{Field, Visit};

use crate::source::BridgedSource;
use crate::text::EventText;
use crate::trace_id::TraceIds;
use crate::value::{ShortText, plain_name, push_float, push_formatted, push_key, push_text};

/// Writes an event's fields into a text.
pub(crate) struct EventVisitor<'a> {
    text: &'a mut EventText,
    metadata: &'static Metadata<'static>,
    /// Bytes kept of one value.
    limit: usize,
    /// The event came through the `log` crate: its source stands in fields.
    pub(crate) bridged: Option<BridgedSource>,
    /// One bit per class of names that has occurred: tells without comparing that a name is new.
    seen: u64,
}

/// What a field is, by its name.
enum Role {
    Message,
    Error,
    Stack,
    Severity,
    Id,
    /// A key of the `log` bridge.
    Bridge,
    User,
}

impl<'a> EventVisitor<'a> {
    #[inline]
    pub(crate) fn new(
        text: &'a mut EventText,
        metadata: &'static Metadata<'static>,
        limit: usize,
    ) -> Self {
        EventVisitor {
            text,
            metadata,
            limit,
            bridged: BridgedSource::of(metadata),
            seen: 0,
        }
    }

    #[inline]
    fn role(&self, name: &str) -> Role {
        match name {
            "message" => Role::Message,
            "error" => Role::Error,
            "backtrace" | "stack" | "stacktrace" | "error.stack" | "error.backtrace" => Role::Stack,
            "severity" => Role::Severity,
            _ if TraceIds::concerns(name) => Role::Id,
            _ if self.bridged.is_some() && name.starts_with("log.") => Role::Bridge,
            _ => Role::User,
        }
    }

    /// Writes a user field, unless an earlier one of the event has the same name.
    #[inline]
    fn push_field(&mut self, field: &Field, value: impl FnOnce(&mut Vec<u8>, usize) -> bool) {
        let name = plain_name(field.name());
        if self.is_repeated(field, name) {
            return;
        }
        let out = self.text.fields();
        push_key(out, name);
        let cut = value(out, self.limit);
        out.push(b',');
        self.text.is_cut |= cut;
    }

    #[inline]
    fn is_repeated(&mut self, field: &Field, name: &str) -> bool {
        let bytes = name.as_bytes();
        let ends = bytes.first().zip(bytes.last());
        let (first, last) = ends.map_or((0, 0), |(&first, &last)| {
            (u32::from(first), u32::from(last))
        });
        let bit = 1 << ((first + 5 * last + 11 * bytes.len() as u32) % 64);
        let is_new = self.seen & bit == 0;
        self.seen |= bit;
        !is_new
            && self
                .metadata
                .fields()
                .iter()
                .take(field.index())
                .any(|earlier| plain_name(earlier.name()) == name)
    }

    /// Writes a user field whose value cannot be too long.
    #[inline]
    fn push_short(&mut self, field: &Field, value: impl FnOnce(&mut Vec<u8>)) {
        self.push_field(field, |out, _| {
            value(out);
            false
        });
    }

    #[inline]
    fn push_formatted_field(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.push_field(field, |out, limit| {
            out.push(b'"');
            let cut = push_formatted(out, limit, value);
            out.push(b'"');
            cut
        });
    }

    /// Takes any value as text.
    #[inline]
    fn take(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let taken = match self.role(field.name()) {
            Role::Message => {
                self.push_message(value);
                true
            }
            Role::Error if !self.text.cause.is_typed() => {
                self.text.is_cut |= self.text.cause.take_message(self.limit, value);
                true
            }
            Role::Stack => {
                self.text.is_cut |= self.text.cause.take_stack(self.limit, value);
                true
            }
            Role::Severity => {
                ShortText::formatted(value).is_some_and(|text| self.raise(text.as_str()))
            }
            Role::Id => ShortText::formatted(value)
                .is_some_and(|text| self.text.ids.accept(field.name(), text.as_str())),
            Role::Bridge => {
                let text = ShortText::formatted(value);
                self.take_bridged(field.name(), text.as_ref().map_or("", ShortText::as_str));
                true
            }
            Role::Error | Role::User => false,
        };
        if !taken {
            self.push_formatted_field(field, value);
        }
    }

    #[inline]
    fn push_message(&mut self, value: fmt::Arguments<'_>) {
        let limit = self.limit;
        self.text
            .write_message(|out| push_formatted(out, limit, value));
    }

    /// Raises the record's severity. Whether the word is a severity above or equal to the event's level; any other
    /// one is a field like others.
    fn raise(&mut self, word: &str) -> bool {
        let raised = Severity::from_text(word)
            .filter(|&severity| severity >= severity_of(self.metadata.level()));
        self.text.raised_to = self.text.raised_to.max(raised);
        raised.is_some()
    }

    fn take_bridged(&mut self, key: &str, text: &str) {
        if let Some(bridged) = &mut self.bridged {
            bridged.take_text(&mut self.text.source, key, text);
        }
    }
}

impl Visit for EventVisitor<'_> {
    #[inline]
    fn record_str(&mut self, field: &Field, value: &str) {
        match self.role(field.name()) {
            Role::User => self.push_field(field, |out, limit| {
                out.push(b'"');
                let cut = push_text(out, limit, value);
                out.push(b'"');
                cut
            }),
            // Not through the formatter, which gives up on names longer than its buffer.
            Role::Bridge => self.take_bridged(field.name(), value),
            _ => self.take(field, format_args!("{value}")),
        }
    }

    #[inline]
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push_short(field, |out| json::push_i64(out, value));
    }

    #[inline]
    fn record_u64(&mut self, field: &Field, value: u64) {
        match &mut self.bridged {
            Some(bridged) if field.name() == "log.line" => {
                bridged.take_line(&mut self.text.source, value);
            }
            _ => self.push_short(field, |out| json::push_u64(out, value)),
        }
    }

    #[inline]
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push_short(field, |out| push_float(out, value));
    }

    #[inline]
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push_short(field, |out| out.extend_from_slice(bool_text(value)));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.push_formatted_field(field, format_args!("{value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.push_formatted_field(field, format_args!("{value}"));
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.push_field(field, |out, limit| {
            let kept = value.len().min(limit / 2);
            json::push_hex(out, &value[..kept]);
            kept < value.len()
        });
    }

    /// The first error becomes the record's; a second one is a field.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        if self.text.cause.is_typed() {
            self.push_formatted_field(field, format_args!("{value}"));
        } else {
            self.text.is_cut |= self.text.cause.take_error(self.limit, value);
        }
    }

    #[inline]
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format_args!("{value:?}"));
    }
}

/// JSON's word for a truth value.
pub(crate) const fn bool_text(value: bool) -> &'static [u8] {
    if value { b"true" } else { b"false" }
}

/// The severity that corresponds to a level of `tracing`, which has no CRITICAL.
#[inline]
pub(crate) fn severity_of(level: &tracing::Level) -> Severity {
    match *level {
        tracing::Level::TRACE => Severity::Trace,
        tracing::Level::DEBUG => Severity::Debug,
        tracing::Level::INFO => Severity::Info,
        tracing::Level::WARN => Severity::Warn,
        tracing::Level::ERROR => Severity::Error,
    }
}
