//! usermanagement: a small service that logs through `tracing-kafka` as any user of the layer would.
//!
//! It keeps users in a database that sometimes fails, and lets them log in. The library exists for the tests; the
//! process is `main.rs`.

mod app;
mod config;
mod database;
mod request_span;
mod routes;
mod trace_context;

pub use app::{App, StartError};
pub use config::{Config, ConfigError};
