//! The whole record as it goes over the wire: what the callers wrote, in the frame that is the same for every record
//! of the process. Runs on the worker.

use log_record::{Severity, Timestamp, json};

use crate::queue::Entry;
use crate::source;

/// Version of the record's shape.
const SCHEMA: u64 = 1;

/// Who logs: what every record of the process says.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) service: String,
    pub(crate) host: String,
    /// 128 random bits as 32 hex digits: one process start.
    pub(crate) instance: String,
    pub(crate) version: Option<String>,
    pub(crate) env: Option<String>,
}

/// The constant parts of every record.
#[derive(Debug)]
pub(crate) struct Frame {
    /// `","service":…,"host":…,"instance":…,"seq":`
    before_seq: Vec<u8>,
    /// `,"schema":1,"version":…,"env":…,"pid":…,`
    after_seq: Vec<u8>,
}

impl Frame {
    pub(crate) fn new(identity: &Identity) -> Frame {
        let mut before_seq = b"\",\"service\":".to_vec();
        json::push_str(&mut before_seq, &identity.service);
        before_seq.extend_from_slice(b",\"host\":");
        json::push_str(&mut before_seq, &identity.host);
        before_seq.extend_from_slice(b",\"instance\":");
        json::push_str(&mut before_seq, &identity.instance);
        before_seq.extend_from_slice(b",\"seq\":");

        let mut after_seq = b",\"schema\":".to_vec();
        json::push_u64(&mut after_seq, SCHEMA);
        for (key, value) in [("version", &identity.version), ("env", &identity.env)] {
            if let Some(value) = value {
                after_seq.push(b',');
                json::push_str(&mut after_seq, key);
                after_seq.push(b':');
                json::push_str(&mut after_seq, value);
            }
        }
        after_seq.extend_from_slice(b",\"pid\":");
        json::push_u64(&mut after_seq, u64::from(std::process::id()));
        after_seq.push(b',');
        Frame {
            before_seq,
            after_seq,
        }
    }

    /// The bytes of a record that are not its text, callsite and thread excepted; for the size limit.
    pub(crate) fn len(&self) -> usize {
        const TIMESTAMP_LEVEL_SEQ: usize = 90;
        self.before_seq.len() + self.after_seq.len() + TIMESTAMP_LEVEL_SEQ
    }

    /// Writes the record whose text (`text`) and thread (`"thread":…,` or nothing) are given into `out`.
    pub(crate) fn write(
        &self,
        out: &mut Vec<u8>,
        seq: u64,
        entry: &Entry,
        thread: &[u8],
        text: &[u8],
        max_bytes: usize,
    ) {
        out.clear();
        self.write_head(out, entry.timestamp, entry.severity, seq);
        if let Some(metadata) = entry.metadata {
            source::push_callsite(out, metadata);
        }
        let (source, text) = text.split_at((entry.source_len as usize).min(text.len()));
        out.extend_from_slice(source);
        out.extend_from_slice(thread);
        match &entry.stack {
            None => out.extend_from_slice(text),
            Some(stack) => {
                let at = (stack.at - source.len()).min(text.len());
                out.extend_from_slice(&text[..at]);
                let room = max_bytes.saturating_sub(out.len() + text.len() - at);
                // Resolves the symbols, which takes milliseconds the first time.
                push_stack(out, of_the_program(&stack.backtrace.to_string()), room);
                out.extend_from_slice(&text[at..]);
            }
        }
        // The last member's comma; there is always one, behind the pid at the latest.
        out.pop();
        out.push(b'}');
    }

    fn write_head(&self, out: &mut Vec<u8>, timestamp: Timestamp, severity: Severity, seq: u64) {
        out.extend_from_slice(b"{\"timestamp\":\"");
        out.extend_from_slice(&timestamp.to_text());
        out.extend_from_slice(b"\",\"level\":\"");
        out.extend_from_slice(severity.as_str().as_bytes());
        out.extend_from_slice(&self.before_seq);
        json::push_u64(out, seq);
        out.extend_from_slice(&self.after_seq);
    }
}

/// The frames of a panic's backtrace without those of the panic's own machinery and of the thread's start, which std
/// marks by these names.
fn of_the_program(stack: &str) -> &str {
    let below = match stack
        .rfind("__rust_end_short_backtrace")
        .or_else(|| stack.rfind("rust_begin_unwind"))
    {
        None => stack,
        Some(mark) => {
            let frame = &stack[mark..];
            // The rest of the marking frame: its name, and its place on the next line if that is known.
            let end = frame
                .match_indices('\n')
                .map(|(at, _)| at + 1)
                .find(|&at| !frame[at..].trim_start().starts_with("at "));
            end.map_or("", |end| &frame[end..])
        }
    };
    let end = below
        .find("__rust_begin_short_backtrace")
        .and_then(|mark| below[..mark].rfind('\n'))
        .map_or(below.len(), |line_end| line_end + 1);
    let above = &below[..end];
    if above.trim().is_empty() {
        stack
    } else {
        above
    }
}

/// Appends `,"stack":"…"`, at most `room` bytes.
fn push_stack(out: &mut Vec<u8>, stack: &str, room: usize) {
    const KEY: &[u8] = b",\"stack\":\"";
    // Escapes make a line break two bytes; half the room is safe for what backtraces consist of.
    let kept = stack.floor_char_boundary(room.saturating_sub(KEY.len() + 1) / 2);
    if kept == 0 {
        return;
    }
    out.extend_from_slice(KEY);
    json::push_escaped(out, &stack[..kept]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_reduced_to_the_programs_own_frames() {
        let stack = "   0: hook\n             at ./hook.rs:1:1\n   1: __rust_end_short_backtrace<x>\n             at y\n   \
                     2: program::f\n             at ./f.rs:2:2\n   3: __rust_begin_short_backtrace<z>\n   4: start\n";
        assert_eq!(
            of_the_program(stack),
            "   2: program::f\n             at ./f.rs:2:2\n"
        );
        assert_eq!(of_the_program("   0: unmarked\n"), "   0: unmarked\n");
    }
}
