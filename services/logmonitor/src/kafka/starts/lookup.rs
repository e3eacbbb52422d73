//! What the group and the broker are asked at an assignment.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::decision::Committed;
use crate::kafka::context::Context;

/// How long the broker may take to answer, within a rebalance.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Between two tries where it refuses to.
const RETRY: Duration = Duration::from_millis(100);

/// The offsets that the group has committed. `keeper` is the name under which commits are our own. A coordinator that
/// is not ready, as after its start, is asked again.
pub(super) fn committed_offsets(
    consumer: &BaseConsumer<Context>,
    partitions: &TopicPartitionList,
    keeper: &str,
) -> Result<HashMap<i32, Committed>, KafkaError> {
    let deadline = Instant::now() + TIMEOUT;
    let committed = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match consumer.committed_offsets(partitions.clone(), left) {
            Ok(committed) => break committed,
            Err(error) if left <= RETRY => return Err(error),
            Err(_) => thread::sleep(RETRY),
        }
    };
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

/// Offsets of the first record there is, and after the last.
pub(super) fn watermarks(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    partition: i32,
) -> Result<(i64, i64), KafkaError> {
    consumer.fetch_watermarks(topic, partition, TIMEOUT)
}

#[cfg(test)]
mod tests {
    use rdkafka::consumer::CommitMode;
    use rdkafka::mocking::MockCluster;
    use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

    use super::*;
    use crate::kafka::testing;

    const TOPIC: &str = "application-logs";

    #[test]
    fn a_coordinator_that_is_not_ready_is_asked_again() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 1, 1).unwrap();
        let consumer = testing::consumer(&cluster.bootstrap_servers(), TOPIC);
        let mut partitions = TopicPartitionList::new();
        let mut element = partitions.add_partition(TOPIC, 0);
        element.set_offset(Offset::Offset(7)).unwrap();
        element.set_metadata("us");
        consumer.commit(&partitions, CommitMode::Sync).unwrap();
        let is_away = RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
        cluster.request_errors(RDKafkaApiKey::OffsetFetch, &[is_away; 5]);
        let committed = committed_offsets(&consumer, &partitions, "us").unwrap();
        let expected = Committed {
            offset: 7,
            is_ours: true,
        };
        assert_eq!(committed, HashMap::from([(0, expected)]));
    }
}
