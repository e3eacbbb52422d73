//! From a log call to the API, on real Apache Kafka.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_records;
mod context;
mod crash;
mod delivery;
mod guide;
mod hardship;
mod issues;
mod loss;
mod outage;
mod poison;
mod producers;
mod rebalance;
mod restart;
mod services;
mod stream;
mod topics;

use std::io;
use std::time::Duration;

use pipeline_tests::Topics;
use tracing_kafka::{FlushGuard, KafkaLayer};

/// An error with a source, as applications have them.
#[derive(Debug, thiserror::Error)]
#[error("payment failed")]
struct PaymentError(#[source] io::Error);

impl PaymentError {
    fn new() -> PaymentError {
        PaymentError(io::Error::new(
            io::ErrorKind::TimedOut,
            "connection timeout",
        ))
    }
}

/// The layer over these topics.
fn layer(bootstrap: &str, topics: &Topics, service: &str) -> (KafkaLayer, FlushGuard) {
    KafkaLayer::builder(service)
        .bootstrap_servers(bootstrap)
        .topic_logs(&topics.logs)
        .topic_errors(&topics.errors)
        .host("ip-10-0-12-34")
        .version("1.4.2")
        .env("test")
        .panic_hook(false)
        .build()
        .unwrap()
}

/// Long enough for any delivery on a busy machine.
const FLUSH: Duration = Duration::from_secs(30);

/// Whether the long forms are run: `make soak`.
fn soak() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "how `make soak` asks for the long forms"
    )]
    std::env::var("SOAK").is_ok_and(|value| value == "1")
}
