//! What happens to issues, as a stream for others: every entry of their history becomes a record of a topic, keyed by
//! the issue, in order, at least once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use log_record::Timestamp;
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
use rdkafka::{ClientConfig, ClientContext};
use serde::Serialize;
use tokio::runtime::Handle;
use tracing::{debug, info, warn};

use super::topics::{self, Presence, TopicSpec};
use crate::archive::{Archive, ArchiveError, NumberedActivity};
use crate::issues::{IssueSummary, Issues};

/// How often the history is looked at.
const INTERVAL: Duration = Duration::from_millis(250);
/// How long to wait after Kafka or the archive has refused.
const RETRY: Duration = Duration::from_secs(5);
/// Entries sent at a time.
const PORTION: usize = 500;
/// How soon it is noticed that the process ends.
const WAIT: Duration = Duration::from_millis(50);
/// Kafka has so long to take them.
const TIMEOUT: Duration = Duration::from_secs(30);
/// In the archive: up to which entry of the history everything is in the topic.
const PUBLISHED_TO: &str = "issues_published_to";

/// Publishes, on a thread of its own, until told to stop.
#[derive(Debug)]
pub(super) struct Lifecycle {
    pub(super) client: ClientConfig,
    pub(super) spec: TopicSpec,
    pub(super) archive: Archive,
    pub(super) issues: Issues,
    pub(super) runtime: Handle,
    pub(super) stop: Arc<AtomicBool>,
}

/// One record of the topic.
#[derive(Serialize)]
struct Record<'a> {
    /// `created`, `regressed`, `resolved`, `ignored`, `reopened`, `merged`, `unmerged`, `assigned` or `noted`.
    event: &'static str,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    issue: Issue<'a>,
}

/// The issue as it is when the record is written.
#[derive(Serialize)]
struct Issue<'a> {
    id: String,
    service: &'a str,
    title: &'a str,
    level: &'static str,
    status: &'static str,
    substatus: &'static str,
    first_seen: String,
    last_seen: String,
    count: u64,
}

/// Counts what Kafka did not take.
#[derive(Debug, Default)]
pub(super) struct Refused(AtomicU64);

impl Refused {
    /// How many since the last call.
    pub(super) fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

impl ClientContext for Refused {
    fn error(&self, error: KafkaError, reason: &str) {
        debug!(target: "librdkafka", %error, "{reason}");
    }
}

impl ProducerContext for Refused {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_err() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum PublishError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    #[error("Kafka did not take {0} records")]
    Refused(u64),
    /// They are sent again at the next start.
    #[error("the process ends")]
    Stopping,
}

impl Lifecycle {
    pub(super) fn run(mut self) {
        self.client
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", TIMEOUT.as_millis().to_string());
        let mut producer = None;
        let mut is_refused = false;
        while !self.is_stopping() {
            match self.publish(&mut producer) {
                Ok(sent) => {
                    is_refused = false;
                    if sent < PORTION {
                        self.pause(INTERVAL);
                    }
                }
                Err(error) => {
                    if !is_refused && !self.is_stopping() {
                        warn!(topic = self.spec.name, %error, "the history of issues is not published; trying again");
                    }
                    is_refused = true;
                    // One that has failed may never work again.
                    producer = None;
                    self.pause(RETRY);
                }
            }
        }
    }

    /// Sends what has happened since the last time; returns how much.
    fn publish(&self, producer: &mut Option<BaseProducer<Refused>>) -> Result<usize, PublishError> {
        let from = self.archive.fact(PUBLISHED_TO)?;
        let from: i64 = from.and_then(|text| text.parse().ok()).unwrap_or_default();
        let entries = self.archive.issue_activities_after(from, PORTION)?;
        let Some(last) = entries.last().map(|entry| entry.number) else {
            return Ok(0);
        };
        let producer = match producer {
            Some(producer) => producer,
            None => {
                self.ensure_topic();
                producer.insert(self.client.create_with_context(Refused::default())?)
            }
        };
        for entry in &entries {
            self.send(producer, entry)?;
        }
        // Each is taken or refused within its timeout.
        while producer.in_flight_count() > 0 {
            if self.is_stopping() {
                return Err(PublishError::Stopping);
            }
            producer.poll(WAIT);
        }
        match producer.context().take() {
            0 => {}
            refused => return Err(PublishError::Refused(refused)),
        }
        self.archive.set_fact(PUBLISHED_TO, &last.to_string())?;
        Ok(entries.len())
    }

    fn send(
        &self,
        producer: &BaseProducer<Refused>,
        entry: &NumberedActivity,
    ) -> Result<(), PublishError> {
        let Some(issue) = self.issues.get(entry.issue) else {
            return Ok(());
        };
        let activity = &entry.activity;
        let at = Timestamp::from_micros(activity.at);
        let summary = IssueSummary::of(&issue, &issue.tally, Timestamp::now());
        let record = Record {
            event: activity.kind.as_str(),
            at: at.to_string(),
            detail: activity.detail.as_deref(),
            issue: Issue {
                id: entry.issue.to_string(),
                service: &summary.about.service,
                title: &summary.about.title,
                level: summary.level.as_str(),
                status: summary.about.state.status.as_str(),
                substatus: summary.substatus.as_str(),
                first_seen: summary.first_seen.to_string(),
                last_seen: summary.last_seen.to_string(),
                count: summary.count,
            },
        };
        // Text and numbers always have a form in JSON.
        let payload = serde_json::to_vec(&record).unwrap_or_default();
        let key = entry.issue.to_string();
        let record = BaseRecord::to(&self.spec.name)
            .key(&key)
            .payload(&payload)
            .timestamp(at.as_millis());
        producer.send(record).map_err(|(error, _)| error)?;
        producer.poll(Duration::ZERO);
        Ok(())
    }

    /// A topic that cannot be created may be there all the same: sending tells.
    fn ensure_topic(&self) {
        let ensured = self.runtime.block_on(async {
            tokio::select! {
                ensured = topics::ensure(&self.client, &self.spec) => Some(ensured),
                () = self.stopping() => None,
            }
        });
        let Some(ensured) = ensured else {
            return;
        };
        match ensured {
            Ok(Presence::Created) => {
                info!(topic = self.spec.name, "created topic {}", self.spec.name)
            }
            Ok(Presence::Exists) => {}
            Err(error) => debug!(topic = self.spec.name, %error, "not ensured"),
        }
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    async fn stopping(&self) {
        while !self.is_stopping() {
            tokio::time::sleep(WAIT).await;
        }
    }

    fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration;
        while !self.is_stopping() && Instant::now() < until {
            thread::sleep(WAIT);
        }
    }
}
