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

use crate::elsewhere::{Errors, Identity};
use crate::kafka::client::Quiet;

/// A broker that has not sent a record by then is taken to have none.
const TIMEOUT: Duration = Duration::from_secs(3);
/// So many errors are looked up at most: within seconds, and in 50 MB.
pub(super) const MAX_ERRORS: usize = 1_000_000;

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

/// The errors in these ranges of offsets, by partition, and whether those are all of them: no more
/// than `most` messages are looked at. What is not there any more is missing.
pub(super) fn errors_in(
    client: &ClientConfig,
    topic: &str,
    ranges: &HashMap<i32, Range<i64>>,
    most: usize,
) -> Result<(HashMap<i32, Errors>, bool), KafkaError> {
    let mut found: HashMap<i32, Errors> = HashMap::new();
    if ranges.is_empty() {
        return Ok((found, true));
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
    while !left.is_empty() && count < most && Instant::now() < deadline {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else {
            continue;
        };
        deadline = Instant::now() + TIMEOUT;
        let (partition, offset) = (message.partition(), message.offset());
        let Some(&end) = left.get(&partition) else {
            continue;
        };
        count += 1;
        if offset < end
            && let Some(payload) = message.payload()
        {
            let millis = message.timestamp().to_millis().unwrap_or_default();
            let errors = found.entry(partition).or_default();
            errors.add(identity(payload), payload, Timestamp::from_millis(millis));
        }
        if offset + 1 >= end {
            left.remove(&partition);
        }
    }
    Ok((found, left.is_empty()))
}

/// Who has numbered a record, and how, where a glance tells.
fn identity(payload: &[u8]) -> Option<Identity> {
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

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};

    use super::*;
    use crate::elsewhere::Elsewhere;

    const TOPIC: &str = "application-logs-errors";

    #[test]
    fn errors_are_looked_up_to_the_limit_and_it_is_said() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(TOPIC, 1, 1).unwrap();
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", cluster.bootstrap_servers());
        let producer: ThreadedProducer<DefaultProducerContext> = client.create().unwrap();
        let numbered = |seq: u64| {
            let instance = Instance(7);
            format!(
                r#"{{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","service":"booking","instance":"{instance}","seq":{seq},"schema":1,"message":"m"}}"#
            )
        };
        let payloads = [
            numbered(1),
            "ERROR db down".to_owned(),
            numbered(3),
            numbered(4),
        ];
        for payload in &payloads {
            let record = BaseRecord::<(), _>::to(TOPIC).payload(payload);
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(Duration::from_secs(30)).unwrap();
        let first_three = HashMap::from([(0, 0..3)]);
        for (most, count, is_all) in [(3, 3, true), (2, 2, false)] {
            let (mut found, all) = errors_in(&client, TOPIC, &first_three, most).unwrap();
            let elsewhere = Elsewhere::default();
            elsewhere.learn(0, found.remove(&0).unwrap());
            let known: Vec<bool> = (1..)
                .zip(&payloads)
                .map(|(seq, payload)| match seq {
                    2 => elsewhere.has(None, payload.as_bytes()),
                    _ => elsewhere.has(Some((Instance(7), seq)), payload.as_bytes()),
                })
                .collect();
            let expected: Vec<bool> = (0..4).map(|at| at < count).collect();
            assert_eq!((known, all), (expected, is_all));
        }
    }
}
