//! Which records have been stored already. Knows hashes, places and counts; whether two records are really the
//! same is decided by the caller, who has them.

use std::hash::BuildHasher;
use std::hint::black_box;

use foldhash::fast::RandomState;
use log_record::Instance;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::arrival::Arrival;
use super::hash_index::HashIndex;
use super::stored_form::PayloadHashes;

/// Places of records are their arrival numbers, cut to this many bits; the store holds far fewer at a time.
const PLACE_MASK: u64 = 0x7FFF_FFFF;

/// The identities of what is stored.
#[derive(Debug)]
pub(crate) struct Dedup {
    hashing: RandomState,
    /// Of the hashes of payloads, which have to be the same after a restart.
    payload_seed: u64,
    /// All ones; fewer in tests, to force collisions.
    mask: u64,
    /// Records with an identity of their own: hash of it to place.
    own: HashIndex,
    /// Records without: hash of the payload to position in `twins`.
    twin_index: HashIndex,
    twins: Vec<Twin>,
    free_twins: Vec<u32>,
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

/// All stored records of one payload. Equal payloads are counted, not listed: a text line without a timestamp
/// may come a million times.
#[derive(Clone, Copy, Debug, Default)]
struct Twin {
    hash: u64,
    /// A second, independent hash of the payload.
    check: u64,
    index: Option<u32>,
    /// The place of the latest.
    newest: u32,
    stored: u32,
    /// How many have not been seen in the other topic. At any time all of these came from one topic.
    unmatched: u32,
    topic: u32,
}

impl Twin {
    fn hashes(&self) -> PayloadHashes {
        PayloadHashes {
            hash: self.hash,
            check: self.check,
        }
    }
}

/// The two hashes of a payload, and the record's place in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PayloadHash {
    hash: u64,
    check: u64,
    index: Option<u32>,
}

