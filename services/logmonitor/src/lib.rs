//! logmonitor: Kafka in, errors out. It reads the two log topics, keeps ERROR and CRITICAL, and serves them.
//!
//! Start reading at [`App`].

pub mod api;
mod app;
pub mod archive;
pub mod config;
mod decoding;
mod elsewhere;
mod halves;
mod health_check;
pub mod ingest;
mod inspect;
pub mod issues;
pub mod kafka;
pub mod live;
pub mod pipeline;
pub mod preview;
pub mod query;
pub mod reader;
mod reading;
pub mod refill;
pub mod rules_file;
mod server;
mod snapshots;
pub mod store;
mod upkeep;
mod verify;

pub use app::{App, StartError};
pub use health_check::health_check;
pub use inspect::{InspectArguments, InspectError, inspect};
pub use verify::{VerifyError, verify};
