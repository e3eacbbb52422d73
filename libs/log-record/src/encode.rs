//! Writing a record in the canonical form of the wire: one flat JSON object, keys in their fixed order.

use crate::json::{push_str, push_u64};
use crate::{ErrorInfo, LogRecord};

/// Version of the record's schema, written as `"schema":1`.
pub const SCHEMA: u64 = 1;

/// Appends the record as one JSON object.
pub fn encode(record: &LogRecord<'_>, out: &mut Vec<u8>) {
    encode_open(record, out);
    out.push(b'}');
}

/// Appends the record's object without its closing brace, so that a caller can add members of its own
/// (each with a leading comma) and close it.
pub fn encode_open(record: &LogRecord<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"timestamp\":\"");
    out.extend_from_slice(&record.timestamp.to_text());
    out.extend_from_slice(b"\",\"level\":\"");
    out.extend_from_slice(record.level.as_str().as_bytes());
    out.push(b'"');
    push_text(out, "service", Some(&record.service));
    push_text(out, "host", record.host.as_deref());
    if let Some(instance) = record.instance {
        push_text(out, "instance", Some(&instance.to_string()));
    }
    push_number(out, "seq", record.seq);
    push_number(out, "schema", Some(SCHEMA));
    push_text(out, "version", record.version.as_deref());
    push_text(out, "env", record.env.as_deref());
    push_number(out, "pid", record.pid.map(u64::from));
    push_text(out, "target", record.target.as_deref());
    push_text(out, "module", record.module.as_deref());
    push_text(out, "file", record.file.as_deref());
    push_number(out, "line", record.line.map(u64::from));
    push_text(out, "thread", record.thread.as_deref());
    push_text(out, "message", Some(&record.message));
    if let Some(error) = &record.error {
        push_error(out, error);
    }
    push_raw(
        out,
        "fields",
        record.fields.as_ref().map(|fields| fields.as_str()),
    );
    push_text(out, "span", record.span.as_deref());
    push_raw(
        out,
        "spans",
        record.spans.as_ref().map(|spans| spans.as_str()),
    );
    push_text(out, "trace_id", record.trace_id.as_deref());
    push_text(out, "span_id", record.span_id.as_deref());
    if record.truncated {
        push_raw(out, "truncated", Some("true"));
    }
}

fn push_error(out: &mut Vec<u8>, error: &ErrorInfo<'_>) {
    push_key(out, "error");
    let start = out.len();
    push_text(out, "type", error.kind.as_deref());
    push_text(out, "message", error.message.as_deref());
    if !error.chain.is_empty() {
        push_key(out, "chain");
        for (position, cause) in error.chain.iter().enumerate() {
            out.push(if position == 0 { b'[' } else { b',' });
            push_str(out, cause);
        }
        out.push(b']');
    }
    push_text(out, "stack", error.stack.as_deref());
    // Every member came with a leading comma; the first one becomes the opening brace.
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

/// Appends `,"key":`. The key is one of ours and needs no escape.
fn push_key(out: &mut Vec<u8>, key: &str) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":");
}

fn push_text(out: &mut Vec<u8>, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        push_key(out, key);
        push_str(out, value);
    }
}

fn push_number(out: &mut Vec<u8>, key: &str, value: Option<u64>) {
    if let Some(value) = value {
        push_key(out, key);
        push_u64(out, value);
    }
}

fn push_raw(out: &mut Vec<u8>, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        push_key(out, key);
        out.extend_from_slice(value.as_bytes());
    }
}
