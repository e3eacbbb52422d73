//! How long it takes to read the lines around an error back from Kafka, among a million records of other processes;
//! what a request costs; and what many of them at once cost the consumers while these catch up.
//! `kafka/with-broker cargo bench -p pipeline-tests --bench context`.
//!
//! The broker, logmonitor and whoever asks share the processors here. What the broker does to answer the requests is
//! therefore taken from the consumers too, which it is not where the broker has a machine of its own.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use log_record::Timestamp;
use pipeline_tests::{Home, Monitor, Topics, create_topic, shared_bootstrap, wait_for};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};

const RECORDS: u64 = 1_000_000;
/// What the consumers catch up with: some seconds of reading.
const BACKLOG: u64 = 3_000_000;
/// Processes that write it in turns, each with one error.
const PROCESSES: u64 = 1_000;
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
    let bootstrap = shared_bootstrap();
    alone(&bootstrap);
    disturbing(&bootstrap);
}

/// A process whose lines are sought.
struct Start {
    name: &'static str,
    id: u64,
    /// One in so many records is its.
    every: u64,
    /// The number of its error.
    error_seq: u64,
}

impl Start {
    /// With its error in the middle.
    fn new(name: &'static str, id: u64, every: u64) -> Start {
        let error_seq = RECORDS / every / 2;
        Start {
            name,
            id,
            every,
            error_seq,
        }
    }

    fn instance(&self) -> String {
        format!("{:032x}", 0xace_0000 + self.id)
    }

    fn error(&self) -> String {
        format!("{}-{}", self.instance(), self.error_seq)
    }
}

fn start(bootstrap: &str, topics: &Topics, group: &str) -> Monitor {
    let home = Home::new(bootstrap, topics)
        .with("LOG_MONITOR_CANARY_INTERVAL", "none")
        .with("KAFKA_GROUP_ID", &format!("{}-{group}", topics.logs));
    Monitor::at(&Arc::new(home))
}

fn new_topics(bootstrap: &str) -> Topics {
    let topics = Topics::unique();
    for topic in [&topics.logs, &topics.errors] {
        assert!(create_topic(bootstrap, topic, PARTITIONS, &[]));
    }
    topics
}

fn wait_for_error(monitor: &Monitor, error: &str) {
    let path = format!("/api/v1/logs/events/{error}");
    wait_for("the error is known", || {
        (monitor.status(&path) == Some(200)).then_some(())
    });
}

/// One request after the other, while nothing else happens.
fn alone(bootstrap: &str) {
    let topics = new_topics(bootstrap);
    let starts = [
        Start::new("one of 100 processes", 1, 100),
        Start::new("one of 1,000 processes", 2, 1_000),
        Start::new("101 lines in all", 3, RECORDS / 101),
    ];
    // A thousand processes, with the lines of a few more between them.
    produce(bootstrap, &topics, RECORDS, |number| {
        // Whose turn it is, not all of them at the same number.
        let ours = starts.iter().find(|start| number % start.every == start.id);
        let (instance, seq) = match ours {
            Some(start) => (start.instance(), number / start.every),
            None => (format!("{:032x}", number % 997), number / 997),
        };
        let is_error = ours.is_some_and(|start| seq == start.error_seq);
        Turn {
            instance,
            seq,
            is_error,
            is_ours: ours.is_some(),
        }
    });
    let monitor = start(bootstrap, &topics, "bench");
    for start in &starts {
        wait_for_error(&monitor, &start.error());
    }
    monitor.wait_until_consumed(&topics.logs, RECORDS as i64);
    println!(
        "50 + 50 lines among {RECORDS} records of {RECORD_BYTES} bytes in {PARTITIONS} partitions\n\n\
         | scope | the process is | records read | p50 | p95 | max | logmonitor's CPU time | less than all lines |\n|---|---|---|---|---|---|---|---|"
    );
    for (start, scope) in starts
        .iter()
        .map(|start| (start, "instance"))
        .chain([(&starts[1], "service"), (&starts[1], "trace")])
    {
        let mut times = Vec::new();
        let (mut scanned, mut incomplete) = (0, 0);
        let before = monitor.cpu_time();
        for _ in 0..PROBES {
            let answer = ask(&monitor, &start.error(), scope);
            incomplete += usize::from(!answer.is_whole);
            times.push(answer.took);
            scanned = answer.scanned;
        }
        let cpu = (monitor.cpu_time() - before) / PROBES as u32;
        println!(
            "| {scope} | {} | {scanned} | {} | {:.0} ms | {incomplete} of {PROBES} |",
            start.name,
            percentiles(times),
            cpu.as_secs_f64() * 1e3
        );
    }
}

