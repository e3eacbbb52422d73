//! The layer as an application uses it, against a broker: one binary, since each links librdkafka.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broker;
mod crash;
mod errors;
mod losses;
mod pressure;
mod process;
mod records;
mod spans;
mod spool;
