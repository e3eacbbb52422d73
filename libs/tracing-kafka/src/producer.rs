//! The Kafka producer as the worker uses it: two topics, one envelope per severity, answers collected while polling.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use kafka_bootstrap::Bootstrap;
use log_record::{Severity, Timestamp};
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext, PurgeConfig};
use rdkafka::statistics::Statistics;

use crate::record::Identity;
use crate::window::ReturnedRecord;

/// Where records go.
#[derive(Clone, Debug)]
pub(crate) struct Topics {
    /// Every record.
    pub(crate) logs: String,
    /// ERROR and above, again.
    pub(crate) errors: String,
}

/// One of the two topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    Logs,
    Errors,
}

impl Topic {
    /// Those that get a record of this severity.
    pub(crate) fn of(severity: Severity) -> &'static [Topic] {
        if severity.is_error() {
            &[Topic::Logs, Topic::Errors]
        } else {
            &[Topic::Logs]
        }
    }
}

/// Whose record an answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flight {
    /// One this process emitted, by its sequence number.
    Live(u64),
    /// One that is replayed from the spool, by its number among the replayed.
    Replay(u64),
}

/// What the producer carries along with a message: 1 bit whether a failed record is to come back, 1 bit for the kind
/// of flight, the number in the rest.
#[derive(Clone, Copy)]
struct Tag(usize);

impl Tag {
    fn new(flight: Flight, comes_back: bool) -> Tag {
        let (number, replay) = match flight {
            Flight::Live(number) => (number, 0),
            Flight::Replay(number) => (number, 2),
        };
        // On 32-bit machines the number wraps after a billion records and the window ignores what it does not know.
        Tag((number as usize) << 2 | replay | usize::from(comes_back))
    }

    fn flight(self) -> Flight {
        let number = (self.0 >> 2) as u64;
        if self.0 & 2 == 0 {
            Flight::Live(number)
        } else {
            Flight::Replay(number)
        }
    }

    fn comes_back(self) -> bool {
        self.0 & 1 == 1
    }
}

/// What became of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    /// Not acknowledged; it may be another time.
    Failed,
    /// It is this record that is not taken, now and later: it is too long, say.
    Unfit,
}

/// The broker's answer to one message, or the producer's when it gave up.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) flight: Flight,
    pub(crate) outcome: Outcome,
    pub(crate) returned: Option<Box<ReturnedRecord>>,
}

/// Collects the answers. Called by librdkafka from within `poll` and `flush`, so on the worker's own thread: the lock
/// is never contended.
#[derive(Debug, Default)]
struct Answers {
    collected: Mutex<Vec<Answer>>,
    /// A broker has taken a record, since this was looked at.
    has_delivered: AtomicBool,
}

/// Nothing is logged: it would be about sending logs.
impl ClientContext for Answers {
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}

    fn error(&self, _: KafkaError, _: &str) {}

    fn stats(&self, _: Statistics) {}

    fn stats_raw(&self, _: &[u8]) {}
}

impl ProducerContext for Answers {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, tag: usize) {
        let tag = Tag(tag);
        let outcome = match result {
            Ok(_) => {
                self.has_delivered.store(true, Ordering::Relaxed);
                Outcome::Delivered
            }
            Err((error, _)) if is_about_the_record(error) => Outcome::Unfit,
            Err(_) => Outcome::Failed,
        };
        let returned = match result {
            Err((_, message)) if tag.comes_back() => Some(Box::new(ReturnedRecord {
                timestamp: Timestamp::from_millis(message.timestamp().to_millis().unwrap_or(0)),
                payload: message.payload().unwrap_or_default().to_vec(),
            })),
            _ => None,
        };
        self.collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Answer {
                flight: tag.flight(),
                outcome,
                returned,
            });
    }
}

/// Why a record was not accepted for sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The producer holds as much as it may.
    Full,
    /// It will never take this record.
    Unfit,
    /// It takes no record now.
    Broken,
}

/// A producer bound to the topics and the identity of one layer.
pub(crate) struct Producer {
    config: ClientConfig,
    client: BaseProducer<Answers>,
    bootstrap: Bootstrap,
    topics: Topics,
    /// The key on both topics: one instance's lines stay in order, and of topics with the same number of partitions the
    /// two copies of an error lie in the same, which a group gives to the same reader.
    key: String,
    /// By severity; copied for every message.
    headers: [OwnedHeaders; Severity::COUNT],
}

