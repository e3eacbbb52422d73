//! From the messages of a batch to the store: decode, keep the errors, count the rest. The one door into the store;
//! the archive will stand here too, so that records and offsets are written together.

use log_record::{Defaults, Severity, Timestamp, decode};
use tracing::warn;

use crate::pipeline::Pipeline;
use crate::store::{Arrival, Coordinates, LogCounts, Store};

/// Service of a record that names none.
const UNKNOWN_SERVICE: &str = "unknown";

/// One message of a topic, as Kafka holds it.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The topic's name.
    pub topic: &'a str,
    /// The partition's number.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
    /// The record's Kafka timestamp; the moment it was received where it has none.
    pub timestamp: Timestamp,
    /// The value; empty for a tombstone.
    pub payload: &'a [u8],
}

/// A cheap handle to the way into the store.
#[derive(Clone, Debug)]
pub struct Ingest {
    store: Store,
    pipeline: Pipeline,
    default_level: Severity,
}

impl Ingest {
    /// Feeds `store` and counts in `pipeline`. `default_level` is the level of text that names none.
    #[must_use]
    pub fn new(store: Store, pipeline: Pipeline, default_level: Severity) -> Ingest {
        Ingest {
            store,
            pipeline,
            default_level,
        }
    }

    /// Applies one batch of one topic: `messages` are those that may be errors, `counts` has the others counted
    /// already. A message that cannot be decoded is counted and passed over; it never stops the batch.
    pub fn apply(&self, messages: &[Message<'_>], mut counts: LogCounts, now: Timestamp) {
        let mut arrivals = Vec::with_capacity(messages.len());
        for message in messages {
            let defaults = Defaults {
                timestamp: message.timestamp,
                level: self.default_level,
                service: UNKNOWN_SERVICE,
            };
            match decode(message.payload, &defaults) {
                Ok(record) if record.level.is_error() => arrivals.push(Arrival {
                    record,
                    coordinates: Coordinates {
                        topic: message.topic,
                        partition: message.partition,
                        offset: message.offset,
                        index: None,
                    },
                    received_at: now,
                    payload: message.payload,
                }),
                Ok(record) => counts.add(&record.service, record.level, message.timestamp),
                Err(error) => self.quarantine(message, &error),
            }
        }
        if !arrivals.is_empty() {
            let appended = self.store.append(&arrivals, now);
            let counters = self.pipeline.counters();
            for level in [Severity::Error, Severity::Critical] {
                counters.add_stored(level, appended.stored_by_level[level.index()]);
            }
            counters.add_duplicates(appended.duplicates);
            counters.add_expired(appended.expired);
        }
        if !counts.is_empty() {
            self.store.count(&counts, now);
        }
    }

    fn quarantine(&self, message: &Message<'_>, error: &log_record::DecodeError) {
        let seen_before = self.pipeline.counters().add_undecodable(error.reason());
        // The first of each kind in full, then ever rarer: a producer of garbage must not fill our own log too.
        if seen_before.is_power_of_two() || seen_before == 0 {
            warn!(
                topic = message.topic,
                partition = message.partition,
                offset = message.offset,
                bytes = message.payload.len(),
                reason = error.reason(),
                count = seen_before + 1,
                "a record cannot be decoded: {error}"
            );
        }
    }
}
