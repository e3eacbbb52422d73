//! Records of the spool that are sent together: what has become of them, and how that is booked.

use std::sync::atomic::Ordering;

use log_record::Severity;

use crate::pipeline::Pipeline;
use crate::producer::Outcome;

/// Frames of one file that are on their way.
#[derive(Debug)]
pub(crate) struct Portion {
    /// Of the first adopted file rather than of this process's own.
    pub(crate) is_adopted: bool,
    pub(crate) end: u64,
    pub(crate) records: usize,
    /// Records of this process in it, by severity.
    pub(crate) own: [u64; Severity::COUNT],
    pub(crate) failed: bool,
    /// There is a record that will never be taken.
    pub(crate) unfit: bool,
}

impl Portion {
    pub(crate) fn new(is_adopted: bool, end: u64, records: usize) -> Portion {
        Portion {
            is_adopted,
            end,
            records,
            own: [0; Severity::COUNT],
            failed: false,
            unfit: false,
        }
    }

    /// Notes what a topic, or the producer, says of one of the records.
    pub(crate) fn note(&mut self, outcome: Outcome) {
        self.failed |= outcome != Outcome::Delivered;
        self.unfit |= outcome == Outcome::Unfit;
    }

    /// Books its records as delivered, or the only one as lost.
    pub(crate) fn book(&self, pipeline: &Pipeline) {
        for severity in Severity::ALL {
            let count = self.own[severity.index()];
            // This way round a reader sees such a record in flight for a moment, never twice.
            pipeline.spooled.subtract(severity, count);
            if !self.unfit {
                pipeline.delivered.add(severity, count);
            } else if count > 0 {
                pipeline.drop_with_seq(severity);
            }
        }
        if self.unfit && self.own.iter().all(|count| *count == 0) {
            pipeline.torn.fetch_add(1, Ordering::Relaxed);
        }
    }
}
