//! Issues: what grouping adds to each error, and how fast the list of issues is, with 1,000,000 errors in 10,000 of
//! them. `cargo bench -p logmonitor --bench issues`; BENCH_RECORDS sets the number of errors.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

#[path = "issues/errors.rs"]
mod errors;

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use log_record::{Hints, LogRecord, Timestamp, decode};
use logmonitor::api::{ApiState, ServerInfo, router};
use logmonitor::config::DecodeConfig;
use logmonitor::ingest::{Batch, Ingest, Message};
use logmonitor::issues::{Issues, Rules};
use logmonitor::pipeline::{Pipeline, Sequences};
use logmonitor::preview::preview;
use logmonitor::store::{Arrival, Coordinates, LogCounts, Store, StoreLimits};
use tower::ServiceExt as _;

use errors::{ISSUES, error, rules};

const TOPICS: [&str; 2] = ["application-logs", "application-logs-errors"];
/// As the consumer's batches are when it catches up.
const BATCH: usize = 4_096;
/// Requests of each kind.
const REQUESTS: usize = 300;

fn main() {
    // `cargo test --all-targets` runs benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    #[expect(clippy::disallowed_methods, reason = "the caller may ask for fewer")]
    let records: usize =
        std::env::var("BENCH_RECORDS").map_or(1_000_000, |text| text.parse().unwrap());
    println!("| | measured | wanted |\n|---|---|---|");
    let payloads: Vec<Vec<u8>> = (0..200_000).map(error).collect();
    step(&payloads, "", "[]");
    step(&payloads, ", 20 rules that fit nothing", &rules(20, false));
    step(&payloads, ", 20 rules that fit one in 20", &rules(20, true));
    difference(&payloads);
    drop(payloads);
    lists(records);
}

/// CPU time of this thread: what else the machine does is left out.
fn cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

