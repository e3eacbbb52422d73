//! What librdkafka calls back: rebalances, statistics, errors and its log.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;
use serde::Deserialize;
use tracing::{debug, info, warn};

use super::fetch_queue::NativeQueue;
use super::starts::Starts;
use crate::pipeline::Pipeline;

/// How librdkafka's log names the line "reports different ClusterId than previously known". There is no other word of it.
const CLUSTER_CHANGED: &str = "CLUSTERID";

/// The state of one consumer that its callbacks share with its loop.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) starts: Arc<Starts>,
    pub(super) pipeline: Pipeline,
    /// Grows with every assignment: a batch begun under an older one must not be applied.
    epoch: AtomicU64,
    /// The brokers that answer now are not those of the cluster that answered first.
    is_cluster_replaced: AtomicBool,
    /// As the statistics and the errors say.
    is_connected: AtomicBool,
    /// Where the messages of the assigned partitions come. There is one from before the consumer subscribes until it
    /// closes.
    queue: Mutex<Option<Arc<NativeQueue>>>,
    /// Why the last assignment failed: the group believes that we read, so the consumer has to go.
    failure: Mutex<Option<KafkaError>>,
}

impl Context {
    pub(super) fn new(starts: Arc<Starts>, pipeline: Pipeline) -> Context {
        Context {
            starts,
            pipeline,
            epoch: AtomicU64::new(0),
            is_cluster_replaced: AtomicBool::new(false),
            is_connected: AtomicBool::new(false),
            queue: Mutex::new(None),
            failure: Mutex::new(None),
        }
    }

    /// The number of the current assignment.
    pub(super) fn epoch(&self) -> u64 {
        // The callbacks run on the thread that polls, so there is nothing to order.
        self.epoch.load(Ordering::Relaxed)
    }

    pub(super) fn is_cluster_replaced(&self) -> bool {
        self.is_cluster_replaced.load(Ordering::Acquire)
    }

    /// Whether a broker is connected.
    pub(super) fn is_connected(&self) -> bool {
        self.is_connected.load(Ordering::Relaxed)
    }

    pub(super) fn topic(&self) -> &str {
        &self.starts.topic
    }

    /// From the next assignment on, messages come to `queue`.
    pub(super) fn forward_to(&self, queue: Option<Arc<NativeQueue>>) {
        *self.queue() = queue;
    }

    /// Why the last assignment failed, if it did.
    pub(super) fn take_failure(&self) -> Option<KafkaError> {
        self.failure().take()
    }

    fn failure(&self) -> MutexGuard<'_, Option<KafkaError>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Option<Arc<NativeQueue>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the partitions from where they are to be read, from now on.
    fn assign(
        &self,
        consumer: &BaseConsumer<Context>,
        partitions: &[i32],
    ) -> Result<(), KafkaError> {
        self.epoch.fetch_add(1, Ordering::Relaxed);
        let mut assignment = TopicPartitionList::with_capacity(partitions.len());
        for &partition in partitions {
            assignment.add_partition(self.topic(), partition);
        }
        self.starts.set(consumer, &mut assignment)?;
        if let Some(queue) = &*self.queue() {
            queue.forward(consumer, self.topic(), partitions);
        }
        consumer.assign(&assignment)
    }

    /// Tells the group how far these partitions were read: for lag tools, and for whoever reads them next. It does not
    /// wait for the answer; before librdkafka joins the group again, or closes, it does.
    pub(super) fn commit(
        &self,
        consumer: &BaseConsumer<Context>,
        partitions: impl Iterator<Item = i32>,
    ) {
        let offsets = self.starts.to_commit(partitions);
        if offsets.count() == 0 {
            return;
        }
        if let Err(error) = consumer.commit(&offsets, CommitMode::Async) {
            debug!(topic = self.topic(), %error, "offsets not committed");
        }
    }

    /// Commits all partitions, before another reads them: what was committed of one may have been refused.
    pub(super) fn commit_last(
        &self,
        consumer: &BaseConsumer<Context>,
        partitions: &TopicPartitionList,
    ) {
        // Without a broker, closing would wait for one; the archive knows where to go on.
        if self.pipeline.is_connected() {
            let elements = partitions.elements();
            self.commit(consumer, elements.iter().map(|element| element.partition()));
        }
    }

    fn connected(&self, connected: bool) {
        self.is_connected.store(connected, Ordering::Relaxed);
        if self.pipeline.set_connected(self.topic(), connected) {
            if connected {
                info!(topic = self.topic(), "connected to Kafka");
            } else {
                warn!(
                    topic = self.topic(),
                    "lost the connection to Kafka; it is tried again until it answers"
                );
            }
        }
    }
}

