//! A message of Kafka's client as the rest of the monitor knows it.

use log_record::Timestamp;
use rdkafka::message::Headers as _;

use crate::ingest::Message;

/// The same message; `received_at` is its time where it has none.
pub(crate) fn message_of<M: rdkafka::Message>(message: &M, received_at: Timestamp) -> Message<'_> {
    Message {
        topic: message.topic(),
        partition: message.partition(),
        offset: message.offset(),
        timestamp: message
            .timestamp()
            .to_millis()
            .map_or(received_at, Timestamp::from_millis),
        key: message.key(),
        headers: message.headers().map_or_else(Vec::new, |headers| {
            let pairs = headers.iter();
            pairs.map(|header| (header.key, header.value)).collect()
        }),
        payload: message.payload().unwrap_or_default(),
    }
}
