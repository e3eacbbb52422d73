//! The one writer: takes arrivals, drops what is known already, stores and counts the rest, and evicts. Sits behind
//! a mutex that readers never touch.

mod block_builder;
mod positions;
mod restore;
mod tiers;

use std::sync::Arc;

use issue_grouping::IssueKey;
use log_record::{Instance, LogRecord};

use super::arrival::{Appended, Arrival, Block, Incoming, StoreLimits};
use super::dedup::{Dedup, IdentityHash, PayloadKey, Seen};
use super::log_counts::{LogCounts, Tally};
use super::open_chunk::Shape;
use super::rows::NO_TWIN;
use super::snapshot::{Snapshot, View};
use super::stored_form::PayloadHashes;
use super::text;
use block_builder::BlockBuilder;
use positions::Positions;
use tiers::Tiers;

/// See the module.
#[derive(Debug)]
pub(crate) struct Writer {
    limits: StoreLimits,
    positions: Positions,
    dedup: Dedup,
    tiers: Tiers,
    /// A row's text, to be compared with a stored one.
    scratch: Vec<u8>,
    counts: LogCounts,
    tally: Tally,
    /// What the append that is going on stores, for the archive.
    blocks: BlockBuilder,
}

impl Writer {
    pub(crate) fn new(limits: StoreLimits, shape: Shape, payload_seed: u64) -> Writer {
        Writer {
            limits,
            positions: Positions::new(),
            dedup: Dedup::new(payload_seed),
            tiers: Tiers::new(shape),
            scratch: Vec::new(),
            counts: LogCounts::new(),
            tally: Tally::default(),
            blocks: BlockBuilder::default(),
        }
    }

    #[cfg(test)]
    pub(crate) fn dedup_mut(&mut self) -> &mut Dedup {
        &mut self.dedup
    }

