//! The records in memory, in three tiers: the open chunk fills, full chunks wait, and enough of them merge into a
//! sealed segment. Arrival numbers run through all three. Knows nothing of identities and limits.

use std::sync::Arc;

use issue_grouping::IssueKey;
use log_record::{Instance, Timestamp};

use crate::store::arrival::{Arrival, StoreSize};
use crate::store::merger::Merger;
use crate::store::open_chunk::{OpenChunk, Shape};
use crate::store::segment::Segment;
use crate::store::snapshot::{Snapshot, View};

/// Text of a segment: large records make it merge early.
const SEGMENT_BYTES: usize = 16 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Tiers {
    shape: Shape,
    next_arrival: u64,
    open: OpenChunk,
    /// The open chunk has records of earlier appends.
    is_shared: bool,
    /// How many records a chunk of this append alone may have.
    max_records: usize,
    /// Full chunks that are not merged yet, and sealed segments, each in order of arrival.
    chunks: Vec<View>,
    sealed: Arc<[View]>,
    merger: Merger,
}

impl Tiers {
    pub(super) fn new(shape: Shape) -> Tiers {
        Tiers {
            shape,
            next_arrival: 0,
            open: OpenChunk::default(),
            is_shared: false,
            max_records: shape.chunk_records,
            chunks: Vec::new(),
            sealed: Arc::default(),
            merger: Merger::default(),
        }
    }

    /// The arrival number of the next record.
    pub(super) fn next_arrival(&self) -> u64 {
        self.next_arrival
    }

    /// The next record gets this number.
    pub(super) fn resume(&mut self, next_arrival: u64) {
        self.next_arrival = next_arrival;
        self.open.restart(next_arrival);
    }

    /// Starts an append of at most so many records.
    pub(super) fn begin(&mut self, records: usize) {
        self.is_shared = !self.open.is_empty();
        self.max_records = if records >= self.shape.chunk_records {
            self.shape.large_chunk_records
        } else {
            self.shape.chunk_records
        };
    }

    /// Whether the open chunk has records of earlier appends.
    pub(super) fn is_shared(&self) -> bool {
        self.is_shared
    }

    pub(super) fn is_full(&self) -> bool {
        self.open.is_full(if self.is_shared {
            self.shape.chunk_records
        } else {
            self.max_records
        })
    }

    /// Whether an append that ends here closes the open chunk: copying so many records at each of the next publications
    /// costs more than a chunk that is not quite full.
    pub(super) fn is_worth_closing(&self) -> bool {
        self.open.len() * 2 >= self.shape.chunk_records
    }

    /// Adds a record to the open chunk.
    pub(super) fn push(&mut self, arrival: &Arrival<'_>, issue: Option<IssueKey>, twin: u32) {
        if self.open.is_empty() {
            self.open.restart(self.next_arrival);
        }
        self.open.push(arrival, issue, twin);
        self.next_arrival += 1;
    }

    pub(super) fn open(&self) -> &OpenChunk {
        &self.open
    }

    /// Everything is as `published` says again.
    pub(super) fn roll_back(&mut self, published: &Snapshot) {
        self.sealed = Arc::clone(&published.sealed);
        self.chunks.clear();
        // What was open is a chunk like the others from now on.
        for chunk in &published.tail {
            self.add(chunk.clone());
        }
        self.resume(published.next_arrival);
    }

    /// Whether the record with an arrival number has this identity.
    pub(super) fn is_own(&self, arrival: u64, instance: Instance, seq: u64) -> bool {
        if arrival >= self.open.base_arrival() && !self.open.is_empty() {
            return self.open.is_own(arrival, instance, seq);
        }
        self.locate(arrival)
            .is_some_and(|(segment, row)| segment.identity(row) == Some((instance, seq)))
    }

    /// The text of the record with an arrival number.
    pub(super) fn row_text(&self, arrival: u64) -> Option<&[u8]> {
        self.open.row_text(arrival).or_else(|| {
            self.locate(arrival)
                .map(|(segment, row)| segment.row_text(row))
        })
    }

    fn locate(&self, arrival: u64) -> Option<(&Segment, usize)> {
        row_in(&self.chunks, arrival).or_else(|| row_in(&self.sealed, arrival))
    }

    /// Turns the open chunk into a segment of its own, which it returns.
    pub(super) fn close_chunk(&mut self) -> Option<Arc<Segment>> {
        let chunk = View::of(self.open.to_segment())?;
        let segment = Arc::clone(&chunk.segment);
        self.open.restart(self.next_arrival);
        self.is_shared = false;
        self.add(chunk);
        Some(segment)
    }

    /// Adds a chunk, and merges when there are enough of them.
    fn add(&mut self, chunk: View) {
        let records = |chunks: &[View]| chunks.iter().map(|view| view.records).sum::<usize>();
        let most = self.shape.segment_records();
        if records(&self.chunks) + chunk.records > most {
            self.merge();
        }
        self.chunks.push(chunk);
        let bytes: usize = self.chunks.iter().map(|view| view.bytes).sum();
        let are_many = self.chunks.len() >= self.shape.chunks_per_segment;
        if are_many || records(&self.chunks) >= most || bytes >= SEGMENT_BYTES {
            self.merge();
        }
    }

