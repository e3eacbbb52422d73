//! Orders to the worker (flush, stop) and its answers. Apart from the records on purpose: an order that travelled in
//! their queue would be lost when that queue is full.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One worker's orders and answers.
#[derive(Debug, Default)]
pub(crate) struct Control {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Number of the latest flush that was asked for, and until when anyone waits for it.
    flush_asked: u64,
    flush_until: Option<Instant>,
    /// Number of the latest flush that is complete.
    flush_done: u64,
    stop_until: Option<Instant>,
    stopped: bool,
}

/// What the worker has to do beside sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Nothing.
    None,
    /// Everything that was logged before the order has to be answered by the broker. Not given any more once nobody
    /// waits for it.
    Flush {
        /// Its number, for the answer.
        number: u64,
    },
    /// Wind up.
    Stop {
        /// Time allowed to deliver.
        until: Instant,
    },
}

impl Control {
    /// The order of the moment.
    pub(crate) fn order(&self) -> Order {
        let state = self.state();
        if let Some(until) = state.stop_until {
            return Order::Stop { until };
        }
        match state.flush_until {
            Some(until) if state.flush_done < state.flush_asked && Instant::now() < until => {
                Order::Flush {
                    number: state.flush_asked,
                }
            }
            _ => Order::None,
        }
    }

    /// Asks for a flush; `wake` is called once the order can be seen. Whether it was complete in time.
    pub(crate) fn flush(&self, timeout: Duration, wake: impl FnOnce()) -> bool {
        let until = Instant::now() + timeout;
        let mut state = self.state();
        state.flush_asked += 1;
        state.flush_until = state.flush_until.max(Some(until));
        let number = state.flush_asked;
        wake();
        self.wait(state, until, |state| {
            state.flush_done >= number || state.stopped
        })
        .flush_done
            >= number
    }

    /// Says that flush `number` and all before it are complete.
    pub(crate) fn flushed(&self, number: u64) {
        self.state().flush_done = number;
        self.changed.notify_all();
    }

    /// Orders the worker to stop within `timeout`, and waits for it a little longer than that. Whether it did.
    pub(crate) fn stop(&self, timeout: Duration, wake: impl FnOnce()) -> bool {
        /// For closing connections and writing the spool, once the time to deliver is over.
        const GRACE: Duration = Duration::from_secs(3);
        let until = Instant::now() + timeout;
        let mut state = self.state();
        // The first order's deadline stands.
        let until = *state.stop_until.get_or_insert(until);
        wake();
        self.wait(state, until + GRACE, |state| state.stopped)
            .stopped
    }

    /// Says that the worker has ended.
    pub(crate) fn stopped(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }

    fn wait<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        until: Instant,
        is_over: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        while !is_over(&state) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
