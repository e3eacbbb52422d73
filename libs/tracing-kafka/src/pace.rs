//! How long the worker sleeps between rounds. Waking it costs the caller a system call, so it looks by itself: every
//! millisecond under load, less and less often when nothing comes.

use std::thread;
use std::time::{Duration, Instant};

use crate::pipeline::Pipeline;

const SHORTEST: Duration = Duration::from_millis(1);
/// While records came within the last second, or the broker owes answers.
const WHILE_ACTIVE: Duration = Duration::from_millis(10);
/// While records came within the last ten seconds.
const WHILE_QUIET: Duration = Duration::from_millis(50);
/// After that; whoever logs wakes the worker.
const WHILE_ASLEEP: Duration = Duration::from_secs(1);

/// How the worker has rested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Between rounds.
    Short,
    /// There has been nothing to do for some time.
    Long,
}

/// The rhythm of one worker.
#[derive(Debug)]
pub(crate) struct Pace {
    pause: Duration,
    last_record: Instant,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            pause: SHORTEST,
            last_record: Instant::now(),
        }
    }
}

impl Pace {
    /// Sleeps until it is time for the next round or somebody calls.
    pub(crate) fn rest(&mut self, pipeline: &Pipeline, taken: usize, unanswered: bool) -> Rest {
        if taken > 0 {
            self.last_record = Instant::now();
            self.pause = SHORTEST;
            thread::park_timeout(SHORTEST);
            return Rest::Short;
        }
        let quiet_for = self.last_record.elapsed();
        let longest = if unanswered || quiet_for < Duration::from_secs(1) {
            WHILE_ACTIVE
        } else if quiet_for < Duration::from_secs(10) {
            WHILE_QUIET
        } else {
            WHILE_ASLEEP
        };
        self.pause = (self.pause * 2).min(longest);
        if longest == WHILE_ASLEEP {
            self.pause = WHILE_ASLEEP;
            self.sleep_long(pipeline);
            return Rest::Long;
        }
        thread::park_timeout(self.pause);
        Rest::Short
    }

    /// Announced, so that the first record in a long time is not sent a second late.
    fn sleep_long(&self, pipeline: &Pipeline) {
        pipeline.announce_long_sleep(true);
        if pipeline.is_idle() {
            thread::park_timeout(self.pause);
        }
        pipeline.announce_long_sleep(false);
    }
}
