//! How long a record takes through Kafka and back, by canaries of our own.

use std::collections::BTreeMap;

use log_record::Timestamp;

/// The canaries of all topics.
#[derive(Debug, Default)]
pub(super) struct Canaries {
    topics: BTreeMap<String, Canary>,
}

#[derive(Clone, Debug, Default)]
struct Canary {
    /// The one that is on its way.
    sent: Option<Timestamp>,
    round_trip_micros: Option<i64>,
    last_seen: Option<Timestamp>,
    lost: u64,
}

/// How the canaries of one topic fare.
#[derive(Clone, Debug, PartialEq)]
pub struct CanaryStatus {
    /// The topic.
    pub topic: String,
    /// How long the last one that came back took, in seconds.
    pub round_trip_seconds: Option<f64>,
    /// When the last one came back.
    pub last_seen: Option<Timestamp>,
    /// How many had not come back when the next one was sent.
    pub lost: u64,
}

impl Canaries {
    pub(super) fn sent(&mut self, topic: &str, at: Timestamp) {
        let canary = self.topics.entry(topic.to_owned()).or_default();
        if canary.sent.replace(at).is_some() {
            canary.lost += 1;
        }
    }

    pub(super) fn returned(&mut self, topic: &str, sent: Timestamp, now: Timestamp) {
        let canary = self.topics.entry(topic.to_owned()).or_default();
        // One that was given up for lost, or was sent before a restart, says nothing of how Kafka is doing now.
        if canary.sent == Some(sent) {
            canary.sent = None;
            canary.round_trip_micros = Some((now.as_micros() - sent.as_micros()).max(0));
            canary.last_seen = Some(now);
        }
    }

    pub(super) fn status(&self) -> Vec<CanaryStatus> {
        let topics = self.topics.iter();
        topics
            .map(|(topic, canary)| CanaryStatus {
                topic: topic.clone(),
                round_trip_seconds: canary.round_trip_micros.map(|micros| micros as f64 / 1e6),
                last_seen: canary.last_seen,
                lost: canary.lost,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_lost_when_the_next_one_leaves_before_it_is_back() {
        let at = Timestamp::from_millis;
        let mut canaries = Canaries::default();
        canaries.sent("logs", at(1_000));
        canaries.returned("logs", at(1_000), at(1_250));
        canaries.sent("logs", at(2_000));
        canaries.sent("logs", at(3_000));
        canaries.returned("logs", at(2_000), at(3_500));
        let status = canaries.status().remove(0);
        assert_eq!(status.round_trip_seconds, Some(0.25));
        assert_eq!((status.last_seen, status.lost), (Some(at(1_250)), 1));
        canaries.returned("logs", at(3_000), at(3_010));
        assert_eq!(canaries.status()[0].round_trip_seconds, Some(0.01));
    }
}
