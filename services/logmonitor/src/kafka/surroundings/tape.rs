//! One consumer that belongs to no group: it is put to ranges of offsets, reads them, and commits nothing.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use log_record::Timestamp;
use rdkafka::ClientConfig;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::client::{Quiet, client_config};
use super::answer::Reason;
use super::budget::Budget;
use crate::config::KafkaConfig;

/// How long Kafka may take to answer a question.
const REPLY: Duration = Duration::from_secs(2);
/// How long to wait for a message before looking at the clock again.
const POLL: Duration = Duration::from_millis(20);

/// The properties of such a consumer: small fetches, because most windows are small, and little ahead of what is read,
/// because it is thrown away at the end of a window. The user's own properties win where both are possible.
pub(super) fn config(config: &KafkaConfig, bootstrap_servers: &str) -> ClientConfig {
    let mut client = client_config(config, bootstrap_servers);
    let defaults = [
        ("max.partition.fetch.bytes", "262144"),
        ("fetch.max.bytes", "2097152"),
        ("queued.max.messages.kbytes", "4096"),
        ("fetch.queue.backoff.ms", "1"),
        ("fetch.error.backoff.ms", "20"),
    ];
    for (key, value) in defaults {
        if client.get(key).is_none() {
            client.set(key, value);
        }
    }
    client
        // The library asks for a group, which is never joined.
        .set("group.id", "logmonitor-context")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "error")
        .set("allow.auto.create.topics", "false")
        // The end of a partition ends a range that reaches it, whatever stands there that is no record.
        .set("enable.partition.eof", "true")
        // At the end of a partition the broker answers at once: the next seek waits for that answer.
        .set("fetch.wait.max.ms", "5");
    client
}

/// Offsets of one partition: `from` up to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) partition: i32,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// Of one partition: the first offset that is still there, and the next one to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edges {
    pub(super) low: i64,
    pub(super) high: i64,
}

/// How reading some ranges ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All of them were read.
    Whole,
    /// Whoever reads had enough.
    Enough,
    /// The budget was used up.
    Bound(Reason),
}

/// See the module.
pub(super) struct Tape {
    consumer: BaseConsumer<Quiet>,
    /// The embedded broker cannot look up by time.
    is_embedded: bool,
}

impl Tape {
    pub(super) fn new(config: &ClientConfig, is_embedded: bool) -> Result<Tape, KafkaError> {
        let consumer = config.create_with_context(Quiet)?;
        Ok(Tape {
            consumer,
            is_embedded,
        })
    }

    /// The numbers of a topic's partitions.
    pub(super) fn partitions(&self, topic: &str) -> Result<Vec<i32>, KafkaError> {
        let metadata = self.consumer.fetch_metadata(Some(topic), REPLY)?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        let partitions = found.map_or(&[][..], |found| found.partitions());
        Ok(partitions.iter().map(|partition| partition.id()).collect())
    }

    /// Where partitions begin and end now.
    pub(super) fn edges(
        &self,
        topic: &str,
        partitions: &[i32],
    ) -> Result<BTreeMap<i32, Edges>, KafkaError> {
        let lows = self.look_up(topic, partitions, Offset::Beginning)?;
        let highs = self.look_up(topic, partitions, Offset::End)?;
        let pairs = lows.into_iter().filter_map(|(partition, low)| {
            let high = highs.get(&partition).copied()?;
            Some((partition, Edges { low, high }))
        });
        Ok(pairs.collect())
    }

    /// The first offset of each partition whose record, or one behind it, has that Kafka timestamp or a later one. A
    /// partition without one is not in the answer. On the embedded broker it is the first of all: it holds a few
    /// megabytes.
    pub(super) fn offsets_at(
        &self,
        topic: &str,
        partitions: &[i32],
        time: Timestamp,
    ) -> Result<BTreeMap<i32, i64>, KafkaError> {
        let at = if self.is_embedded {
            Offset::Beginning
        } else {
            // In a request by time the offset is the time; before 1970 nothing was logged.
            Offset::Offset(time.as_millis().max(0))
        };
        self.look_up(topic, partitions, at)
    }

    fn look_up(
        &self,
        topic: &str,
        partitions: &[i32],
        at: Offset,
    ) -> Result<BTreeMap<i32, i64>, KafkaError> {
        let mut asked = TopicPartitionList::with_capacity(partitions.len());
        for &partition in partitions {
            asked.add_partition_offset(topic, partition, at)?;
        }
        let answered = self.consumer.offsets_for_times(asked, REPLY)?;
        let mut found = BTreeMap::new();
        for element in answered.elements() {
            element.error()?;
            if let Offset::Offset(offset) = element.offset() {
                found.insert(element.partition(), offset);
            }
        }
        Ok(found)
    }

    /// Whether the broker can find offsets by time.
    pub(super) fn looks_up_by_time(&self) -> bool {
        !self.is_embedded
    }

    /// Reads the ranges, each in order, all at the same time, until `each` breaks or the budget ends.
    pub(super) fn read(
        &self,
        topic: &str,
        ranges: &[Range],
        budget: &mut Budget,
        mut each: impl FnMut(&BorrowedMessage<'_>) -> ControlFlow<()>,
    ) -> Result<End, KafkaError> {
        let mut open: Vec<Range> = ranges
            .iter()
            .filter(|range| range.from < range.to)
            .copied()
            .collect();
        if open.is_empty() {
            return Ok(End::Whole);
        }
        let mut partitions = TopicPartitionList::with_capacity(open.len());
        for range in &open {
            partitions.add_partition_offset(topic, range.partition, Offset::Offset(range.from))?;
        }
        self.consumer.assign(&partitions)?;
        while !open.is_empty() {
            match self.consumer.poll(POLL) {
                Some(Ok(message)) => {
                    let is_of = |range: &Range| range.partition == message.partition();
                    let Some(at) = open.iter().position(is_of) else {
                        // What was fetched beyond the end of its range.
                        continue;
                    };
                    let to = open[at].to;
                    if message.offset() + 1 >= to {
                        open.swap_remove(at);
                    }
                    if message.offset() >= to {
                        continue;
                    }
                    let bound = budget.spend(message.payload().map_or(0, <[u8]>::len));
                    if each(&message).is_break() {
                        return Ok(End::Enough);
                    }
                    if let Some(reason) = bound.filter(|_| !open.is_empty()) {
                        return Ok(End::Bound(reason));
                    }
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    open.retain(|range| range.partition != partition);
                }
                // The records were deleted a moment ago, or the topic was.
                Some(Err(error)) if is_final(&error) => return Err(error),
                // Anything else passes, or the time does.
                Some(Err(_)) | None => {
                    if let Some(reason) = budget.spent() {
                        return Ok(End::Bound(reason));
                    }
                }
            }
        }
        Ok(End::Whole)
    }

    /// Reads nothing any more until the next range.
    pub(super) fn rest(&self) -> Result<(), KafkaError> {
        self.consumer.unassign()
    }
}

fn is_final(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::AutoOffsetReset
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownTopic
                | RDKafkaErrorCode::UnknownPartition
                | RDKafkaErrorCode::TopicAuthorizationFailed
        )
    )
}
