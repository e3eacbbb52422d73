//! The archive on real files: how fast errors are kept, how much room they take, how fast they are there again after a
//! restart. `cargo bench -p logmonitor --bench archive`; BENCH_RECORDS sets the number of errors (default 1,000,000).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use log_record::Timestamp;
use logmonitor::archive::{Archive, ArchiveLimits, PartitionPosition};
use logmonitor::config::DecodeConfig;
use logmonitor::ingest::{Batch, Ingest, Message};
use logmonitor::pipeline::{Pipeline, Sequences};
use logmonitor::query::{Filter, Query, parse};
use logmonitor::reader::Reader;
use logmonitor::refill::refill;
use logmonitor::store::{LogCounts, Store, StoreLimits};
use tempfile::TempDir;

const TOPICS: [&str; 2] = ["application-logs", "application-logs-errors"];
/// As the consumer's batches are when it catches up.
const BATCH: usize = 4_096;

fn main() {
    // `cargo test --all-targets` runs benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    #[expect(clippy::disallowed_methods, reason = "the caller may ask for fewer")]
    let records: usize =
        std::env::var("BENCH_RECORDS").map_or(1_000_000, |text| text.parse().unwrap());
    let payloads: Vec<Vec<u8>> = (0..records).map(payload).collect();
    let bytes: usize = payloads.iter().map(Vec::len).sum();
    println!("{records} errors of {} bytes\n", bytes / records);

    let directory = TempDir::new().unwrap();
    let monitor = Monitor::open(&directory, 2 << 30);
    let begun = Instant::now();
    for (number, batch) in payloads.chunks(BATCH).enumerate() {
        monitor.apply(batch, number * BATCH);
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("| | measured | wanted |\n|---|---|---|");
    println!(
        "| decoded, kept and shown, batches of {BATCH} | {:.0} errors/s | 300000 |",
        records as f64 / seconds
    );
    let disk = monitor.archive.size().unwrap().bytes;
    println!(
        "| on disk | {:.0} bytes an error | 250 |",
        disk as f64 / records as f64
    );
    drop(monitor);

    let begun = Instant::now();
    let monitor = Monitor::open(&directory, 2 << 30);
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(monitor.store.size().records, records as u64);
    println!("| store filled again from {records} errors | {seconds:.2} s | 3 |");
    drop(monitor);

    // Little memory, so that nearly everything is in the archive only.
    let monitor = Monitor::open(&directory, 16 << 20);
    let reader = Reader::new(monitor.store.clone(), Some(monitor.archive.clone()));
    let search = |name: &str, q: &str| {
        let filter = Filter {
            terms: parse(q).unwrap(),
            ..Filter::default()
        };
        let query = Query {
            filter,
            order: logmonitor::query::Order::Ascending,
            ..Query::default()
        };
        let begun = Instant::now();
        let page = reader
            .query(&query, Timestamp::now(), Duration::from_secs(60))
            .unwrap();
        let millis = begun.elapsed().as_secs_f64() * 1e3;
        println!("| {name} ({} found) | {millis:.0} ms | |", page.total);
    };
    search("the oldest 100 of everything", "");
    search("a word through the whole archive", "nowhere-to-be-found");
}

struct Monitor {
    archive: Archive,
    store: Store,
    ingest: Ingest,
}

impl Monitor {
    /// Opens the archive and fills the store from it.
    fn open(directory: &TempDir, store_bytes: u64) -> Monitor {
        let limits = ArchiveLimits {
            max_bytes: 10 << 30,
            max_records: None,
            quarantine_bytes: 1 << 20,
        };
        let archive = Archive::open(directory.path(), limits).unwrap();
        let store_limits = StoreLimits {
            max_bytes: store_bytes,
            max_age: Duration::from_secs(7 * 86_400),
            max_services: 1_000,
        };
        let store = Store::before_archive(store_limits, archive.hash_seed());
        let pipeline = Pipeline::new(&TOPICS);
        let floor = Timestamp::from_millis(0);
        let stop = AtomicBool::new(false);
        let ingest = Ingest::new(
            Some(archive.clone()),
            store.clone(),
            pipeline.clone(),
            DecodeConfig::default(),
        );
        let issues = ingest.issues();
        refill(&archive, &store, issues, &pipeline, &TOPICS, floor, &stop).unwrap();
        Monitor {
            archive,
            store,
            ingest,
        }
    }

    fn apply(&self, payloads: &[Vec<u8>], first: usize) {
        let now = Timestamp::now();
        let messages: Vec<Message<'_>> = (first as i64..)
            .zip(payloads)
            .map(|(offset, payload)| Message {
                topic: TOPICS[1],
                partition: 0,
                offset,
                timestamp: now,
                key: None,
                headers: Vec::new(),
                payload,
            })
            .collect();
        let positions = [PartitionPosition {
            partition: 0,
            position: (first + payloads.len()) as i64,
            timestamp: now,
        }];
        let batch = Batch {
            topic: TOPICS[1],
            messages: &messages,
            counts: &LogCounts::new(),
            sequences: &Sequences::default(),
            scanned: messages.len() as u64,
            positions: &positions,
        };
        self.ingest.apply(&batch, now).unwrap();
    }
}

/// An error as a busy shop would log it: of some services and hosts, with words, numbers and ids that vary.
fn payload(number: usize) -> Vec<u8> {
    const SERVICES: [&str; 8] = [
        "booking",
        "usermanagement",
        "payment",
        "search",
        "mailer",
        "inventory",
        "shipping",
        "gateway",
    ];
    const MESSAGES: [&str; 6] = [
        "payment of order {} failed: connection to 10.0.{} timed out after 3000 ms",
        "no seats left for flight {} on row {}",
        "cannot reserve {} items of article {}: stock is too low",
        "upstream request {} answered 503 after {} ms, giving up",
        "user {} could not be verified: token {} has expired",
        "query {} was cancelled by the database: deadlock with process {}",
    ];
    // A fixed sequence that looks like none.
    let mixed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let service = SERVICES[(mixed % 8) as usize];
    let message = MESSAGES[(mixed >> 8) as usize % 6]
        .replacen("{}", &(mixed % 1_000_003).to_string(), 1)
        .replacen("{}", &(mixed >> 44).to_string(), 1);
    let timestamp = Timestamp::now().saturating_add_micros(number as i64 - 1_000_000);
    let host = mixed >> 16 & 15;
    let instance = u128::from(mixed % 8) << 8 | u128::from(host);
    format!(
        r#"{{"timestamp":"{timestamp}","level":"ERROR","service":"{service}","host":"ip-10-0-1-{host}","instance":"{instance:032x}","seq":{number},"schema":1,"version":"1.4.2","pid":4711,"target":"{service}::handler","file":"src/handler.rs","line":{},"thread":"tokio-runtime-worker","message":"{message}","fields":{{"order_id":{},"elapsed_ms":{}.5}},"span":"charge","trace_id":"{mixed:016x}{:016x}","span_id":"{:016x}"}}"#,
        mixed % 400,
        mixed % 1_000_003,
        mixed >> 50,
        mixed.rotate_left(17),
        mixed.rotate_left(31),
    )
    .into_bytes()
}
