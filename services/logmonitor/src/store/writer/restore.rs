//! The writer's part in going on where an earlier process ended: numbers, positions, segments and their identities.

use super::Writer;
use crate::store::rows::NO_TWIN;
use crate::store::stored_form::{PayloadHashes, StoredSegment};

impl Writer {
    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        let gone = self.tiers.clear();
        self.forget(&gone);
        self.positions.clear();
    }

    /// The next record gets this number.
    pub(crate) fn resume(&mut self, next_arrival: u64) {
        self.tiers.resume(next_arrival);
    }

    /// The partition was read up to here.
    pub(crate) fn set_position(&mut self, topic: &str, partition: i32, position: i64) {
        self.positions.set(topic, partition, position);
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
        let foreign = (0..segment.len()).filter(|&row| segment.identity(row).is_none());
        for (row, payload) in foreign.zip(payloads) {
            hashes[row] = Some(payload);
        }
        let mut twins = vec![NO_TWIN; segment.len()];
        // The newest first, because it is the one that a further record is compared with.
        for arrival in (segment.base_arrival()..segment.arrivals_end()).rev() {
            let Some(row) = segment.row_of(arrival) else {
                continue;
            };
            if let Some(hashes) = hashes[row] {
                let (topic, _) = segment.dictionary.partition(segment.partitions[row]);
                let topic = self.positions.topic_id(topic);
                let index = segment.index(row);
                twins[row] = self.dedup.restore_twin(hashes, index, topic, arrival);
            } else if let Some((instance, seq)) = segment.identity(row) {
                let hash = self.dedup.own_hash(instance, seq);
                self.dedup.add_own(hash, arrival);
            }
        }
        // What is restored is not to be undone.
        self.dedup.begin();
        if twins.iter().any(|&twin| twin != NO_TWIN) {
            segment.set_twins(twins.into());
        }
        self.tiers.prepend(segment);
        true
    }

    /// So many records of the payload had met their twin.
    pub(crate) fn restore_matched(
        &mut self,
        hashes: PayloadHashes,
        index: Option<u32>,
        matched: u32,
    ) {
        self.dedup.restore_matched(hashes, index, matched);
    }
}
