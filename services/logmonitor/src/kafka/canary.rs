//! A record of our own through Kafka and back, now and then: whether records arrive, and how long they take, known
//! also while nobody logs. It is no log record: nothing but its round trip is counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use log_record::Timestamp;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use tracing::debug;

use super::lifecycle::Refused;
use crate::pipeline::Pipeline;

/// How a canary begins. Only together with what follows on its name is it one: others may have fields of that name.
const PREFIX: &[u8] = b"{\"canary\":\"";
const SENT_AT: &[u8] = b"\",\"sent_at\":";
/// How often the thread looks whether it should stop.
const POLL: Duration = Duration::from_millis(100);

/// A canary that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Canary {
    pub(super) sent_at: Timestamp,
}

impl Canary {
    /// `None` for a record that is not a canary.
    pub(super) fn parse(payload: &[u8]) -> Option<Canary> {
        let rest = payload.strip_prefix(PREFIX)?;
        let member = memchr::memchr(b'"', rest)?;
        let rest = rest[member..].strip_prefix(SENT_AT)?;
        let digits = rest.split(|byte| !byte.is_ascii_digit()).next()?;
        let micros = std::str::from_utf8(digits).ok()?.parse().ok()?;
        Some(Canary {
            sent_at: Timestamp::from_micros(micros),
        })
    }

    /// The record. Whoever else reads the topic sees a harmless line of logmonitor.
    fn payload(member: &str, at: Timestamp) -> String {
        let micros = at.as_micros();
        format!(
            r#"{{"canary":"{member}","sent_at":{micros},"timestamp":"{at}","level":"INFO","service":"logmonitor","message":"canary"}}"#
        )
    }
}

/// Sends them, on a thread of its own, until told to stop.
#[derive(Debug)]
pub(super) struct Canaries {
    pub(super) client: ClientConfig,
    pub(super) member: String,
    pub(super) interval: Duration,
    pub(super) pipeline: Pipeline,
    pub(super) stop: Arc<AtomicBool>,
}

impl Canaries {
    pub(super) fn run(mut self) {
        self.client.set("linger.ms", "0");
        // One that takes longer than the interval is lost in any case.
        let timeout = self.interval.min(Duration::from_secs(60)).as_millis();
        self.client.set("message.timeout.ms", timeout.to_string());
        let create = || self.client.create_with_context(Refused::default());
        let mut producer: BaseProducer<Refused> = match create() {
            Ok(producer) => producer,
            Err(error) => {
                debug!(%error, "no canaries are sent");
                return;
            }
        };
        // The first as soon as something is assigned.
        let mut next = Instant::now();
        while !self.stop.load(Ordering::Relaxed) {
            if Instant::now() >= next && self.send(&producer) {
                next = Instant::now() + self.interval;
            }
            // One that has failed may never work again.
            if producer.context().take() > 0
                && let Ok(another) = create()
            {
                producer = another;
            }
            producer.poll(POLL);
        }
        // What is still under way matters to nobody any more.
        producer.purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
    }

    /// To a partition of each topic that comes back to this process; whether there is one.
    fn send(&self, producer: &BaseProducer<Refused>) -> bool {
        let mut partitions = self.pipeline.partitions(Timestamp::now());
        partitions.dedup_by(|a, b| a.topic == b.topic);
        for to in &partitions {
            let at = Timestamp::now();
            let payload = Canary::payload(&self.member, at);
            let record = BaseRecord::to(&to.topic)
                .partition(to.partition)
                .timestamp(at.as_millis())
                .key(&self.member)
                .payload(&payload);
            match producer.send(record) {
                Ok(()) => self.pipeline.canary_sent(&to.topic, at),
                // It counts as sent and lost: that is what a canary is for.
                Err((error, _)) => {
                    debug!(topic = to.topic, %error, "a canary was refused");
                    self.pipeline.canary_sent(&to.topic, at);
                }
            }
        }
        !partitions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_recognised_and_nothing_else_is() {
        let at = Timestamp::from_micros(1_795_000_000_123_456);
        let payload = Canary::payload("host-5004", at);
        assert_eq!(
            Canary::parse(payload.as_bytes()),
            Some(Canary { sent_at: at })
        );
        assert_eq!(Canary::parse(br#"{"level":"INFO","canary":"x"}"#), None);
        assert_eq!(Canary::parse(b""), None);
        // A field of somebody's own that has this name.
        for foreign in [
            r#"{"canary":"x"}"#,
            r#"{"canary":"release-42","level":"ERROR","message":"rolled back","sent_at":1}"#,
            r#"{"canary":"x","sent_at":"yesterday","level":"ERROR"}"#,
        ] {
            assert_eq!(Canary::parse(foreign.as_bytes()), None, "{foreign}");
        }
    }
}
