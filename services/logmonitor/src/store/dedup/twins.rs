//! The stored records without an identity of their own, one entry a payload.

use super::identity::PayloadKey;
use crate::store::hash_index::HashIndex;

/// All stored records of one payload. Equal payloads are counted, not listed: a text line without a timestamp
/// may come a million times.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Twin {
    pub(super) key: PayloadKey,
    /// The place of the latest.
    pub(super) newest: u32,
    pub(super) stored: u32,
    /// How many have not been seen in the other topic. At any time all of these came from one topic.
    pub(super) unmatched: u32,
    pub(super) topic: u32,
}

impl Twin {
    /// Counts a further stored record.
    pub(super) fn add(&mut self) {
        self.stored += 1;
        self.unmatched += 1;
    }
}

/// The entries, each in a slot that stays its own as long as a record of it is stored.
#[derive(Debug, Default)]
pub(super) struct Twins {
    /// Hash of the payload to slot.
    index: HashIndex,
    entries: Vec<Twin>,
    free: Vec<u32>,
}

impl Twins {
    pub(super) fn get(&self, slot: u32) -> &Twin {
        &self.entries[slot as usize]
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> &mut Twin {
        &mut self.entries[slot as usize]
    }

    /// The slot of a payload, if the entry is one that `is_it` accepts.
    pub(super) fn find(
        &self,
        key: PayloadKey,
        mut is_it: impl FnMut(&Twin) -> bool,
    ) -> Option<u32> {
        self.index.find(key.hashes.hash, |slot| {
            let twin = self.get(slot);
            (twin.key.hashes.check, twin.key.index) == (key.hashes.check, key.index) && is_it(twin)
        })
    }

    /// Adds an entry of which nothing is stored yet.
    pub(super) fn insert(&mut self, key: PayloadKey) -> u32 {
        let twin = Twin {
            key,
            ..Twin::default()
        };
        let slot = self.free.pop().unwrap_or_else(|| {
            self.entries.push(twin);
            self.entries.len() as u32 - 1
        });
        *self.get_mut(slot) = twin;
        self.index.insert(key.hashes.hash, slot);
        slot
    }

    pub(super) fn remove(&mut self, slot: u32) {
        let hash = self.get(slot).key.hashes.hash;
        self.index.remove(hash, slot);
        self.free.push(slot);
    }

    /// The slot of the index where a search for this payload begins.
    pub(super) fn index_slot(&self, key: PayloadKey) -> u64 {
        self.index.slot(key.hashes.hash)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Heap bytes.
    pub(super) fn bytes(&self) -> usize {
        self.index.bytes()
            + self.entries.capacity() * size_of::<Twin>()
            + self.free.capacity() * size_of::<u32>()
    }
}
