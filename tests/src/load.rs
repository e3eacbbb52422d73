//! Records with known ids, sent as the layer sends them: every one to the logs topic, the errors to the errors topic
//! too, by an idempotent producer.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};
use serde_json::Value;

use crate::{Monitor, Topics};

const SERVICES: [&str; 3] = ["booking", "mailer", "usermanagement"];

/// A producer of records whose ids are known, of a few services, each one process start unless told otherwise.
pub struct Load {
    producer: ThreadedProducer<DefaultProducerContext>,
    topics: Topics,
    /// Tells the instances of one load from those of another.
    instance: u64,
    next: u64,
    /// Process starts, over all services.
    instances: u64,
    only_errors: bool,
    /// What the logs topic does not get yet: keys, records and their times.
    held: Option<Vec<(String, String, i64)>>,
    sent: Sent,
}

impl fmt::Debug for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Load").field("next", &self.next).finish()
    }
}

/// What was sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// The ids of all errors, sorted.
    pub errors: Vec<String>,
    /// All records by service and level.
    pub counts: BTreeMap<(String, String), u64>,
}

impl Load {
    /// Sends to these topics.
    ///
    /// # Panics
    /// When there can be no producer.
    #[must_use]
    pub fn new(bootstrap: &str, topics: &Topics) -> Load {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("compression.type", "lz4")
            // What is sent while Kafka is away waits, all of it and for as long as that takes.
            .set("queue.buffering.max.messages", "1000000")
            .set("message.timeout.ms", "0")
            .set("reconnect.backoff.max.ms", "1000")
            .create()
            .unwrap();
        let nanos = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        Load {
            producer,
            topics: topics.clone(),
            instance: nanos as u64,
            next: 0,
            instances: SERVICES.len() as u64,
            only_errors: false,
            held: None,
            sent: Sent::default(),
        }
    }

    /// So many process starts, a third of them of each service.
    #[must_use]
    pub fn of_instances(mut self, instances: u64) -> Load {
        self.instances = instances;
        self
    }

    /// From now on everything is an error.
    #[must_use]
    pub fn only_errors(mut self) -> Load {
        self.only_errors = true;
        self
    }

    /// From now on the logs topic gets nothing until [`Load::send_held`].
    #[must_use]
    pub fn holding_logs_back(mut self) -> Load {
        self.held = Some(Vec::new());
        self
    }

    /// Sends the first of what the logs topic has not got yet.
    ///
    /// # Panics
    /// When the producer refuses a record, or there are not so many.
    pub fn send_some_held(&mut self, records: usize) {
        let mut held = self.held.take().unwrap_or_default();
        for (key, record, millis) in held.drain(..records) {
            self.produce(&self.topics.logs, &key, &record, millis);
        }
        self.held = Some(held);
    }

    /// Sends what the logs topic has not got yet. From now on both topics get everything.
    ///
    /// # Panics
    /// When the producer refuses a record.
    pub fn send_held(&mut self) {
        for (key, record, millis) in self.held.take().unwrap_or_default() {
            self.produce(&self.topics.logs, &key, &record, millis);
        }
    }

    /// How many errors were sent so far.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.sent.errors.len()
    }

    /// Sends so many records more whose text does not compress well.
    ///
    /// # Panics
    /// When the producer refuses one.
    pub fn send_noise(&mut self, records: u64) {
        for _ in 0..records {
            let noise: String = (0..30)
                .map(|_| format!("{:016x}", fastrand::u64(..)))
                .collect();
            self.send_one(&noise);
        }
    }

    /// Numbers so many records that are never sent, as a producer that drops them.
    pub fn skip(&mut self, records: u64) {
        self.next += records;
    }

    /// Sends so many records more, a tenth of them errors and a hundredth CRITICAL.
    ///
    /// # Panics
    /// When the producer refuses one.
    pub fn send(&mut self, records: u64) {
        for _ in 0..records {
            self.send_one("says something of usual length about an order");
        }
    }

    fn send_one(&mut self, text: &str) {
        let number = self.next;
        self.next += 1;
        let start = number % self.instances;
        let service = SERVICES[start as usize % SERVICES.len()];
        // Each process numbers its records itself.
        let seq = number / self.instances;
        let level = match seq % 100 {
            7 => "CRITICAL",
            n if n % 10 == 7 || self.only_errors => "ERROR",
            n if n % 2 == 0 => "DEBUG",
            _ => "INFO",
        };
        let instance = format!("{:016x}{start:016x}", self.instance);
        let timestamp = log_record::Timestamp::now();
        let record = format!(
            r#"{{"timestamp":"{timestamp}","level":"{level}","service":"{service}","host":"h1","instance":"{instance}","seq":{seq},"schema":1,"target":"load","message":"record {number} {text}","fields":{{"order_id":{seq},"elapsed_ms":12.5}}}}"#
        );
        let key = format!("{service}/{instance}");
        let millis = timestamp.as_millis();
        if matches!(level, "ERROR" | "CRITICAL") {
            self.produce(&self.topics.errors, &key, &record, millis);
            self.sent.errors.push(format!("{instance}-{seq}"));
        }
        let count = (service.to_owned(), level.to_owned());
        *self.sent.counts.entry(count).or_default() += 1;
        match &mut self.held {
            Some(held) => held.push((key, record, millis)),
            None => self.produce(&self.topics.logs, &key, &record, millis),
        }
    }

    fn produce(&self, topic: &str, key: &str, record: &str, millis: i64) {
        let mut message = BaseRecord::to(topic)
            .key(key)
            .payload(record)
            .timestamp(millis);
        while let Err((error, refused)) = self.producer.send(message) {
            let is_full = error == KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull);
            assert!(is_full, "{error}");
            std::thread::sleep(Duration::from_millis(5));
            message = refused;
        }
    }

    /// Waits until Kafka has everything, and says what was sent.
    ///
    /// # Panics
    /// When Kafka does not take it.
    #[must_use]
    pub fn finish(self) -> Sent {
        self.producer.flush(Duration::from_secs(120)).unwrap();
        let mut sent = self.sent;
        sent.errors.sort();
        sent
    }
}

impl Sent {
    /// Both.
    #[must_use]
    pub fn and(mut self, other: Sent) -> Sent {
        self.errors.extend(other.errors);
        self.errors.sort();
        for (of, count) in other.counts {
            *self.counts.entry(of).or_default() += count;
        }
        self
    }

    /// All records.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Waits until the monitor has read all of it, then compares: each error once and nothing else, and every count.
    ///
    /// # Panics
    /// When something is missing or too much.
    pub fn assert_exactly_in(&self, monitor: &Monitor) {
        monitor.wait_until_counted(self.records());
        let mut ids = monitor.ids();
        ids.sort();
        assert_eq!(
            ids.len(),
            self.errors.len(),
            "errors stored and errors sent"
        );
        assert_eq!(ids, self.errors);
        let stats = monitor.get("/api/v1/logs/stats");
        assert_eq!(counts_of(&stats), self.counts);
    }
}

/// Records by service and level, as the statistics tell them.
fn counts_of(stats: &Value) -> BTreeMap<(String, String), u64> {
    let mut counts = BTreeMap::new();
    for (service, levels) in stats["logs"]["by_service"].as_object().unwrap() {
        for (level, count) in levels.as_object().unwrap() {
            let count = count.as_u64().unwrap();
            if count > 0 {
                counts.insert((service.clone(), level.clone()), count);
            }
        }
    }
    counts
}
