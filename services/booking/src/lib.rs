//! booking: a small service that logs through `tracing-kafka` as any user of the layer would.
//!
//! It books things for users of the service usermanagement and has them pay, which sometimes fails. The library exists
//! for the tests and for `traffic`; the process is `main.rs`.

mod app;
mod bookings;
mod config;
mod payments;
mod request_span;
mod routes;
mod trace_context;
mod users;

pub use app::{App, StartError};
pub use config::{Config, ConfigError, TrafficConfig};
