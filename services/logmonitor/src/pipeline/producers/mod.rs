//! Gaps in `(instance, seq)`: the layer numbers the records of a process without gaps, so a number that does not arrive
//! is a record that was dropped by its producer, which says so when it can, or lost on its way.
//!
//! Every number comes through the topic of all records, in the partition of its instance, and mostly in order: so it is
//! enough to know the lowest, the highest and the holes. One that was given up and came all the same comes again, out of
//! the spool of its producer, and counts once.

mod holes;
mod producer;
mod sequences;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use foldhash::{HashMap, HashMapExt as _};
use log_record::{Instance, Timestamp};

use super::lock;
use crate::store::OTHER_SERVICES;

pub use holes::{Holes, MAX_HOLES};
pub use producer::{Producer, Settled};
pub use sequences::Sequences;

/// Process starts with an account of their own; those silent for longest are then added to the sums of their service.
pub const MAX_PRODUCERS: usize = 10_000;
/// Services with sums of their own; the others share [`OTHER_SERVICES`].
const MAX_SERVICES: usize = 10_000;

/// Sums over process starts of one service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceProducers {
    /// Process starts.
    pub instances: u64,
    /// Numbers that arrived; one that arrives again counts once, as far as [`MAX_HOLES`] can tell.
    pub received: u64,
    /// Numbers that did not arrive, so far.
    pub missing: u64,
    /// Records that the producers say to have dropped, with and without a number.
    pub reported_dropped: u64,
    /// Missing numbers that no producer says to have dropped.
    pub lost_in_transit: u64,
}

/// What a batch changes, to be kept in its transaction.
#[derive(Clone, Debug, Default)]
pub struct ProducerChanges {
    /// Accounts as they are from now on.
    pub changed: Vec<Producer>,
    /// Accounts that are closed.
    pub closed: Vec<Instance>,
    /// The sums of closed accounts, of services where they change.
    pub sums: Vec<(Box<str>, ServiceProducers)>,
}

/// The accounts of all producers that number their records.
#[derive(Debug)]
pub struct Producers {
    /// The topic through which every record comes.
    topic: String,
    /// Taken for a moment per batch and per request.
    ledger: Mutex<Ledger>,
}

#[derive(Debug, Default)]
struct Ledger {
    open: HashMap<Instance, Producer>,
    /// Settled, and not kept yet.
    settled: Vec<Instance>,
    /// Closed accounts, by service.
    closed: BTreeMap<Box<str>, ServiceProducers>,
}

impl Producers {
    pub(super) fn new(topic: &str) -> Producers {
        Producers {
            topic: topic.to_owned(),
            ledger: Mutex::default(),
        }
    }

    /// Whether the topic is the one through which every record comes.
    #[must_use]
    pub fn are_of(&self, topic: &str) -> bool {
        self.topic == topic
    }

    /// Takes over what the archive has kept.
    pub fn restore(
        &self,
        open: Vec<Producer>,
        closed: impl IntoIterator<Item = (Box<str>, ServiceProducers)>,
    ) {
        let mut ledger = self.ledger();
        ledger.open = open.into_iter().map(|p| (p.instance, p)).collect();
        ledger.closed = closed.into_iter().collect();
    }

    /// What a batch changes. Nothing is changed before [`Producers::apply`].
    #[must_use]
    pub fn changes(&self, sequences: &Sequences, now: Timestamp) -> ProducerChanges {
        let ledger = self.ledger();
        let mut changed: HashMap<Instance, Producer> = HashMap::new();
        for instance in &ledger.settled {
            if let Some(producer) = ledger.open.get(instance) {
                changed.insert(*instance, producer.clone());
            }
        }
        for run in sequences.runs() {
            let known = ledger.open.get(&run.instance);
            changed
                .entry(run.instance)
                .or_insert_with(|| known.cloned().unwrap_or_else(|| Producer::new(run, now)))
                .take(run, now);
        }
        let mut changes = ProducerChanges::default();
        ledger.close_oldest(&mut changed, &mut changes);
        changes.changed = changed.into_values().collect();
        changes
    }

    /// The changes are kept: shows them.
    pub fn apply(&self, changes: ProducerChanges) {
        let mut ledger = self.ledger();
        ledger.settled.clear();
        for producer in changes.changed {
            ledger.open.insert(producer.instance, producer);
        }
        for instance in changes.closed {
            ledger.open.remove(&instance);
        }
        ledger.closed.extend(changes.sums);
    }

    /// The next record of a partition does not follow the last one that was read of it.
    pub fn settle(&self, topic: &str, partition: i32) {
        if !self.are_of(topic) {
            return;
        }
        let mut guard = self.ledger();
        let ledger = &mut *guard;
        let of_partition = ledger.open.values_mut();
        for producer in of_partition.filter(|producer| producer.partition == partition) {
            producer.settle();
            ledger.settled.push(producer.instance);
        }
    }

    /// Sums by service, of all process starts ever heard of.
    #[must_use]
    pub fn by_service(&self) -> BTreeMap<Box<str>, ServiceProducers> {
        let ledger = self.ledger();
        let mut sums = ledger.closed.clone();
        for producer in ledger.open.values() {
            match sums.get_mut(&producer.service) {
                Some(sum) => sum.add(producer),
                None => sums
                    .entry(producer.service.clone())
                    .or_default()
                    .add(producer),
            }
        }
        sums
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        lock(&self.ledger)
    }
}

impl Ledger {
    /// Closes accounts where there would be too many: a tenth at once, so that it is done rarely.
    fn close_oldest(&self, changed: &mut HashMap<Instance, Producer>, into: &mut ProducerChanges) {
        let added = changed.keys().filter(|key| !self.open.contains_key(key));
        let total = self.open.len() + added.count();
        if total <= MAX_PRODUCERS {
            return;
        }
        let unchanged = self
            .open
            .values()
            .filter(|producer| !changed.contains_key(&producer.instance));
        let mut all: Vec<&Producer> = unchanged.chain(changed.values()).collect();
        all.sort_by_key(|producer| (producer.last_seen, producer.instance));
        all.truncate(total - MAX_PRODUCERS * 9 / 10);
        let mut sums: BTreeMap<Box<str>, ServiceProducers> = BTreeMap::new();
        for producer in all {
            let known = self.closed.contains_key(&producer.service);
            let has_room = self.closed.len() + sums.len() < MAX_SERVICES;
            let service = if known || has_room || sums.contains_key(&producer.service) {
                &producer.service
            } else {
                &Box::from(OTHER_SERVICES)
            };
            let before = || self.closed.get(service).cloned().unwrap_or_default();
            let sum = sums.entry(service.clone()).or_insert_with(before);
            sum.add(producer);
            into.closed.push(producer.instance);
        }
        into.sums = sums.into_iter().collect();
        for instance in &into.closed {
            changed.remove(instance);
        }
    }
}

impl ServiceProducers {
    fn add(&mut self, producer: &Producer) {
        self.instances += 1;
        self.received = self.received.saturating_add(producer.total_received());
        self.missing = self.missing.saturating_add(producer.missing());
        let reported = producer.reported;
        self.reported_dropped = self
            .reported_dropped
            .saturating_add(reported.with_seq.saturating_add(reported.without_seq));
        self.lost_in_transit = self
            .lost_in_transit
            .saturating_add(producer.lost_in_transit());
    }
}
