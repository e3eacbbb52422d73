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
mod retention;
mod scan;
mod starts;
mod topics;

pub use client::{InvalidProperty, check};
pub use consumer::Consumers;
pub use embedded::{EmbeddedBroker, EmbeddedError};
pub use fetch::{FetchError, fetch};
pub use scan::Scan;
pub use topics::{Role, TopicSpec};
