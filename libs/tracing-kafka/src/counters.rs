//! The books: what became of every record, by level. Writing them is an atomic addition; no I/O, no policy.

use std::sync::atomic::{AtomicU64, Ordering};

use log_record::Severity;

/// What became of the records of one process, by level.
///
/// A record is **emitted** when the layer accepts an event, a panic, or its own report of drops. From then on it is in
/// exactly one of these states:
/// - **in flight**: in a thread's queue, with the worker, or sent and not answered;
/// - **delivered**: acknowledged by the broker on the topic of all records and, for ERROR and above, on the topic of
///   errors too;
/// - **spooled**: on this machine's disk, because the broker did not take it; it becomes delivered when its replay is
///   acknowledged;
/// - **dropped**: lost, for want of room or because the broker did not take it and there is no spool.
///
/// `emitted = delivered + spooled + dropped + in_flight` at every moment, for every level.
///
/// Beside these stands [`torn`](Counters::torn), which is about records of earlier processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    levels: [LevelCounters; Severity::COUNT],
    torn: u64,
}

/// What became of the records of one level; see [`Counters`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LevelCounters {
    /// Records the layer accepted.
    pub emitted: u64,
    /// Records the broker acknowledged on every topic they belong to.
    pub delivered: u64,
    /// Records that wait on disk.
    pub spooled: u64,
    /// Records that are lost.
    pub dropped: u64,
    /// Records whose fate is open.
    pub in_flight: u64,
}

impl Counters {
    /// The counters of one level.
    #[must_use]
    pub const fn level(&self, severity: Severity) -> LevelCounters {
        self.levels[severity.index()]
    }

    /// The counters of all levels together.
    #[must_use]
    pub fn total(&self) -> LevelCounters {
        let mut total = LevelCounters::default();
        for level in &self.levels {
            total.emitted += level.emitted;
            total.delivered += level.delivered;
            total.spooled += level.spooled;
            total.dropped += level.dropped;
            total.in_flight += level.in_flight;
        }
        total
    }

    /// Records the layer accepted, of all levels.
    #[must_use]
    pub fn emitted(&self) -> u64 {
        self.total().emitted
    }

    /// Records the broker acknowledged, of all levels.
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.total().delivered
    }

    /// Records that wait on disk, of all levels.
    #[must_use]
    pub fn spooled(&self) -> u64 {
        self.total().spooled
    }

    /// Records that are lost, of all levels.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.total().dropped
    }

    /// Records whose fate is open, of all levels.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.total().in_flight
    }

    /// Records of earlier processes that the spool has lost: a crash left them half written, which is counted once, when
    /// the next process opens the file; or Kafka will never take them, because they are longer than it allows. In none
    /// of the other counts, since this process has not emitted them.
    #[must_use]
    pub const fn torn(&self) -> u64 {
        self.torn
    }

    /// From one array per column. What is in flight is the remainder: the outcomes were read before `emitted`, and a
    /// record is counted as emitted before it can have an outcome.
    pub(crate) fn from_columns(
        emitted: [u64; Severity::COUNT],
        delivered: [u64; Severity::COUNT],
        spooled: [u64; Severity::COUNT],
        dropped: [u64; Severity::COUNT],
        torn: u64,
    ) -> Counters {
        let levels = std::array::from_fn(|at| LevelCounters {
            emitted: emitted[at],
            delivered: delivered[at],
            spooled: spooled[at],
            dropped: dropped[at],
            in_flight: emitted[at].saturating_sub(delivered[at] + spooled[at] + dropped[at]),
        });
        Counters { levels, torn }
    }
}

/// One atomic counter per level.
///
/// Outcomes are added with Release and read with Acquire, and `emitted` is read last: a reader that sees an outcome
/// also sees the emission that came before it.
#[derive(Debug, Default)]
pub(crate) struct PerLevel([AtomicU64; Severity::COUNT]);

impl PerLevel {
    #[inline]
    pub(crate) fn add(&self, severity: Severity, count: u64) {
        self.0[severity.index()].fetch_add(count, Ordering::Release);
    }

    /// Adds one where no other thread adds: a fraction of the cost of an atomic addition.
    #[inline]
    pub(crate) fn bump(&self, severity: Severity) {
        let counter = &self.0[severity.index()];
        counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    pub(crate) fn subtract(&self, severity: Severity, count: u64) {
        self.0[severity.index()].fetch_sub(count, Ordering::Release);
    }

    /// Adds the counts to `sums`.
    pub(crate) fn add_to(&self, sums: &mut [u64; Severity::COUNT]) {
        for (sum, count) in sums.iter_mut().zip(&self.0) {
            *sum += count.load(Ordering::Acquire);
        }
    }

    /// Takes over the counts of a queue whose thread has ended.
    pub(crate) fn absorb(&self, other: &PerLevel) {
        for (sum, count) in self.0.iter().zip(&other.0) {
            sum.fetch_add(count.load(Ordering::Acquire), Ordering::Release);
        }
    }

    pub(crate) fn read(&self) -> [u64; Severity::COUNT] {
        let mut sums = [0; Severity::COUNT];
        self.add_to(&mut sums);
        sums
    }
}
