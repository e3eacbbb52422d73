//! Everything that touches Kafka's client: the embedded broker, the topics, the two consumers, and what is
//! published about issues.

mod batch;
mod canary;
mod client;
mod consumer;
mod context;
mod embedded;
mod fetch;
mod lifecycle;
mod message;
mod retention;
mod scan;
mod starts;
mod surroundings;
mod topics;

pub use client::{InvalidProperty, check};
pub use consumer::Consumers;
pub use embedded::{EmbeddedBroker, EmbeddedError};
pub use fetch::{FetchError, fetch};
pub(crate) use message::message_of;
pub use scan::Scan;
pub use surroundings::{
    Around, Ask, MAX_LINES, Missing, Reason, Scope, Side, Surroundings, SurroundingsError,
};
pub use topics::{Role, TopicSpec};
