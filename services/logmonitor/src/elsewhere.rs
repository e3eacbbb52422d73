//! Errors that another archive has, although their copies are still to be read here: who takes a partition over does
//! not keep them once more.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foldhash::HashMap;
use foldhash::fast::RandomState;
use log_record::{Instance, Timestamp};
use xxhash_rust::xxh3::xxh3_128;

/// The copies of an error lie this much apart at most, by Kafka's time.
pub(crate) const SPREAD: Duration = Duration::from_secs(10);

/// A cheap handle to what is known of them, by partition. The copies of an error lie in partitions of the same number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elsewhere(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Whether there is anything to look up: mostly there is not.
    is_known: AtomicBool,
    partitions: Mutex<HashMap<i32, Errors>>,
}

/// Who has numbered a record, and how.
pub(crate) type Identity = (Instance, u64);

/// Errors of one partition.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    /// Those that their process has numbered.
    numbered: HashSet<Identity, RandomState>,
    /// Hashes of the messages of all others.
    payloads: HashSet<u128, RandomState>,
    /// The Kafka timestamp of the newest.
    newest: Timestamp,
}

impl Errors {
    /// Adds the errors of a message: one that its process has numbered, or others.
    pub(crate) fn add(&mut self, identity: Option<Identity>, payload: &[u8], at: Timestamp) {
        match identity {
            Some(identity) => self.numbered.insert(identity),
            None => self.payloads.insert(xxh3_128(payload)),
        };
        self.newest = self.newest.max(at);
    }

    /// How many there are, several errors of one message taken for one.
    pub(crate) fn len(&self) -> usize {
        self.numbered.len() + self.payloads.len()
    }

    fn has(&self, identity: Option<Identity>, payload: &[u8]) -> bool {
        identity.is_some_and(|identity| self.numbered.contains(&identity))
            || !self.payloads.is_empty() && self.payloads.contains(&xxh3_128(payload))
    }
}

impl Elsewhere {
    /// Another archive has these; what was known of the partition before is forgotten.
    pub(crate) fn learn(&self, partition: i32, errors: Errors) {
        let mut partitions = self.partitions();
        partitions.insert(partition, errors);
        partitions.retain(|_, errors| errors.len() > 0);
        self.note(&partitions);
    }

    /// Whether another archive has this error of the logs: by its identity, or else by its message.
    pub(crate) fn has(&self, identity: Option<Identity>, payload: &[u8]) -> bool {
        self.0.is_known.load(Ordering::Relaxed)
            && self
                .partitions()
                .values()
                .any(|errors| errors.has(identity, payload))
    }

    /// The logs of the partition have been read up to this Kafka timestamp: forgets what does not come again. Returns
    /// whether that was all that was known of the partition.
    pub(crate) fn pass(&self, partition: i32, at: Timestamp) -> bool {
        if !self.0.is_known.load(Ordering::Relaxed) {
            return false;
        }
        let mut partitions = self.partitions();
        let spread = SPREAD.as_millis() as i64;
        let is_past = partitions
            .get(&partition)
            .is_some_and(|errors| at.as_millis() > errors.newest.as_millis() + spread);
        if is_past {
            partitions.remove(&partition);
            self.note(&partitions);
        }
        is_past
    }

    fn note(&self, partitions: &HashMap<i32, Errors>) {
        self.0
            .is_known
            .store(!partitions.is_empty(), Ordering::Relaxed);
    }

    fn partitions(&self) -> MutexGuard<'_, HashMap<i32, Errors>> {
        self.0
            .partitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_known_until_the_logs_are_past_them() {
        let elsewhere = Elsewhere::default();
        let (ours, theirs) = ((Instance(7), 1), (Instance(8), 1));
        let has = |identity| elsewhere.has(Some(identity), b"of no interest");
        assert!(!has(ours));
        let errors = |identity, millis| {
            let mut errors = Errors::default();
            errors.add(Some(identity), b"", Timestamp::from_millis(millis));
            errors
        };
        elsewhere.learn(0, errors(ours, 50_000));
        elsewhere.learn(1, errors(theirs, 90_000));
        assert!(has(ours) && has(theirs));
        assert!(!has((Instance(7), 2)));
        // The copy of the newest may come up to here.
        assert!(!elsewhere.pass(0, Timestamp::from_millis(60_000)));
        assert!(has(ours));
        assert!(elsewhere.pass(0, Timestamp::from_millis(60_001)));
        assert!(!elsewhere.pass(0, Timestamp::from_millis(60_001)));
        assert!(!has(ours) && has(theirs));
        elsewhere.learn(1, Errors::default());
        assert!(!has(theirs));
    }

    #[test]
    fn errors_that_nobody_has_numbered_are_known_by_their_bytes() {
        let elsewhere = Elsewhere::default();
        let mut errors = Errors::default();
        errors.add(None, b"db down", Timestamp::from_millis(0));
        elsewhere.learn(0, errors);
        assert!(elsewhere.has(None, b"db down"));
        assert!(!elsewhere.has(None, b"db up"));
        // A number that only the decoder finds.
        assert!(elsewhere.has(Some((Instance(7), 1)), b"db down"));
    }
}
