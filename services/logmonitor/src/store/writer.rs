//! The one writer: takes arrivals, drops what is known already, fills chunks, merges them, evicts, and builds
//! the snapshots. Sits behind a mutex that readers never touch.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use log_record::{Instance, LogRecord, Timestamp};

use super::arrival::{Appended, Arrival, Incoming, StoreLimits, StoreSize};
use super::block_builder::BlockBuilder;
use super::dedup::{Dedup, IdentityHash, PayloadHash, Seen};
use super::log_counts::{LogCounts, Tally};
use super::merger::Merger;
use super::open_chunk::{OpenChunk, Shape};
use super::rows::NO_TWIN;
use super::segment::Segment;
use super::snapshot::{Snapshot, View};
use super::stored_form::{PayloadHashes, StoredSegment, is_own};
use super::text;

/// Text of a segment: large records make it merge early.
const SEGMENT_BYTES: usize = 16 << 20;

/// Where a topic's partition has been read to: offset, and place within the message.
type Position = (i64, Option<u32>);

#[derive(Debug)]
pub(crate) struct Writer {
    limits: StoreLimits,
    shape: Shape,
    next_arrival: u64,
    dedup: Dedup,
    topics: Vec<String>,
    positions: HashMap<(u32, i32), Position>,
    open: OpenChunk,
    /// Full chunks that are not merged yet, and sealed segments, each in order of arrival.
    chunks: Vec<View>,
    sealed: Arc<[View]>,
    /// A row's text, to be compared with a stored one.
    scratch: Vec<u8>,
    merger: Merger,
    counts: LogCounts,
    tally: Tally,
    /// What the append that is going on stores, for the archive.
    blocks: BlockBuilder,
    /// The positions before it.
    positions_before: HashMap<(u32, i32), Position>,
}

impl Writer {
    pub(crate) fn new(limits: StoreLimits, shape: Shape, payload_seed: u64) -> Writer {
        Writer {
            limits,
            shape,
            next_arrival: 0,
            dedup: Dedup::new(payload_seed),
            topics: Vec::new(),
            positions: HashMap::new(),
            open: OpenChunk::new(shape),
            chunks: Vec::new(),
            sealed: Arc::default(),
            scratch: Vec::new(),
            merger: Merger::default(),
            counts: LogCounts::new(),
            tally: Tally::default(),
            blocks: BlockBuilder::default(),
            positions_before: HashMap::new(),
        }
    }

    #[cfg(test)]
    pub(crate) fn dedup_mut(&mut self) -> &mut Dedup {
        &mut self.dedup
    }

    /// Takes arrivals in; what was stored as new is also counted. `is_kept` knows what has left the store and is kept
    /// elsewhere. Without an error nothing of it fails; with one, [`Writer::roll_back`] is to follow.
    pub(crate) fn append<E>(
        &mut self,
        incoming: &Incoming<'_>,
        floor: i64,
        is_kept: &mut dyn FnMut(Instance, u64) -> Result<bool, E>,
    ) -> Result<(Appended, LogCounts), E> {
        self.dedup.begin();
        self.positions_before.clone_from(&self.positions);
        let mut appended = Appended::default();
        let mut counts = std::mem::take(&mut self.counts);
        let hashes = self.hash_all(incoming.arrivals);
        for (arrival, hash) in incoming.arrivals.iter().zip(hashes) {
            let record = &arrival.record;
            let topic = self.topic_id(arrival.coordinates.topic);
            if !incoming.is_reprocessed && !self.advance(topic, arrival) {
                appended.duplicates += 1;
            } else if record.timestamp.as_micros() < floor {
                appended.expired += 1;
            } else if self.store(arrival, topic, hash, is_kept)? {
                appended.stored_by_level[record.level.index()] += 1;
                self.count(record, &mut counts);
                if self.open.is_full() {
                    self.settle(&mut counts);
                    self.close_chunk();
                }
            } else {
                appended.duplicates += 1;
            }
        }
        self.settle(&mut counts);
        if self.open.is_worth_keeping() {
            self.close_chunk();
        }
        Ok((appended, counts))
    }

