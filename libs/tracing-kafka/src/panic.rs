//! Panics as CRITICAL records. Outside `tracing`: a panic may come from the middle of an event, or of a subscriber.

use std::backtrace::Backtrace;
use std::panic::{PanicHookInfo, set_hook, take_hook};
use std::sync::{Arc, Weak};
use std::time::Duration;

use log_record::{Severity, Timestamp};

use crate::pipeline::Pipeline;
use crate::queue::{Entry, UnresolvedStack};
use crate::source;
use crate::text::EventText;
use crate::value;

/// How long a process that aborts on panic waits for its last record to be delivered.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Publishes every panic of the process, then calls the hook that was there before.
pub(crate) fn install_hook(pipeline: &Arc<Pipeline>) {
    // The hook stays for the life of the process, the layer need not.
    let pipeline = Arc::downgrade(pipeline);
    let previous = take_hook();
    set_hook(Box::new(move |info| {
        publish(&pipeline, info);
        previous(info);
    }));
}

fn publish(pipeline: &Weak<Pipeline>, info: &PanicHookInfo<'_>) {
    let Some(pipeline) = pipeline.upgrade() else {
        return;
    };
    let payload = info
        .payload_as_str()
        .unwrap_or("<a payload that is no text>");
    let limit = pipeline.limits.text;
    let mut text = EventText::new();
    source::push_target(&mut text.source, "panic");
    let place = info.location().map(|location| {
        source::push_place(&mut text.source, location.file(), location.line());
        format!(" at {location}")
    });
    text.write_message(|out| {
        let message = format_args!("panicked{}: {payload}", place.unwrap_or_default());
        value::push_formatted(out, limit, message)
    });
    text.cause.take_kind_and_message(limit, "panic", payload);
    let stack = UnresolvedStack {
        // Captures addresses, whatever RUST_BACKTRACE says; the worker finds the names.
        backtrace: Backtrace::force_capture(),
        at: 0,
    };
    let entry = Entry {
        metadata: None,
        timestamp: Timestamp::now(),
        severity: Severity::Critical,
        source_len: 0,
        len: 0,
        stack: Some(Box::new(stack)),
    };
    // The thread's own queue may be in use by the event that panicked; the record names its thread itself.
    let queue = pipeline.register_thread();
    text.submit(&pipeline, &queue, entry);
    if cfg!(panic = "abort") && !pipeline.is_orphaned_by_fork() {
        pipeline
            .control
            .flush(LAST_WORDS, || pipeline.wake_worker());
    }
}
