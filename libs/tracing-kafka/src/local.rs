//! What each thread keeps for the layer: its text buffers, its queues, and whether it is just writing a record.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use log_record::Severity;

use crate::pipeline::{LayerId, Pipeline};
use crate::queue::{Entry, ThreadQueue};
use crate::text::EventText;

thread_local! {
    static LOCAL: Local = const {
        Local {
            state: Cell::new(State::Idle),
            text: RefCell::new(EventText::new()),
            queues: RefCell::new(Vec::new()),
        }
    };
}

struct Local {
    state: Cell<State>,
    text: RefCell<EventText>,
    /// Nearly always one: a process has as many as it has layers.
    queues: RefCell<Vec<(LayerId, Arc<ThreadQueue>)>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// In the middle of an event: another one can only come from what is being formatted.
    Writing,
    /// The thread is a worker; what it logs is about sending logs.
    Worker,
}

/// Turns back to idle, also when what was being formatted panics.
struct Writing<'a>(&'a Cell<State>);

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.0.set(State::Idle);
    }
}

/// Lets `write` fill an empty text and submits it as a record, unless `write` finds that it is none.
///
/// An event that comes while the thread writes another one (a `Debug` that logs) is counted as dropped, since nothing
/// else bounds the recursion under a global subscriber. The layer's own worker is not heard at all.
#[inline]
pub(crate) fn submit(
    pipeline: &Pipeline,
    severity: Severity,
    write: impl FnOnce(&mut EventText) -> Option<Entry>,
) {
    let mut write = Some(write);
    let in_place = LOCAL.try_with(|local| match local.state.get() {
        State::Idle => {
            local.state.set(State::Writing);
            let _writing = Writing(&local.state);
            // Both borrows are exclusive to whoever set the state.
            if let Some(write) = write.take()
                && let Ok(mut text) = local.text.try_borrow_mut()
                && let Ok(mut queues) = local.queues.try_borrow_mut()
            {
                let queue = own_queue(&mut queues, pipeline);
                write_and_submit(pipeline, queue, &mut text, severity, write);
            }
        }
        State::Writing => {
            write = None;
            pipeline.refuse(severity);
        }
        State::Worker => write = None,
    });
    // A destructor of another thread-local that logs, after ours has run.
    if in_place.is_err()
        && let Some(write) = write
    {
        let mut text = EventText::new();
        write_and_submit(pipeline, pipeline.orphans(), &mut text, severity, write);
    }
}

/// Marks the calling thread as a worker.
pub(crate) fn become_worker() {
    // A thread that has just started has its thread-locals.
    let _always_there = LOCAL.try_with(|local| local.state.set(State::Worker));
}

#[inline]
fn write_and_submit(
    pipeline: &Pipeline,
    queue: &ThreadQueue,
    text: &mut EventText,
    severity: Severity,
    write: impl FnOnce(&mut EventText) -> Option<Entry>,
) {
    text.clear();
    // Formatting is guarded field by field; this guards what is left, such as a registry that panics.
    let written = catch_unwind(AssertUnwindSafe(|| {
        if let Some(entry) = write(text) {
            text.submit(pipeline, queue, entry);
        }
    }));
    if written.is_err() {
        pipeline.refuse(severity);
    }
}

#[inline]
fn own_queue<'a>(
    queues: &'a mut Vec<(LayerId, Arc<ThreadQueue>)>,
    pipeline: &Pipeline,
) -> &'a ThreadQueue {
    let at = match queues.iter().position(|(id, _)| *id == pipeline.id) {
        Some(at) => at,
        None => {
            // The first event of this thread. Queues of layers that are gone are nobody else's any more.
            queues.retain(|(_, queue)| Arc::strong_count(queue) > 1);
            queues.push((pipeline.id, pipeline.register_thread()));
            queues.len() - 1
        }
    };
    &queues[at].1
}