    /// Takes arrivals in; what was stored as new is also counted. `is_kept` knows what has left the store and is kept
    /// elsewhere, `group` the issue of a new record and its place among the arrivals. Without an error nothing of it fails; with one, [`Writer::roll_back`] is to follow.
    pub(crate) fn append<E>(
        &mut self,
        incoming: &Incoming<'_>,
        floor: i64,
        is_kept: &mut dyn FnMut(Instance, u64) -> Result<bool, E>,
        group: &mut dyn FnMut(usize, &LogRecord<'_>) -> Option<IssueKey>,
    ) -> Result<(Appended, LogCounts), E> {
        self.dedup.begin();
        self.positions.begin();
        self.tiers.begin(incoming.arrivals.len());
        let mut appended = Appended::default();
        let mut counts = std::mem::take(&mut self.counts);
        let hashes = self.hash_all(incoming.arrivals);
        for (at, (arrival, hash)) in incoming.arrivals.iter().zip(hashes).enumerate() {
            let record = &arrival.record;
            let topic = self.positions.topic_id(arrival.coordinates.topic);
            if !incoming.is_reprocessed && !self.positions.advance(topic, &arrival.coordinates) {
                appended.duplicates += 1;
            } else if record.timestamp.as_micros() < floor {
                appended.expired += 1;
            } else if self.store((at, arrival), topic, hash, is_kept, group)? {
                appended.stored_by_level[record.level.index()] += 1;
                self.count(record, &mut counts);
                if self.tiers.is_full() {
                    self.settle(&mut counts);
                    self.close_chunk();
                }
            } else {
                appended.duplicates += 1;
            }
        }
        self.settle(&mut counts);
        if self.tiers.is_worth_closing() {
            self.close_chunk();
        }
        Ok((appended, counts))
    }

    /// Undoes the append that has just been made, of which nothing was published: everything is as `published` says.
    pub(crate) fn roll_back(&mut self, published: &Snapshot) {
        self.dedup.roll_back();
        self.positions.roll_back();
        self.tiers.roll_back(published);
        self.tally = Tally::default();
        self.counts.clear();
        self.blocks.clear();
    }

    /// From now on what is stored is gathered for the archive.
    pub(crate) fn gather_blocks(&mut self) {
        self.blocks.switch_on();
    }

    /// What the last append stored, as blocks for the archive.
    pub(crate) fn take_blocks(&mut self) -> Vec<Block> {
        self.blocks.close(&self.dedup);
        let open = self.tiers.open();
        if !open.is_empty() && !self.tiers.is_shared() {
            self.blocks.add(Arc::new(open.to_segment()), &self.dedup);
        }
        self.blocks.take()
    }

    /// Closes the open chunk.
    fn close_chunk(&mut self) {
        let is_shared = self.tiers.is_shared();
        self.blocks.close(&self.dedup);
        let segment = self.tiers.close_chunk();
        if let Some(segment) = segment.filter(|_| !is_shared) {
            self.blocks.add(segment, &self.dedup);
        }
    }

    /// The payloads that met their twin in the last append.
    pub(crate) fn matched(&self) -> Vec<(PayloadHashes, Option<u32>)> {
        self.dedup.matched().collect()
    }

    /// Counts the record that was stored last.
    fn count(&mut self, record: &LogRecord<'_>, counts: &mut LogCounts) {
        let micros = record.timestamp.as_micros();
        let service = self.tiers.open().last_service();
        if !service.is_some_and(|service| self.tally.add(service, record.level, micros)) {
            counts.add(&record.service, record.level, record.timestamp);
        }
    }

    /// Moves what was tallied to the counts, before the chunk's service ids mean something else.
    fn settle(&mut self, counts: &mut LogCounts) {
        let open = self.tiers.open();
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

    /// Forgets how far a partition was read.
    pub(crate) fn reset_position(&mut self, topic: &str, partition: i32) {
        self.positions.reset(topic, partition);
    }

    /// Stores a record unless it is there already; whether it was new.
    fn store<E>(
        &mut self,
        (at, arrival): (usize, &Arrival<'_>),
        topic: u32,
        hash: IdentityHash,
        is_kept: &mut dyn FnMut(Instance, u64) -> Result<bool, E>,
        group: &mut dyn FnMut(usize, &LogRecord<'_>) -> Option<IssueKey>,
    ) -> Result<bool, E> {
        let number = self.tiers.next_arrival();
        let twin = match hash {
            IdentityHash::Own {
                hash,
                instance,
                seq,
            } => {
                let is_it = |place| self.tiers.is_own(place, instance, seq);
                if self.dedup.has_own(hash, number, is_it) || is_kept(instance, seq)? {
                    return Ok(false);
                }
                self.dedup.add_own(hash, number);
                NO_TWIN
            }
            IdentityHash::Payload(key) => match self.twin_of(arrival, topic, key) {
                Some(twin) => twin,
                None => return Ok(false),
            },
        };
        let issue = group(at, &arrival.record);
        self.tiers.push(arrival, issue, twin);
        if self.tiers.is_shared() {
            self.blocks.push(number, arrival, issue, twin);
        }
        Ok(true)
    }

    /// The entry under which a record without identity is to be stored; `None` when its twin is stored.
    fn twin_of(&mut self, arrival: &Arrival<'_>, topic: u32, key: PayloadKey) -> Option<u32> {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        text::write_row(&mut text, &arrival.record);
        let tiers = &self.tiers;
        // A record that has left by age cannot be compared; its two hashes then have to do.
        let is_it = |number| tiers.row_text(number).is_none_or(|stored| stored == text);
        let number = self.tiers.next_arrival();
        let seen = self.dedup.meet(key, topic, number, is_it);
        self.scratch = text;
        (seen != Seen::Twin).then(|| self.dedup.add_twin(key, seen, topic, number))
    }

    /// Drops the segments whose records all came before this one; whether any went.
    pub(crate) fn evict_before(&mut self, arrival: u64) -> bool {
        let gone = self.tiers.evict_before(arrival);
        self.forget(&gone)
    }

    /// Drops every segment whose records are all older than `floor`; whether anything went.
    pub(crate) fn evict_older(&mut self, floor: i64) -> bool {
        let gone = self.tiers.evict_older(floor);
        self.forget(&gone)
    }

    /// Evicts what is beyond the byte limit and describes what is left.
    pub(crate) fn snapshot(&mut self) -> Snapshot {
        let excess = self.bytes().saturating_sub(self.limits.max_bytes);
        let gone = self.tiers.evict_bytes(excess);
        self.forget(&gone);
        self.tiers.snapshot(self.bytes())
    }

    /// Forgets the identities in segments that have left; whether there were any segments.
    fn forget(&mut self, gone: &[View]) -> bool {
        for segment in gone.iter().map(|view| &view.segment) {
            for row in 0..segment.len() {
                let twin = segment.twin(row);
                if twin != NO_TWIN {
                    self.dedup.forget_twin(twin);
                } else if let Some((instance, seq)) = segment.identity(row) {
                    let hash = self.dedup.own_hash(instance, seq);
                    self.dedup.forget_own(hash, segment.arrival(row));
                }
            }
        }
        !gone.is_empty()
    }

    fn bytes(&self) -> u64 {
        (self.tiers.bytes() + self.dedup.bytes()) as u64
    }
}
