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
mod gathered;
mod hash_index;
mod interner;
mod log_counts;
mod log_timeline;
mod merger;
mod open_chunk;
mod restore;
mod rollup;
mod rows;
mod segment;
mod services;
mod snapshot;
mod stats;
mod stored_form;
mod stored_reader;
#[cfg(test)]
mod tests;
mod text;
mod texts;
mod writer;

use std::convert::Infallible;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use issue_grouping::IssueKey;
use log_record::{Instance, LogRecord, Timestamp};
use tokio::sync::Notify;

pub use arrival::{Appended, Arrival, Coordinates, StoreLimits, StoreSize};
pub(crate) use arrival::{Fresh, Incoming};
pub use event::{Event, EventId, InvalidEventId};
pub(crate) use gathered::{MAX_GATHERED, gathered};
pub use log_counts::LogCounts;
pub(crate) use rollup::CountCell;
pub use rollup::{LevelCounts, OTHER_SERVICES};
pub use services::ServiceSummary;
pub use stats::{LogStats, Stats, StatsQuery, Timeline, TimelineBucket};

pub(crate) use merger::{merge, trim};
pub(crate) use rows::{HAS_ERROR, LEVEL_MASK};
pub(crate) use segment::{NO_ROW, Segment, service_hash};
pub use snapshot::Tail;
pub(crate) use snapshot::{View, find_foreign, find_own};
pub(crate) use stored_form::{PayloadHashes, StoredSegment, decode, encode, is_own};
pub(crate) use text::{
    ERROR_CHAIN, ERROR_KIND, ERROR_MESSAGE, FIELDS, SPAN_ID, SPANS, TRACE_ID, sections, tag_at,
};

use crate::query::{Opener, Page, Query, QueryError, Source, run};
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
    /// Wakes the one who passes news on to all others, so that the writer wakes one and not a thousand.
    published: Arc<Notify>,
    rollup: Rollup,
}

impl Store {
    /// An empty store that keeps nothing beyond the process.
    #[must_use]
    pub fn new(limits: StoreLimits) -> Store {
        Store::with_shape(limits, Shape::default())
    }

    /// An empty store in front of an archive, whose payload hashes have this seed.
    #[must_use]
    pub fn before_archive(limits: StoreLimits, payload_seed: u64) -> Store {
        let store = Store::build(limits, Shape::default(), payload_seed);
        store.writer().gather_blocks();
        store
    }

    /// The same with chunks of few records, so that few records make many segments.
    #[cfg(test)]
    pub(crate) fn in_small_chunks(limits: StoreLimits, payload_seed: u64) -> Store {
        let shape = Shape {
            chunk_records: 8,
            large_chunk_records: 20,
            chunks_per_segment: 4,
        };
        let store = Store::build(limits, shape, payload_seed);
        store.writer().gather_blocks();
        store
    }

    pub(crate) fn with_shape(limits: StoreLimits, shape: Shape) -> Store {
        // Nothing outlives the process, so any seed will do that cannot be foreseen.
        Store::build(limits, shape, RandomState::default().hash_one(0_u64))
    }

    fn build(limits: StoreLimits, shape: Shape, payload_seed: u64) -> Store {
        Store {
            inner: Arc::new(Inner {
                limits,
                writer: Mutex::new(Writer::new(limits, shape, payload_seed)),
                snapshot: ArcSwap::default(),
                published: Arc::default(),
                rollup: Rollup::new(limits.max_services),
            }),
        }
    }

