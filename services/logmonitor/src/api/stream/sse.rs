//! Frames of server-sent events, as the HTML standard defines them.

use axum::body::Bytes;
use log_record::encode;

use super::super::answer::push_event;
use crate::issues::Issues;
use crate::store::Event;

/// What a stream begins with: how long a client waits before it comes back.
pub(super) const BEGIN: Bytes = Bytes::from_static(b"retry: 2000\n\n");

/// Keeps proxies from closing an idle stream, and finds out that a client is gone.
pub(super) const KEEP_ALIVE: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// So many had left before the reader came to read them.
pub(super) fn skipped(count: u64) -> Bytes {
    format!("event: gap\ndata: {{\"count\":{count},\"reason\":\"skipped\"}}\n\n").into()
}

/// The stream begins now and not behind the event that was named: it is unknown, or no longer held.
pub(super) const UNKNOWN_ID: Bytes =
    Bytes::from_static(b"event: gap\ndata: {\"count\":null,\"reason\":\"unknown_id\"}\n\n");

/// An error as the rest of the API shows it.
pub(super) fn error(event: &Event, issues: &Issues) -> Bytes {
    frame("error", event, |out| push_event(out, event, issues))
}

/// The record of a line.
pub(super) fn log(event: &Event) -> Bytes {
    frame("log", event, |out| encode(&event.record(), out))
}

fn frame(name: &str, event: &Event, push: impl FnOnce(&mut Vec<u8>)) -> Bytes {
    let mut out = format!("event: {name}\nid: {}\ndata: ", event.id()).into_bytes();
    let start = out.len();
    push(&mut out);
    // JSON that was passed on as it came may have line ends between its tokens, where a space means the same.
    for byte in &mut out[start..] {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    out.extend_from_slice(b"\n\n");
    // What is shared by many readers for a while has no room to spare.
    out.shrink_to_fit();
    out.into()
}