/// The hash of what identifies a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IdentityHash {
    Own {
        hash: u64,
        instance: Instance,
        seq: u64,
    },
    Payload(PayloadHash),
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
            hashing: RandomState::default(),
            payload_seed,
            mask: u64::MAX,
            own: HashIndex::default(),
            twin_index: HashIndex::default(),
            twins: Vec::new(),
            free_twins: Vec::new(),
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
                Change::NewTwin { slot } => self.drop_twin(slot),
                Change::Twin { slot, before } => self.twins[slot as usize] = before,
            }
        }
    }

    /// The payloads that met their twin since [`Dedup::begin`].
    pub(crate) fn matched(&self) -> impl Iterator<Item = (PayloadHashes, Option<u32>)> {
        self.changes.iter().filter_map(|change| match *change {
            // A match takes one off the unmatched; a further record adds one.
            Change::Twin { slot, before } => {
                let twin = &self.twins[slot as usize];
                (before.stored == twin.stored && before.unmatched > twin.unmatched)
                    .then_some((twin.hashes(), twin.index))
            }
            Change::Own { .. } | Change::NewTwin { .. } => None,
        })
    }

    /// The hashes of an entry.
    pub(crate) fn hashes(&self, slot: u32) -> PayloadHashes {
        self.twins[slot as usize].hashes()
    }

    /// Makes hashes collide: only the bits of `mask` are left of them.
    #[cfg(test)]
    pub(crate) fn weaken(&mut self, mask: u64) {
        self.mask = mask;
    }

    /// Identities of both kinds.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.own.len() + self.twin_index.len()
    }

    pub(crate) fn own_hash(&self, instance: Instance, seq: u64) -> u64 {
        self.hashing.hash_one((instance, seq)) & self.mask
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

    /// Hashes what identifies a record: its own identity, or else the payload. Records of one message differ by
    /// their index.
    pub(crate) fn hash(&self, arrival: &Arrival<'_>) -> IdentityHash {
        if let (Some(instance), Some(seq)) = (arrival.record.instance, arrival.record.seq) {
            return IdentityHash::Own {
                hash: self.own_hash(instance, seq),
                instance,
                seq,
            };
        }
        let index = arrival.coordinates.index;
        let digest = xxh3_128_with_seed(arrival.payload, self.payload_seed);
        // The records of one message must not share a slot.
        let spread = u64::from(index.unwrap_or_default()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        IdentityHash::Payload(PayloadHash {
            hash: (digest as u64 ^ spread) & self.mask,
            check: (digest >> 64) as u64 & self.mask,
            index,
        })
    }

    /// Brings the slots of these hashes into the processor's cache.
    pub(crate) fn touch(&self, hashes: &[IdentityHash]) {
        let slots = hashes.iter().map(|hash| match hash {
            IdentityHash::Own { hash, .. } => self.own.slot(*hash),
            IdentityHash::Payload(payload) => self.twin_index.slot(payload.hash),
        });
        // The sum is of no use, but without one the reads would be optimised away.
        black_box(slots.fold(0, u64::wrapping_add));
    }

    /// Looks for a stored record of the same payload, and matches it when it came from another topic.
    pub(crate) fn meet(
        &mut self,
        payload: PayloadHash,
        topic: u32,
        next: u64,
        mut is_it: impl FnMut(u64) -> bool,
    ) -> Seen {
        let found = self.twin_index.find(payload.hash, |slot| {
            let twin = &self.twins[slot as usize];
            (twin.check, twin.index) == (payload.check, payload.index)
                && is_it(arrival_of(twin.newest, next))
        });
        let Some(slot) = found else {
            return Seen::Never;
        };
        let before = self.twins[slot as usize];
        if before.unmatched > 0 && before.topic != topic {
            self.changes.push(Change::Twin { slot, before });
            self.twins[slot as usize].unmatched -= 1;
            return Seen::Twin;
        }
        Seen::Again(slot)
    }

    /// Notes a stored record without identity; the entry it belongs to from now on.
    pub(crate) fn add_twin(
        &mut self,
        payload: PayloadHash,
        seen: Seen,
        topic: u32,
        arrival: u64,
    ) -> u32 {
        let slot = match seen {
            Seen::Again(slot) => {
                let before = self.twins[slot as usize];
                self.changes.push(Change::Twin { slot, before });
                slot
            }
            Seen::Twin | Seen::Never => {
                let slot = self.new_twin(payload);
                self.changes.push(Change::NewTwin { slot });
                slot
            }
        };
        let twin = &mut self.twins[slot as usize];
        twin.newest = place_of(arrival);
        twin.topic = topic;
        twin.stored += 1;
        twin.unmatched += 1;
        slot
    }

    fn new_twin(&mut self, payload: PayloadHash) -> u32 {
        let twin = Twin {
            hash: payload.hash,
            check: payload.check,
            index: payload.index,
            ..Twin::default()
        };
        let slot = self.free_twins.pop().unwrap_or_else(|| {
            self.twins.push(twin);
            self.twins.len() as u32 - 1
        });
        self.twins[slot as usize] = twin;
        self.twin_index.insert(payload.hash, slot);
        slot
    }

    /// A record of this entry has left the store. Twins are matched oldest first, so what leaves, the oldest,
    /// is an unmatched one only when all that are stored are.
    pub(crate) fn forget_twin(&mut self, slot: u32) {
        let twin = &mut self.twins[slot as usize];
        twin.stored = twin.stored.saturating_sub(1);
        twin.unmatched = twin.unmatched.min(twin.stored);
        if twin.stored == 0 {
            self.drop_twin(slot);
        }
    }

    fn drop_twin(&mut self, slot: u32) {
        let hash = self.twins[slot as usize].hash;
        self.twin_index.remove(hash, slot);
        self.free_twins.push(slot);
    }

    /// Notes a record without identity that was stored by an earlier process. Records come newest first.
    pub(crate) fn restore_twin(
        &mut self,
        hashes: PayloadHashes,
        index: Option<u32>,
        topic: u32,
        arrival: u64,
    ) -> u32 {
        let payload = PayloadHash {
            hash: hashes.hash,
            check: hashes.check,
            index,
        };
        let found = self.find_twin(payload);
        let slot = found.unwrap_or_else(|| {
            let slot = self.new_twin(payload);
            let twin = &mut self.twins[slot as usize];
            twin.newest = place_of(arrival);
            twin.topic = topic;
            slot
        });
        let twin = &mut self.twins[slot as usize];
        twin.stored += 1;
        twin.unmatched += 1;
        slot
    }

    /// So many records of the payload had met their twin when the earlier process ended.
    pub(crate) fn restore_matched(
        &mut self,
        hashes: PayloadHashes,
        index: Option<u32>,
        matched: u32,
    ) {
        let payload = PayloadHash {
            hash: hashes.hash,
            check: hashes.check,
            index,
        };
        if let Some(slot) = self.find_twin(payload) {
            let twin = &mut self.twins[slot as usize];
            twin.unmatched = twin.unmatched.saturating_sub(matched);
        }
    }

    fn find_twin(&self, payload: PayloadHash) -> Option<u32> {
        self.twin_index.find(payload.hash, |slot| {
            let twin = &self.twins[slot as usize];
            (twin.check, twin.index) == (payload.check, payload.index)
        })
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.own.bytes()
            + self.twin_index.bytes()
            + self.twins.capacity() * size_of::<Twin>()
            + self.free_twins.capacity() * size_of::<u32>()
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
