//! How far one partition was read, and how far behind that is.

use std::time::Duration;

use log_record::Timestamp;

/// What is known of one partition that this process reads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PartitionState {
    /// Offset of the next record to read.
    pub(super) position: Option<i64>,
    pub(super) high_watermark: Option<i64>,
    /// Kafka timestamp of the last record read.
    pub(super) last_timestamp: Option<Timestamp>,
}

/// Where one partition stands.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionStatus {
    /// The topic's name.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
    /// Offset of the next record to read; `None` before the first one was read.
    pub position: Option<i64>,
    /// Offset after the last record in Kafka; `None` before the broker told.
    pub high_watermark: Option<i64>,
    /// Records in Kafka that were not read yet.
    pub lag: Option<i64>,
    /// How old the last record read is, in seconds, while there are more to read; 0 when there are none.
    pub lag_seconds: Option<f64>,
    /// Seconds until Kafka deletes the oldest record that was not read; the whole retention when there is none.
    /// `None` where Kafka keeps records for ever, or does not say.
    pub headroom_seconds: Option<f64>,
}

impl PartitionState {
    pub(super) fn status(
        &self,
        topic: &str,
        partition: i32,
        retention: Option<Duration>,
        now: Timestamp,
    ) -> PartitionStatus {
        // The watermark is told once a second: a position may be ahead of it.
        let high_watermark = self
            .high_watermark
            .max(self.position.filter(|_| self.high_watermark.is_some()));
        let lag = self
            .position
            .zip(high_watermark)
            .map(|(position, high)| (high - position).max(0));
        let age = self
            .last_timestamp
            .map(|last| (now.as_micros() - last.as_micros()).max(0) as f64 / 1e6);
        let lag_seconds = match lag {
            Some(0) => Some(0.0),
            Some(_) => age,
            None => None,
        };
        PartitionStatus {
            topic: topic.to_owned(),
            partition,
            position: self.position,
            high_watermark,
            lag,
            lag_seconds,
            // The next record is no older than the last one read.
            headroom_seconds: retention
                .zip(lag_seconds)
                .map(|(retention, behind)| (retention.as_secs_f64() - behind).max(0.0)),
        }
    }
}
