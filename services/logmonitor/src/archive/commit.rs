//! What one batch changes, in one transaction: the errors, all counts, what could not be decoded, and the offsets that
//! cover them.

use log_record::Timestamp;

use super::blocks;
use super::encoded_block::EncodedBlock;
use super::positions::set_position;
use super::quarantine::{self, Quarantined};
use super::{Archive, ArchiveError, PartitionPosition, counters, counts, issues, producers, twins};
use crate::issues::IssueChanges;
use crate::pipeline::{ProducerChanges, Totals};
use crate::store::Fresh;

/// See the module.
#[derive(Debug)]
pub(crate) struct Commit<'a> {
    pub(crate) topic: &'a str,
    pub(crate) fresh: &'a Fresh,
    pub(crate) positions: &'a [PartitionPosition],
    pub(crate) quarantined: &'a [Quarantined<'a>],
    /// A record that has left the quarantine, because it is among those of the batch.
    pub(crate) released: Option<i64>,
    pub(crate) producers: &'a ProducerChanges,
    pub(crate) issues: &'a IssueChanges,
    pub(crate) now: Timestamp,
}

impl Archive {
    /// Keeps a batch, whole or not at all. `totals` is what it adds to the counters; what leaves the quarantine for it
    /// is added to them.
    pub(crate) fn commit(
        &self,
        commit: &Commit<'_>,
        totals: &mut Totals,
    ) -> Result<(), ArchiveError> {
        // Where records come faster than the archive is tidied, whoever writes makes the room.
        while self.make_room()? {}
        // Compressing takes longer than writing, and needs no transaction.
        let mut encoded = Vec::with_capacity(commit.fresh.blocks.len());
        for block in &commit.fresh.blocks {
            encoded.extend(EncodedBlock::of(&block.segment, &block.payloads)?);
        }
        self.write(|transaction| {
            for block in &encoded {
                blocks::insert(transaction, block)?;
            }
            for (payload, index) in &commit.fresh.matched {
                twins::match_one(transaction, *payload, *index, commit.now)?;
            }
            counts::add(transaction, &commit.fresh.cells)?;
            for at in commit.positions {
                set_position(transaction, commit.topic, at)?;
            }
            if let Some(id) = commit.released {
                quarantine::delete(transaction, id)?;
            }
            issues::keep(transaction, commit.issues)?;
            producers::keep(transaction, commit.producers)?;
            let room = self.inner.limits.quarantine_bytes;
            totals.quarantine_evicted = quarantine::insert(transaction, commit.quarantined, room)?;
            counters::add(transaction, &totals.to_named())
        })?;
        for block in &encoded {
            self.learn(block);
            self.note_written(block.data.len() as u64);
        }
        Ok(())
    }
}
