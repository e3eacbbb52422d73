//! Errors that another archive has, although their copies are still to be read here: who takes a partition over does
//! not keep them once more.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foldhash::HashMap;
use log_record::{Instance, Timestamp};

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

/// Errors of one partition.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    pub(crate) identities: HashSet<(Instance, u64), foldhash::fast::RandomState>,
    /// The Kafka timestamp of the newest.
    pub(crate) newest: Timestamp,
}

impl Elsewhere {
    /// Another archive has these; what was known of the partition before is forgotten.
    pub(crate) fn learn(&self, partition: i32, errors: Errors) {
        let mut partitions = self.partitions();
        partitions.insert(partition, errors);
        partitions.retain(|_, errors| !errors.identities.is_empty());
        self.note(&partitions);
    }

    /// Whether another archive has this error.
    pub(crate) fn has(&self, instance: Instance, seq: u64) -> bool {
        self.0.is_known.load(Ordering::Relaxed)
            && self
                .partitions()
                .values()
                .any(|errors| errors.identities.contains(&(instance, seq)))
    }

    /// The logs of the partition have been read up to this Kafka timestamp: forgets what does not come again.
    pub(crate) fn pass(&self, partition: i32, at: Timestamp) {
        if !self.0.is_known.load(Ordering::Relaxed) {
            return;
        }
        let mut partitions = self.partitions();
        let spread = SPREAD.as_millis() as i64;
        partitions.retain(|&number, errors| {
            number != partition || at.as_millis() <= errors.newest.as_millis() + spread
        });
        self.note(&partitions);
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
        let (instance, other) = (Instance(7), Instance(8));
        assert!(!elsewhere.has(instance, 1));
        let errors = |identity, millis| Errors {
            identities: [identity].into_iter().collect(),
            newest: Timestamp::from_millis(millis),
        };
        elsewhere.learn(0, errors((instance, 1), 50_000));
        elsewhere.learn(1, errors((other, 1), 90_000));
        assert!(elsewhere.has(instance, 1) && elsewhere.has(other, 1));
        assert!(!elsewhere.has(instance, 2));
        // The copy of the newest may come up to here.
        elsewhere.pass(0, Timestamp::from_millis(60_000));
        assert!(elsewhere.has(instance, 1));
        elsewhere.pass(0, Timestamp::from_millis(60_001));
        assert!(!elsewhere.has(instance, 1) && elsewhere.has(other, 1));
        elsewhere.learn(1, Errors::default());
        assert!(!elsewhere.has(other, 1));
    }
}
