//! A compact multimap from 64-bit hashes to 32-bit places: 8 bytes a slot, no keys.
//!
//! Places are below 2^31. It keeps half of the hash beside the place; the caller verifies a place against what is stored there. Linear
//! probing with backward-shift deletion, so that no tombstones gather in a table that lives for months.

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct HashIndex {
    /// Half the hash in the high half, the place plus one in the low half; 0 is an empty slot.
    slots: Vec<u64>,
    len: usize,
}

const SMALLEST: usize = 16;

impl HashIndex {
    /// The first place under `hash` that `is_it` accepts.
    pub(crate) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let tag = tag_of(hash);
        let mut slot = self.home(tag);
        loop {
            let entry = self.slots[slot];
            if entry == 0 {
                return None;
            }
            if entry >> 32 == tag {
                let place = place_of(entry);
                if is_it(place) {
                    return Some(place);
                }
            }
            slot = self.after(slot);
        }
    }

    /// The contents of the slot where a search for this hash begins.
    pub(crate) fn slot(&self, hash: u64) -> u64 {
        let home = self.home(tag_of(hash));
        self.slots.get(home).copied().unwrap_or_default()
    }

    /// Adds a place. The same pair may be added once only.
    pub(crate) fn insert(&mut self, hash: u64, place: u32) {
        // Seven eighths: above, linear probing gets slow.
        if (self.len + 1) * 8 > self.slots.len() * 7 {
            self.grow();
        }
        self.put(tag_of(hash), place);
        self.len += 1;
    }

    /// Takes a place out; whether it was there.
    pub(crate) fn remove(&mut self, hash: u64, place: u32) -> bool {
        if self.slots.is_empty() {
            return false;
        }
        let tag = tag_of(hash);
        let wanted = entry_of(tag, place);
        let mut hole = self.home(tag);
        loop {
            match self.slots[hole] {
                0 => return false,
                entry if entry == wanted => break,
                _ => hole = self.after(hole),
            }
        }
        // Entries behind the hole move up unless that would put them before their home.
        let mut slot = hole;
        loop {
            slot = self.after(slot);
            let entry = self.slots[slot];
            if entry == 0 {
                break;
            }
            let mask = self.slots.len() - 1;
            let from_home = slot.wrapping_sub(self.home(entry >> 32)) & mask;
            let from_hole = slot.wrapping_sub(hole) & mask;
            if from_home >= from_hole {
                self.slots[hole] = entry;
                hole = slot;
            }
        }
        self.slots[hole] = 0;
        self.len -= 1;
        true
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Forgets everything, keeps the allocation.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(0);
        self.len = 0;
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(SMALLEST);
        let old = std::mem::replace(&mut self.slots, vec![0; size]);
        for entry in old {
            if entry != 0 {
                self.put(entry >> 32, place_of(entry));
            }
        }
    }

    fn put(&mut self, tag: u64, place: u32) {
        let mut slot = self.home(tag);
        while self.slots[slot] != 0 {
            slot = self.after(slot);
        }
        self.slots[slot] = entry_of(tag, place);
    }

    /// The tag's high bits choose the slot, so growing keeps neighbours neighbours.
    fn home(&self, tag: u64) -> usize {
        ((tag * self.slots.len() as u64) >> 32) as usize
    }

    fn after(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}

fn tag_of(hash: u64) -> u64 {
    // The multiplication spreads hashes whose entropy sits in the low bits.
    hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
}

/// Plus one, because an empty slot is zero.
fn entry_of(tag: u64, place: u32) -> u64 {
    (tag << 32) | (u64::from(place) + 1)
}

fn place_of(entry: u64) -> u32 {
    ((entry & 0xFFFF_FFFF) - 1) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_set_holds_even_when_hashes_collide(
            steps in vec((any::<bool>(), 0..8_u64, 0..40_u32), 0..400),
        ) {
            let mut index = HashIndex::default();
            let mut set = HashSet::new();
            for (adds, hash, place) in steps {
                if adds {
                    if set.insert((hash, place)) {
                        index.insert(hash, place);
                    }
                } else {
                    prop_assert_eq!(index.remove(hash, place), set.remove(&(hash, place)));
                }
                for &(hash, place) in &set {
                    prop_assert_eq!(index.find(hash, |found| found == place), Some(place));
                }
                prop_assert_eq!(index.len, set.len());
            }
        }
    }
}
