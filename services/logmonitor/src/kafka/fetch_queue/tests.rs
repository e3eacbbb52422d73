use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use rdkafka::config::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::*;
use crate::kafka::testing;

const TOPIC: &str = "application-logs";
const TIMEOUT: Duration = Duration::from_secs(30);

type Cluster = MockCluster<'static, DefaultProducerContext>;

fn cluster() -> Cluster {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic(TOPIC, 2, 1).unwrap();
    cluster
}

fn consumer(bootstrap_servers: &str) -> BaseConsumer<Context> {
    testing::consumer(bootstrap_servers, TOPIC)
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

/// Leaders that refuse for a while, and partitions that change theirs.
#[test]
fn every_message_comes_once_and_in_order_while_leaders_change_and_refuse() {
    const PARTITIONS: i32 = 2;
    let cluster = MockCluster::new(2).unwrap();
    cluster.create_topic(TOPIC, PARTITIONS, 2).unwrap();
    let servers = cluster.bootstrap_servers();
    let refusals = [
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
        RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
    ];
    let consumer = consumer(&servers);
    let mut queue = FetchQueue::new(&consumer);
    consumer.subscribe(&[TOPIC]).unwrap();
    let mut next = [0; PARTITIONS as usize];
    for round in 0..4 {
        for partition in 0..PARTITIONS {
            let leader = 1 + (round + partition) % 2;
            cluster
                .partition_leader(TOPIC, partition, Some(leader))
                .unwrap();
        }
        cluster.request_errors(RDKafkaApiKey::Fetch, &refusals);
        let sent = 1_000 * (round + 1);
        produce(&servers, sent - 1_000..sent);
        let deadline = Instant::now() + TIMEOUT;
        while next.iter().sum::<i64>() < i64::from(sent) {
            assert!(Instant::now() < deadline, "{next:?} of {sent}");
            assert!(!matches!(consumer.poll(Duration::ZERO), Some(Ok(_))));
            for message in queue.read(Duration::from_millis(50)) {
                assert!(message.error().is_none(), "{:?}", message.error());
                let expected = &mut next[message.partition() as usize];
                assert_eq!(message.offset(), *expected);
                *expected += 1;
            }
        }
    }
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
