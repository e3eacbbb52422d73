//! What decoding costs: our own format against a borrowed serde_json struct of the same fields, in turn, in one run; and
//! the other formats for comparison. `cargo bench -p log-record`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

use std::borrow::Cow;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use log_record::{Format, Hints, Peek, Severity, Timestamp, decode, peek, peek_text};
use serde::Deserialize;
use serde_json::value::RawValue;

const ROUNDS: usize = 21;
const PER_ROUND: usize = 40_000;

/// The fields of our own format, read by serde with nothing copied that need not be: the least that a reader who wants
/// all of them can do. It takes times, levels and ids for text, and checks none.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only reading them is measured")]
struct Borrowed<'a> {
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    level: Option<Text<'a>>,
    #[serde(borrow)]
    service: Option<Text<'a>>,
    #[serde(borrow)]
    host: Option<Text<'a>>,
    #[serde(borrow)]
    instance: Option<Text<'a>>,
    seq: Option<u64>,
    schema: Option<u64>,
    #[serde(borrow)]
    version: Option<Text<'a>>,
    #[serde(borrow)]
    env: Option<Text<'a>>,
    pid: Option<u32>,
    #[serde(borrow)]
    target: Option<Text<'a>>,
    #[serde(borrow)]
    module: Option<Text<'a>>,
    #[serde(borrow)]
    file: Option<Text<'a>>,
    line: Option<u32>,
    #[serde(borrow)]
    thread: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow)]
    error: Option<BorrowedError<'a>>,
    #[serde(borrow)]
    fields: Option<&'a RawValue>,
    #[serde(borrow)]
    span: Option<Text<'a>>,
    #[serde(borrow)]
    spans: Option<&'a RawValue>,
    #[serde(borrow)]
    trace_id: Option<Text<'a>>,
    #[serde(borrow)]
    span_id: Option<Text<'a>>,
    truncated: Option<bool>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only reading them is measured")]
struct BorrowedError<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow, default)]
    chain: Vec<Text<'a>>,
    #[serde(borrow)]
    stack: Option<Text<'a>>,
}

/// Inside of an `Option` serde borrows only what a type of its own asks it to.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only reading it is measured")]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn main() {
    // `cargo test --all-targets` runs benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!(
        "| our own format | bytes | serde_json struct, ns | decode, ns | ratio | peek, ns |\n|---|---|---|---|---|---|"
    );
    let hints = Hints::new(Timestamp::from_millis(0));
    let mut largest = 0.0_f64;
    for (name, message) in own() {
        let mut ratios = Vec::new();
        let mut times = [Vec::new(), Vec::new(), Vec::new()];
        // In turn, so that both see the same machine.
        for _ in 0..ROUNDS {
            let serde = nanos(|| {
                black_box(serde_json::from_slice::<Borrowed<'_>>(black_box(&message)).unwrap());
            });
            let own = nanos(|| {
                black_box(decode(black_box(&message), &hints).unwrap());
            });
            let peeked = nanos(|| {
                black_box(peek(black_box(&message)));
            });
            ratios.push(own / serde);
            for (times, time) in times.iter_mut().zip([serde, own, peeked]) {
                times.push(time);
            }
        }
        let [serde, own, peeked] = times.map(median);
        let ratio = median(ratios);
        largest = largest.max(ratio);
        println!(
            "| {name} | {} | {serde:.0} | {own:.0} | {ratio:.2} | {peeked:.0} |",
            message.len()
        );
    }
    println!("\nlargest ratio {largest:.2}, wanted at most 1.30\n");
    others(&hints);
}

/// A typical record, an error with its stack and the shortest one.
fn own() -> Vec<(&'static str, Vec<u8>)> {
    let info = r#"{"timestamp":"2026-11-20T22:15:16.515486Z","level":"INFO","service":"usermanagement","host":"ip-10-0-12-34","instance":"0af7651916cd43dd8448eb211c80319c","seq":182736,"schema":1,"version":"1.4.2","env":"prod","pid":4711,"target":"usermanagement::login","module":"usermanagement::login","file":"src/login.rs","line":142,"thread":"tokio-runtime-worker","message":"user 4242 logged in from 10.0.7.13","fields":{"user_id":4242,"elapsed_ms":12.5},"span":"login","spans":[{"name":"http_request","method":"POST"},{"name":"login","user_id":4242}],"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174"}"#;
    let minimal = r#"{"timestamp":"2026-11-20T22:15:16.515486Z","level":"INFO","service":"booking","schema":1,"message":"booked seat 12"}"#;
    let testdata = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/own"));
    vec![
        ("typical INFO", info.as_bytes().to_vec()),
        (
            "CRITICAL with an error",
            fs::read(testdata.join("full.in")).unwrap(),
        ),
        ("shortest", minimal.as_bytes().to_vec()),
    ]
}

/// An INFO and an error of each family.
fn others(hints: &Hints<'_>) {
    println!(
        "| family | INFO, bytes | peek, ns | decode, ns | error, bytes | decode, ns | MB/s |\n|---|---|---|---|---|---|---|"
    );
    let testdata = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata"));
    let mut families: Vec<_> = fs::read_dir(testdata)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("error.in").exists())
        .collect();
    families.sort();
    for family in families {
        let mut hints = hints.clone();
        if family.ends_with("otlp-protobuf") {
            hints.format = Some(Format::OtlpProtobuf);
        }
        let decoding = |message: &[u8]| {
            nanos(|| {
                black_box(decode(black_box(message), &hints).unwrap());
            })
        };
        let info = match fs::read(family.join("info.in")) {
            Ok(info) => {
                let peeked = nanos(|| {
                    black_box(glance(black_box(&info)));
                });
                // In brackets where it tells nothing.
                let peeked = match glance(&info) {
                    Some(_) => format!("{peeked:.0}"),
                    None => format!("({peeked:.0})"),
                };
                format!("{} | {peeked} | {:.0}", info.len(), decoding(&info))
            }
            Err(_) => "| |".to_owned(),
        };
        let error = fs::read(family.join("error.in")).unwrap();
        let time = decoding(&error);
        println!(
            "| {} | {info} | {} | {time:.0} | {:.0} |",
            family.file_name().unwrap_or_default().to_string_lossy(),
            error.len(),
            error.len() as f64 * 1e3 / time
        );
    }
}

/// What is looked at where nothing is known of the format.
fn glance(message: &[u8]) -> Option<Peek<'_>> {
    peek(message).or_else(|| peek_text(message, Severity::Info))
}

/// Nanoseconds of one call.
fn nanos(mut call: impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..PER_ROUND {
        call();
    }
    begun.elapsed().as_nanos() as f64 / PER_ROUND as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
