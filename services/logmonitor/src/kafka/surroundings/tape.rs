//! A consumer that belongs to no group: it is put to ranges of offsets, reads them, and commits nothing. Where the ranges
//! are large it is a second one, which fetches more at once.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use log_record::Timestamp;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::BorrowedMessage;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::client::Quiet;
use super::answer::Reason;
use super::budget::Budget;
use super::settings::Settings;

/// How long Kafka may take to answer a question.
const REPLY: Duration = Duration::from_secs(2);
/// How long to wait for a message before looking at the clock again.
const POLL: Duration = Duration::from_millis(20);
/// A range of more offsets than that is a large one: several small fetches.
const LARGE: i64 = 4_000;

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
    near: BaseConsumer<Quiet>,
    /// Opened with the first large range.
    far: OnceCell<BaseConsumer<Quiet>>,
    settings: Arc<Settings>,
}

impl Tape {
    pub(super) fn new(settings: Arc<Settings>) -> Result<Tape, KafkaError> {
        Ok(Tape {
            near: settings.near.create_with_context(Quiet)?,
            far: OnceCell::new(),
            settings,
        })
    }

    fn far(&self) -> Result<&BaseConsumer<Quiet>, KafkaError> {
        if let Some(far) = self.far.get() {
            return Ok(far);
        }
        let far = self.settings.far.create_with_context(Quiet)?;
        Ok(self.far.get_or_init(|| far))
    }

    /// The numbers of a topic's partitions.
    pub(super) fn partitions(&self, topic: &str) -> Result<Vec<i32>, KafkaError> {
        let metadata = self.near.fetch_metadata(Some(topic), REPLY)?;
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
        let at = if self.settings.is_embedded {
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
        let answered = self.near.offsets_for_times(asked, REPLY)?;
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
        !self.settings.is_embedded
    }

    /// Reads the ranges, each in order, all at the same time, until `each` breaks or the budget ends.
    pub(super) fn read(
        &self,
        topic: &str,
        ranges: &[Range],
        budget: &mut Budget,
        each: impl FnMut(&BorrowedMessage<'_>) -> ControlFlow<()>,
    ) -> Result<End, KafkaError> {
        let open: Vec<Range> = ranges
            .iter()
            .filter(|range| range.from < range.to)
            .copied()
            .collect();
        if open.is_empty() {
            return Ok(End::Whole);
        }
        let consumer = if open.iter().any(|range| range.to - range.from > LARGE) {
            self.far()?
        } else {
            &self.near
        };
        let mut partitions = TopicPartitionList::with_capacity(open.len());
        for range in &open {
            partitions.add_partition_offset(topic, range.partition, Offset::Offset(range.from))?;
        }
        consumer.assign(&partitions)?;
        let end = play(consumer, topic, open, budget, each);
        // Nothing more is fetched.
        consumer.unassign()?;
        end
    }
}

/// Reads what the consumer was put to.
fn play(
    consumer: &BaseConsumer<Quiet>,
    topic: &str,
    mut open: Vec<Range>,
    budget: &mut Budget,
    mut each: impl FnMut(&BorrowedMessage<'_>) -> ControlFlow<()>,
) -> Result<End, KafkaError> {
    while !open.is_empty() {
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                let is_of = |range: &Range| range.partition == message.partition();
                let Some(at) = open.iter().position(is_of) else {
                    // What was fetched beyond the end of its range.
                    continue;
                };
                let to = open[at].to;
                if message.offset() + 1 >= to {
                    close(consumer, topic, open.swap_remove(at), &open)?;
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

/// A range was read while others are still open. What is behind it would be fetched again and again, and keep the broker
/// from sending the others: of several partitions it sends at least one batch of the first only.
fn close(
    consumer: &BaseConsumer<Quiet>,
    topic: &str,
    range: Range,
    open: &[Range],
) -> Result<(), KafkaError> {
    if open.is_empty() {
        return Ok(());
    }
    let mut partition = TopicPartitionList::with_capacity(1);
    partition.add_partition(topic, range.partition);
    consumer.incremental_unassign(&partition)
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
