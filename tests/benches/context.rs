//! How long it takes to read the lines around an error back from Kafka, among a million records of other processes, and
//! what many such requests at once cost the consumers.
//! `kafka/with-broker cargo bench -p pipeline-tests --bench context`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use log_record::Timestamp;
use pipeline_tests::{Home, Monitor, Topics, create_topic, shared_bootstrap, wait_for};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};

const RECORDS: u64 = 1_000_000;
const PARTITIONS: i32 = 6;
const RECORD_BYTES: usize = 500;
/// Records a second, by their timestamps.
const RATE: u64 = 10_000;
const PROBES: usize = 100;
const AT_ONCE: usize = 10;
const ROUNDS: usize = 5;
const TRACE: &str = "5b8efff798038103d269b633813fc60c";

fn main() {
    // `cargo test --all-targets` runs benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    for topic in [&topics.logs, &topics.errors] {
        assert!(create_topic(&bootstrap, topic, PARTITIONS, &[]));
    }
    let starts = [
        Start {
            name: "one of 100 processes",
            id: 1,
            every: 100,
        },
        Start {
            name: "one of 1,000 processes",
            id: 2,
            every: 1_000,
        },
        Start {
            name: "101 lines in all",
            id: 3,
            every: RECORDS / 101,
        },
    ];
    produce(&bootstrap, &topics, &starts);
    let monitor = start(&bootstrap, &topics, "bench");
    for start in &starts {
        let path = format!("/api/v1/logs/events/{}", start.error());
        wait_for("the error is known", || {
            (monitor.status(&path) == Some(200)).then_some(())
        });
    }
    monitor.wait_until_consumed(&topics.logs, RECORDS as i64);
    let alone = latencies(&monitor, &starts);
    let together = at_once(&monitor, &starts[1]);
    drop(monitor);
    println!(
        "50 + 50 lines among {RECORDS} records of {RECORD_BYTES} bytes in {PARTITIONS} partitions\n"
    );
    println!(
        "| scope | the process is | records read | p50 | p95 | max |\n|---|---|---|---|---|---|"
    );
    for row in alone {
        println!("{row}");
    }
    println!("\n{AT_ONCE} at once, one of 1,000 processes: {together}\n");
    println!(
        "| round | alone, records/s | {AT_ONCE} requests at once, records/s | ratio |\n|---|---|---|---|"
    );
    disturb(&bootstrap, &topics, &starts[1]);
}

/// A process whose lines are sought.
struct Start {
    name: &'static str,
    id: u64,
    /// One in so many records is its.
    every: u64,
}

impl Start {
    fn instance(&self) -> String {
        format!("{:032x}", 0xace_0000 + self.id)
    }

    /// The number of its error, in the middle.
    fn error_seq(&self) -> u64 {
        RECORDS / self.every / 2
    }

    fn error(&self) -> String {
        format!("{}-{}", self.instance(), self.error_seq())
    }
}

fn start(bootstrap: &str, topics: &Topics, group: &str) -> Monitor {
    let home = Home::new(bootstrap, topics)
        .with("LOG_MONITOR_CANARY_INTERVAL", "none")
        .with("KAFKA_GROUP_ID", &format!("{}-{group}", topics.logs));
    Monitor::at(&Arc::new(home))
}

