//! How the pipeline is doing: what was counted, where every partition stands, what is in the way. Written by the
//! consumers, read by the API; knows neither Kafka's client nor HTTP.

mod canary;
mod counters;
mod producers;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use log_record::Timestamp;

pub use canary::CanaryStatus;
pub use counters::{Counters, Totals};
pub use producers::{
    MAX_PRODUCERS, Producer, ProducerChanges, Producers, Sequences, ServiceProducers, Settled,
};

use crate::archive::Gap;
use canary::Canaries;

/// Gaps that are shown, the newest ones.
pub const MAX_GAPS: usize = 20;

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
    /// The newest last.
    gaps: Mutex<VecDeque<Gap>>,
    canaries: Mutex<Canaries>,
    producers: Producers,
}

/// What is known of one topic.
#[derive(Clone, Debug, Default)]
struct TopicState {
    connected: bool,
    /// Whether the group has given this process its partitions at least once since it was connected.
    assigned: bool,
    /// What keeps the topic from being read, as a sentence.
    problem: Option<String>,
    /// Why what was read of it cannot be kept now.
    refusal: Option<String>,
    partitions: BTreeMap<i32, PartitionState>,
    /// How long Kafka keeps a record, if that is limited and known.
    retention: Option<Duration>,
}

#[derive(Clone, Copy, Debug, Default)]
struct PartitionState {
    /// Offset of the next record to read.
    position: Option<i64>,
    high_watermark: Option<i64>,
    /// Kafka timestamp of the last record read.
    last_timestamp: Option<Timestamp>,
}

/// Where one partition stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionStatus {
    /// The topic's name.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
    /// Offset of the next record to read; `None` before the first one was read.
    pub position: Option<i64>,
    /// Offset after the last record in Kafka; `None` before the broker told.
    pub high_watermark: Option<i64>,
    /// Records in Kafka that were not read yet.
    pub lag: Option<i64>,
    /// How old the last record read is, in seconds, while there are more to read; 0 when there are none.
    pub lag_seconds: Option<f64>,
    /// Seconds until Kafka deletes the oldest record that was not read; the whole retention when there is none.
    /// `None` where Kafka keeps records for ever, or does not say.
    pub headroom_seconds: Option<f64>,
}

impl Pipeline {
    /// A pipeline that reads `topics`, the first of them with every record, and has not begun.
    #[must_use]
    pub fn new(topics: &[&str]) -> Pipeline {
        let states = topics.iter().map(|&topic| {
            let state = TopicState {
                problem: Some("not connected yet".to_owned()),
                ..TopicState::default()
            };
            (topic.to_owned(), state)
        });
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

    fn update(&self, topic: &str, change: impl FnOnce(&mut TopicState)) {
        if let Some(state) = self.topics().get_mut(topic) {
            change(state);
        }
    }

    /// Whether a broker answers. Returns whether that is news.
    pub fn set_connected(&self, topic: &str, connected: bool) -> bool {
        let mut changed = false;
        self.update(topic, |state| {
            changed = state.connected != connected;
            state.connected = connected;
            if connected {
                state.problem = None;
            }
        });
        changed
    }

    /// What keeps the topic from being read, until it is connected again. Returns whether that is news.
    pub fn set_problem(&self, topic: &str, problem: &str) -> bool {
        let mut changed = false;
        self.update(topic, |state| {
            changed = state.problem.as_deref() != Some(problem);
            state.connected = false;
            state.problem = Some(problem.to_owned());
        });
        changed
    }

    /// What was read of the topic cannot be kept, and is tried again; `None`: it can, or nobody wants it any more.
    pub fn set_refusal(&self, topic: &str, refusal: Option<String>) {
        self.update(topic, |state| state.refusal = refusal);
    }

    /// The partitions of the topic that this process reads, from now on.
    pub fn assign(&self, topic: &str, partitions: &[i32]) {
        self.update(topic, |state| {
            state.assigned = true;
            state
                .partitions
                .retain(|partition, _| partitions.contains(partition));
            for &partition in partitions {
                state.partitions.entry(partition).or_default();
            }
        });
    }

    /// The topic's partitions were taken away; others may get them.
    pub fn revoke(&self, topic: &str) {
        self.update(topic, |state| {
            state.assigned = false;
            state.partitions.clear();
        });
    }

    /// A partition was read up to `position`; its last record is from `timestamp`.
    pub fn advance(&self, topic: &str, partition: i32, position: i64, timestamp: Timestamp) {
        self.update(topic, |state| {
            state.refusal = None;
            let partition = state.partitions.entry(partition).or_default();
            partition.position = Some(position);
            partition.last_timestamp = Some(timestamp);
        });
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
            if let Some(partition) = state.partitions.get_mut(&partition) {
                partition.high_watermark = Some(high_watermark);
                partition.position = partition.position.or(next_offset);
            }
        });
    }

    /// How long Kafka keeps the records of a topic; `None` is for ever, or unknown.
    pub fn set_retention(&self, topic: &str, retention: Option<Duration>) {
        self.update(topic, |state| state.retention = retention);
    }

    /// Offsets were passed over.
    pub fn add_gap(&self, gap: Gap) {
        let mut gaps = lock(&self.inner.gaps);
        if gaps.len() == MAX_GAPS {
            gaps.pop_front();
        }
        gaps.push_back(gap);
    }

    /// The newest gaps, newest first.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        lock(&self.inner.gaps).iter().rev().cloned().collect()
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
        topics
            .iter()
            .filter_map(|(topic, state)| match &state.problem {
                Some(problem) => Some(format!("topic {topic}: {problem}")),
                None if let Some(refusal) = &state.refusal => Some(format!(
                    "topic {topic}: reading pauses until what was read can be kept: {refusal}"
                )),
                None if !state.connected => Some(format!("topic {topic}: no broker answers")),
                None if !state.assigned => Some(format!(
                    "topic {topic}: waiting for the group to assign partitions"
                )),
                None => None,
            })
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

