//! A glance at single records, by a consumer of its own that belongs to no group.

use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use log_record::{Instance, Timestamp, peek};
use rdkafka::ClientConfig;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::elsewhere::Errors;
use crate::kafka::client::Quiet;

/// A broker that has not sent a record by then is taken to have none.
const TIMEOUT: Duration = Duration::from_secs(3);
/// So many errors are looked up at most: within seconds, and in 50 MB.
const MAX_ERRORS: u32 = 1_000_000;

/// The Kafka timestamps of the records at these offsets, one a partition. A record that is not there any more is
/// missing from the answer.
pub(super) fn timestamps_at(
    client: &ClientConfig,
    topic: &str,
    wanted: &HashMap<i32, i64>,
) -> Result<HashMap<i32, Timestamp>, KafkaError> {
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let consumer = reader(
        client,
        topic,
        wanted.iter().map(|(&number, &at)| (number, at)),
    )?;
    let mut answered: HashMap<i32, ()> = HashMap::new();
    let deadline = Instant::now() + TIMEOUT;
    while answered.len() < wanted.len() && Instant::now() < deadline {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else {
            continue;
        };
        let partition = message.partition();
        if answered.insert(partition, ()).is_none()
            && wanted.get(&partition) == Some(&message.offset())
            && let Some(millis) = message.timestamp().to_millis()
        {
            found.insert(partition, Timestamp::from_millis(millis));
        }
    }
    Ok(found)
}

/// The errors with an identity in these ranges of offsets, by partition. What is not there any more is missing.
pub(super) fn errors_in(
    client: &ClientConfig,
    topic: &str,
    ranges: &HashMap<i32, Range<i64>>,
) -> Result<HashMap<i32, Errors>, KafkaError> {
    let mut found: HashMap<i32, Errors> = HashMap::new();
    if ranges.is_empty() {
        return Ok(found);
    }
    let consumer = reader(
        client,
        topic,
        ranges.iter().map(|(&number, at)| (number, at.start)),
    )?;
    let mut left: HashMap<i32, i64> = ranges
        .iter()
        .map(|(&number, at)| (number, at.end))
        .collect();
    let mut count = 0;
    let mut deadline = Instant::now() + TIMEOUT;
    while !left.is_empty() && count < MAX_ERRORS && Instant::now() < deadline {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else {
            continue;
        };
        deadline = Instant::now() + TIMEOUT;
        count += 1;
        let (partition, offset) = (message.partition(), message.offset());
        let Some(&end) = left.get(&partition) else {
            continue;
        };
        if offset < end
            && let Some(identity) = message.payload().and_then(identity)
        {
            let errors = found.entry(partition).or_default();
            errors.identities.insert(identity);
            let millis = message.timestamp().to_millis().unwrap_or_default();
            errors.newest = errors.newest.max(Timestamp::from_millis(millis));
        }
        if offset + 1 >= end {
            left.remove(&partition);
        }
    }
    Ok(found)
}

/// Who has numbered a record, and how, where a glance tells.
fn identity(payload: &[u8]) -> Option<(Instance, u64)> {
    let identity = peek(payload)?.identity?;
    Some((Instance::parse(identity.instance)?, identity.seq))
}

/// A consumer of these partitions, from these offsets on.
fn reader(
    client: &ClientConfig,
    topic: &str,
    from: impl Iterator<Item = (i32, i64)>,
) -> Result<BaseConsumer<Quiet>, KafkaError> {
    let mut config = client.clone();
    // The library asks for a group, which is never joined.
    config.set("group.id", "logmonitor-probe");
    config.set("enable.auto.commit", "false");
    config.set("auto.offset.reset", "error");
    let consumer: BaseConsumer<Quiet> = config.create_with_context(Quiet)?;
    let mut partitions = TopicPartitionList::new();
    for (partition, offset) in from {
        partitions.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    }
    consumer.assign(&partitions)?;
    Ok(consumer)
}