/// Ten requests at a time, each for another error, first while the consumers have nothing to do and then while they
/// catch up.
fn disturbing(bootstrap: &str) {
    let topics = new_topics(bootstrap);
    produce(bootstrap, &topics, BACKLOG, |number| {
        let (process, seq) = (number % PROCESSES, number / PROCESSES);
        Turn {
            instance: format!("{process:032x}"),
            seq,
            is_error: seq == error_seq(process),
            is_ours: false,
        }
    });
    let monitor = start(bootstrap, &topics, "quiet");
    wait_for_all_errors(&monitor);
    monitor.wait_until_consumed(&topics.logs, BACKLOG as i64);
    let asking = Asking::default();
    std::thread::scope(|scope| {
        asking.begin(scope, &monitor);
        std::thread::sleep(Duration::from_secs(5));
        asking.end();
    });
    println!(
        "\n{AT_ONCE} requests under way at any time, each for another error of one of {PROCESSES} processes, \
         among {BACKLOG} records\n\n\
         | round | the consumers | records/s | of that alone | requests/s | p50 | p95 | max | less than all lines |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    println!("| | idle | | | {} |", asking.row());
    drop(monitor);
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let (alone, _) = catch_up(bootstrap, &topics, &format!("{round}-alone"), false);
        println!("| {round} | alone | {alone:.0} | | | | | | |");
        let (rate, asking) = catch_up(bootstrap, &topics, &format!("{round}-asked"), true);
        let ratio = rate / alone;
        println!(
            "| {round} | catch up | {rate:.0} | {ratio:.2} | {} |",
            asking.row()
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("\nmedian of the ratios {:.2}", ratios[ROUNDS / 2]);
}

fn wait_for_all_errors(monitor: &Monitor) {
    wait_for("all errors are known", || {
        let page = monitor.get("/api/v1/logs/errors?limit=1");
        (page["total"].as_u64().unwrap() >= PROCESSES).then_some(())
    });
}

/// The number of the error of a process: they are spread over the topic, but for its ends.
fn error_seq(process: u64) -> u64 {
    let lines = BACKLOG / PROCESSES;
    lines / 10 + process * 7 % PROCESSES * (lines * 8 / 10) / PROCESSES
}

fn error(process: u64) -> String {
    format!("{process:032x}-{}", error_seq(process))
}

/// One record: who writes it.
struct Turn {
    instance: String,
    seq: u64,
    is_error: bool,
    is_ours: bool,
}

fn produce(bootstrap: &str, topics: &Topics, records: u64, turn: impl Fn(u64) -> Turn) {
    let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("compression.type", "lz4")
        .set("linger.ms", "20")
        .create()
        .unwrap();
    let age = Duration::from_secs(records / RATE + 500);
    let begun = Timestamp::now().saturating_add_micros(-(age.as_micros() as i64));
    for number in 0..records {
        let at = begun.saturating_add_micros((number * 1_000_000 / RATE) as i64);
        let turn = turn(number);
        let record = record(at, &turn);
        let key = format!("shop/{}", turn.instance);
        let copies = if turn.is_error {
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

fn record(at: Timestamp, turn: &Turn) -> String {
    let Turn {
        instance,
        seq,
        is_error,
        is_ours,
    } = turn;
    let (level, service) = (
        if *is_error { "ERROR" } else { "INFO" },
        if *is_ours { "checkout" } else { "shop" },
    );
    let trace = if *is_ours {
        format!(r#","trace_id":"{TRACE}""#)
    } else {
        String::new()
    };
    let mut text = format!(
        r#"{{"timestamp":"{at}","level":"{level}","service":"{service}","host":"ip-10-0-12-34","instance":"{instance}","seq":{seq},"schema":1,"version":"1.4.2","target":"shop::orders","message":"order {seq} was taken to the next step"{trace},"fields":{{"order_id":{seq},"note":""#
    );
    let missing = RECORD_BYTES.saturating_sub(text.len() + 3);
    let words = "the quick brown fox jumps over the lazy dog ";
    text.extend(words.chars().cycle().skip(*seq as usize % 40).take(missing));
    text.push_str("\"}}");
    text
}

/// What came of one request.
struct Answer {
    took: Duration,
    scanned: u64,
    /// There are as many lines as were asked for.
    is_whole: bool,
}

fn ask(monitor: &Monitor, error: &str, scope: &str) -> Answer {
    let path = format!("/api/v1/logs/events/{error}/context?scope={scope}");
    let begun = Instant::now();
    let found = monitor.get(&path);
    let lines = |side: &str| found[side].as_array().unwrap().len();
    Answer {
        took: begun.elapsed(),
        scanned: found["scanned"].as_u64().unwrap(),
        // A process of 101 lines has one less on one side.
        is_whole: lines("before") >= 49 && lines("after") >= 49,
    }
}

/// As columns of a table.
fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len() - 1);
        times[index].as_secs_f64() * 1e3
    };
    format!("{:.0} ms | {:.0} ms | {:.0} ms", at(50), at(95), at(100))
}

/// Threads that ask for the lines around one error after the other.
#[derive(Default)]
struct Asking {
    is_over: AtomicBool,
    next: AtomicUsize,
    incomplete: AtomicUsize,
    times: std::sync::Mutex<Vec<Duration>>,
    took: std::sync::Mutex<Duration>,
}

impl Asking {
    fn begin<'s>(&'s self, scope: &'s std::thread::Scope<'s, '_>, monitor: &'s Monitor) {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let begun = Instant::now();
                while !self.is_over.load(Ordering::Relaxed) {
                    let turn = self.next.fetch_add(1, Ordering::Relaxed) as u64;
                    let answer = ask(monitor, &error(turn * 13 % PROCESSES), "instance");
                    self.times.lock().unwrap().push(answer.took);
                    if !answer.is_whole {
                        self.incomplete.fetch_add(1, Ordering::Relaxed);
                    }
                }
                *self.took.lock().unwrap() = begun.elapsed();
            });
        }
    }

    fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    fn row(&self) -> String {
        let times = self.times.lock().unwrap().clone();
        let rate = times.len() as f64 / self.took.lock().unwrap().as_secs_f64();
        let incomplete = self.incomplete.load(Ordering::Relaxed);
        let asked = times.len();
        format!(
            "{rate:.0} | {} | {incomplete} of {asked}",
            percentiles(times)
        )
    }
}

/// A monitor of a new group reads everything. Returns records a second, from the moment when all errors are known to the
/// last record, and what those who asked meanwhile saw.
fn catch_up(bootstrap: &str, topics: &Topics, group: &str, is_asked: bool) -> (f64, Asking) {
    let monitor = start(bootstrap, topics, group);
    let consumed = || {
        monitor.get("/api/v1/status")["counters"]["records_consumed"]
            .as_u64()
            .unwrap_or(0)
    };
    while consumed() < BACKLOG / 100 {
        std::thread::sleep(Duration::from_millis(1));
    }
    wait_for_all_errors(&monitor);
    let asking = Asking::default();
    let (begun, before) = (Instant::now(), consumed());
    let mut took = Duration::ZERO;
    std::thread::scope(|scope| {
        if is_asked {
            asking.begin(scope, &monitor);
        }
        while consumed() < BACKLOG {
            std::thread::sleep(Duration::from_millis(20));
        }
        took = begun.elapsed();
        asking.end();
    });
    ((BACKLOG - before) as f64 / took.as_secs_f64(), asking)
}
