//! How fast `application-logs` is read: logmonitor's consumers against a bare rdkafka poll loop over the same topic,
//! in turn, in one run: records as our layer writes them, then the same with every second one of another logger. Needs
//! a broker: `kafka/with-broker cargo bench -p logmonitor --bench scan`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

use std::time::{Duration, Instant};

use log_record::{Severity, Timestamp};
use logmonitor::config::Config;
use logmonitor::config::DecodeConfig;
use logmonitor::ingest::Ingest;
use logmonitor::kafka::Consumers;
use logmonitor::pipeline::Pipeline;
use logmonitor::store::{Store, StoreLimits};
use rdkafka::ClientConfig;
use rdkafka::Message as _;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};
use tokio::runtime::Runtime;

const PARTITIONS: i32 = 6;
const RECORD_BYTES: usize = 500;
const ROUNDS: usize = 11;

fn main() {
    // `cargo test --all-targets` runs benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let Some(bootstrap) = environment("KAFKA_TEST_BOOTSTRAP") else {
        println!(
            "scan: needs a broker; run it as: kafka/with-broker cargo bench -p logmonitor --bench scan"
        );
        return;
    };
    let records: u64 = environment("BENCH_RECORDS").map_or(1_000_000, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    println!("{records} records, 1 % errors, {PARTITIONS} partitions, {ROUNDS} rounds");
    measure(&runtime, &bootstrap, records, &[]);
    measure(&runtime, &bootstrap, records, &others());
}

/// What other loggers write that is no error: one record of each family that has such a one.
fn others() -> Vec<Vec<u8>> {
    let testdata = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../libs/log-record/testdata"
    );
    let families = std::fs::read_dir(testdata).unwrap();
    let mut paths: Vec<_> = families
        .map(|family| family.unwrap().path().join("info.in"))
        .collect();
    // A message of OTLP is a batch, and so no record among others.
    paths.retain(|path| path.exists() && !path.to_string_lossy().contains("/otlp-"));
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Writes a topic, of which every second record is one of `others`, and reads it.
fn measure(runtime: &Runtime, bootstrap: &str, records: u64, others: &[Vec<u8>]) {
    let name = if others.is_empty() { "own" } else { "mixed" };
    let topic = format!("bench-scan-{name}-{}", std::process::id());
    let errors = format!("{topic}-errors");
    runtime.block_on(create_topics(bootstrap, [&topic, &errors]));
    let bytes = produce(bootstrap, &topic, records, others);
    println!(
        "\n| {name}, {} bytes each | bare poll loop, records/s | logmonitor, records/s | ratio |\n|---|---|---|---|",
        bytes / records
    );
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let bare = bare_poll_loop(bootstrap, &topic, records, bytes);
        let monitor = runtime
            .block_on(async { logmonitor_scan(bootstrap, [&topic, &errors], round, records) });
        let ratio = bare.as_secs_f64() / monitor.as_secs_f64();
        println!(
            "| {} | {:.0} | {:.0} | {ratio:.2} |",
            round + 1,
            rate(records, bare),
            rate(records, monitor)
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    println!("\nmedian ratio {:.2}", ratios[ROUNDS / 2]);
}

fn environment(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how a benchmark is told where the broker is"
    )]
    std::env::var(name).ok()
}

fn rate(records: u64, time: Duration) -> f64 {
    records as f64 / time.as_secs_f64()
}

async fn create_topics(bootstrap: &str, names: [&str; 2]) {
    let admin: AdminClient<DefaultClientContext> = client(bootstrap).create().unwrap();
    let topics = names.map(|name| NewTopic::new(name, PARTITIONS, TopicReplication::Fixed(1)));
    for result in admin
        .create_topics(&topics, &AdminOptions::new())
        .await
        .unwrap()
    {
        result.unwrap();
    }
}

fn client(bootstrap: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", bootstrap);
    client
}

