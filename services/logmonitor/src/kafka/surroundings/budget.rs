//! What one request may cost: records and bytes read, and time.

use std::time::{Duration, Instant};

use super::answer::Reason;

/// Records read on one side of an error.
const MAX_RECORDS: u64 = 1_000_000;
/// Bytes of their values.
const MAX_BYTES: u64 = 512 << 20;
/// How long reading one side may take.
const MAX_TIME: Duration = Duration::from_secs(2);
/// Records read to find the error itself.
const LOOKUP_RECORDS: u64 = 200_000;
/// It is checked once in so many records.
const CHECK_EVERY: u64 = 256;

/// What is left of it, and what has been used.
#[derive(Debug)]
pub(super) struct Budget {
    deadline: Instant,
    max_records: u64,
    bytes: u64,
    scanned: u64,
}

impl Budget {
    /// For one side of an error.
    pub(super) fn side() -> Budget {
        Budget {
            deadline: Instant::now() + MAX_TIME,
            max_records: MAX_RECORDS,
            bytes: 0,
            scanned: 0,
        }
    }

    /// For finding the error.
    pub(super) fn lookup() -> Budget {
        Budget {
            max_records: LOOKUP_RECORDS,
            ..Budget::side()
        }
    }

    /// One record was read. Says why it should be the last one, if it should.
    pub(super) fn spend(&mut self, bytes: usize) -> Option<Reason> {
        self.scanned += 1;
        self.bytes += bytes as u64;
        if self.scanned.is_multiple_of(CHECK_EVERY) {
            self.spent()
        } else {
            None
        }
    }

    /// What is used up, if anything is.
    pub(super) fn spent(&self) -> Option<Reason> {
        if self.scanned >= self.max_records {
            Some(Reason::Records)
        } else if self.bytes >= MAX_BYTES {
            Some(Reason::Bytes)
        } else {
            (Instant::now() >= self.deadline).then_some(Reason::Time)
        }
    }

    /// How many more records may be read.
    pub(super) fn records_left(&self) -> u64 {
        self.max_records.saturating_sub(self.scanned)
    }

    /// How many were read.
    pub(super) fn scanned(&self) -> u64 {
        self.scanned
    }
}
