//! Everything that touches Kafka's client: the embedded broker, the topics, the two consumers, and what is
//! published about issues.

mod batch;
mod canary;
mod client;
mod consumer;
mod context;
mod embedded;
mod fetch;
mod fetch_queue;
#[cfg(target_os = "linux")]
mod leader_hints;
mod lifecycle;
mod retention;
mod scan;
mod start_line;
mod starts;
mod surroundings;
#[cfg(test)]
mod testing;
mod threads;
mod topics;

use rdkafka::Message;
use rdkafka::message::Headers as _;

use crate::decoding::CONTENT_TYPE;
pub use client::{InvalidProperty, check};
pub use consumer::Consumers;
pub use embedded::{EmbeddedBroker, EmbeddedError};
pub use fetch::{FetchError, fetch};
pub use surroundings::{
    Around, Ask, MAX_LINES, Missing, Reason, Scope, Side, Surroundings, SurroundingsError,
};
pub use topics::{Role, TopicSpec};

/// What a message's header says its bytes are.
pub(crate) fn content_type(message: &impl Message) -> Option<&[u8]> {
    let mut headers = message.headers()?.iter();
    headers
        .find(|header| header.key.eq_ignore_ascii_case(CONTENT_TYPE))?
        .value
}
