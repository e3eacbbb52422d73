//! Which records have been stored already. Knows hashes, places and counts; whether two records are really the
//! same is decided by the caller, who has them.

mod identity;
mod twins;

use std::hint::black_box;

use log_record::Instance;

use super::arrival::Arrival;
use super::hash_index::HashIndex;
use super::stored_form::PayloadHashes;
use identity::Hashing;
use twins::{Twin, Twins};

pub(crate) use identity::{IdentityHash, PayloadKey};

/// Places of records are their arrival numbers, cut to this many bits; the store holds far fewer at a time.
const PLACE_MASK: u64 = 0x7FFF_FFFF;

/// The identities of what is stored.
#[derive(Debug)]
pub(crate) struct Dedup {
    hashing: Hashing,
    /// Records with an identity of their own: hash of it to place.
    own: HashIndex,
    /// Records without.
    twins: Twins,
    /// What was done since [`Dedup::begin`].
    changes: Vec<Change>,
}

/// One step, and what is needed to undo it.
#[derive(Clone, Copy, Debug)]
enum Change {
    Own { hash: u64, arrival: u64 },
    NewTwin { slot: u32 },
    Twin { slot: u32, before: Twin },
}

/// What is known of a record without identity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Seen {
    /// Its twin from the other topic is stored; the two are now matched.
    Twin,
    /// Store it, as a further record of this entry.
    Again(u32),
    /// Store it; nothing equal is stored.
    Never,
}

impl Dedup {
    pub(crate) fn new(payload_seed: u64) -> Dedup {
        Dedup {
            hashing: Hashing::new(payload_seed),
            own: HashIndex::default(),
            twins: Twins::default(),
            changes: Vec::new(),
        }
    }

    /// Starts an append, which can be undone until the next one starts.
    pub(crate) fn begin(&mut self) {
        self.changes.clear();
    }

    /// Undoes what was done since [`Dedup::begin`].
    pub(crate) fn roll_back(&mut self) {
        let mut changes = std::mem::take(&mut self.changes);
        while let Some(change) = changes.pop() {
            match change {
                Change::Own { hash, arrival } => self.forget_own(hash, arrival),
                Change::NewTwin { slot } => self.twins.remove(slot),
                Change::Twin { slot, before } => *self.twins.get_mut(slot) = before,
            }
        }
    }

    /// The payloads that met their twin since [`Dedup::begin`].
    pub(crate) fn matched(&self) -> impl Iterator<Item = (PayloadHashes, Option<u32>)> {
        self.changes.iter().filter_map(|change| match *change {
            // A match takes one off the unmatched; a further record adds one.
            Change::Twin { slot, before } => {
                let twin = self.twins.get(slot);
                (before.stored == twin.stored && before.unmatched > twin.unmatched)
                    .then_some((twin.key.hashes, twin.key.index))
            }
            Change::Own { .. } | Change::NewTwin { .. } => None,
        })
    }

    /// The hashes of an entry.
    pub(crate) fn hashes(&self, slot: u32) -> PayloadHashes {
        self.twins.get(slot).key.hashes
    }

    /// Makes hashes collide: only the bits of `mask` are left of them.
    #[cfg(test)]
    pub(crate) fn weaken(&mut self, mask: u64) {
        self.hashing.weaken(mask);
    }

