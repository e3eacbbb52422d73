//! The account of one process start that numbers its records without gaps: how many numbers never arrived.

use log_record::{DropReport, Instance, Timestamp};

use super::holes::Holes;
use super::sequences::Run;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Producer {
    /// Which process start.
    pub instance: Instance,
    /// Its service.
    pub service: Box<str>,
    /// Where its last record was read.
    pub partition: i32,
    /// The numbers that are looked at together, the first and the last; none since they were settled.
    pub span: Option<(u64, u64)>,
    /// Numbers of the span that were received; one that comes again is not counted again.
    pub received: u64,
    /// The others.
    pub holes: Holes,
    /// Records received with numbers below the span, and numbers missing in the spans before.
    pub earlier: Settled,
    /// What it says to have dropped since its start.
    pub reported: DropReport,
    /// When it was last heard of, by our clock.
    pub last_seen: Timestamp,
}

/// What is final of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Records received.
    pub received: u64,
    /// Numbers that never arrived.
    pub missing: u64,
}

impl Producer {
    pub(super) fn new(run: &Run, now: Timestamp) -> Producer {
        Producer {
            instance: run.instance,
            service: run.service.clone(),
            partition: run.partition,
            span: None,
            received: 0,
            holes: Holes::default(),
            earlier: Settled::default(),
            reported: DropReport::default(),
            last_seen: now,
        }
    }

    pub(super) fn take(&mut self, run: &Run, now: Timestamp) {
        for (first, last) in run.numbers() {
            self.receive(first, last);
        }
        self.partition = run.partition;
        self.last_seen = now;
        if let Some(report) = run.report {
            self.reported.with_seq = self.reported.with_seq.max(report.with_seq);
            self.reported.without_seq = self.reported.without_seq.max(report.without_seq);
        }
    }

    /// These numbers have come, from the first to the last.
    fn receive(&mut self, first: u64, last: u64) {
        let Some((lowest, highest)) = self.span else {
            self.span = Some((first, last));
            self.received = count(first, last);
            return;
        };
        if first < lowest {
            // They come late, from a spool. Whether they came before is not known.
            let late = count(first, last.min(lowest - 1));
            self.earlier.received = self.earlier.received.saturating_add(late);
        }
        let filled = self.holes.fill(first, last);
        self.received = self.received.saturating_add(filled);
        if last > highest {
            let next = highest + 1;
            if first > next {
                self.holes.open(next, first - 1);
            }
            let new = count(first.max(next), last);
            self.received = self.received.saturating_add(new);
            self.span = Some((lowest, last));
        }
    }

    /// Records are about to be passed over, or were another's to read: what comes next begins a new span.
    pub(super) fn settle(&mut self) {
        self.earlier = Settled {
            received: self.total_received(),
            missing: self.missing(),
        };
        self.span = None;
        self.received = 0;
        self.holes = Holes::default();
    }

    /// All records received.
    #[must_use]
    pub fn total_received(&self) -> u64 {
        self.earlier.received.saturating_add(self.received)
    }

    /// Numbers that did not arrive, so far: those that wait in a spool are among them.
    #[must_use]
    pub fn missing(&self) -> u64 {
        let expected = self.span.map_or(0, |(first, last)| count(first, last));
        let in_span = expected.saturating_sub(self.received);
        self.earlier.missing.saturating_add(in_span)
    }

    /// Missing numbers that the producer does not say to have dropped.
    #[must_use]
    pub fn lost_in_transit(&self) -> u64 {
        self.missing().saturating_sub(self.reported.with_seq)
    }
}

/// How many numbers there are from the first to the last.
fn count(first: u64, last: u64) -> u64 {
    (last - first).saturating_add(1)
}
