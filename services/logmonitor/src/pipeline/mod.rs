//! How the pipeline is doing: what was counted, where every partition stands, what is in the way. Written by the
//! consumers, read by the API; knows neither Kafka's client nor HTTP.

mod canary;
mod counters;
mod gaps;
mod partition;
mod producers;
#[cfg(test)]
mod tests;
mod topic;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use log_record::Timestamp;

pub use canary::CanaryStatus;
pub use counters::{Counters, Totals};
pub use gaps::MAX_GAPS;
pub use partition::PartitionStatus;
pub use producers::{
    Holes, MAX_HOLES, MAX_PRODUCERS, Producer, ProducerChanges, Producers, Sequences,
    ServiceProducers, Settled,
};

use crate::archive::Gap;
use canary::Canaries;
use gaps::Gaps;
use topic::TopicState;

/// A cheap handle to the state of the pipeline.
#[derive(Clone, Debug)]
pub struct Pipeline {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    counters: Counters,
    /// One entry a topic. Taken for a moment per batch by a consumer and per request by the API; never held while
    /// either does anything else.
    topics: Mutex<BTreeMap<String, TopicState>>,
    gaps: Mutex<Gaps>,
    canaries: Mutex<Canaries>,
    producers: Producers,
}

impl Pipeline {
    /// A pipeline that reads `topics`, the first of them with every record, and has not begun.
    #[must_use]
    pub fn new(topics: &[&str]) -> Pipeline {
        let states = topics
            .iter()
            .map(|&topic| (topic.to_owned(), TopicState::new()));
        Pipeline {
            inner: Arc::new(Inner {
                counters: Counters::new(topics),
                topics: Mutex::new(states.collect()),
                gaps: Mutex::default(),
                canaries: Mutex::default(),
                producers: Producers::new(topics.first().copied().unwrap_or_default()),
            }),
        }
    }

    /// What was counted since the start.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.inner.counters
    }

    /// What the producers that number their records have sent and dropped.
    #[must_use]
    pub fn producers(&self) -> &Producers {
        &self.inner.producers
    }

    fn topics(&self) -> MutexGuard<'_, BTreeMap<String, TopicState>> {
        lock(&self.inner.topics)
    }

    /// Changes the state of a topic. What is not read here has none, and nothing comes of it.
    fn update<T: Default>(&self, topic: &str, change: impl FnOnce(&mut TopicState) -> T) -> T {
        self.topics().get_mut(topic).map(change).unwrap_or_default()
    }

    /// Whether a broker answers. Returns whether that is news.
    pub fn set_connected(&self, topic: &str, connected: bool) -> bool {
        self.update(topic, |state| state.set_connected(connected))
    }

    /// What keeps the topic from being read, until it is connected again. Returns whether that is news.
    pub fn set_problem(&self, topic: &str, problem: &str) -> bool {
        self.update(topic, |state| state.set_problem(problem))
    }

    /// What was read of the topic cannot be kept, and is tried again; `None`: it can, or nobody wants it any more.
    pub fn set_refusal(&self, topic: &str, refusal: Option<String>) {
        self.update(topic, |state| state.refusal = refusal);
    }

    /// The partitions of the topic that this process reads, from now on.
    pub fn assign(&self, topic: &str, partitions: &[i32]) {
        self.update(topic, |state| state.assign(partitions));
    }

    /// The topic's partitions were taken away; others may get them.
    pub fn revoke(&self, topic: &str) {
        self.update(topic, TopicState::revoke);
    }

    /// A partition was read up to `position`; its last record is from `timestamp`.
    pub fn advance(&self, topic: &str, partition: i32, position: i64, timestamp: Timestamp) {
        self.update(topic, |state| state.advance(partition, position, timestamp));
    }

    /// The broker told where a partition ends, and from where an assigned one is read.
    pub fn set_watermark(
        &self,
        topic: &str,
        partition: i32,
        high_watermark: i64,
        next_offset: Option<i64>,
    ) {
        self.update(topic, |state| {
            state.set_watermark(partition, high_watermark, next_offset);
        });
    }

    /// How long Kafka keeps the records of a topic; `None` is for ever, or unknown.
    pub fn set_retention(&self, topic: &str, retention: Option<Duration>) {
        self.update(topic, |state| state.retention = retention);
    }

    /// Offsets were passed over.
    pub fn add_gap(&self, gap: Gap) {
        lock(&self.inner.gaps).add(gap);
    }

    /// The newest gaps, newest first.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        lock(&self.inner.gaps).newest_first()
    }

    /// A canary was sent to a topic.
    pub fn canary_sent(&self, topic: &str, at: Timestamp) {
        lock(&self.inner.canaries).sent(topic, at);
    }

    /// The canary that was sent at `sent` came back.
    pub fn canary_returned(&self, topic: &str, sent: Timestamp, now: Timestamp) {
        lock(&self.inner.canaries).returned(topic, sent, now);
    }

    /// How the canaries of each topic fare.
    #[must_use]
    pub fn canaries(&self) -> Vec<CanaryStatus> {
        lock(&self.inner.canaries).status()
    }

    /// Whether a broker answers for every topic.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.topics().values().all(|state| state.connected)
    }

    /// Why the pipeline does not run, a sentence each; empty when it does.
    #[must_use]
    pub fn obstacles(&self) -> Vec<String> {
        let topics = self.topics();
        let obstacles = topics
            .iter()
            .filter_map(|(topic, state)| Some((topic, state.obstacle()?)));
        obstacles
            .map(|(topic, obstacle)| format!("topic {topic}: {obstacle}"))
            .collect()
    }

    /// Where every assigned partition stands.
    #[must_use]
    pub fn partitions(&self, now: Timestamp) -> Vec<PartitionStatus> {
        let topics = self.topics();
        let all = topics
            .iter()
            .flat_map(|(topic, state)| state.partitions.iter().map(move |at| (topic, state, at)));
        all.map(|(topic, state, (&partition, at))| {
            at.status(topic, partition, state.retention, now)
        })
        .collect()
    }
}

/// A panic while holding one of these left at worst one gauge out of date.
fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