    /// Undoes the append that has just been made, of which nothing was published: everything is as `published` says.
    pub(crate) fn roll_back(&mut self, published: &Snapshot) {
        self.dedup.roll_back();
        std::mem::swap(&mut self.positions, &mut self.positions_before);
        self.sealed = Arc::clone(&published.sealed);
        self.chunks = published.tail.to_vec();
        self.next_arrival = published.next_arrival;
        self.open.restart(self.next_arrival);
        self.tally = Tally::default();
        self.counts.clear();
        self.blocks.clear();
    }

    /// From now on what is stored is gathered for the archive.
    pub(crate) fn gather_blocks(&mut self) {
        self.blocks.switch_on();
    }

    /// What the last append stored, as blocks for the archive.
    pub(crate) fn take_blocks(&mut self) -> Vec<StoredSegment> {
        self.blocks.finish(&self.dedup)
    }

    /// The payloads that met their twin in the last append.
    pub(crate) fn matched(&self) -> Vec<(PayloadHashes, Option<u32>)> {
        self.dedup.matched().collect()
    }

    /// Counts the record that was stored last.
    fn count(&mut self, record: &LogRecord<'_>, counts: &mut LogCounts) {
        let micros = record.timestamp.as_micros();
        let service = self.open.last_service();
        if !service.is_some_and(|service| self.tally.add(service, record.level, micros)) {
            counts.add(&record.service, record.level, record.timestamp);
        }
    }

    /// Moves what was tallied to the counts, before the chunk's service ids mean something else.
    fn settle(&mut self, counts: &mut LogCounts) {
        let open = &self.open;
        counts.add_tally(&mut self.tally, |id| open.service_name(id));
    }

    /// Takes the counts of an append back for the next one.
    pub(crate) fn recycle(&mut self, mut counts: LogCounts) {
        counts.clear();
        self.counts = counts;
    }

