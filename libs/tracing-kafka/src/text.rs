//! The text of one record from `message` to the end, as the caller writes it. What is the same for every record of a
//! process or a callsite is added by the worker.

use log_record::Severity;

use crate::cause::Cause;
use crate::pipeline::Pipeline;
use crate::queue::{Entry, ThreadQueue};
use crate::trace_id::TraceIds;
use crate::truncate;

/// The parts of a record's text, in the order of the wire, in buffers that are used again and again. Each holds whole
/// JSON members with a comma behind the last.
#[derive(Debug)]
pub(crate) struct EventText {
    /// `"target":…,` where the callsite is not the source.
    pub(crate) source: Vec<u8>,
    pub(crate) message: Vec<u8>,
    pub(crate) cause: Cause,
    cause_text: Vec<u8>,
    /// `"fields":{"a":1,` while it is written, closed when it is finished.
    fields: Vec<u8>,
    /// `"span":…,`
    pub(crate) span: Vec<u8>,
    /// The spans as they are found, innermost first.
    pub(crate) spans: SpanList,
    /// `"spans":[…],` and the ids.
    pub(crate) context: Vec<u8>,
    pub(crate) ids: TraceIds,
    /// The level that a `severity` field asked for.
    pub(crate) raised_to: Option<Severity>,
    /// A value was longer than the limit.
    pub(crate) is_cut: bool,
}

/// Span objects, collected from the innermost outwards and written the other way round. Copying a few hundred bytes
/// once more is cheaper than holding on to the spans until all are known.
#[derive(Debug)]
pub(crate) struct SpanList {
    objects: Vec<u8>,
    starts: Vec<usize>,
}

impl SpanList {
    const fn new() -> SpanList {
        SpanList {
            objects: Vec::new(),
            starts: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.objects.clear();
        self.starts.clear();
    }

    /// Adds the next outer span: an object that is not closed.
    #[inline]
    pub(crate) fn push(&mut self, object: &[u8]) {
        self.starts.push(self.objects.len());
        self.objects.extend_from_slice(object);
    }

    /// Appends `"spans":[…],`, or nothing.
    #[inline]
    pub(crate) fn write_reversed(&self, out: &mut Vec<u8>) {
        if self.starts.is_empty() {
            return;
        }
        out.extend_from_slice(b"\"spans\":[");
        let mut end = self.objects.len();
        for &start in self.starts.iter().rev() {
            out.extend_from_slice(&self.objects[start..end]);
            out.extend_from_slice(b"},");
            end = start;
        }
        // The last object's comma.
        out.pop();
        out.extend_from_slice(b"],");
    }
}

impl EventText {
    pub(crate) const fn new() -> EventText {
        EventText {
            source: Vec::new(),
            message: Vec::new(),
            cause: Cause::new(),
            cause_text: Vec::new(),
            fields: Vec::new(),
            span: Vec::new(),
            spans: SpanList::new(),
            context: Vec::new(),
            ids: TraceIds::NONE,
            raised_to: None,
            is_cut: false,
        }
    }

    /// Makes the text empty, whatever state an earlier event has left it in.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.source.clear();
        self.message.clear();
        self.cause.clear();
        self.cause_text.clear();
        self.fields.clear();
        self.span.clear();
        self.spans.clear();
        self.context.clear();
        self.ids = TraceIds::NONE;
        self.raised_to = None;
        self.is_cut = false;
    }

    /// The place to write one more user field to: key, value, comma.
    #[inline]
    pub(crate) fn fields(&mut self) -> &mut Vec<u8> {
        if self.fields.is_empty() {
            self.fields.extend_from_slice(b"\"fields\":{");
        }
        &mut self.fields
    }

    /// Finishes the text and submits it.
    #[inline]
    pub(crate) fn submit(&mut self, pipeline: &Pipeline, queue: &ThreadQueue, mut entry: Entry) {
        let error_end = self.cause.push(&mut self.cause_text);
        if !self.fields.is_empty() {
            // The last field's comma.
            self.fields.pop();
            self.fields.extend_from_slice(b"},");
        }
        if self.is_cut {
            self.context.extend_from_slice(truncate::MARK);
        }
        if let Some(stack) = &mut entry.stack {
            stack.at = self.source.len() + self.message.len() + error_end;
        }
        entry.source_len = u32::try_from(self.source.len()).unwrap_or(u32::MAX);
        let parts = [
            &self.source[..],
            &self.message[..],
            &self.cause_text[..],
            &self.fields[..],
            &self.span[..],
            &self.context[..],
        ];
        if parts.iter().map(|part| part.len()).sum::<usize>() <= pipeline.limits.text {
            pipeline.submit(queue, entry, &parts);
        } else {
            // The place for a stack is lost with the offsets; a record this long has no room for one.
            entry.stack = None;
            let mut text = parts[1..].concat();
            truncate::fit(&mut text, pipeline.limits.text);
            pipeline.submit(queue, entry, &[&self.source, &text]);
        }
    }
}
