//! What a span contributes to the records inside it: its name and fields as JSON, written when the span is created or
//! recorded to, copied by every event.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use log_record::json;
use tracing::field::{Field, Visit};
use tracing_subscriber::registry::ExtensionsMut;

use crate::pipeline::LayerId;
use crate::trace_id::TraceIds;
use crate::value::{ShortText, plain_name, push_float, push_formatted, push_key, push_text};
use crate::visit::bool_text;

/// A span's text as one layer wrote it.
#[derive(Debug, Default)]
pub(crate) struct SpanText {
    /// `{"name":"charge","customer_id":4242`, not closed.
    pub(crate) object: Vec<u8>,
    /// Name of each field and place of its value.
    values: Vec<(&'static str, Range<usize>)>,
    pub(crate) ids: TraceIds,
    /// A value was longer than the limit.
    pub(crate) is_cut: bool,
}

/// The texts of all layers for one span. Extensions are stored by type, and two layers have the same type.
#[derive(Debug, Default)]
pub(crate) struct SpanTexts(Vec<(LayerId, SpanText)>);

impl SpanTexts {
    /// What this layer wrote.
    #[inline]
    pub(crate) fn of(&self, layer: LayerId) -> Option<&SpanText> {
        self.0
            .iter()
            .find(|(id, _)| *id == layer)
            .map(|(_, text)| text)
    }
}

impl SpanText {
    /// The text of a span without fields.
    pub(crate) fn named(name: &str) -> SpanText {
        let mut span = SpanText::default();
        span.object.extend_from_slice(b"{\"name\":");
        json::push_str(&mut span.object, name);
        span
    }

    /// Adds this text to the span, or merges it into what the layer wrote earlier.
    pub(crate) fn store(self, layer: LayerId, mut extensions: ExtensionsMut<'_>) {
        if extensions.get_mut::<SpanTexts>().is_none() {
            extensions.insert(SpanTexts::default());
        }
        let Some(texts) = extensions.get_mut::<SpanTexts>() else {
            return;
        };
        match texts.0.iter_mut().find(|(id, _)| *id == layer) {
            Some((_, earlier)) => earlier.merge(&self),
            None => texts.0.push((layer, self)),
        }
    }

    /// Takes over later values: a field that is known gets the new value, any other one is appended.
    fn merge(&mut self, later: &SpanText) {
        for (name, range) in &later.values {
            self.set(name, &later.object[range.clone()]);
        }
        self.ids = TraceIds {
            trace: later.ids.trace.or(self.ids.trace),
            span: later.ids.span.or(self.ids.span),
        };
        self.is_cut |= later.is_cut;
    }

    fn set(&mut self, name: &'static str, value: &[u8]) {
        let Some(at) = self.values.iter().position(|(known, _)| *known == name) else {
            self.push(
                name,
                |out, _| {
                    out.extend_from_slice(value);
                    false
                },
                0,
            );
            return;
        };
        let old = self.values[at].1.clone();
        self.object.splice(old.clone(), value.iter().copied());
        for (_, range) in &mut self.values {
            if range.start > old.start {
                range.start = range.start - old.len() + value.len();
                range.end = range.end - old.len() + value.len();
            }
        }
        self.values[at].1 = old.start..old.start + value.len();
    }

    fn push(
        &mut self,
        name: &'static str,
        value: impl FnOnce(&mut Vec<u8>, usize) -> bool,
        limit: usize,
    ) {
        self.object.push(b',');
        push_key(&mut self.object, name);
        let start = self.object.len();
        self.is_cut |= value(&mut self.object, limit);
        self.values.push((name, start..self.object.len()));
    }
}

/// Writes a span's fields into a [`SpanText`]. Runs before any lock on the span is taken, since a `Debug` may log,
/// enter spans or panic.
#[derive(Debug)]
pub(crate) struct SpanVisitor<'a> {
    pub(crate) span: &'a mut SpanText,
    /// Bytes kept of one value.
    pub(crate) limit: usize,
}

impl SpanVisitor<'_> {
    fn push(&mut self, field: &Field, value: impl FnOnce(&mut Vec<u8>, usize) -> bool) {
        let name = key_of(field);
        if self.span.values.iter().any(|(known, _)| *known == name) {
            // Twice in one call; the first stands, as in an event.
            return;
        }
        self.span.push(name, value, self.limit);
    }

    fn push_short(&mut self, field: &Field, value: impl FnOnce(&mut Vec<u8>)) {
        self.push(field, |out, _| {
            value(out);
            false
        });
    }

    fn push_formatted(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if TraceIds::concerns(field.name())
            && let Some(text) = ShortText::formatted(value)
            && self.span.ids.accept(field.name(), text.as_str())
        {
            return;
        }
        self.push(field, |out, limit| {
            out.push(b'"');
            let cut = push_formatted(out, limit, value);
            out.push(b'"');
            cut
        });
    }
}

/// The key of a field in its span's object, where `name` is the span's own.
fn key_of(field: &Field) -> &'static str {
    match plain_name(field.name()) {
        "name" => "field.name",
        name => name,
    }
}

impl Visit for SpanVisitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if self.span.ids.accept(field.name(), value) {
            return;
        }
        self.push(field, |out, limit| {
            out.push(b'"');
            let cut = push_text(out, limit, value);
            out.push(b'"');
            cut
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push_short(field, |out| json::push_i64(out, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push_short(field, |out| json::push_u64(out, value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push_short(field, |out| push_float(out, value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push_short(field, |out| out.extend_from_slice(bool_text(value)));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.push_formatted(field, format_args!("{value}"));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.push_formatted(field, format_args!("{value}"));
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.push(field, |out, limit| {
            let kept = value.len().min(limit / 2);
            json::push_hex(out, &value[..kept]);
            kept < value.len()
        });
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.push_formatted(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.push_formatted(field, format_args!("{value:?}"));
    }
}
