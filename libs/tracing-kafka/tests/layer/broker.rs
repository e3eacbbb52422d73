//! A broker for tests, and reading back what arrived. In process unless KAFKA_TEST_BOOTSTRAP names a real one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use serde_json::Value;
use tracing_kafka::{KafkaLayer, KafkaLayerBuilder};

/// How long anything may take before a test fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// A broker with two topics of its own.
pub(crate) struct Broker {
    /// None for a real one.
    cluster: Option<MockCluster<'static, DefaultProducerContext>>,
    pub(crate) servers: String,
    pub(crate) logs: String,
    pub(crate) errors: String,
}

fn unique_topics() -> [String; 2] {
    static TOPICS: AtomicUsize = AtomicUsize::new(0);
    let number = TOPICS.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    ["logs", "errors"].map(|name| format!("{name}-{process}-{number}"))
}

/// A message as it arrived.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) record: Value,
    pub(crate) text: String,
    pub(crate) key: String,
    pub(crate) timestamp_ms: i64,
    pub(crate) headers: Vec<(String, String)>,
}

impl Broker {
    /// The broker that KAFKA_TEST_BOOTSTRAP names, else one of our own.
    pub(crate) fn start() -> Broker {
        #[expect(
            clippy::disallowed_methods,
            reason = "whoever runs the tests may name a broker"
        )]
        let Ok(servers) = std::env::var("KAFKA_TEST_BOOTSTRAP") else {
            return Broker::that_can_fail();
        };
        let [logs, errors] = unique_topics();
        let admin: AdminClient<_> = ClientConfig::new()
            .set("bootstrap.servers", &servers)
            .create()
            .unwrap();
        let topics =
            [&logs, &errors].map(|name| NewTopic::new(name, 1, TopicReplication::Fixed(1)));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime
            .block_on(admin.create_topics(&topics, &AdminOptions::new()))
            .unwrap();
        Broker {
            cluster: None,
            servers,
            logs,
            errors,
        }
    }

    /// One of our own in any case.
    pub(crate) fn that_can_fail() -> Broker {
        let [logs, errors] = unique_topics();
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic(&logs, 1, 1).unwrap();
        cluster.create_topic(&errors, 1, 1).unwrap();
        Broker {
            servers: cluster.bootstrap_servers(),
            cluster: Some(cluster),
            logs,
            errors,
        }
    }

    fn cluster(&self) -> &MockCluster<'static, DefaultProducerContext> {
        self.cluster.as_ref().unwrap()
    }

    /// A layer that publishes here.
    pub(crate) fn layer(&self, service: &str) -> KafkaLayerBuilder {
        KafkaLayer::builder(service)
            .bootstrap_servers(&self.servers)
            .topic_logs(&self.logs)
            .topic_errors(&self.errors)
    }

    /// Cuts every connection and accepts none.
    pub(crate) fn go_down(&self) {
        self.cluster().broker_down(1).unwrap();
    }

    /// Lets the next producer that asks for its id be refused for good.
    pub(crate) fn refuse_one_producer(&self) {
        self.cluster().request_errors(
            RDKafkaApiKey::InitProducerId,
            &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED],
        );
    }

    pub(crate) fn come_up(&self) {
        self.cluster().broker_up(1).unwrap();
    }

    /// All records on the topic of all records, as soon as there are at least `count`.
    pub(crate) fn read_logs(&self, count: usize) -> Vec<Received> {
        self.read(&self.logs, count)
    }

    /// All records on the topic of errors, as soon as there are at least `count`.
    pub(crate) fn read_errors(&self, count: usize) -> Vec<Received> {
        self.read(&self.errors, count)
    }

    fn read(&self, topic: &str, count: usize) -> Vec<Received> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.servers)
            .set("group.id", "test")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("fetch.wait.max.ms", "10")
            .set("fetch.error.backoff.ms", "10")
            .set("topic.metadata.refresh.fast.interval.ms", "10")
            .create()
            .unwrap();
        let mut partitions = TopicPartitionList::new();
        partitions
            .add_partition_offset(topic, 0, Offset::Beginning)
            .unwrap();
        consumer.assign(&partitions).unwrap();
        let deadline = Instant::now() + DEADLINE;
        let mut received = Vec::new();
        loop {
            match consumer.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => received.push(Received {
                    record: serde_json::from_slice(message.payload().unwrap()).unwrap(),
                    text: String::from_utf8(message.payload().unwrap().to_vec()).unwrap(),
                    key: String::from_utf8(message.key().unwrap().to_vec()).unwrap(),
                    timestamp_ms: message.timestamp().to_millis().unwrap(),
                    headers: headers(&message),
                }),
                // The end of the partition, or nothing yet.
                _ if received.len() >= count => return received,
                _ => assert!(
                    Instant::now() < deadline,
                    "{} of {count} records on {topic}",
                    received.len()
                ),
            }
        }
    }
}

fn headers(message: &rdkafka::message::BorrowedMessage<'_>) -> Vec<(String, String)> {
    message
        .headers()
        .unwrap()
        .iter()
        .map(|header| {
            let value = String::from_utf8(header.value.unwrap().to_vec()).unwrap();
            (header.key.to_owned(), value)
        })
        .collect()
}

/// Waits until `is_so`, or fails.
pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
