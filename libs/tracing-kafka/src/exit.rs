//! `process::exit` runs no destructors, so no guard: what is queued would be lost without a handler of the C library.

use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::time::Duration;

use crate::pipeline::Pipeline;

/// Pipelines whose guard may never be dropped.
static RUNNING: Mutex<Vec<(Weak<Pipeline>, Duration)>> = Mutex::new(Vec::new());

/// Winds the pipeline up when the process exits, unless its guard has done so.
pub(crate) fn wind_up_at_exit(pipeline: &Arc<Pipeline>, timeout: Duration) {
    static INSTALLED: Once = Once::new();
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    running.retain(|(pipeline, _)| pipeline.strong_count() > 0);
    running.push((Arc::downgrade(pipeline), timeout));
    drop(running);
    // After the first producer was made: handlers run in reverse order, so ours comes before those of the libraries
    // that librdkafka uses.
    INSTALLED.call_once(|| {
        #[expect(
            unsafe_code,
            reason = "the standard library has no hook for the end of the process"
        )]
        // SAFETY: the handler is a function of the program, which never goes away, and does not unwind: it locks,
        // signals and waits with a deadline. Failure leaves the process without the handler.
        let _status = unsafe { libc::atexit(at_exit) };
    });
}

extern "C" fn at_exit() {
    // Not waiting for the lock: whoever holds it may be the thread that exits.
    let Ok(running) = RUNNING.try_lock() else {
        return;
    };
    for (pipeline, timeout) in running.iter() {
        if let Some(pipeline) = pipeline.upgrade()
            && !pipeline.is_orphaned_by_fork()
        {
            pipeline.stop(*timeout);
        }
    }
}
