//! One message by its place, for a person who wants to look at it. Belongs to no group and commits nothing.

use std::time::{Duration, Instant};

use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::OwnedMessage;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::client::{Quiet, client_config};
use crate::config::KafkaConfig;

/// A broker that has not sent the message by then is taken to have none.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The message could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Kafka's client refuses, or the broker does.
    #[error("{0}")]
    Kafka(#[from] KafkaError),
    /// The next message in the partition is another one: this offset was deleted, or holds none.
    #[error(
        "{topic} has no message at partition {partition}, offset {offset}; the next is at offset {next}"
    )]
    NotThere {
        /// The topic.
        topic: String,
        /// Its partition.
        partition: i32,
        /// The offset that was asked for.
        offset: i64,
        /// The next one that has a message.
        next: i64,
    },
    /// Nobody answered.
    #[error("{servers} did not send {topic}, partition {partition}, offset {offset} within 10 s")]
    Timeout {
        /// The brokers.
        servers: String,
        /// The topic.
        topic: String,
        /// Its partition.
        partition: i32,
        /// The offset that was asked for.
        offset: i64,
    },
}

/// Fetches the message at that place.
///
/// # Errors
/// There is none, or nobody answers within ten seconds.
pub fn fetch(
    config: &KafkaConfig,
    servers: &str,
    topic: &str,
    partition: i32,
    offset: i64,
) -> Result<OwnedMessage, FetchError> {
    let mut client = client_config(config, servers);
    // The library asks for a group, which is never joined.
    client.set("group.id", "logmonitor-inspect");
    client.set("enable.auto.commit", "false");
    client.set("auto.offset.reset", "earliest");
    let consumer: BaseConsumer<Quiet> = client.create_with_context(Quiet)?;
    let mut partitions = TopicPartitionList::new();
    partitions.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    consumer.assign(&partitions)?;
    let deadline = Instant::now() + TIMEOUT;
    while Instant::now() < deadline {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) if message.offset() == offset => return Ok(message.detach()),
            Some(Ok(message)) => {
                return Err(FetchError::NotThere {
                    topic: topic.to_owned(),
                    partition,
                    offset,
                    next: message.offset(),
                });
            }
            // A broker that is not there yet may come within the time.
            Some(Err(_)) | None => {}
        }
    }
    Err(FetchError::Timeout {
        servers: servers.to_owned(),
        topic: topic.to_owned(),
        partition,
        offset,
    })
}