/// Records as our layer writes them, one in a hundred an error, and every second one of `others`. Returns their bytes.
fn produce(bootstrap: &str, topic: &str, records: u64, others: &[Vec<u8>]) -> u64 {
    let producer: ThreadedProducer<rdkafka::producer::DefaultProducerContext> = client(bootstrap)
        .set("compression.type", "lz4")
        .set("linger.ms", "20")
        .set("queue.buffering.max.messages", "100000")
        .create()
        .unwrap();
    let started_at = Timestamp::now();
    let mut bytes = 0;
    for seq in 0..records {
        let level = if seq % 100 == 0 {
            Severity::Error
        } else {
            Severity::Info
        };
        let own = record(seq, level, started_at.saturating_add_micros(seq as i64)).into_bytes();
        let other = others.get(seq as usize / 2 % others.len().max(1));
        let payload = other.filter(|_| seq % 2 == 1).unwrap_or(&own);
        bytes += payload.len() as u64;
        let key = format!("service-{}", seq % 7);
        let timestamp = started_at.as_millis();
        let mut message = BaseRecord::to(topic)
            .key(&key)
            .payload(payload)
            .timestamp(timestamp);
        while let Err((_, refused)) = producer.send(message) {
            message = refused;
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    producer.flush(Duration::from_secs(120)).unwrap();
    bytes
}

fn record(seq: u64, level: Severity, timestamp: Timestamp) -> String {
    let mut text = format!(
        "{{\"timestamp\":\"{timestamp}\",\"level\":\"{level}\",\"service\":\"service-{}\",\"host\":\"ip-10-0-12-34\",\
         \"instance\":\"0af7651916cd43dd8448eb211c80319c\",\"seq\":{seq},\"schema\":1,\"version\":\"1.4.2\",\
         \"target\":\"shop::orders\",\"file\":\"src/orders.rs\",\"line\":142,\"thread\":\"tokio-runtime-worker\",\
         \"message\":\"order {seq} was taken to the next step\",\"fields\":{{\"order_id\":{seq},\"note\":\"",
        seq % 7
    );
    let missing = RECORD_BYTES.saturating_sub(text.len() + 3);
    text.extend(
        "the quick brown fox jumps over the lazy dog "
            .chars()
            .cycle()
            .take(missing),
    );
    text.push_str("\"}}");
    text
}

/// The least a consumer can do: poll, and look at the length. From the first message to the last.
fn bare_poll_loop(bootstrap: &str, topic: &str, records: u64, expected_bytes: u64) -> Duration {
    let consumer: BaseConsumer = client(bootstrap)
        .set(
            "group.id",
            format!(
                "bare-{}-{}",
                std::process::id(),
                Timestamp::now().as_micros()
            ),
        )
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        // What logmonitor sets too: without it the loop is several times slower.
        .set("fetch.queue.backoff.ms", "5")
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let mut begun = None;
    let (mut seen, mut bytes) = (0, 0);
    while seen < records {
        if let Some(message) = consumer.poll(Duration::from_millis(100)) {
            bytes += message.unwrap().payload().unwrap_or_default().len();
            begun.get_or_insert_with(Instant::now);
            seen += 1;
        }
    }
    assert_eq!(bytes as u64, expected_bytes);
    begun.unwrap().elapsed()
}

/// Both consumers of logmonitor with store, counts and commits. From the first record counted to the last.
fn logmonitor_scan(
    bootstrap: &str,
    [topic, errors]: [&str; 2],
    round: usize,
    records: u64,
) -> Duration {
    let group = format!("bench-{topic}-{round}");
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", bootstrap),
        ("KAFKA_TOPIC_LOGS", topic),
        ("KAFKA_TOPIC_ERRORS", errors),
        ("KAFKA_GROUP_ID", &group),
    ];
    let lookup = |name: &str| {
        variables
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let config = Config::from_lookup(lookup).unwrap();
    let pipeline = Pipeline::new(&[topic, errors]);
    let store = Store::new(StoreLimits {
        max_bytes: config.store_memory,
        max_age: config.retention,
        max_services: 10_000,
    });
    let ingest = Ingest::new(
        None,
        store.clone(),
        pipeline.clone(),
        DecodeConfig::default(),
    );
    let consumers = Consumers::start(
        &config.kafka,
        bootstrap,
        &group,
        Some(config.retention),
        &pipeline,
        &ingest,
    )
    .unwrap();
    let consumed = || pipeline.counters().totals().consumed[topic];
    let (mut begun, mut at_begin) = (None, 0);
    loop {
        let seen = consumed();
        if seen > 0 && begun.is_none() {
            (begun, at_begin) = (Some(Instant::now()), seen);
        }
        if seen >= records {
            break;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
    let elapsed = begun.unwrap().elapsed();
    consumers.stop();
    assert_eq!(store.size().records, records / 100);
    // What was read before the clock started is not in the time.
    elapsed.mul_f64(records as f64 / (records - at_begin) as f64)
}