    /// The hashes of all identities. Also touches their slots of the index: one after the other, each would be a
    /// wait for memory; like this, the waits overlap.
    fn hash_all(&self, arrivals: &[Arrival<'_>]) -> Vec<IdentityHash> {
        let hashes: Vec<IdentityHash> = arrivals
            .iter()
            .map(|arrival| self.dedup.hash(arrival))
            .collect();
        self.dedup.touch(&hashes);
        hashes
    }

    fn topic_id(&mut self, name: &str) -> u32 {
        // Two topics: a scan beats a hash.
        let known = self.topics.iter().position(|topic| topic == name);
        let id = known.unwrap_or_else(|| {
            self.topics.push(name.to_owned());
            self.topics.len() - 1
        });
        id as u32
    }

    /// Moves the partition's position; false when the record is at or before it.
    fn advance(&mut self, topic: u32, arrival: &Arrival<'_>) -> bool {
        let coordinates = &arrival.coordinates;
        let position = (coordinates.offset, coordinates.index);
        let key = (topic, coordinates.partition);
        match self.positions.get_mut(&key) {
            Some(last) if position <= *last => false,
            Some(last) => {
                *last = position;
                true
            }
            None => {
                self.positions.insert(key, position);
                true
            }
        }
    }

    pub(crate) fn reset_position(&mut self, topic: &str, partition: i32) {
        if let Some(id) = self.topics.iter().position(|known| known == topic) {
            self.positions.remove(&(id as u32, partition));
        }
    }

    /// Stores a record unless it is there already; whether it was new.
    fn store<E>(
        &mut self,
        arrival: &Arrival<'_>,
        topic: u32,
        hash: IdentityHash,
        is_kept: &mut dyn FnMut(Instance, u64) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let number = self.next_arrival;
        let twin = match hash {
            IdentityHash::Own {
                hash,
                instance,
                seq,
            } => {
                let is_it = |place| self.is_own(place, instance, seq);
                if self.dedup.has_own(hash, number, is_it) || is_kept(instance, seq)? {
                    return Ok(false);
                }
                self.dedup.add_own(hash, number);
                NO_TWIN
            }
            IdentityHash::Payload(hash) => match self.twin_of(arrival, topic, hash) {
                Some(twin) => twin,
                None => return Ok(false),
            },
        };
        if self.open.is_empty() {
            self.open.restart(number);
        }
        self.open.push(arrival, twin);
        self.blocks.push(number, arrival, twin, &self.dedup);
        self.next_arrival += 1;
        Ok(true)
    }

    /// The entry under which a record without identity is to be stored; `None` when its twin is stored.
    fn twin_of(&mut self, arrival: &Arrival<'_>, topic: u32, payload: PayloadHash) -> Option<u32> {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        text::write_row(&mut text, &arrival.record);
        let places = Places {
            open: &self.open,
            chunks: &self.chunks,
            sealed: &self.sealed,
        };
        // A record that has left by age cannot be compared; its two hashes then have to do.
        let is_it = |number| places.row_text(number).is_none_or(|stored| stored == text);
        let number = self.next_arrival;
        let seen = self.dedup.meet(payload, topic, number, is_it);
        self.scratch = text;
        (seen != Seen::Twin).then(|| self.dedup.add_twin(payload, seen, topic, number))
    }

    fn is_own(&self, arrival: u64, instance: Instance, seq: u64) -> bool {
        if arrival >= self.open.base_arrival() && !self.open.is_empty() {
            return self.open.is_own(arrival, instance, seq);
        }
        let found = locate(&self.chunks, arrival).or_else(|| locate(&self.sealed, arrival));
        found.is_some_and(|(segment, row)| {
            let origin = &segment.dictionary.origins[usize::from(segment.origins[row])];
            origin.instance == Some(instance) && segment.seq(row) == Some(seq)
        })
    }

    /// Turns the full open chunk into a segment of its own, and merges when there are enough of them.
    fn close_chunk(&mut self) {
        self.chunks.extend(View::of(self.open.to_segment()));
        self.open.restart(self.next_arrival);
        let bytes: usize = self.chunks.iter().map(|view| view.bytes).sum();
        if self.chunks.len() >= self.shape.chunks_per_segment || bytes >= SEGMENT_BYTES {
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

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        let sealed = std::mem::take(&mut self.sealed);
        for view in sealed.iter().chain(&std::mem::take(&mut self.chunks)) {
            self.forget(&view.segment);
        }
        self.positions.clear();
    }

    /// The next record gets this number.
    pub(crate) fn resume(&mut self, next_arrival: u64) {
        self.next_arrival = next_arrival;
        self.open.restart(next_arrival);
    }

    /// The partition was read up to here.
    pub(crate) fn set_position(&mut self, topic: &str, partition: i32, position: i64) {
        let topic = self.topic_id(topic);
        let last = (position - 1, Some(u32::MAX));
        self.positions.insert((topic, partition), last);
    }

    /// Takes in a segment of an earlier process, older than all that are here; whether there was room.
    pub(crate) fn restore(&mut self, stored: StoredSegment) -> bool {
        let StoredSegment {
            mut segment,
            payloads,
        } = stored;
        if self.bytes() + segment.bytes() as u64 > self.limits.max_bytes {
            return false;
        }
        let mut hashes: Vec<Option<PayloadHashes>> = vec![None; segment.len()];
        let foreign = (0..segment.len()).filter(|&row| !is_own(&segment, row));
        for (row, payload) in foreign.zip(payloads) {
            hashes[row] = Some(payload);
        }
        let mut twins = vec![NO_TWIN; segment.len()];
        // The newest first, because it is the one that a further record is compared with.
        for arrival in (segment.base_arrival()..segment.arrivals_end()).rev() {
            let Some(row) = segment.row_of(arrival) else {
                continue;
            };
            let origin = &segment.dictionary.origins[usize::from(segment.origins[row])];
            if let Some(hashes) = hashes[row] {
                let (topic, _) = segment.dictionary.partition(segment.partitions[row]);
                let topic = self.topic_id(topic);
                let index = segment.index(row);
                twins[row] = self.dedup.restore_twin(hashes, index, topic, arrival);
            } else if let Some((instance, seq)) = origin.instance.zip(segment.seq(row)) {
                let hash = self.dedup.own_hash(instance, seq);
                self.dedup.add_own(hash, arrival);
            }
        }
        // What is restored is not to be undone.
        self.dedup.begin();
        if twins.iter().any(|&twin| twin != NO_TWIN) {
            segment.set_twins(twins.into());
        }
        let restored = View::of(segment).into_iter();
        self.sealed = restored.chain(self.sealed.iter().cloned()).collect();
        true
    }

    pub(crate) fn restore_matched(
        &mut self,
        hashes: PayloadHashes,
        index: Option<u32>,
        matched: u32,
    ) {
        self.dedup.restore_matched(hashes, index, matched);
    }

    /// Drops the segments whose records all came before this one; whether any went.
    pub(crate) fn evict_before(&mut self, arrival: u64) -> bool {
        let gone = self
            .sealed
            .partition_point(|view| view.segment.arrivals_end() <= arrival);
        let dropped: Vec<View> = self.sealed[..gone].to_vec();
        for view in &dropped {
            self.forget(&view.segment);
        }
        if gone > 0 {
            self.sealed = self.sealed[gone..].into();
        }
        gone > 0
    }

    /// Drops every segment whose records are all older than `floor`; whether anything went.
    pub(crate) fn evict_older(&mut self, floor: i64) -> bool {
        let before = self.sealed.len() + self.chunks.len();
        let (gone, kept): (Vec<View>, Vec<View>) = self
            .sealed
            .iter()
            .cloned()
            .partition(|view| view.newest < floor);
        if !gone.is_empty() {
            self.sealed = kept.into();
        }
        let (gone_chunks, kept) = std::mem::take(&mut self.chunks)
            .into_iter()
            .partition(|view| view.newest < floor);
        self.chunks = kept;
        for view in gone.iter().chain(&gone_chunks) {
            self.forget(&view.segment);
        }
        let open_goes = self.open.newest().is_some_and(|newest| newest < floor);
        if open_goes {
            let segment = self.open.to_segment();
            self.open.restart(self.next_arrival);
            self.forget(&segment);
        }
        open_goes || before != self.sealed.len() + self.chunks.len()
    }

    /// Drops segments in order of arrival until the rest fits, the newest one excepted.
    fn evict_beyond(&mut self, max_bytes: u64) {
        let mut bytes = self.bytes();
        let views = self.sealed.len() + self.chunks.len();
        let mut may_go = views - usize::from(self.open.is_empty() && views > 0);
        let mut gone = 0;
        while bytes > max_bytes && may_go > 0 {
            let view = match self.sealed.get(gone) {
                Some(view) => {
                    gone += 1;
                    view.clone()
                }
                None => self.chunks.remove(0),
            };
            self.forget(&view.segment);
            bytes = bytes.saturating_sub(view.bytes as u64);
            may_go -= 1;
        }
        if gone > 0 {
            self.sealed = self.sealed[gone..].into();
        }
    }

    fn forget(&mut self, segment: &Segment) {
        for row in 0..segment.len() {
            let twin = segment.twin(row);
            if twin != NO_TWIN {
                self.dedup.forget_twin(twin);
                continue;
            }
            let origin = &segment.dictionary.origins[usize::from(segment.origins[row])];
            if let (Some(instance), Some(seq)) = (origin.instance, segment.seq(row)) {
                let hash = self.dedup.own_hash(instance, seq);
                self.dedup.forget_own(hash, segment.arrival(row));
            }
        }
    }

    fn bytes(&self) -> u64 {
        let views = self.sealed.iter().chain(&self.chunks);
        let segments: usize = views.map(|view| view.bytes).sum();
        (segments + self.open.bytes() + self.dedup.bytes()) as u64
    }

    /// Evicts what is beyond the byte limit and describes what is left.
    pub(crate) fn snapshot(&mut self) -> Snapshot {
        self.evict_beyond(self.limits.max_bytes);
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
            bytes: self.bytes(),
            oldest: range.map(|(oldest, _)| Timestamp::from_micros(oldest)),
            newest: range.map(|(_, newest)| Timestamp::from_micros(newest)),
        };
        snapshot
    }
}

/// Everything that is stored, for looking a record up by its arrival number.
struct Places<'a> {
    open: &'a OpenChunk,
    chunks: &'a [View],
    sealed: &'a [View],
}

impl Places<'_> {
    fn row_text(&self, arrival: u64) -> Option<&[u8]> {
        self.open.row_text(arrival).or_else(|| {
            let found = locate(self.chunks, arrival).or_else(|| locate(self.sealed, arrival));
            found.map(|(segment, row)| segment.row_text(row))
        })
    }
}

fn locate(views: &[View], arrival: u64) -> Option<(&Segment, usize)> {
    let after = views.partition_point(|view| view.base_arrival <= arrival);
    let segment = &*views[after.checked_sub(1)?].segment;
    segment.row_of(arrival).map(|row| (segment, row))
}
