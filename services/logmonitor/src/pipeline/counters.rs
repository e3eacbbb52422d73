//! Counters since the start of the process. They only grow.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use log_record::Severity;

/// Counters since the start of the process, shared by consumers and API.
#[derive(Debug)]
pub struct Counters {
    /// Fixed set of topics, so that counting needs no lock.
    consumed: BTreeMap<String, AtomicU64>,
    stored: [AtomicU64; Severity::COUNT],
    duplicates: AtomicU64,
    expired: AtomicU64,
    /// By reason. Rare by nature, so a lock is cheap enough.
    undecodable: Mutex<BTreeMap<&'static str, u64>>,
}

/// The counters at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records read from Kafka, by topic.
    pub consumed: BTreeMap<String, u64>,
    /// Errors stored, by level.
    pub stored: BTreeMap<&'static str, u64>,
    /// Errors that were seen before: in the other topic, or delivered again.
    pub duplicates: u64,
    /// Errors that were older than the retention when they arrived, and not stored.
    pub expired: u64,
    /// Records that could not be decoded, by reason.
    pub undecodable: BTreeMap<&'static str, u64>,
}

impl Counters {
    pub(super) fn new(topics: &[&str]) -> Counters {
        Counters {
            consumed: topics
                .iter()
                .map(|&topic| (topic.to_owned(), AtomicU64::new(0)))
                .collect(),
            stored: [const { AtomicU64::new(0) }; Severity::COUNT],
            duplicates: AtomicU64::new(0),
            expired: AtomicU64::new(0),
            undecodable: Mutex::new(BTreeMap::new()),
        }
    }

    /// So many records of the topic were read.
    pub fn add_consumed(&self, topic: &str, count: u64) {
        if let Some(counter) = self.consumed.get(topic) {
            counter.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// So many errors of the level were stored.
    pub fn add_stored(&self, level: Severity, count: u64) {
        self.stored[level.index()].fetch_add(count, Ordering::Relaxed);
    }

    /// So many errors had been seen before.
    pub fn add_duplicates(&self, count: u64) {
        self.duplicates.fetch_add(count, Ordering::Relaxed);
    }

    /// So many errors were older than the retention.
    pub fn add_expired(&self, count: u64) {
        self.expired.fetch_add(count, Ordering::Relaxed);
    }

    /// A record could not be decoded. Returns how many had that reason before.
    pub fn add_undecodable(&self, reason: &'static str) -> u64 {
        let mut by_reason = self
            .undecodable
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = by_reason.entry(reason).or_default();
        *count += 1;
        *count - 1
    }

    /// All of them, now. Counters move independently: sums may be off by what arrived in between.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Totals {
            consumed: self
                .consumed
                .iter()
                .map(|(topic, counter)| (topic.clone(), load(counter)))
                .collect(),
            stored: Severity::ALL
                .iter()
                .filter(|level| level.is_error())
                .map(|level| (level.as_str(), load(&self.stored[level.index()])))
                .collect(),
            duplicates: load(&self.duplicates),
            expired: load(&self.expired),
            undecodable: self
                .undecodable
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
        }
    }
}

impl Totals {
    /// Records that could not be decoded, for whatever reason.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        self.undecodable.values().sum()
    }
}