impl ConsumerContext for Context {
    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        // The next one makes up for it.
        if let Err(error) = result {
            debug!(topic = self.topic(), %error, "offsets not committed");
        }
    }

    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: RDKafkaRespErr,
        partitions: &mut TopicPartitionList,
    ) {
        let outcome = if self.queue().is_none() {
            // The consumer closes.
            consumer.unassign()
        } else if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            // A member that read another topic before is given partitions of that one until the group knows better.
            let numbers: Vec<i32> = partitions
                .elements_for_topic(self.topic())
                .iter()
                .map(|element| element.partition())
                .collect();
            let outcome = self.assign(consumer, &numbers);
            if outcome.is_ok() {
                info!(topic = self.topic(), partitions = ?numbers, "reading {} partitions", numbers.len());
                self.pipeline.assign(self.topic(), &numbers);
            }
            outcome
        } else {
            self.epoch.fetch_add(1, Ordering::Relaxed);
            info!(topic = self.topic(), "the group took the partitions back");
            self.commit_last(consumer, partitions);
            self.pipeline.revoke(self.topic());
            // A pause must not outlast the assignment: the batch that asked for it is dropped, and would not lift it.
            if let Err(error) = consumer.resume(partitions) {
                debug!(topic = self.topic(), %error, "not resumed");
            }
            consumer.unassign()
        };
        if let Err(error) = outcome {
            *self.failure() = Some(error);
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
        let Some(topic) = statistics.topics.get(self.topic()) else {
            return;
        };
        for partition in topic
            .partitions
            .values()
            .filter(|partition| partition.hi_offset >= 0)
        {
            let next = Some(partition.next_offset).filter(|&next| next >= 0);
            self.pipeline.set_watermark(
                self.topic(),
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
        debug!(topic = self.topic(), %error, reason, "librdkafka reports an error");
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // Said when the metadata of the other cluster comes, and so before any of its records does.
        if facility == CLUSTER_CHANGED && matches!(level, RDKafkaLogLevel::Warning) {
            self.is_cluster_replaced.store(true, Ordering::Release);
        }
        // What else matters comes as an error or a state too; its own log is for whoever looks closely.
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use rdkafka::mocking::MockCluster;
    use rdkafka::topic_partition_list::Offset;
    use rdkafka::types::RDKafkaApiKey;

    use crate::archive::PartitionPosition;
    use crate::kafka::fetch_queue::FetchQueue;
    use crate::kafka::testing;

    use super::*;

    const TOPIC: &str = "application-logs";
    const TIMEOUT: Duration = Duration::from_secs(60);

    /// Another may have read further: without the group's word some errors would be kept twice.
    #[test]
    fn nothing_is_read_while_the_group_does_not_say_what_it_has_committed() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 1, 1).unwrap();
        let is_away = RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
        cluster.request_errors(RDKafkaApiKey::OffsetFetch, &[is_away; 2_000]);
        let consumer = testing::consumer(&cluster.bootstrap_servers(), TOPIC);
        let _queue = FetchQueue::new(&consumer);
        consumer.subscribe(&[TOPIC]).unwrap();
        let deadline = Instant::now() + TIMEOUT;
        while consumer.context().take_failure().is_none() {
            assert!(Instant::now() < deadline, "the assignment was made");
            assert!(consumer.poll(Duration::from_millis(50)).is_none());
        }
        assert_eq!(consumer.assignment().unwrap().count(), 0);
        assert!(
            consumer
                .context()
                .pipeline
                .partitions(log_record::Timestamp::now())
                .is_empty()
        );
    }

    #[test]
    fn a_consumer_that_closes_has_committed_what_was_read() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 1, 1).unwrap();
        // Nothing is answered at once.
        let round_trip = Duration::from_millis(50);
        cluster.broker_round_trip_time(-1, round_trip).unwrap();
        let consumer = testing::consumer(&cluster.bootstrap_servers(), TOPIC);
        let queue = FetchQueue::new(&consumer);
        consumer.subscribe(&[TOPIC]).unwrap();
        let deadline = Instant::now() + TIMEOUT;
        while consumer.assignment().unwrap().count() == 0 {
            assert!(Instant::now() < deadline, "nothing was assigned");
            assert!(consumer.poll(Duration::from_millis(50)).is_none());
        }
        let context = consumer.context();
        context.pipeline.set_connected(TOPIC, true);
        context.starts.advance(PartitionPosition {
            partition: 0,
            position: 7,
            timestamp: PartitionPosition::UNKNOWN,
        });
        context.commit_last(&consumer, &consumer.assignment().unwrap());
        drop(queue);
        drop(consumer);

        let next = testing::consumer(&cluster.bootstrap_servers(), TOPIC);
        let mut partitions = TopicPartitionList::new();
        partitions.add_partition(TOPIC, 0);
        let committed = next.committed_offsets(partitions, TIMEOUT).unwrap();
        assert_eq!(committed.elements()[0].offset(), Offset::Offset(7));
    }
}
