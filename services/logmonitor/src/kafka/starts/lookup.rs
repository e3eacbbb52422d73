//! What the group and the broker are asked at an assignment.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::decision::Committed;
use crate::kafka::context::Context;

/// How long the broker may take to answer, within a rebalance.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The offsets that the group has committed. `keeper` is the name under which commits are our own.
pub(super) fn committed_offsets(
    consumer: &BaseConsumer<Context>,
    partitions: &TopicPartitionList,
    keeper: &str,
) -> Result<HashMap<i32, Committed>, KafkaError> {
    let committed = consumer.committed_offsets(partitions.clone(), TIMEOUT)?;
    let elements = committed.elements();
    let known = elements.iter().filter_map(|element| {
        let Offset::Offset(offset) = element.offset() else {
            return None;
        };
        let is_ours = element.metadata() == keeper;
        Some((element.partition(), Committed { offset, is_ours }))
    });
    Ok(known.collect())
}

/// The offsets of the first records from this time on, in milliseconds; partitions without such records are missing.
pub(super) fn offsets_at(
    consumer: &BaseConsumer<Context>,
    partitions: &TopicPartitionList,
    millis: i64,
) -> Result<HashMap<i32, i64>, KafkaError> {
    let mut wanted = TopicPartitionList::new();
    for element in partitions.elements() {
        // In a request by time the offset is the time. Fails only for a negative one.
        wanted
            .add_partition_offset(element.topic(), element.partition(), Offset::Offset(millis))
            .ok();
    }
    let found = consumer.offsets_for_times(wanted, TIMEOUT)?;
    let elements = found.elements();
    let known = elements
        .iter()
        .filter_map(|element| match element.offset() {
            Offset::Offset(offset) => Some((element.partition(), offset)),
            _ => None,
        });
    Ok(known.collect())
}

/// Offsets of the first record there is, and after the last; `None` without an answer.
pub(super) fn watermarks(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    partition: i32,
) -> Option<(i64, i64)> {
    consumer.fetch_watermarks(topic, partition, TIMEOUT).ok()
}
