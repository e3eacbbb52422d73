//! Measures the store: `cargo bench --bench store [-- <records>]`. Prints one table.
//!
//! Records are made in batches just before they are appended, as a consumer decodes them, and only `append` is
//! timed. All figures are medians of several rounds where one round is short; latencies are percentiles.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its table, and stops at the first surprise"
)]

#[path = "store/records.rs"]
mod records;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use log_record::{Severity, Timestamp};
use logmonitor::query::{self, Filter, Query};
use logmonitor::store::{LogCounts, StatsQuery, Store, StoreLimits};

use records::{BATCH, Maker, START_MICROS, arrivals, payload};

/// Batches that are timed together.
const STRETCH: usize = 16;

fn main() {
    // `cargo test` runs benchmarks too, without this.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let asked = std::env::args().find_map(|argument| argument.parse().ok());
    let records: u64 = asked.unwrap_or(1_000_000);
    println!("{:<58} {:>14} {:>12}", "store", "measured", "bar");
    let (store, mut maker) = inserts(records);
    size(&store, &maker);
    search(&store);
    summaries(&store, &maker);
    counting();
    latencies(&store, &mut maker);
}

fn row(what: &str, measured: &str, bar: &str) {
    println!("{what:<58} {measured:>14} {bar:>12}");
}

fn limits() -> StoreLimits {
    StoreLimits {
        max_bytes: 8 << 30,
        max_age: Duration::from_secs(3_650 * 86_400),
        max_services: 256,
    }
}

/// Fills stores alone, with a reader and with duplicates; the last one filled alone is what is searched.
fn inserts(records: u64) -> (Store, Maker) {
    let mut alone = Vec::new();
    let mut with_reader = Vec::new();
    let mut last = None;
    for _ in 0..3 {
        // One store at a time: what an earlier one held must not be searched by accident.
        drop(last.take());
        let store = Store::new(limits());
        let mut maker = Maker::new();
        let stop = AtomicBool::new(false);
        let busy = thread::scope(|scope| {
            scope.spawn(|| read_until(&store, &stop));
            let rate = fill(&store, &mut maker, records / 2);
            stop.store(true, Ordering::Relaxed);
            rate
        });
        with_reader.push(busy);
        let store = Store::new(limits());
        let mut maker = Maker::new();
        alone.push(fill(&store, &mut maker, records));
        last = Some((store, maker));
    }
    row("insert, alone", &millions(median(&mut alone)), ">= 2 M/s");
    row(
        "insert, busy reader",
        &millions(median(&mut with_reader)),
        ">= 2 M/s",
    );
    let full = Store::new(StoreLimits {
        max_bytes: records * 371 / 4,
        ..limits()
    });
    row(
        "insert, alone, at the byte limit (evicting)",
        &millions(fill(&full, &mut Maker::new(), records / 2)),
        ">= 2 M/s",
    );
    drop(full);
    let (store, maker) = last.unwrap();
    let mut twin = Maker::new();
    row(
        "insert of duplicates from the other topic (dropped)",
        &millions(fill_from(
            &store,
            &mut twin,
            records.min(200_000),
            "application-logs",
        )),
        "",
    );
    (store, maker)
}

fn fill(store: &Store, maker: &mut Maker, records: u64) -> f64 {
    fill_from(store, maker, records, "application-logs-errors")
}

/// Records per second of `append`: the median over stretches of about a segment, so that merging is in every one
/// of them, and what else the machine does is in few.
fn fill_from(store: &Store, maker: &mut Maker, records: u64, topic: &str) -> f64 {
    let mut rates = Vec::new();
    let until = maker.made + records;
    while maker.made < until {
        let mut spent = Duration::ZERO;
        for _ in 0..STRETCH {
            let first = maker.made;
            let batch = maker.batch();
            let payloads: Vec<String> = batch.iter().map(payload).collect();
            let arrivals = arrivals(&batch, &payloads, first, topic);
            let start = Instant::now();
            black_box(store.append(&arrivals, maker.now()));
            spent += start.elapsed();
        }
        rates.push((STRETCH * BATCH) as f64 / spent.as_secs_f64());
    }
    median(&mut rates)
}

fn read_until(store: &Store, stop: &AtomicBool) {
    let now = Timestamp::from_micros(START_MICROS);
    while !stop.load(Ordering::Relaxed) {
        let page = store.query(&Query::default(), now).unwrap();
        for event in &page.events {
            black_box(event.record());
        }
    }
}

fn size(store: &Store, maker: &Maker) {
    let size = store.size();
    let raw = maker.raw_bytes as f64 / maker.made as f64;
    let stored = size.bytes as f64 / size.records as f64;
    row("raw field bytes per record", &format!("{raw:.0}"), "");
    row(
        "bytes per record, all included",
        &format!("{stored:.0}"),
        "",
    );
    row("ratio", &format!("{:.2}x", stored / raw), "<= 1.1x");
}

