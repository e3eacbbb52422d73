//! How long a log call takes to be visible in the API, while 10,000 records a second go the same way.
//! `kafka/with-broker cargo bench -p pipeline-tests --bench latency`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pipeline_tests::{Home, Monitor, Topics, shared_bootstrap};
use tracing_kafka::KafkaLayer;
use tracing_subscriber::prelude::*;

const RECORDS_PER_SECOND: u32 = 10_000;
/// Of the steady records, one in so many is an error too.
const ERROR_EVERY: u64 = 100;
const WARM_UP: Duration = Duration::from_secs(3);
/// Errors whose way is timed, for each of the two.
const PROBES: usize = 200;

fn main() {
    // `cargo test --all-targets` runs benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    // Both read the same records at the same time, so that nothing but the archive differs.
    let start = |group: &str, data_dir: Option<&str>| {
        let mut home = Home::new(&bootstrap, &topics).with("KAFKA_GROUP_ID", group);
        if let Some(data_dir) = data_dir {
            home = home.with("LOG_MONITOR_DATA_DIR", data_dir);
        }
        let monitor = Monitor::at(&Arc::new(home));
        monitor.wait_until_ready();
        monitor
    };
    let memory = start("memory", Some("none"));
    let archive = start("archive", None);
    let (layer, guard) = KafkaLayer::builder("load")
        .bootstrap_servers(&bootstrap)
        .topic_logs(&topics.logs)
        .topic_errors(&topics.errors)
        .build()
        .unwrap();
    tracing_subscriber::registry().with(layer).init();

    let load = Load::start();
    std::thread::sleep(WARM_UP);
    let (begun, before) = (Instant::now(), load.logged());
    let mut latencies = [Vec::new(), Vec::new()];
    let mut next = 0;
    for _ in 0..PROBES {
        for (monitor, latencies) in [&memory, &archive].into_iter().zip(&mut latencies) {
            next += 1;
            latencies.push(probe(monitor, next));
        }
    }
    let rate = (load.logged() - before) as f64 / begun.elapsed().as_secs_f64();
    load.stop();
    let counters = guard.shutdown(Duration::from_secs(30));
    assert_eq!(counters.dropped(), 0, "{counters:?}");

    println!(
        "log call -> visible in the API, {PROBES} errors each, one at a time, {rate:.0} other records a second\n"
    );
    println!("| | p50 | p90 | p99 | max |\n|---|---|---|---|---|");
    let [memory, archive] = latencies.map(|mut latencies| {
        latencies.sort();
        [50, 90, 99, 100]
            .map(|percent| latencies[(PROBES * percent / 100).min(PROBES - 1)].as_secs_f64() * 1e3)
    });
    for (name, row) in [("memory only", memory), ("with the archive", archive)] {
        let [p50, p90, p99, max] = row;
        println!("| {name} | {p50:.1} ms | {p90:.1} ms | {p99:.1} ms | {max:.1} ms |");
    }
    let ratio = |at: usize| archive[at] / memory[at];
    println!(
        "| ratio | {:.2} | {:.2} | {:.2} | {:.2} |",
        ratio(0),
        ratio(1),
        ratio(2),
        ratio(3)
    );
}

/// Logs one error and asks until the API shows it.
fn probe(monitor: &Monitor, number: usize) -> Duration {
    // Not in step with any poll, tick or refresh on the way.
    std::thread::sleep(Duration::from_millis(20 + (number as u64 * 7) % 31));
    let path = format!("/api/v1/logs/errors?limit=1&q=probe:{number}");
    let begun = Instant::now();
    tracing::error!(probe = number, "where is it?");
    while monitor.get(&path)["total"] != 1 {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "probe {number} is not visible after 10 s"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    begun.elapsed()
}

/// A thread that logs at a steady rate.
struct Load {
    stop: Arc<AtomicBool>,
    logged: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl Load {
    fn start() -> Load {
        let (stop, logged) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let (stopping, counting) = (Arc::clone(&stop), Arc::clone(&logged));
        let thread = std::thread::spawn(move || {
            let begun = Instant::now();
            while !stopping.load(Ordering::Relaxed) {
                let due = (begun.elapsed().as_secs_f64() * f64::from(RECORDS_PER_SECOND)) as u64;
                for number in counting.load(Ordering::Relaxed)..due {
                    log(number);
                }
                counting.store(due, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Load {
            stop,
            logged,
            thread,
        }
    }

    fn logged(&self) -> u64 {
        self.logged.load(Ordering::Relaxed)
    }

    fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

fn log(number: u64) {
    if number.is_multiple_of(ERROR_EVERY) {
        tracing::error!(
            order_id = number,
            "payment of order {number} failed: connection timeout"
        );
    } else {
        tracing::info!(
            order_id = number,
            customer = "customer-4242",
            "order {number} was taken to the next step"
        );
    }
}
