//! The errors in memory: one writer, any number of readers that never wait for it.
//!
//! `append` fills an open chunk and publishes an immutable copy of it; full chunks merge into segments. A reader
//! loads the list of segments (a snapshot) and works on that. Pure: knows neither Kafka nor HTTP, does no I/O,
//! reads no clock. How records are searched is the business of `query`.

mod arrival;
mod column;
mod dedup;
mod dictionary;
mod event;
mod hash_index;
mod interner;
mod log_counts;
mod log_timeline;
mod merger;
mod open_chunk;
mod rollup;
mod rows;
mod segment;
mod services;
mod snapshot;
mod stats;
#[cfg(test)]
mod tests;
mod text;
mod texts;
mod writer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use log_record::Timestamp;

pub use arrival::{Appended, Arrival, Coordinates, StoreLimits, StoreSize};
pub use event::{Event, EventId, InvalidEventId};
pub use log_counts::LogCounts;
pub use rollup::{LevelCounts, OTHER_SERVICES};
pub use services::ServiceSummary;
pub use stats::{LogStats, Stats, StatsQuery, Timeline, TimelineBucket};

pub(crate) use rows::{HAS_ERROR, LEVEL_MASK};
pub(crate) use segment::{NO_ROW, Segment, service_hash};
pub use snapshot::Tail;
pub(crate) use snapshot::View;
pub(crate) use text::{
    ERROR_CHAIN, ERROR_KIND, ERROR_MESSAGE, FIELDS, SPAN_ID, SPANS, TRACE_ID, sections, tag_at,
};

use crate::query::{Page, Query, QueryError};
use open_chunk::Shape;
use rollup::Rollup;
use snapshot::Snapshot;
use writer::Writer;

/// A handle on the store; clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    limits: StoreLimits,
    /// Only the consumers and the evictor take this lock; readers use `snapshot`.
    writer: Mutex<Writer>,
    snapshot: ArcSwap<Snapshot>,
    rollup: Rollup,
}

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new(limits: StoreLimits) -> Store {
        Store::with_shape(limits, Shape::default())
    }

    pub(crate) fn with_shape(limits: StoreLimits, shape: Shape) -> Store {
        Store {
            inner: Arc::new(Inner {
                limits,
                writer: Mutex::new(Writer::new(limits, shape)),
                snapshot: ArcSwap::default(),
                rollup: Rollup::new(limits.max_services),
            }),
        }
    }

    /// Stores what is new among `arrivals` and makes it visible. Evicts the oldest segments when the byte limit
    /// is passed. What is stored also counts among the logs, once.
    pub fn append(&self, arrivals: &[Arrival<'_>], now: Timestamp) -> Appended {
        if arrivals.is_empty() {
            return Appended::default();
        }
        let mut writer = self.writer();
        let (appended, counts) = writer.append(arrivals, self.floor(now));
        if appended.stored() > 0 {
            self.publish(&mut writer);
        }
        // The counts have locks of their own.
        drop(writer);
        self.count(&counts, now);
        self.writer().recycle(counts);
        appended
    }

    /// Adds a batch's counts of records that are not errors.
    pub fn count(&self, counts: &LogCounts, now: Timestamp) {
        let floor = self.floor(now);
        self.inner.rollup.add(counts, floor, now.as_micros());
    }

    /// Forgets how far a partition was read, so that records at lower offsets are taken again.
    pub fn reset_position(&self, topic: &str, partition: i32) {
        self.writer().reset_position(topic, partition);
    }

    /// Drops segments and minutes that are past the age limit.
    pub fn evict(&self, now: Timestamp) {
        let floor = self.floor(now);
        let mut writer = self.writer();
        if writer.evict_older(floor) {
            self.publish(&mut writer);
        }
        // The rollup has locks of its own.
        drop(writer);
        self.inner.rollup.evict_older(floor);
    }

    /// The event of an id.
    #[must_use]
    pub fn find(&self, id: &EventId) -> Option<Event> {
        self.inner.snapshot.load().find(id)
    }

    /// One page of the events that match.
    ///
    /// # Errors
    /// A limit out of range, or a cursor of another query.
    pub fn query(&self, query: &Query, now: Timestamp) -> Result<Page, QueryError> {
        let snapshot = self.inner.snapshot.load();
        crate::query::run(snapshot.views(), query, self.floor(now))
    }

    /// Totals, breakdowns and a timeline.
    #[must_use]
    pub fn stats(&self, query: &StatsQuery, now: Timestamp) -> Stats {
        let snapshot = self.inner.snapshot.load();
        stats::stats(&snapshot, &self.inner.rollup, query, self.floor(now))
    }

    /// All services seen, sorted by name; also those that log no errors.
    #[must_use]
    pub fn services(&self, now: Timestamp) -> Vec<ServiceSummary> {
        let snapshot = self.inner.snapshot.load();
        services::services(&snapshot, &self.inner.rollup, self.floor(now))
    }

    /// Up to `limit` events in the order they were stored, from place `from` on: 0 is the very first, and
    /// [`Tail::next`] where to go on. For a live tail that starts now, begin at [`Store::arrivals`].
    #[must_use]
    pub fn tail(&self, from: u64, limit: usize) -> Tail {
        self.inner.snapshot.load().tail(from, limit)
    }

    /// How many events were ever stored: the place in [`Store::tail`] of the next one.
    #[must_use]
    pub fn arrivals(&self) -> u64 {
        self.inner.snapshot.load().next_arrival
    }

    /// How much is held.
    #[must_use]
    pub fn size(&self) -> StoreSize {
        let mut size = self.inner.snapshot.load().size;
        size.bytes += self.inner.rollup.bytes() as u64;
        size
    }

    fn publish(&self, writer: &mut MutexGuard<'_, Writer>) {
        self.inner.snapshot.store(Arc::new(writer.snapshot()));
    }

    /// Records before this are past the age limit, and not shown even while their segment is still there.
    fn floor(&self, now: Timestamp) -> i64 {
        let age = i64::try_from(self.inner.limits.max_age.as_micros()).unwrap_or(i64::MAX);
        now.as_micros().saturating_sub(age)
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic in the writer would be a defect; going on with what it left is better than losing all errors.
        let lock = self.inner.writer.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// How many identities are remembered.
    #[cfg(test)]
    pub(crate) fn identities(&self) -> u64 {
        self.writer().dedup_mut().len() as u64
    }

    #[cfg(test)]
    pub(crate) fn weaken_hashes(&self, mask: u64) {
        self.writer().dedup_mut().weaken(mask);
    }
}
