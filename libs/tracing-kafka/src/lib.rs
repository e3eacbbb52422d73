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
//! level. When there is too little room, the least severe records are dropped first. Errors that the broker does not take
//! go to the spool, if there is one (see [`KafkaLayerBuilder::spool`]).
//!
//! While Kafka is away a record waits in memory for 60 s (`message.timeout.ms`), of at most 32 MiB and 100,000 messages in
//! all; the last eighth of that room is kept for errors, the one before for WARN too. A shorter outage loses nothing.
//! After a longer one, delivery goes on within seconds of Kafka's return.
//!
//! # The report of losses
//! The worker says in a record of its own what was lost: when nothing more has been for a second and the broker takes
//! records again, and at the end of the process if something has not been said; if Kafka is away then, it waits in the
//! spool, if there is one, for the service's next start. It is a WARN with the target `tracing_kafka`; the numbers are in
//! its `fields`:
//!
//! | field | since | records |
//! |---|---|---|
//! | `dropped`, and `dropped_trace` … `dropped_critical` unless zero | the report before | dropped in all, by level |
//! | `dropped_with_seq` | the start of this instance | dropped after they had a `seq`: not acknowledged in time or refused by the broker, and not spooled, for want of a spool or of room in it; or refused for good at the replay |
//! | `dropped_without_seq` | the start of this instance | dropped before: no room in the thread's queue or among what waits for the broker, or logged where logging is not possible |
//! | `torn` | the start of this instance | of *earlier* instances, lost in the spool: half written when they were killed (or longer than Kafka takes) |
//!
//! `dropped_with_seq + dropped_without_seq` is [`Counters::dropped`] at that moment.
//!
//! # Sums for a reader
//! The numbers of an instance begin at zero and have no gaps where they are given out. So, on the topic of all records,
//! `last seq + 1 - distinct seqs received` records of an instance are missing (for a reader that began in the middle:
//! `last seq - first seq + 1 - …`), and
//! - up to `dropped_with_seq` of them the producer has given up. It is an upper bound: the broker may have kept a record
//!   whose acknowledgement was lost. The last report counts, the one with the highest `seq`: the numbers only grow, and
//!   speak of records before it;
//! - errors in a spool are missing until they are replayed, which may be at the service's next start. They then come with
//!   the `(instance, seq)` they always had, and may come twice;
//! - a record of an earlier instance that the spool has lost (`torn`) stays missing there; no report of that instance
//!   speaks of it. Neither does any of what was in memory when a process was killed;
//! - the rest was lost in transit.
//!
//! `dropped_without_seq` leaves no gap and is to be added to what is missing.

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
mod loss_report;
mod macros;
#[cfg(feature = "opentelemetry")]
mod otel;
mod pace;
mod panic;
mod pipeline;
mod portion;
mod producer;
mod queue;
mod record;
mod round;
mod source;
mod span;
mod span_list;
mod spool;
mod spool_file;
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
