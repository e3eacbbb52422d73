//! The text of one record from `message` to the end, as the caller writes it. What is the same for every record of a
//! process or a callsite is added by the worker.

use log_record::Severity;

use crate::cause::Cause;
use crate::pipeline::Pipeline;
use crate::queue::{Entry, ThreadQueue};
use crate::span_list::SpanList;
use crate::trace_id::TraceIds;
use crate::truncate;

/// The text of one record, in buffers that are used again and again. Each holds whole JSON members with a comma behind
/// the last.
#[derive(Debug)]
pub(crate) struct EventText {
    /// `"target":…,` where the callsite is not the source.
    pub(crate) source: Vec<u8>,
    /// Message, fields, spans and ids, in the order of the wire.
    body: Vec<u8>,
    /// Length of the message's member at the start of the body.
    message_len: usize,
    fields: Fields,
    /// Stands between message and fields.
    pub(crate) cause: Cause,
    cause_text: Vec<u8>,
    pub(crate) spans: SpanList,
    pub(crate) ids: TraceIds,
    /// The level that a `severity` field asked for.
    pub(crate) raised_to: Option<Severity>,
    /// A value was longer than the limit.
    pub(crate) is_cut: bool,
}

/// How far the `fields` object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fields {
    None,
    /// `"fields":{"a":1,`
    Open,
    /// Nothing can be added.
    Closed,
}

impl EventText {
    pub(crate) const fn new() -> EventText {
        EventText {
            source: Vec::new(),
            body: Vec::new(),
            message_len: 0,
            fields: Fields::None,
            cause: Cause::new(),
            cause_text: Vec::new(),
            spans: SpanList::new(),
            ids: TraceIds::NONE,
            raised_to: None,
            is_cut: false,
        }
    }

    /// Makes the text empty, whatever state an earlier event has left it in.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.source.clear();
        self.body.clear();
        self.message_len = 0;
        self.fields = Fields::None;
        self.cause.clear();
        self.cause_text.clear();
        self.spans.clear();
        self.ids = TraceIds::NONE;
        self.raised_to = None;
        self.is_cut = false;
    }

    /// Writes the message; a second one is ignored. `write` appends the text, escaped, and says whether it was cut.
    #[inline]
    pub(crate) fn write_message(&mut self, write: impl FnOnce(&mut Vec<u8>) -> bool) {
        if self.message_len > 0 {
            return;
        }
        let start = self.body.len();
        self.body.extend_from_slice(b"\"message\":\"");
        self.is_cut |= write(&mut self.body);
        self.body.extend_from_slice(b"\",");
        self.message_len = self.body.len() - start;
        // `tracing`'s macros put the message first; whoever does not pays for it here.
        self.body
            .rotate_right(if start > 0 { self.message_len } else { 0 });
    }

    /// The place to write one more user field to: key, value, comma.
    #[inline]
    pub(crate) fn fields(&mut self) -> &mut Vec<u8> {
        if self.fields == Fields::None {
            self.body.extend_from_slice(b"\"fields\":{");
            self.fields = Fields::Open;
        }
        &mut self.body
    }

    /// Ends the fields. The place to write the members that come after them to.
    #[inline]
    pub(crate) fn after_fields(&mut self) -> &mut Vec<u8> {
        if self.fields == Fields::Open {
            // The last field's comma.
            self.body.pop();
            self.body.extend_from_slice(b"},");
        }
        self.fields = Fields::Closed;
        &mut self.body
    }

    /// Writes the spans and ids that have been found, marks what was cut, and submits it all.
    #[inline]
    pub(crate) fn submit(&mut self, pipeline: &Pipeline, queue: &ThreadQueue, mut entry: Entry) {
        let error_end = self.cause.push(&mut self.cause_text);
        self.after_fields();
        self.spans.push_reversed(&mut self.body);
        self.ids.push(&mut self.body);
        if self.is_cut {
            self.body.extend_from_slice(truncate::MARK);
        }
        if let Some(stack) = &mut entry.stack {
            stack.at = self.source.len() + self.message_len + error_end;
        }
        entry.source_len = u32::try_from(self.source.len()).unwrap_or(u32::MAX);
        let len = self.source.len() + self.body.len() + self.cause_text.len();
        if len > pipeline.limits.text {
            self.submit_cut(pipeline, queue, entry);
        } else if len == self.body.len() {
            // Neither an error nor a foreign source: nearly always.
            pipeline.submit(queue, entry, &[&self.body]);
        } else {
            let (message, rest) = self.body.split_at(self.message_len);
            pipeline.submit(
                queue,
                entry,
                &[&self.source, message, &self.cause_text, rest],
            );
        }
    }

    #[cold]
    fn submit_cut(&self, pipeline: &Pipeline, queue: &ThreadQueue, mut entry: Entry) {
        // The place for a stack is lost with the offsets; a record this long has no room for one.
        entry.stack = None;
        let (message, rest) = self.body.split_at(self.message_len);
        let mut text = [message, &self.cause_text, rest].concat();
        truncate::fit(&mut text, pipeline.limits.text);
        pipeline.submit(queue, entry, &[&self.source, &text]);
    }
}
