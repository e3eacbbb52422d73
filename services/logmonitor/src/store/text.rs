//! The text of one record inside a segment's arena: how it is laid out, written and read back.
//!
//! A row is the raw message followed by sections, each introduced by a tag byte, and ends with [`END`]. Tag
//! bytes never occur in UTF-8, so sections need no lengths and a needle that is valid UTF-8 can never match
//! across a boundary.

use std::borrow::Cow;

use log_record::{ErrorInfo, LogRecord, RawJson};

pub(crate) const ERROR_KIND: u8 = 0xF5;
pub(crate) const ERROR_MESSAGE: u8 = 0xF6;
pub(crate) const ERROR_CHAIN: u8 = 0xF7;
pub(crate) const ERROR_STACK: u8 = 0xF8;
pub(crate) const FIELDS: u8 = 0xF9;
pub(crate) const SPAN: u8 = 0xFA;
pub(crate) const SPANS: u8 = 0xFB;
pub(crate) const TRACE_ID: u8 = 0xFC;
pub(crate) const SPAN_ID: u8 = 0xFD;
/// Closes a row.
pub(crate) const END: u8 = 0xFF;
/// Every byte from here on is a tag; UTF-8 ends at 0xF4.
const FIRST_TAG: u8 = 0xF5;
/// What the message is reported as; it has no tag of its own, because every row starts with it.
pub(crate) const MESSAGE: u8 = 0;

/// Appends the row of `record` to the arena.
pub(crate) fn write_row(arena: &mut Vec<u8>, record: &LogRecord<'_>) {
    arena.extend_from_slice(record.message.as_bytes());
    if let Some(error) = &record.error {
        write_section(arena, ERROR_KIND, error.kind.as_deref());
        write_section(arena, ERROR_MESSAGE, error.message.as_deref());
        for cause in &error.chain {
            write_section(arena, ERROR_CHAIN, Some(cause));
        }
        write_section(arena, ERROR_STACK, error.stack.as_deref());
    }
    write_section(arena, FIELDS, record.fields.as_ref().map(RawJson::as_str));
    write_section(arena, SPAN, record.span.as_deref());
    write_section(arena, SPANS, record.spans.as_ref().map(RawJson::as_str));
    write_section(arena, TRACE_ID, record.trace_id.as_deref());
    write_section(arena, SPAN_ID, record.span_id.as_deref());
    arena.push(END);
}

fn write_section(arena: &mut Vec<u8>, tag: u8, text: Option<&str>) {
    if let Some(text) = text {
        arena.push(tag);
        arena.extend_from_slice(text.as_bytes());
    }
}

/// Fills the parts of `record` that live in the row. The error is filled only where `record.error` is set:
/// whether there was one is the segment's to say, an error may have no text at all.
pub(crate) fn read_row<'a>(row: &'a [u8], record: &mut LogRecord<'a>) {
    for (tag, bytes) in sections(row) {
        let text = String::from_utf8_lossy(bytes);
        match tag {
            MESSAGE => record.message = text,
            FIELDS => record.fields = Some(RawJson::from_trusted(text)),
            SPAN => record.span = Some(text),
            SPANS => record.spans = Some(RawJson::from_trusted(text)),
            TRACE_ID => record.trace_id = Some(text),
            SPAN_ID => record.span_id = Some(text),
            _ => {
                if let Some(error) = &mut record.error {
                    read_error_section(error, tag, text);
                }
            }
        }
    }
}

fn read_error_section<'a>(error: &mut ErrorInfo<'a>, tag: u8, text: Cow<'a, str>) {
    match tag {
        ERROR_KIND => error.kind = Some(text),
        ERROR_MESSAGE => error.message = Some(text),
        ERROR_CHAIN => error.chain.push(text),
        ERROR_STACK => error.stack = Some(text),
        _ => {}
    }
}

/// The sections of a row as (tag, bytes), the message first under [`MESSAGE`].
pub(crate) fn sections(row: &[u8]) -> Sections<'_> {
    Sections {
        tag: MESSAGE,
        rest: row,
    }
}

#[derive(Debug)]
pub(crate) struct Sections<'a> {
    tag: u8,
    rest: &'a [u8],
}

impl<'a> Iterator for Sections<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.tag == END {
            return None;
        }
        let length = next_tag(self.rest);
        let (text, rest) = self.rest.split_at(length);
        let tag = std::mem::replace(&mut self.tag, rest.first().copied().unwrap_or(END));
        self.rest = rest.get(1..).unwrap_or_default();
        Some((tag, text))
    }
}

/// The tag of the section that the byte at `position` of a row belongs to.
pub(crate) fn tag_at(row: &[u8], position: usize) -> u8 {
    row[..position]
        .iter()
        .rev()
        .copied()
        .find(|&byte| byte >= FIRST_TAG)
        .unwrap_or(MESSAGE)
}

/// Where the first tag byte stands; the length of `bytes` when there is none.
fn next_tag(bytes: &[u8]) -> usize {
    let (blocks, rest) = bytes.as_chunks::<32>();
    for (number, block) in blocks.iter().enumerate() {
        // A maximum over a fixed block is one vector operation per 16 bytes; a search with an early exit is not.
        let highest = block.iter().fold(0, |highest, &byte| highest.max(byte));
        if highest >= FIRST_TAG {
            let within = block.iter().position(|&byte| byte >= FIRST_TAG);
            return number * 32 + within.unwrap_or_default();
        }
    }
    let start = blocks.len() * 32;
    let within = rest.iter().position(|&byte| byte >= FIRST_TAG);
    start + within.unwrap_or(rest.len())
}