impl Producer {
    /// Makes the client. Connects in the background; a broker that is away is no error.
    pub(crate) fn new(
        config: ClientConfig,
        identity: &Identity,
        topics: Topics,
    ) -> KafkaResult<Producer> {
        let client = config.create_with_context(Answers::default())?;
        Ok(Producer {
            bootstrap: Bootstrap::of(&config),
            config,
            client,
            topics,
            key: key_of(&identity.service, &identity.instance),
            headers: Severity::ALL.map(|severity| headers(severity, &identity.service)),
        })
    }

    /// Hands one message to librdkafka, which copies it. With `comes_back` the record is returned if it fails later.
    pub(crate) fn send(
        &self,
        topic: Topic,
        flight: Flight,
        severity: Severity,
        timestamp: Timestamp,
        payload: &[u8],
        comes_back: bool,
    ) -> Result<(), Refusal> {
        let name = match topic {
            Topic::Logs => &self.topics.logs,
            Topic::Errors => &self.topics.errors,
        };
        let key = self.key(flight, payload);
        let message = BaseRecord::with_opaque_to(name, Tag::new(flight, comes_back).0)
            .key(&*key)
            .payload(payload)
            .timestamp(timestamp.as_millis())
            .headers(self.headers[severity.index()].clone());
        self.client.send(message).map_err(|(error, _)| {
            if error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull) {
                Refusal::Full
            } else if is_about_the_record(&error) {
                Refusal::Unfit
            } else {
                Refusal::Broken
            }
        })
    }

    /// The key of a record. One from the spool keeps the one it had: if the broker has kept it after all when it was first
    /// sent, both stand in the same partition, before the same reader.
    fn key(&self, flight: Flight, payload: &[u8]) -> Cow<'_, str> {
        let earlier = match flight {
            Flight::Live(_) => None,
            Flight::Replay(_) => log_record::peek(payload),
        };
        match earlier.and_then(|peek| Some((peek.service?, peek.identity?))) {
            Some((service, identity)) => Cow::Owned(key_of(service, identity.instance)),
            None => Cow::Borrowed(&self.key),
        }
    }

    /// Serves librdkafka's events and moves the answers that have come into `answers`.
    pub(crate) fn poll(&mut self, answers: &mut Vec<Answer>) {
        self.client.poll(Duration::ZERO);
        self.collect(answers);
    }

    /// Sends what waits for its batch to fill, and serves events for at most `time`.
    pub(crate) fn flush(&mut self, time: Duration, answers: &mut Vec<Answer>) {
        // Not complete in this time: the window knows, and the worker comes again.
        let _incomplete = self.client.flush(time);
        self.collect(answers);
    }

    /// Gives up on everything that is not answered; the answers come with the next polls.
    pub(crate) fn purge(&self) {
        self.client.purge(PurgeConfig::default().queue().inflight());
    }

    /// Whether librdkafka has declared this client unusable, as an idempotent producer is after some errors.
    pub(crate) fn is_broken(&self) -> bool {
        self.client.client().fatal_error().is_some()
    }

    /// Replaces the client by a new one. What the old one has not answered for is lost: purge and poll first.
    pub(crate) fn renew(&mut self) -> KafkaResult<()> {
        self.client = self.config.create_with_context(Answers::default())?;
        Ok(())
    }

    fn collect(&mut self, answers: &mut Vec<Answer>) {
        let context = self.client.context();
        // Told by what arrives, and not by librdkafka's errors: a client stayed cut off when it was told by those.
        let has_delivered = context.has_delivered.swap(false, Ordering::Relaxed);
        let is_connected = has_delivered || self.client.in_flight_count() == 0;
        self.bootstrap
            .tend(self.client.client(), is_connected, Instant::now());
        answers.append(
            &mut context
                .collected
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

/// Whether the same record would be refused again, and another would not.
fn is_about_the_record(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidRecord)
    )
}

fn key_of(service: &str, instance: &str) -> String {
    format!("{service}/{instance}")
}

fn headers(severity: Severity, service: &str) -> OwnedHeaders {
    [
        ("content-type", "application/json"),
        ("level", severity.as_str()),
        ("service", service),
    ]
    .into_iter()
    .fold(OwnedHeaders::new(), |headers, (key, value)| {
        headers.insert(Header {
            key,
            value: Some(value),
        })
    })
}