    /// Stores what is new among `arrivals` and makes it visible. Evicts the oldest segments when the byte limit
    /// is passed. What is stored also counts among the logs, once.
    pub fn append(&self, arrivals: &[Arrival<'_>], now: Timestamp) -> Appended {
        let incoming = Incoming {
            arrivals,
            counts: &LogCounts::new(),
            now,
            is_reprocessed: false,
        };
        let mut appended = Appended::default();
        let taken: Result<(), Infallible> = self.take(
            &incoming,
            &mut |_, _| Ok(false),
            &mut |_, _| None,
            |fresh| {
                appended = fresh.appended;
                Ok(())
            },
        );
        match taken {
            Ok(()) => appended,
        }
    }

    /// Stores what is new, hands it to `keep`, and only when that succeeds shows and counts it; otherwise everything
    /// is as before. `is_kept` knows which identities are kept although they have left the store, `group` which issue a
    /// new record belongs to, of which it is also told the place among the arrivals.
    ///
    /// # Errors
    /// Those of `is_kept` and `keep`.
    pub(crate) fn take<E>(
        &self,
        incoming: &Incoming<'_>,
        is_kept: &mut dyn FnMut(Instance, u64) -> Result<bool, E>,
        group: &mut dyn FnMut(usize, &LogRecord<'_>) -> Option<IssueKey>,
        keep: impl FnOnce(&Fresh) -> Result<(), E>,
    ) -> Result<(), E> {
        let (arrivals, now) = (incoming.arrivals, incoming.now);
        let mut fresh = Fresh {
            cells: self.settle(incoming.counts, now),
            ..Fresh::default()
        };
        if arrivals.is_empty() {
            keep(&fresh)?;
            self.inner.rollup.add(&fresh.cells);
            return Ok(());
        }
        // Held while `keep` works: what is kept and what is shown happen in one order.
        let mut writer = self.writer();
        let outcome = writer
            .append(incoming, self.floor(now), is_kept, group)
            .and_then(|(appended, counts)| {
                fresh.appended = appended;
                fresh.cells.extend(self.settle(&counts, now));
                writer.recycle(counts);
                fresh.blocks = writer.take_blocks();
                fresh.matched = writer.matched();
                keep(&fresh)
            });
        if let Err(error) = outcome {
            writer.roll_back(&self.inner.snapshot.load());
            return Err(error);
        }
        if fresh.appended.stored() > 0 {
            self.publish(&mut writer);
        }
        // The counts have locks of their own.
        drop(writer);
        self.inner.rollup.add(&fresh.cells);
        Ok(())
    }

    /// Adds a batch's counts of records that are not errors.
    pub fn count(&self, counts: &LogCounts, now: Timestamp) {
        self.inner.rollup.add(&self.settle(counts, now));
    }

    fn settle(&self, counts: &LogCounts, now: Timestamp) -> Vec<CountCell> {
        let floor = self.floor(now);
        self.inner.rollup.settle(counts, floor, now.as_micros())
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
        let mut nothing = Opener {
            open: &mut |_| Ok(None),
            has_time: &mut || true,
        };
        let sources = snapshot.views().map(Source::Memory);
        run(sources, 0, query, self.floor(now), &mut nothing)
    }

    /// What readers see at this moment, to be searched together with an archive.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.snapshot.load_full()
    }

    /// Records before this are past the age limit.
    pub(crate) fn age_limit(&self, now: Timestamp) -> i64 {
        self.floor(now)
    }

    /// Totals, breakdowns and a timeline.
    #[must_use]
    pub fn stats(&self, query: &StatsQuery, now: Timestamp) -> Stats {
        let snapshot = self.inner.snapshot.load();
        self.stats_of(snapshot.views(), query, now)
    }

    /// The same over other views.
    pub(crate) fn stats_of<'a>(
        &self,
        views: impl Iterator<Item = &'a View>,
        query: &StatsQuery,
        now: Timestamp,
    ) -> Stats {
        stats::stats(views, &self.inner.rollup, query, self.floor(now))
    }

    /// All services seen, sorted by name; also those that log no errors.
    #[must_use]
    pub fn services(&self, now: Timestamp) -> Vec<ServiceSummary> {
        let snapshot = self.inner.snapshot.load();
        self.services_of(snapshot.views(), now)
    }

    /// The same over other views.
    pub(crate) fn services_of<'a>(
        &self,
        views: impl Iterator<Item = &'a View>,
        now: Timestamp,
    ) -> Vec<ServiceSummary> {
        services::services(views, &self.inner.rollup, self.floor(now))
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

    /// Notified after each publication; for one listener, which may find several publications at once.
    pub(crate) fn published(&self) -> Arc<Notify> {
        Arc::clone(&self.inner.published)
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
        self.inner.published.notify_one();
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
