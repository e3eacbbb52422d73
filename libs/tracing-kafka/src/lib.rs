//! A [`tracing`] layer that publishes every event to Kafka without ever blocking the caller.
//!
//! ```no_run
//! fn main() -> Result<(), tracing_kafka::InitError> {
//!     // Reads KAFKA_BOOTSTRAP_SERVERS and a few more variables, see `init`.
//!     let _guard = tracing_kafka::init("booking")?;
//!
//!     tracing::info!(customer_id = 4242, "order received");
//!     if let Err(error) = charge() {
//!         tracing::error!(error = &error as &dyn std::error::Error, order_id = 7, "payment failed");
//!     }
//!     Ok(())
//!     // Dropping the guard delivers what is still on its way.
//! }
//! # fn charge() -> Result<(), std::io::Error> { Ok(()) }
//! ```
//!
//! With a subscriber of your own:
//!
//! ```no_run
//! use tracing_subscriber::prelude::*;
//! use tracing_subscriber::{EnvFilter, fmt};
//!
//! # fn main() -> Result<(), tracing_kafka::BuildError> {
//! let (layer, _guard) = tracing_kafka::KafkaLayer::builder("booking")
//!     .bootstrap_servers("localhost:9092")
//!     .version("1.4.2")
//!     .env("prod")
//!     .build()?;
//! tracing_subscriber::registry()
//!     .with(layer)
//!     .with(fmt::layer())
//!     .with(EnvFilter::from_default_env())
//!     .init();
//! # Ok(())
//! # }
//! ```
//!
//! # What happens to an event
//! The caller's thread writes the event's own part of the record into a buffer of its own and appends it to its own
//! bounded queue. One worker thread takes what all threads have queued, in the order of its clocks, numbers it, adds what
//! is the same for every record, and hands it to librdkafka: to the topic of all records, and from ERROR on to the topic
//! of errors too. How a `tracing` event maps to a record is said at [`KafkaLayer`], what is counted at [`Counters`].
//!
//! # What is lost, and when
//! Nothing silently: every record is delivered, spooled, dropped or in flight, and [`Counters`] says how many of each
//! level. When there is too little room, the least severe records are dropped first, and one record says how many once
//! the pressure is over.

mod builder;
mod cause;
mod config;
mod control;
mod counters;
mod exit;
mod fork;
mod frame;
mod guard;
mod init;
mod layer;
mod local;
mod macros;
#[cfg(feature = "opentelemetry")]
mod otel;
mod pace;
mod panic;
mod pipeline;
mod producer;
mod queue;
mod record;
mod round;
mod source;
mod span;
mod span_list;
mod spool;
mod text;
mod trace_id;
mod truncate;
mod value;
mod visit;
mod window;
mod worker;

pub use builder::{BuildError, KafkaLayerBuilder};
pub use config::ConfigError;
pub use counters::{Counters, LevelCounters};
pub use guard::{FlushError, FlushGuard, Stats};
pub use init::{InitError, init};
pub use layer::KafkaLayer;
/// The severities of a record, by which [`Counters::level`] is asked.
pub use log_record::Severity;

/// For the macros.
#[doc(hidden)]
pub mod __private {
    pub use tracing;
}
