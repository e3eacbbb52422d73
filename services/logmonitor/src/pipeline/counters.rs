//! Counters that only grow: since the archive was made, or without one since the start of the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use log_record::Severity;

/// Counters shared by consumers and API. Taken once a batch and once a request, so a lock is cheap enough.
#[derive(Debug, Default)]
pub struct Counters {
    totals: Mutex<Totals>,
}

/// The counters at one moment, or what one batch adds to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records read from Kafka, by topic.
    pub consumed: BTreeMap<String, u64>,
    /// Errors stored, by level.
    pub stored: BTreeMap<String, u64>,
    /// Errors that were seen before: in the other topic, or delivered again.
    pub duplicates: u64,
    /// Errors that were older than the retention when they arrived, and not stored.
    pub expired: u64,
    /// Records that could not be decoded, by reason.
    pub undecodable: BTreeMap<String, u64>,
    /// Records whose level no logger we know uses; they are INFO.
    pub unknown_levels: u64,
    /// Records that left the quarantine because newer ones needed the room.
    pub quarantine_evicted: u64,
    /// Records that Kafka deleted before they were read.
    pub lost_before_read: u64,
}

/// The names under which counters are archived; those by topic, level and reason are followed by it.
const CONSUMED: &str = "consumed ";
const STORED: &str = "stored ";
const UNDECODABLE: &str = "undecodable ";
const DUPLICATES: &str = "duplicates";
const EXPIRED: &str = "expired";
const UNKNOWN_LEVELS: &str = "unknown_levels";
const QUARANTINE_EVICTED: &str = "quarantine_evicted";
const LOST_BEFORE_READ: &str = "lost_before_read";

impl Counters {
    pub(super) fn new(topics: &[&str]) -> Counters {
        let mut totals = Totals::default();
        for &topic in topics {
            totals.consumed.insert(topic.to_owned(), 0);
        }
        for level in Severity::ALL.iter().filter(|level| level.is_error()) {
            totals.stored.insert(level.as_str().to_owned(), 0);
        }
        Counters {
            totals: Mutex::new(totals),
        }
    }

    /// Adds what a batch brought.
    pub fn add(&self, batch: &Totals) {
        let mut guard = self.lock();
        let totals = &mut *guard;
        for (sums, counts) in [
            (&mut totals.consumed, &batch.consumed),
            (&mut totals.stored, &batch.stored),
            (&mut totals.undecodable, &batch.undecodable),
        ] {
            for (name, count) in counts {
                *sums.entry(name.clone()).or_default() += count;
            }
        }
        totals.duplicates += batch.duplicates;
        totals.expired += batch.expired;
        totals.unknown_levels += batch.unknown_levels;
        totals.quarantine_evicted += batch.quarantine_evicted;
        totals.lost_before_read += batch.lost_before_read;
    }

    /// All of them, now.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Totals> {
        // Every statement that could panic under the lock leaves sums that are right.
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Totals {
    /// Records that could not be decoded, for whatever reason.
    #[must_use]
    pub fn quarantined(&self) -> u64 {
        self.undecodable.values().sum()
    }

    /// Those that are not 0, by the names under which they are archived.
    #[must_use]
    pub fn to_named(&self) -> Vec<(String, u64)> {
        let prefixed = |prefix: &'static str, counts: &BTreeMap<String, u64>| {
            let counts = counts.iter();
            counts
                .map(|(name, &count)| (format!("{prefix}{name}"), count))
                .collect::<Vec<_>>()
        };
        let mut named = prefixed(CONSUMED, &self.consumed);
        named.extend(prefixed(STORED, &self.stored));
        named.extend(prefixed(UNDECODABLE, &self.undecodable));
        named.extend([
            (DUPLICATES.to_owned(), self.duplicates),
            (EXPIRED.to_owned(), self.expired),
            (UNKNOWN_LEVELS.to_owned(), self.unknown_levels),
            (QUARANTINE_EVICTED.to_owned(), self.quarantine_evicted),
            (LOST_BEFORE_READ.to_owned(), self.lost_before_read),
        ]);
        named.retain(|&(_, count)| count > 0);
        named
    }

    /// The reverse of [`Totals::to_named`]; names of other versions are passed over.
    #[must_use]
    pub fn from_named(named: impl IntoIterator<Item = (String, u64)>) -> Totals {
        let mut totals = Totals::default();
        for (name, count) in named {
            let by = [
                (CONSUMED, &mut totals.consumed),
                (STORED, &mut totals.stored),
                (UNDECODABLE, &mut totals.undecodable),
            ]
            .into_iter()
            .find_map(|(prefix, counts)| Some((name.strip_prefix(prefix)?, counts)));
            match by {
                Some((key, counts)) => {
                    counts.insert(key.to_owned(), count);
                }
                None => match name.as_str() {
                    DUPLICATES => totals.duplicates = count,
                    EXPIRED => totals.expired = count,
                    UNKNOWN_LEVELS => totals.unknown_levels = count,
                    QUARANTINE_EVICTED => totals.quarantine_evicted = count,
                    LOST_BEFORE_READ => totals.lost_before_read = count,
                    _ => {}
                },
            }
        }
        totals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_archived_under_names_comes_back() {
        let totals = Totals {
            consumed: [("application-logs".to_owned(), 7)].into(),
            stored: [("ERROR".to_owned(), 2)].into(),
            duplicates: 3,
            expired: 1,
            undecodable: [("malformed json".to_owned(), 4)].into(),
            unknown_levels: 8,
            quarantine_evicted: 5,
            lost_before_read: 6,
        };
        assert_eq!(Totals::from_named(totals.to_named()), totals);
        assert_eq!(Totals::default().to_named(), []);
        assert_eq!(
            Totals::from_named([("of another version".to_owned(), 1)]),
            Totals::default()
        );
    }

    #[test]
    fn a_batch_is_added_to_each_counter() {
        let counters = Counters::new(&["logs"]);
        let batch = Totals {
            consumed: [("logs".to_owned(), 2)].into(),
            undecodable: [("empty".to_owned(), 1)].into(),
            duplicates: 1,
            ..Totals::default()
        };
        counters.add(&batch);
        counters.add(&batch);
        let totals = counters.totals();
        assert_eq!(totals.consumed["logs"], 4);
        assert_eq!((totals.quarantined(), totals.duplicates), (2, 2));
        assert_eq!(totals.stored["ERROR"], 0);
    }
}
