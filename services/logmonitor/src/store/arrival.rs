//! What goes into the store and what `append` says about it. Knows nothing of how records are kept.

use std::sync::Arc;
use std::time::Duration;

use log_record::{LogRecord, Severity, Timestamp};

use super::log_counts::LogCounts;
use super::rollup::CountCell;
use super::segment::Segment;
use super::stored_form::PayloadHashes;

/// Where a record stands in Kafka.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coordinates<'a> {
    /// The topic it was read from.
    pub topic: &'a str,
    /// The partition of the topic.
    pub partition: i32,
    /// The offset of the message within the partition.
    pub offset: i64,
    /// The record's place within a message that holds several.
    pub index: Option<u32>,
}

/// One decoded record as it came in.
#[derive(Clone, Debug)]
pub struct Arrival<'a> {
    /// The record.
    pub record: LogRecord<'a>,
    /// Where it was read.
    pub coordinates: Coordinates<'a>,
    /// When the monitor read it.
    pub received_at: Timestamp,
    /// The bytes of the whole message: they identify a record that carries no identity of its own.
    pub payload: &'a [u8],
}

/// What one batch brings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) arrivals: &'a [Arrival<'a>],
    /// Its records that are not errors.
    pub(crate) counts: &'a LogCounts,
    pub(crate) now: Timestamp,
    /// Whether they were read long ago, so that their offsets say nothing about redelivery.
    pub(crate) is_reprocessed: bool,
}

/// Records that were stored together, for the archive.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) segment: Arc<Segment>,
    /// The hashes of the rows without identity, in the order of rows.
    pub(crate) payloads: Vec<PayloadHashes>,
}

/// What is new of a batch, for the archive.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    pub(crate) appended: Appended,
    /// The records that were stored, in order of arrival.
    pub(crate) blocks: Vec<Block>,
    /// The payloads that met their twin.
    pub(crate) matched: Vec<(PayloadHashes, Option<u32>)>,
    /// All records of the batch, counted.
    pub(crate) cells: Vec<CountCell>,
}

/// What bounds the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// Bytes of all records, indexes included. The newest chunk (at most 512 records) is kept even when it alone is
    /// larger.
    pub max_bytes: u64,
    /// A record older than this, by its own timestamp, is not shown, and leaves with its segment.
    pub max_age: Duration,
    /// Services that are counted by name in the per-minute counts; those beyond are counted together.
    pub max_services: usize,
}

impl Default for StoreLimits {
    fn default() -> Self {
        StoreLimits {
            max_bytes: 512 << 20,
            max_age: Duration::from_secs(7 * 86_400),
            max_services: 256,
        }
    }
}

/// What became of the records of one `append`; every record is in exactly one of the counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Records stored as new, by [`Severity::index`].
    pub stored_by_level: [u64; Severity::COUNT],
    /// Records that were there already: the twin from the other topic, or a redelivery.
    pub duplicates: u64,
    /// Records that were older than the age limit when they came, and therefore not stored.
    pub expired: u64,
}

impl Appended {
    /// All records stored as new.
    #[must_use]
    pub fn stored(&self) -> u64 {
        self.stored_by_level.iter().sum()
    }
}

/// How much the store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreSize {
    /// Records in memory.
    pub records: u64,
    /// Bytes of records, dictionaries, columns and the index of identities.
    pub bytes: u64,
    /// Timestamp of the oldest record.
    pub oldest: Option<Timestamp>,
    /// Timestamp of the newest record.
    pub newest: Option<Timestamp>,
}
