//! The log record on the wire: its shape, its severities, and how it is written and read.
//!
//! This crate is the contract between the producers (`tracing-kafka`, and loggers of any other language) and the
//! monitor. It is pure: no I/O, no async, no Kafka.

mod decode;
mod drop_report;
mod encode;
pub mod json;
mod record;
mod severity;
mod stack;
mod timestamp;

pub use decode::{
    DecodeError, Decoded, Format, Hints, Identity, JsonError, Peek, Records, Source, UnknownFormat,
    decode, peek, peek_text,
};
pub use drop_report::DropReport;
pub use encode::{SCHEMA, encode, encode_open};
pub use record::{ErrorInfo, Instance, LogRecord, RawJson};
pub use severity::{Severity, UnknownSeverity};
pub use stack::{Frame, frames};
pub use timestamp::Timestamp;