impl PartitionState {
    fn status(
        &self,
        topic: &str,
        partition: i32,
        retention: Option<Duration>,
        now: Timestamp,
    ) -> PartitionStatus {
        // The watermark is told once a second: a position may be ahead of it.
        let high_watermark = self
            .high_watermark
            .max(self.position.filter(|_| self.high_watermark.is_some()));
        let lag = self
            .position
            .zip(high_watermark)
            .map(|(position, high)| (high - position).max(0));
        let age = self
            .last_timestamp
            .map(|last| (now.as_micros() - last.as_micros()).max(0) as f64 / 1e6);
        let lag_seconds = match lag {
            Some(0) => Some(0.0),
            Some(_) => age,
            None => None,
        };
        PartitionStatus {
            topic: topic.to_owned(),
            partition,
            position: self.position,
            high_watermark,
            lag,
            lag_seconds,
            // The next record is no older than the last one read.
            headroom_seconds: retention
                .zip(lag_seconds)
                .map(|(retention, behind)| (retention.as_secs_f64() - behind).max(0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_runs_once_every_topic_is_connected_and_assigned() {
        let pipeline = Pipeline::new(&["logs", "errors"]);
        assert_eq!(pipeline.obstacles().len(), 2);
        for topic in ["logs", "errors"] {
            assert!(pipeline.set_connected(topic, true));
            assert!(!pipeline.set_connected(topic, true));
        }
        assert!(
            pipeline
                .obstacles()
                .iter()
                .all(|obstacle| obstacle.contains("assign"))
        );
        pipeline.assign("logs", &[0, 1]);
        pipeline.assign("errors", &[0]);
        assert_eq!(pipeline.obstacles(), Vec::<String>::new());
        assert!(pipeline.set_problem("errors", "the broker went away"));
        assert!(!pipeline.set_problem("errors", "the broker went away"));
        assert_eq!(pipeline.obstacles(), ["topic errors: the broker went away"]);
        assert!(!pipeline.is_connected());
    }

    #[test]
    fn what_cannot_be_kept_is_in_the_way_until_it_can() {
        let pipeline = Pipeline::new(&["logs"]);
        pipeline.set_connected("logs", true);
        pipeline.assign("logs", &[0]);
        for is_dropped in [false, true] {
            pipeline.set_refusal("logs", Some("the disk is full".to_owned()));
            // A broker that answers does not make room.
            pipeline.set_connected("logs", true);
            assert!(pipeline.obstacles()[0].ends_with("the disk is full"));
            if is_dropped {
                pipeline.set_refusal("logs", None);
            } else {
                pipeline.advance("logs", 0, 1, Timestamp::from_millis(0));
            }
            assert_eq!(pipeline.obstacles(), Vec::<String>::new());
        }
    }

    #[test]
    fn lag_is_what_kafka_has_and_we_have_not_read() {
        let pipeline = Pipeline::new(&["logs"]);
        let now = Timestamp::from_millis(100_000);
        pipeline.assign("logs", &[3]);
        assert_eq!(pipeline.partitions(now)[0].lag, None);
        pipeline.set_watermark("logs", 3, 50, Some(40));
        assert_eq!(pipeline.partitions(now)[0].lag, Some(10));
        pipeline.advance("logs", 3, 45, Timestamp::from_millis(98_500));
        let status = pipeline.partitions(now).remove(0);
        assert_eq!((status.lag, status.lag_seconds), (Some(5), Some(1.5)));
        pipeline.advance("logs", 3, 60, Timestamp::from_millis(98_500));
        let status = pipeline.partitions(now).remove(0);
        assert_eq!(
            (status.lag, status.lag_seconds, status.high_watermark),
            (Some(0), Some(0.0), Some(60))
        );
    }

    #[test]
    fn headroom_is_what_the_retention_leaves_beside_the_lag() {
        let pipeline = Pipeline::new(&["logs"]);
        let now = Timestamp::from_millis(100_000);
        let headroom = || pipeline.partitions(now)[0].headroom_seconds;
        pipeline.assign("logs", &[0]);
        pipeline.set_watermark("logs", 0, 50, Some(40));
        pipeline.advance("logs", 0, 45, Timestamp::from_millis(98_500));
        assert_eq!(headroom(), None);
        pipeline.set_retention("logs", Some(Duration::from_secs(10)));
        assert_eq!(headroom(), Some(8.5));
        pipeline.set_retention("logs", Some(Duration::from_secs(1)));
        assert_eq!(headroom(), Some(0.0));
        pipeline.advance("logs", 0, 50, Timestamp::from_millis(98_500));
        assert_eq!(headroom(), Some(1.0));
    }

    #[test]
    fn a_revoked_partition_is_no_longer_shown() {
        let pipeline = Pipeline::new(&["logs"]);
        pipeline.assign("logs", &[0, 1]);
        pipeline.assign("logs", &[1]);
        assert_eq!(pipeline.partitions(Timestamp::from_millis(0)).len(), 1);
        pipeline.revoke("logs");
        assert_eq!(pipeline.partitions(Timestamp::from_millis(0)), []);
    }
}
