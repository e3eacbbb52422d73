//! The application's handle: counters, flush, and the orderly end.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::counters::Counters;
use crate::pipeline::Pipeline;

/// Keeps the layer's worker alive; dropping it delivers what is left.
///
/// Hold it in `main` until the end. Dropping it takes at most the shutdown timeout (and a moment to close the
/// connections): records are delivered, errors that cannot be are spooled if there is a spool, the rest is counted as
/// dropped, and one line on standard error says how many those were. Events logged afterwards are counted as dropped.
#[must_use = "records still on their way are lost if the guard is dropped at once; hold it until the end of main"]
pub struct FlushGuard {
    pipeline: Arc<Pipeline>,
    shutdown_timeout: Duration,
}

/// Reads the counters from anywhere; cheap to clone, and does not keep the worker alive.
#[derive(Clone)]
pub struct Stats {
    pipeline: Arc<Pipeline>,
}

/// Not everything was answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlushError {
    /// The broker did not answer for all records in time.
    #[error("flush timed out with {in_flight} records in flight")]
    TimedOut {
        /// Records in flight at the end of the timeout.
        in_flight: u64,
    },
    /// This process is a fork of the one that built the layer, and has no worker.
    #[error("the layer was built before this process was forked")]
    Forked,
}

impl FlushGuard {
    pub(crate) fn new(pipeline: Arc<Pipeline>, shutdown_timeout: Duration) -> FlushGuard {
        FlushGuard {
            pipeline,
            shutdown_timeout,
        }
    }

    /// What became of the records so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.pipeline.counters()
    }

    /// A handle to the counters that outlives the guard.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            pipeline: Arc::clone(&self.pipeline),
        }
    }

    /// Waits until the broker has answered for every record logged before this call. Blocks the thread.
    ///
    /// # Errors
    /// When that takes longer than `timeout`; the records stay on their way.
    pub fn flush(&self, timeout: Duration) -> Result<Counters, FlushError> {
        if self.pipeline.is_orphaned_by_fork() {
            return Err(FlushError::Forked);
        }
        let complete = self
            .pipeline
            .control
            .flush(timeout, || self.pipeline.wake_worker());
        let counters = self.counters();
        if complete {
            Ok(counters)
        } else {
            Err(FlushError::TimedOut {
                in_flight: counters.in_flight(),
            })
        }
    }

    /// Ends the layer as dropping the guard does, within `timeout`, and says what became of the records.
    pub fn shutdown(mut self, timeout: Duration) -> Counters {
        self.shutdown_timeout = timeout;
        let stats = self.stats();
        drop(self);
        stats.counters()
    }
}

impl Drop for FlushGuard {
    fn drop(&mut self) {
        if self.pipeline.is_orphaned_by_fork() {
            return;
        }
        let in_time = self.pipeline.stop(self.shutdown_timeout);
        let counters = self.counters();
        if counters.dropped() > 0 || !in_time {
            // The layer cannot report through itself any more. Nobody to tell if standard error is closed.
            let _unheard = writeln!(
                std::io::stderr(),
                "tracing-kafka: of {} records {} were delivered, {} spooled, {} dropped, {} left in flight",
                counters.emitted(),
                counters.delivered(),
                counters.spooled(),
                counters.dropped(),
                counters.in_flight(),
            );
        }
    }
}

impl Stats {
    /// What became of the records so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.pipeline.counters()
    }
}

impl fmt::Debug for FlushGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlushGuard")
            .field("shutdown_timeout", &self.shutdown_timeout)
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stats").field(&self.counters()).finish()
    }
}