    /// Identities of both kinds.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.own.len() + self.twins.len()
    }

    /// Hashes what identifies a record.
    pub(crate) fn hash(&self, arrival: &Arrival<'_>) -> IdentityHash {
        self.hashing.identity(arrival)
    }

    pub(crate) fn own_hash(&self, instance: Instance, seq: u64) -> u64 {
        self.hashing.own(instance, seq)
    }

    /// Brings the slots of these hashes into the processor's cache.
    pub(crate) fn touch(&self, hashes: &[IdentityHash]) {
        let slots = hashes.iter().map(|hash| match hash {
            IdentityHash::Own { hash, .. } => self.own.slot(*hash),
            IdentityHash::Payload(key) => self.twins.index_slot(*key),
        });
        // The sum is of no use, but without one the reads would be optimised away.
        black_box(slots.fold(0, u64::wrapping_add));
    }

    /// Whether a record of this identity is stored; `is_it` compares with the record of an arrival number.
    pub(crate) fn has_own(&self, hash: u64, next: u64, mut is_it: impl FnMut(u64) -> bool) -> bool {
        self.own
            .find(hash, |place| is_it(arrival_of(place, next)))
            .is_some()
    }

    pub(crate) fn add_own(&mut self, hash: u64, arrival: u64) {
        self.own.insert(hash, place_of(arrival));
        self.changes.push(Change::Own { hash, arrival });
    }

    pub(crate) fn forget_own(&mut self, hash: u64, arrival: u64) {
        self.own.remove(hash, place_of(arrival));
    }

    /// Looks for a stored record of the same payload, and matches it when it came from another topic.
    pub(crate) fn meet(
        &mut self,
        key: PayloadKey,
        topic: u32,
        next: u64,
        mut is_it: impl FnMut(u64) -> bool,
    ) -> Seen {
        let found = self
            .twins
            .find(key, |twin| is_it(arrival_of(twin.newest, next)));
        let Some(slot) = found else {
            return Seen::Never;
        };
        let before = *self.twins.get(slot);
        if before.unmatched > 0 && before.topic != topic {
            self.changes.push(Change::Twin { slot, before });
            self.twins.get_mut(slot).unmatched -= 1;
            return Seen::Twin;
        }
        Seen::Again(slot)
    }

    /// Notes a stored record without identity; the entry it belongs to from now on.
    pub(crate) fn add_twin(
        &mut self,
        key: PayloadKey,
        seen: Seen,
        topic: u32,
        arrival: u64,
    ) -> u32 {
        let slot = match seen {
            Seen::Again(slot) => {
                let before = *self.twins.get(slot);
                self.changes.push(Change::Twin { slot, before });
                slot
            }
            Seen::Twin | Seen::Never => {
                let slot = self.twins.insert(key);
                self.changes.push(Change::NewTwin { slot });
                slot
            }
        };
        let twin = self.twins.get_mut(slot);
        twin.newest = place_of(arrival);
        twin.topic = topic;
        twin.add();
        slot
    }

    /// A record of this entry has left the store. Twins are matched oldest first, so what leaves, the oldest,
    /// is an unmatched one only when all that are stored are.
    pub(crate) fn forget_twin(&mut self, slot: u32) {
        let twin = self.twins.get_mut(slot);
        twin.stored = twin.stored.saturating_sub(1);
        twin.unmatched = twin.unmatched.min(twin.stored);
        if twin.stored == 0 {
            self.twins.remove(slot);
        }
    }

    /// Notes a record without identity that was stored by an earlier process. Records come newest first.
    pub(crate) fn restore_twin(
        &mut self,
        hashes: PayloadHashes,
        index: Option<u32>,
        topic: u32,
        arrival: u64,
    ) -> u32 {
        let key = PayloadKey { hashes, index };
        let slot = self.twins.find(key, |_| true).unwrap_or_else(|| {
            let slot = self.twins.insert(key);
            let twin = self.twins.get_mut(slot);
            twin.newest = place_of(arrival);
            twin.topic = topic;
            slot
        });
        self.twins.get_mut(slot).add();
        slot
    }

    /// So many records of the payload had met their twin when the earlier process ended.
    pub(crate) fn restore_matched(
        &mut self,
        hashes: PayloadHashes,
        index: Option<u32>,
        matched: u32,
    ) {
        let key = PayloadKey { hashes, index };
        if let Some(slot) = self.twins.find(key, |_| true) {
            let twin = self.twins.get_mut(slot);
            twin.unmatched = twin.unmatched.saturating_sub(matched);
        }
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.own.bytes() + self.twins.bytes()
    }
}

fn place_of(arrival: u64) -> u32 {
    (arrival & PLACE_MASK) as u32
}

/// The latest arrival number before `next` that has this place.
fn arrival_of(place: u32, next: u64) -> u64 {
    let age = next.wrapping_sub(u64::from(place)) & PLACE_MASK;
    next.wrapping_sub(age)
}
