//! A service that logs without pause until its standard input is closed, then prints as JSON what became of its
//! records, and how long the slowest call took. What the outage test runs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "part of a test: it fails by panicking and reports on stdout"
)]

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tracing_kafka::KafkaLayer;
use tracing_subscriber::prelude::*;

fn main() {
    let variable = |name: &str| {
        #[expect(
            clippy::disallowed_methods,
            reason = "how the test tells it where to log"
        )]
        std::env::var(name).unwrap()
    };
    let (layer, guard) = KafkaLayer::builder("emitter")
        .bootstrap_servers(variable("KAFKA_BOOTSTRAP_SERVERS"))
        .topic_logs(variable("KAFKA_TOPIC_LOGS"))
        .topic_errors(variable("KAFKA_TOPIC_ERRORS"))
        .spool(variable("SPOOL"), 64 << 20)
        .property("message.timeout.ms", variable("MESSAGE_TIMEOUT_MS"))
        .build()
        .unwrap();
    tracing_subscriber::registry().with(layer).init();

    let stop = Arc::new(AtomicBool::new(false));
    let stopping = Arc::clone(&stop);
    std::thread::spawn(move || {
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        stopping.store(true, Ordering::Relaxed);
    });
    let mut slowest = Duration::ZERO;
    for number in 0_u64.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let begun = Instant::now();
        if number.is_multiple_of(10) {
            tracing::error!(number, "an error");
        } else {
            tracing::info!(number, "nothing special");
        }
        slowest = slowest.max(begun.elapsed());
        std::thread::sleep(Duration::from_millis(1));
    }
    let counters = guard.shutdown(Duration::from_secs(20));
    let total = counters.total();
    let errors = counters.level(log_record::Severity::Error);
    println!(
        "{}",
        serde_json::json!({
            "emitted": total.emitted,
            "delivered": total.delivered,
            "spooled": total.spooled,
            "dropped": total.dropped,
            "in_flight": total.in_flight,
            "errors_emitted": errors.emitted,
            "errors_delivered": errors.delivered,
            "slowest_ms": slowest.as_millis(),
        })
    );
}
