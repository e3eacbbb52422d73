//! Filling an empty store with what an earlier process has stored, newest first.

use super::Store;
use super::rollup::CountCell;
use super::stored_form::{PayloadHashes, StoredSegment};

/// Up to where a partition was read: topic, partition, offset of the next record.
pub(crate) type ReadUpTo<'a> = (&'a str, i32, i64);

impl Store {
    /// Goes on with the numbers of an earlier process. To be called before anything is stored.
    pub(crate) fn resume<'a>(
        &self,
        next_arrival: u64,
        positions: impl Iterator<Item = ReadUpTo<'a>>,
    ) {
        let mut writer = self.writer();
        writer.resume(next_arrival);
        for (topic, partition, position) in positions {
            writer.set_position(topic, partition, position);
        }
        self.publish(&mut writer);
    }

    /// Forgets everything, for another attempt.
    pub(crate) fn clear(&self) {
        let mut writer = self.writer();
        writer.clear();
        self.publish(&mut writer);
        // The counts have locks of their own.
        drop(writer);
        self.inner.rollup.evict_older(i64::MAX);
    }

    /// Takes in a segment that is older than all that are here. Whether there was room for it.
    pub(crate) fn restore(&self, stored: StoredSegment) -> bool {
        let first = stored.segment.base_arrival();
        let mut writer = self.writer();
        if !writer.restore(stored) {
            return false;
        }
        self.publish(&mut writer);
        // With the index of its identities it may have been too much after all, and has gone again.
        self.inner.snapshot.load().first_arrival() == first
    }

    /// So many records of a payload had met their twin.
    pub(crate) fn restore_matched(&self, matched: &[(PayloadHashes, Option<u32>, u32)]) {
        let mut writer = self.writer();
        for &(hashes, index, count) in matched {
            writer.restore_matched(hashes, index, count);
        }
    }

    /// Counts what the earlier process had counted.
    pub(crate) fn restore_counts(&self, cells: &[CountCell]) {
        self.inner.rollup.add(cells);
    }

    /// Drops segments all of whose records came before this one.
    pub(crate) fn evict_before(&self, arrival: u64) {
        let mut writer = self.writer();
        if writer.evict_before(arrival) {
            self.publish(&mut writer);
        }
    }
}