    /// Makes segments of all chunks: one, or several where chunks that left by age have torn gaps between them.
    fn merge(&mut self) {
        let chunks = std::mem::take(&mut self.chunks);
        let runs = chunks.chunk_by(|a, b| a.segment.arrivals_end() == b.base_arrival);
        let merger = &mut self.merger;
        let merged = runs.filter_map(|run| {
            let parts = run.iter().map(|view| &*view.segment);
            merger.merge(parts).and_then(View::of)
        });
        self.sealed = self.sealed.iter().cloned().chain(merged).collect();
    }

    /// Adds a segment that is older than all that are here.
    pub(super) fn prepend(&mut self, segment: Segment) {
        let view = View::of(segment).into_iter();
        self.sealed = view.chain(self.sealed.iter().cloned()).collect();
    }

    /// Takes out all chunks and sealed segments.
    pub(super) fn clear(&mut self) -> Vec<View> {
        let sealed = std::mem::take(&mut self.sealed);
        let chunks = std::mem::take(&mut self.chunks);
        sealed.iter().cloned().chain(chunks).collect()
    }

    /// Takes out the sealed segments whose records all came before this one.
    pub(super) fn evict_before(&mut self, arrival: u64) -> Vec<View> {
        let sealed = &self.sealed;
        let gone = sealed.partition_point(|view| view.segment.arrivals_end() <= arrival);
        self.evict_first(gone)
    }

    /// Takes out every segment whose records are all older than `floor`, the open chunk included.
    pub(super) fn evict_older(&mut self, floor: i64) -> Vec<View> {
        let is_old = |view: &View| view.newest < floor;
        let (mut gone, kept): (Vec<View>, Vec<View>) =
            self.sealed.iter().cloned().partition(is_old);
        if !gone.is_empty() {
            self.sealed = kept.into();
        }
        gone.extend(self.chunks.extract_if(.., |view| is_old(view)));
        if self.open.newest().is_some_and(|newest| newest < floor) {
            gone.extend(View::of(self.open.to_segment()));
            self.open.restart(self.next_arrival);
        }
        gone
    }

    /// Takes out segments in order of arrival until at least this many bytes are gone, the newest one excepted.
    pub(super) fn evict_bytes(&mut self, excess: u64) -> Vec<View> {
        let views = self.sealed.len() + self.chunks.len();
        let may_go = views - usize::from(self.open.is_empty() && views > 0);
        let mut bytes = 0;
        let in_order = self.sealed.iter().chain(&self.chunks).take(may_go);
        let count = in_order
            .take_while(|view| {
                let is_wanted = bytes < excess;
                bytes += view.bytes as u64;
                is_wanted
            })
            .count();
        let of_sealed = count.min(self.sealed.len());
        let mut gone = self.evict_first(of_sealed);
        gone.extend(self.chunks.drain(..count - of_sealed));
        gone
    }

    /// Takes out the first sealed segments.
    fn evict_first(&mut self, count: usize) -> Vec<View> {
        let (gone, kept) = self.sealed.split_at(count);
        let gone = gone.to_vec();
        if count > 0 {
            self.sealed = kept.into();
        }
        gone
    }

    /// Bytes of all tiers.
    pub(super) fn bytes(&self) -> usize {
        let views = self.sealed.iter().chain(&self.chunks);
        views.map(|view| view.bytes).sum::<usize>() + self.open.bytes()
    }

    /// All that is here, for readers; `bytes` is the size of the store.
    pub(super) fn snapshot(&self, bytes: u64) -> Snapshot {
        let mut tail = self.chunks.clone();
        if !self.open.is_empty() {
            tail.extend(View::of(self.open.to_segment()));
        }
        let mut snapshot = Snapshot {
            sealed: Arc::clone(&self.sealed),
            tail: tail.into(),
            size: StoreSize::default(),
            next_arrival: self.next_arrival,
        };
        let times = snapshot.views().map(|view| (view.oldest, view.newest));
        let range = times.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
        snapshot.size = StoreSize {
            records: snapshot.views().map(|view| view.records as u64).sum(),
            bytes,
            oldest: range.map(|(oldest, _)| Timestamp::from_micros(oldest)),
            newest: range.map(|(_, newest)| Timestamp::from_micros(newest)),
        };
        snapshot
    }
}

/// The segment and the row of an arrival number.
fn row_in(views: &[View], arrival: u64) -> Option<(&Segment, usize)> {
    let after = views.partition_point(|view| view.base_arrival <= arrival);
    let segment = &*views[after.checked_sub(1)?].segment;
    segment.row_of(arrival).map(|row| (segment, row))
}
