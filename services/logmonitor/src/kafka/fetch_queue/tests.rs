use std::sync::mpsc;
use std::thread;

use rdkafka::config::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::*;
use crate::config::{Config, DecodeConfig};
use crate::ingest::Ingest;
use crate::kafka::client::consumer_config;
use crate::kafka::starts::Starts;
use crate::kafka::topics::Role;
use crate::pipeline::Pipeline;
use crate::store::{Store, StoreLimits};

const TOPIC: &str = "application-logs";
const TIMEOUT: Duration = Duration::from_secs(30);

type Cluster = MockCluster<'static, DefaultProducerContext>;

fn cluster() -> Cluster {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 2, 1).unwrap();
    cluster
}

fn consumer(bootstrap_servers: &str) -> BaseConsumer<Context> {
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", bootstrap_servers),
        // Statistics would come between.
        ("KAFKA_PROPERTIES", "statistics.interval.ms=0"),
    ];
    let lookup = |name: &str| {
        let (_, value) = variables.iter().find(|(key, _)| *key == name)?;
        Some((*value).to_owned())
    };
    let config = Config::from_lookup(lookup).unwrap();
    let pipeline = Pipeline::new(&[TOPIC]);
    let store = Store::new(StoreLimits::default());
    let ingest = Ingest::new(None, store, pipeline.clone(), DecodeConfig::default());
    let client = consumer_config(&config.kafka, bootstrap_servers, "test");
    let starts = Starts::new(
        [TOPIC, "application-logs-errors"],
        Role::Logs,
        None,
        &ingest,
        client.clone(),
    );
    let context = Context::new(Arc::new(starts), pipeline);
    client.create_with_context(context).unwrap()
}

/// Payloads, numbered, in turn to both partitions, each with a key and a header.
fn produce(bootstrap_servers: &str, numbers: std::ops::Range<i32>) {
    let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap_servers)
        .create()
        .unwrap();
    for number in numbers {
        let headers = rdkafka::message::OwnedHeaders::new().insert(rdkafka::message::Header {
            key: "Content-Type",
            value: Some("text/plain"),
        });
        let payload = format!("line {number}");
        let key = number.to_string();
        let record = BaseRecord::to(TOPIC)
            .partition(number % 2)
            .key(&key)
            .payload(&payload)
            .timestamp(1_000 + i64::from(number))
            .headers(headers);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(TIMEOUT).unwrap();
}

/// Ends within the timeout, or fails.
fn within_timeout<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    let outcome = receiver.recv_timeout(TIMEOUT);
    outcome.unwrap_or_else(|_| panic!("{what} has not ended within {TIMEOUT:?}"))
}

#[test]
fn every_message_comes_once_and_whole() {
    let cluster = cluster();
    let servers = cluster.bootstrap_servers();
    // More than one portion, and an odd number of them.
    let count = 2 * PORTION as i32 + 17;
    produce(&servers, 0..count);
    let mut seen = within_timeout("reading", move || {
        let consumer = consumer(&servers);
        let mut queue = FetchQueue::new(&consumer);
        consumer.subscribe(&[TOPIC]).unwrap();
        let mut seen = Vec::new();
        while seen.len() < count as usize {
            assert!(
                consumer.poll(Duration::ZERO).is_none(),
                "a message comes past the queue"
            );
            for message in queue.read(Duration::from_millis(50)) {
                assert!(message.error().is_none(), "{:?}", message.error());
                assert_eq!(message.content_type(), Some(&b"text/plain"[..]));
                assert_eq!(message.headers().count(), 1);
                let text =
                    |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
                let key: i32 = text(message.key()).parse().unwrap();
                assert_eq!(text(message.payload()), format!("line {key}"));
                assert_eq!(
                    (message.partition(), message.offset()),
                    (key % 2, i64::from(key / 2))
                );
                assert_eq!(message.timestamp(), Some(1_000 + i64::from(key)));
                seen.push(key);
            }
        }
        seen
    });
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..count));
}

/// It cannot be answered later: librdkafka settles it itself when it closes, and may then never reply to our answer.
#[test]
fn a_rebalance_that_waits_is_answered_before_the_consumer_closes() {
    let cluster = cluster();
    let mut consumer = consumer(&cluster.bootstrap_servers());
    let (sender, events) = mpsc::channel();
    consumer.set_nonempty_callback(move || {
        sender.send(()).ok();
    });
    let queue = FetchQueue::new(&consumer);
    consumer.subscribe(&[TOPIC]).unwrap();
    events.recv_timeout(TIMEOUT).unwrap();
    assert!(consumer.poll(LAST_LOOK).is_none());
    assert_eq!(consumer.assignment().unwrap().count(), 2);

    let is_rebalancing = RDKafkaRespErr::RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
    cluster.request_errors(RDKafkaApiKey::Heartbeat, &[is_rebalancing]);
    events.recv_timeout(TIMEOUT).unwrap();
    // The group takes the partitions back, and waits for our word.
    assert_eq!(consumer.assignment().unwrap().count(), 2);
    drop(queue);
    assert_eq!(consumer.assignment().unwrap().count(), 0);
    within_timeout("closing", move || drop(consumer));
}
