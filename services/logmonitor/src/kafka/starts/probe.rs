//! A glance at single records, by a consumer of its own that belongs to no group.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use log_record::Timestamp;
use rdkafka::ClientConfig;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::kafka::client::Quiet;

/// A broker that has not sent a record by then is taken to have none.
const TIMEOUT: Duration = Duration::from_secs(3);

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
    let mut config = client.clone();
    // The library asks for a group, which is never joined.
    config.set("group.id", "logmonitor-probe");
    config.set("enable.auto.commit", "false");
    config.set("auto.offset.reset", "error");
    let consumer: BaseConsumer<Quiet> = config.create_with_context(Quiet)?;
    let mut partitions = TopicPartitionList::new();
    for (&partition, &offset) in wanted {
        partitions.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    }
    consumer.assign(&partitions)?;
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
