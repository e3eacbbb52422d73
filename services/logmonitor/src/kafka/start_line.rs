//! Both consumers join the group at the same time, so that it gives both copies of an error to the same member at once.
//! Were they to join one after the other, the group would move the partitions of the topics one after the other, and
//! in between two members would keep the same errors, each from another topic.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// One that has no topic to read yet does not hold up the other.
const PATIENCE: Duration = Duration::from_secs(2);
const CONSUMERS: u32 = 2;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct StartLine {
    ready: Mutex<u32>,
    all_ready: Condvar,
}

impl StartLine {
    /// Waits for the other one, unless it was there before.
    pub(super) fn wait(&self) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        *ready += 1;
        self.all_ready.notify_all();
        // Whether the other one has come or not, reading begins.
        drop(
            self.all_ready
                .wait_timeout_while(ready, PATIENCE, |ready| *ready < CONSUMERS),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn the_first_waits_for_the_second_and_nobody_afterwards() {
        let line = StartLine::default();
        thread::scope(|scope| {
            let (sender, started) = mpsc::channel();
            let first = sender.clone();
            let line = &line;
            scope.spawn(move || {
                line.wait();
                first.send("first").unwrap();
            });
            let early = started.recv_timeout(Duration::from_millis(100));
            assert_eq!(early, Err(mpsc::RecvTimeoutError::Timeout));
            scope.spawn(move || {
                line.wait();
                line.wait();
                sender.send("second").unwrap();
            });
            // Well before the patience of the first one ends.
            for _ in 0..2 {
                assert!(started.recv_timeout(PATIENCE / 2).is_ok());
            }
        });
    }
}
