//! What librdkafka calls back: rebalances, statistics, errors and its log.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use log_record::Timestamp;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;
use serde::Deserialize;
use tracing::{debug, info, warn};

use super::topics::Role;
use crate::pipeline::Pipeline;

const OFFSETS_TIMEOUT: Duration = Duration::from_secs(10);

/// The state of one consumer that its callbacks share with its loop.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) topic: String,
    pub(super) role: Role,
    pub(super) pipeline: Pipeline,
    /// How far back the errors topic is read at start; `None` reads all of it.
    pub(super) replay: Option<Duration>,
    /// Grows with every assignment: a batch begun under an older one must not be applied.
    epoch: AtomicU64,
    /// Where each partition goes on, for an assignment within the life of this process.
    positions: Mutex<HashMap<i32, i64>>,
}

impl Context {
    pub(super) fn new(
        topic: &str,
        role: Role,
        pipeline: Pipeline,
        replay: Option<Duration>,
    ) -> Context {
        Context {
            topic: topic.to_owned(),
            role,
            pipeline,
            replay,
            epoch: AtomicU64::new(0),
            positions: Mutex::new(HashMap::new()),
        }
    }

    /// The number of the current assignment.
    pub(super) fn epoch(&self) -> u64 {
        // The callbacks run on the thread that polls, so there is nothing to order.
        self.epoch.load(Ordering::Relaxed)
    }

    /// A batch was applied up to here.
    pub(super) fn set_position(&self, partition: i32, position: i64) {
        self.positions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(partition, position);
    }

    /// Sets from where each partition is read.
    ///
    /// A partition this process has read goes on where it stopped. Otherwise the logs go on at the group's committed
    /// offset, and the errors, from which the view is rebuilt, at the retention point.
    fn set_start(&self, consumer: &BaseConsumer<Context>, partitions: &mut TopicPartitionList) {
        let replay = match (self.role, self.replay) {
            (Role::Logs, _) => None,
            (Role::Errors, None) => Some(HashMap::new()),
            (Role::Errors, Some(replay)) => Some(Self::offsets_since(replay, consumer, partitions)),
        };
        let positions = self
            .positions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let numbers: Vec<i32> = partitions
            .elements()
            .iter()
            .map(|element| element.partition())
            .collect();
        for partition in numbers {
            let held = positions
                .get(&partition)
                .map(|&position| Offset::Offset(position));
            let replayed = replay.as_ref().map(|offsets| {
                offsets
                    .get(&partition)
                    .copied()
                    .unwrap_or(Offset::Beginning)
            });
            let Some(start) = held.or(replayed) else {
                continue;
            };
            // Fails only for a partition that is not in the list, and it was taken from there.
            partitions
                .set_partition_offset(&self.topic, partition, start)
                .ok();
        }
    }

    /// The first offset of each partition that is not older than `age`. Where the lookup fails, everything is read.
    fn offsets_since(
        age: Duration,
        consumer: &BaseConsumer<Context>,
        partitions: &TopicPartitionList,
    ) -> HashMap<i32, Offset> {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        let from = Timestamp::now().as_millis().saturating_sub(age).max(0);
        let mut wanted = TopicPartitionList::new();
        for element in partitions.elements() {
            // In a request by time the offset is the time. Fails only for a negative one.
            wanted
                .add_partition_offset(element.topic(), element.partition(), Offset::Offset(from))
                .ok();
        }
        match consumer.offsets_for_times(wanted, OFFSETS_TIMEOUT) {
            Ok(found) => found
                .elements()
                .iter()
                .filter(|element| element.error().is_ok())
                .map(|element| (element.partition(), element.offset()))
                .collect(),
            Err(error) => {
                warn!(%error, "no offsets by time; reading the errors from the beginning");
                HashMap::new()
            }
        }
    }

    fn connected(&self, connected: bool) {
        if self.pipeline.set_connected(&self.topic, connected) {
            if connected {
                info!(topic = self.topic, "connected to Kafka");
            } else {
                warn!(
                    topic = self.topic,
                    "lost the connection to Kafka; it is tried again until it answers"
                );
            }
        }
    }
}

impl ConsumerContext for Context {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        self.epoch.fetch_add(1, Ordering::Relaxed);
        let outcome = if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.set_start(consumer, partitions);
            let numbers: Vec<i32> = partitions
                .elements()
                .iter()
                .map(|element| element.partition())
                .collect();
            info!(topic = self.topic, partitions = ?numbers, "reading {} partitions", numbers.len());
            self.pipeline.assign(&self.topic, &numbers);
            consumer.assign(partitions)
        } else {
            info!(topic = self.topic, "the group took the partitions back");
            self.pipeline.revoke(&self.topic);
            consumer.unassign()
        };
        if let Err(error) = outcome {
            let problem = format!("the assignment failed: {error}");
            if self.pipeline.set_problem(&self.topic, &problem) {
                warn!(topic = self.topic, "{problem}");
            }
        }
    }
}

impl ClientContext for Context {
    fn stats_raw(&self, statistics: &[u8]) {
        let statistics: Statistics = match serde_json::from_slice(statistics) {
            Ok(statistics) => statistics,
            Err(error) => {
                debug!(%error, "librdkafka's statistics have an unknown shape");
                return;
            }
        };
        // Bootstrap entries have negative ids and stay DOWN once the real brokers are known.
        self.connected(
            statistics
                .brokers
                .values()
                .any(|broker| broker.nodeid >= 0 && broker.state == "UP"),
        );
        let Some(topic) = statistics.topics.get(&self.topic) else {
            return;
        };
        for partition in topic
            .partitions
            .values()
            .filter(|partition| partition.hi_offset >= 0)
        {
            let next = Some(partition.next_offset).filter(|&next| next >= 0);
            self.pipeline.set_watermark(
                &self.topic,
                partition.partition,
                partition.hi_offset,
                next,
            );
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.connected(false);
        }
        debug!(topic = self.topic, %error, reason, "librdkafka reports an error");
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // What matters of these comes as an error or a state too; its own log is for whoever looks closely.
        debug!(target: "librdkafka", ?level, facility, "{message}");
    }
}

/// The part of librdkafka's statistics that we use (its STATISTICS.md).
#[derive(Deserialize)]
struct Statistics {
    #[serde(default)]
    brokers: HashMap<String, Broker>,
    #[serde(default)]
    topics: HashMap<String, Topic>,
}

#[derive(Deserialize)]
struct Broker {
    nodeid: i32,
    state: String,
}

#[derive(Deserialize)]
struct Topic {
    partitions: HashMap<String, Partition>,
}

#[derive(Deserialize)]
struct Partition {
    partition: i32,
    next_offset: i64,
    hi_offset: i64,
}