/// Records of a thousand processes, with the lines of a few more between them.
fn produce(bootstrap: &str, topics: &Topics, starts: &[Start]) {
    let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("compression.type", "lz4")
        .set("linger.ms", "20")
        .create()
        .unwrap();
    let begun = Timestamp::now().saturating_add_micros(-600_000_000);
    for number in 0..RECORDS {
        let at = begun.saturating_add_micros((number * 1_000_000 / RATE) as i64);
        // Whose turn it is, not all of them at the same number.
        let ours = starts.iter().find(|start| number % start.every == start.id);
        let (instance, seq) = match ours {
            Some(start) => (start.instance(), number / start.every),
            None => (format!("{:032x}", number % 997), number / 997),
        };
        let is_error = ours.is_some_and(|start| seq == start.error_seq());
        let record = record(at, &instance, seq, is_error, ours.is_some());
        let key = format!("shop/{instance}");
        let copies = if is_error {
            &[&topics.logs, &topics.errors][..]
        } else {
            &[&topics.logs][..]
        };
        for topic in copies {
            let mut message = BaseRecord::to(topic)
                .key(&key)
                .payload(&record)
                .timestamp(at.as_millis());
            while let Err((_, refused)) = producer.send(message) {
                message = refused;
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
    producer.flush(Duration::from_secs(120)).unwrap();
}

fn record(at: Timestamp, instance: &str, seq: u64, is_error: bool, is_ours: bool) -> String {
    let (level, service) = (
        if is_error { "ERROR" } else { "INFO" },
        if is_ours { "checkout" } else { "shop" },
    );
    let trace = if is_ours {
        format!(r#","trace_id":"{TRACE}""#)
    } else {
        String::new()
    };
    let mut text = format!(
        r#"{{"timestamp":"{at}","level":"{level}","service":"{service}","host":"ip-10-0-12-34","instance":"{instance}","seq":{seq},"schema":1,"version":"1.4.2","target":"shop::orders","message":"order {seq} was taken to the next step"{trace},"fields":{{"order_id":{seq},"note":""#
    );
    let missing = RECORD_BYTES.saturating_sub(text.len() + 3);
    let words = "the quick brown fox jumps over the lazy dog ";
    text.extend(words.chars().cycle().skip(seq as usize % 40).take(missing));
    text.push_str("\"}}");
    text
}

fn ask(monitor: &Monitor, start: &Start, scope: &str) -> (Duration, u64) {
    let path = format!(
        "/api/v1/logs/events/{}/context?scope={scope}",
        start.error()
    );
    let begun = Instant::now();
    let found = monitor.get(&path);
    let took = begun.elapsed();
    for side in ["before", "after"] {
        let lines = found[side].as_array().unwrap();
        assert!(
            lines.len() >= 49,
            "{side} of {}: {} of {}",
            start.name,
            lines.len(),
            found["missing"]
        );
    }
    (took, found["scanned"].as_u64().unwrap())
}

fn latencies(monitor: &Monitor, starts: &[Start]) -> Vec<String> {
    let mut rows = Vec::new();
    for (start, scope) in starts
        .iter()
        .map(|start| (start, "instance"))
        .chain([(&starts[1], "service"), (&starts[1], "trace")])
    {
        let mut times = Vec::new();
        let mut scanned = 0;
        for _ in 0..PROBES {
            let (took, read) = ask(monitor, start, scope);
            times.push(took);
            scanned = read;
        }
        let [p50, p95, max] = percentiles(times);
        rows.push(format!(
            "| {scope} | {} | {scanned} | {p50:.0} ms | {p95:.0} ms | {max:.0} ms |",
            start.name
        ));
    }
    rows
}

fn percentiles(mut times: Vec<Duration>) -> [f64; 3] {
    times.sort();
    [50, 95, 100].map(|percent| {
        times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
    })
}

/// Several requests at the same time, while nothing else happens.
fn at_once(monitor: &Monitor, start: &Start) -> String {
    let mut times = Vec::new();
    for _ in 0..10 {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_ONCE)
                .map(|_| scope.spawn(|| ask(monitor, start, "instance").0))
                .collect();
            times.extend(threads.into_iter().map(|thread| thread.join().unwrap()));
        });
    }
    let [p50, p95, max] = percentiles(times);
    format!("p50 {p50:.0} ms, p95 {p95:.0} ms, max {max:.0} ms")
}

/// A monitor of a new group reads everything, alone and while ten requests are made of it.
fn disturb(bootstrap: &str, topics: &Topics, start_of: &Start) {
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let rates = [false, true].map(|disturbed| {
            catch_up(
                bootstrap,
                topics,
                &format!("{round}-{disturbed}"),
                start_of,
                disturbed,
            )
        });
        let ratio = rates[1] / rates[0];
        println!(
            "| {} | {:.0} | {:.0} | {ratio:.2} |",
            round + 1,
            rates[0],
            rates[1]
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("\nmedian ratio {:.2}", ratios[ROUNDS / 2]);
}

/// Records a second, from the first one to the last.
fn catch_up(
    bootstrap: &str,
    topics: &Topics,
    group: &str,
    start_of: &Start,
    disturbed: bool,
) -> f64 {
    let monitor = start(bootstrap, topics, group);
    let consumed = || {
        monitor.get("/api/v1/status")["counters"]["records_consumed"]
            .as_u64()
            .unwrap_or(0)
    };
    while consumed() < RECORDS / 100 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let known = format!("/api/v1/logs/events/{}", start_of.error());
    while monitor.status(&known) != Some(200) {
        std::thread::sleep(Duration::from_millis(1));
    }
    let (begun, before) = (Instant::now(), consumed());
    let mut took = Duration::ZERO;
    std::thread::scope(|scope| {
        for _ in 0..if disturbed { AT_ONCE } else { 0 } {
            scope.spawn(|| ask(&monitor, start_of, "instance"));
        }
        while consumed() < RECORDS {
            std::thread::sleep(Duration::from_millis(5));
        }
        took = begun.elapsed();
    });
    (RECORDS - before) as f64 / took.as_secs_f64()
}