fn search(store: &Store) {
    let now = Timestamp::from_micros(START_MICROS);
    for (what, q) in [
        ("search, in no record", "quuxplosion"),
        ("search, in one of 50,000", "\"Gearbox Jammed\""),
        ("search, common letters, in no record", "\"stationeries\""),
        ("search, in one of 40 records", "connection refused"),
        ("search, in one of 10 records", "TIMEOUT"),
        ("search, digits, in no record", "99999999999"),
        ("search, a field by its value", "order_id:123456"),
    ] {
        let query = Query {
            filter: Filter {
                terms: query::parse(q).unwrap(),
                ..Filter::default()
            },
            ..Query::default()
        };
        let mut total = 0;
        let mut rounds: Vec<f64> = (0..7)
            .map(|_| {
                let start = Instant::now();
                total = store.query(&query, now).unwrap().total;
                start.elapsed().as_secs_f64()
            })
            .collect();
        let seconds = median(&mut rounds);
        // Nearly all of a record's bytes in the store are text; columns and indexes are 60.
        let size = store.size();
        let text = (size.bytes - size.records * 60) as f64;
        let figure = format!("{:.1} GB/s {:>5.1} ms", text / seconds / 1e9, seconds * 1e3);
        row(&format!("{what} ({total} found)"), &figure, ">= 5 GB/s");
    }
}

fn summaries(store: &Store, maker: &Maker) {
    let now = maker.now();
    let time = |work: &dyn Fn()| {
        let mut rounds: Vec<f64> = (0..15)
            .map(|_| {
                let start = Instant::now();
                work();
                start.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        format!("{:.0} us", median(&mut rounds))
    };
    let all = StatsQuery::default();
    row(
        "stats of everything",
        &time(&|| drop(black_box(store.stats(&all, now)))),
        "",
    );
    let one = StatsQuery {
        services: vec!["billing-00".to_owned()],
        ..StatsQuery::default()
    };
    row(
        "stats of one service",
        &time(&|| drop(black_box(store.stats(&one, now)))),
        "",
    );
    row(
        "services",
        &time(&|| drop(black_box(store.services(now)))),
        "",
    );
    let newest = store.query(&Query::default(), now).unwrap().events;
    let id = newest[0].id();
    row(
        "find by id, newest",
        &time(&|| drop(black_box(store.find(&id)))),
        "",
    );
}

fn counting() {
    let names: Vec<String> = (0..20).map(|n| format!("service-{n:02}")).collect();
    for (what, every) in [
        ("one service at a time", 1_000),
        ("another service each time", 1),
    ] {
        let mut counts = LogCounts::new();
        let mut rounds: Vec<f64> = (0..9)
            .map(|_| {
                counts.clear();
                let start = Instant::now();
                for number in 0..100_000_usize {
                    let name = &names[number / every % names.len()];
                    let time = Timestamp::from_micros(START_MICROS + number as i64 * 100);
                    counts.add(black_box(name), Severity::Info, time);
                }
                start.elapsed().as_secs_f64() * 1e9 / 100_000.0
            })
            .collect();
        let figure = format!("{:.1} ns", median(&mut rounds));
        row(&format!("count a record, {what}"), &figure, "< 30 ns");
    }
}

/// Newest 100 while a writer appends as fast as it can.
fn latencies(store: &Store, maker: &mut Maker) {
    let now = Timestamp::from_micros(START_MICROS);
    let stop = AtomicBool::new(false);
    let written = AtomicU64::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                fill(store, maker, (STRETCH * BATCH) as u64);
                written.fetch_add((STRETCH * BATCH) as u64, Ordering::Relaxed);
            }
        });
        for (what, service) in [
            ("newest 100, writer busy", None),
            (
                "newest 100 of a common service, writer busy",
                Some("billing-00"),
            ),
            ("newest 100 of a rare service, writer busy", Some("rarely")),
            (
                "newest 100 of an unknown service, writer busy",
                Some("nobody"),
            ),
        ] {
            let query = Query {
                filter: Filter {
                    services: service.map(str::to_owned).into_iter().collect(),
                    ..Filter::default()
                },
                ..Query::default()
            };
            let mut micros: Vec<f64> = (0..20_000)
                .map(|_| {
                    let start = Instant::now();
                    black_box(store.query(&query, now).unwrap());
                    start.elapsed().as_secs_f64() * 1e6
                })
                .collect();
            micros.sort_by(f64::total_cmp);
            let at = |share: f64| micros[(micros.len() as f64 * share) as usize];
            let figure = format!("{:.1} / {:.1} us", at(0.5), at(0.99));
            row(&format!("{what} (p50 / p99)"), &figure, "p99 < 20 us");
        }
        stop.store(true, Ordering::Relaxed);
    });
    row(
        "  written meanwhile",
        &written.load(Ordering::Relaxed).to_string(),
        "",
    );
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn millions(rate: f64) -> String {
    format!("{:.2} M/s", rate / 1e6)
}