/// The issue step alone, per error: grouping, counting, what is to be kept, showing it.
fn step(payloads: &[Vec<u8>], what: &str, rules: &str) {
    let now = Timestamp::now();
    let records: Vec<LogRecord<'_>> = payloads.iter().map(|payload| read(payload)).collect();
    let rules = Rules::parse(format!(r#"{{"rules": {rules}}}"#).as_bytes()).unwrap();
    let issues = Issues::new();
    issues.set_rules(Arc::new(rules));
    let mut nanos = Vec::new();
    // The first round learns.
    for round in 0..4 {
        let begun = cpu_nanos();
        for batch in records.chunks(BATCH) {
            let mut grouped = issues.begin(now);
            for record in batch {
                black_box(grouped.add(record));
            }
            let changes = grouped.changes();
            grouped.apply(&changes);
        }
        if round > 0 {
            nanos.push((cpu_nanos() - begun) as f64 / records.len() as f64);
        }
    }
    println!(
        "| the issue step{what} ({} issues) | {:.0} ns an error | 2000 |",
        issues.len(),
        median(&mut nanos)
    );
}

/// The same as a difference: batches through `Ingest`, and decoded and stored only, in turn.
fn difference(payloads: &[Vec<u8>]) {
    let now = Timestamp::now();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let monitor = Monitor::new();
        let store = Store::new(limits());
        let (mut spent_with, mut spent_without) = (0, 0);
        // Small enough for one thread to decode them.
        for (number, batch) in payloads.chunks(1_000).enumerate() {
            let begun = cpu_nanos();
            monitor.apply(batch, number * 1_000, now);
            spent_with += cpu_nanos() - begun;
            let begun = cpu_nanos();
            let arrivals: Vec<Arrival<'_>> = batch
                .iter()
                .zip(number * 1_000..)
                .map(|(payload, offset)| Arrival {
                    record: read(payload),
                    coordinates: Coordinates {
                        topic: TOPICS[1],
                        partition: 0,
                        offset: offset as i64,
                        index: None,
                    },
                    received_at: now,
                    payload,
                })
                .collect();
            black_box(store.append(&arrivals, now));
            spent_without += cpu_nanos() - begun;
        }
        let each = |spent: u64| spent as f64 / payloads.len() as f64;
        with.push(each(spent_with));
        without.push(each(spent_without));
    }
    let (with, without) = (median(&mut with), median(&mut without));
    println!("| an error through `Ingest`, in memory | {with:.0} ns | |");
    println!("| an error decoded and stored only | {without:.0} ns | |");
    let added = with - without;
    println!("| added, all that `Ingest` does besides included | {added:.0} ns an error | |");
}

fn lists(records: usize) {
    let monitor = Monitor::new();
    let now = Timestamp::now();
    for first in (0..records).step_by(BATCH) {
        let until = records.min(first + BATCH);
        let batch: Vec<Vec<u8>> = (first..until).map(error).collect();
        monitor.apply(&batch, first, now);
    }
    assert_eq!(monitor.ingest.issues().len(), ISSUES);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    for is_busy in [false, true] {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            if is_busy {
                scope.spawn(|| monitor.write_until(&stop, records));
            }
            for query in [
                "",
                "?sort=first_seen",
                "?sort=count",
                "?sort=trend",
                "?service=service-7&level=error",
                "?host=host-3",
                "?q=payment",
                "?q=nothing-has-this",
                "?from=-1h&limit=1000",
            ] {
                runtime.block_on(measure(&monitor.router, query, is_busy));
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
    let rules = Rules::parse(format!(r#"{{"rules": {}}}"#, rules(20, true)).as_bytes()).unwrap();
    let begun = Instant::now();
    let found = preview(&monitor.store, monitor.ingest.issues(), &rules, now).unwrap();
    println!(
        "| 20 rules tried on {} errors: {} | {:.0} ms | |",
        found.examined,
        found.summary(),
        begun.elapsed().as_secs_f64() * 1e3
    );
}

async fn measure(router: &Router, query: &str, is_busy: bool) {
    let mut spent = Vec::new();
    for _ in 0..REQUESTS {
        let path = format!("/api/v1/issues{query}");
        let request = Request::get(path).body(Body::empty()).unwrap();
        let begun = Instant::now();
        let answer = router.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX)
            .await
            .unwrap();
        spent.push(begun.elapsed().as_secs_f64() * 1e3);
        assert_eq!(status, StatusCode::OK);
        black_box(body);
    }
    spent.sort_by(f64::total_cmp);
    let (p50, p99) = (spent[REQUESTS / 2], spent[REQUESTS * 99 / 100]);
    let busy = if is_busy { ", writer busy" } else { "" };
    println!(
        "| `/api/v1/issues{query}`{busy} (p50 / p99) | {p50:.1} / {p99:.1} ms | p99 < 20 ms |"
    );
}

/// All of it but Kafka and the archive.
struct Monitor {
    store: Store,
    ingest: Ingest,
    router: Router,
}

impl Monitor {
    fn new() -> Monitor {
        let store = Store::new(limits());
        let pipeline = Pipeline::new(&TOPICS);
        let ingest = Ingest::new(
            None,
            store.clone(),
            pipeline.clone(),
            DecodeConfig::default(),
        );
        let info = ServerInfo {
            started_at: Timestamp::now(),
            bootstrap_servers: "127.0.0.1:9092".to_owned(),
            embedded: false,
            group_id: "logmonitor".to_owned(),
        };
        let state = ApiState::new(store.clone(), ingest.clone(), pipeline, info);
        Monitor {
            store,
            ingest,
            router: router(state),
        }
    }

    fn apply(&self, payloads: &[Vec<u8>], first: usize, now: Timestamp) {
        let messages: Vec<Message<'_>> = payloads
            .iter()
            .zip(first..)
            .map(|(payload, offset)| Message {
                topic: TOPICS[1],
                partition: 0,
                offset: offset as i64,
                timestamp: now,
                key: None,
                headers: Vec::new(),
                payload,
            })
            .collect();
        let batch = Batch {
            topic: TOPICS[1],
            messages: &messages,
            counts: &LogCounts::default(),
            sequences: &Sequences::default(),
            scanned: messages.len() as u64,
            positions: &[],
        };
        self.ingest.apply(&batch, now).unwrap();
    }

    /// Errors keep coming, as fast as they are taken.
    fn write_until(&self, stop: &AtomicBool, first: usize) {
        let batch: Vec<Vec<u8>> = (0..1_000).map(error).collect();
        let mut offset = first;
        while !stop.load(Ordering::Relaxed) {
            self.apply(&batch, offset, Timestamp::now());
            offset += batch.len();
        }
    }
}

fn limits() -> StoreLimits {
    StoreLimits {
        max_bytes: 2 << 30,
        max_age: Duration::from_secs(7 * 86_400),
        max_services: 1_000,
    }
}

fn read(payload: &[u8]) -> LogRecord<'_> {
    let records = decode(payload, &Hints::new(Timestamp::from_millis(0))).unwrap();
    records.into_single().unwrap()
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
