//! From the messages of a batch to the archive and the store: decode, keep the errors, count the rest. The one door
//! into both: records, counts and the offsets they cover are written together, then shown.

use log_record::{Defaults, Severity, Timestamp, decode};
use tracing::warn;

use crate::archive::{Archive, ArchiveError, PartitionPosition};
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

/// What was read of one topic between two commits.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The topic's name.
    pub topic: &'a str,
    /// The messages that may be errors.
    pub messages: &'a [Message<'a>],
    /// The others, counted already.
    pub counts: &'a LogCounts,
    /// How many messages the batch has, those included that are only counted.
    pub scanned: u64,
    /// Where the batch leaves each partition it touched.
    pub positions: &'a [PartitionPosition],
}

/// A cheap handle to the way into archive and store.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// `None`: nothing is kept beyond the process.
    archive: Option<Archive>,
    store: Store,
    pipeline: Pipeline,
    default_level: Severity,
}

impl Ingest {
    /// Feeds `archive` and `store`, and counts in `pipeline`. `default_level` is the level of text that names none.
    #[must_use]
    pub fn new(
        archive: Option<Archive>,
        store: Store,
        pipeline: Pipeline,
        default_level: Severity,
    ) -> Ingest {
        Ingest {
            archive,
            store,
            pipeline,
            default_level,
        }
    }

    /// Where offsets are kept; `None` when they are not.
    #[must_use]
    pub fn archive(&self) -> Option<&Archive> {
        self.archive.as_ref()
    }

    /// Applies one batch. A message that cannot be decoded is counted and passed over; it never stops the batch.
    ///
    /// # Errors
    /// The archive refuses. Then nothing of the batch was kept, shown or counted: apply it again later, or drop it
    /// and read the same offsets again.
    pub fn apply(&self, batch: &Batch<'_>, now: Timestamp) -> Result<(), ArchiveError> {
        let mut counts = batch.counts.clone();
        let mut arrivals = Vec::with_capacity(batch.messages.len());
        for message in batch.messages {
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
        let counters = self.pipeline.counters();
        if !arrivals.is_empty() {
            let appended = self.store.append(&arrivals, now);
            for level in [Severity::Error, Severity::Critical] {
                counters.add_stored(level, appended.stored_by_level[level.index()]);
            }
            counters.add_duplicates(appended.duplicates);
            counters.add_expired(appended.expired);
        }
        if !counts.is_empty() {
            self.store.count(&counts, now);
        }
        counters.add_consumed(batch.topic, batch.scanned);
        Ok(())
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
