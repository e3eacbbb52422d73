//! What identifies a record, as hashes: its own identity, or else its payload.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use log_record::Instance;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::store::arrival::Arrival;
use crate::store::stored_form::PayloadHashes;

/// The hash of what identifies a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IdentityHash {
    Own {
        hash: u64,
        instance: Instance,
        seq: u64,
    },
    Payload(PayloadKey),
}

/// The two hashes of a payload, and the record's place in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PayloadKey {
    pub(super) hashes: PayloadHashes,
    pub(super) index: Option<u32>,
}

/// How identities are hashed.
#[derive(Debug)]
pub(super) struct Hashing {
    own: RandomState,
    /// Of the hashes of payloads, which have to be the same after a restart.
    payload_seed: u64,
    /// All ones; fewer in tests, to force collisions.
    mask: u64,
}

impl Hashing {
    pub(super) fn new(payload_seed: u64) -> Hashing {
        Hashing {
            own: RandomState::default(),
            payload_seed,
            mask: u64::MAX,
        }
    }

    /// Makes hashes collide: only the bits of `mask` are left of them.
    #[cfg(test)]
    pub(super) fn weaken(&mut self, mask: u64) {
        self.mask = mask;
    }

    pub(super) fn own(&self, instance: Instance, seq: u64) -> u64 {
        self.own.hash_one((instance, seq)) & self.mask
    }

    /// Hashes what identifies a record: its own identity, or else the payload. Records of one message differ by
    /// their index.
    pub(super) fn identity(&self, arrival: &Arrival<'_>) -> IdentityHash {
        if let (Some(instance), Some(seq)) = (arrival.record.instance, arrival.record.seq) {
            return IdentityHash::Own {
                hash: self.own(instance, seq),
                instance,
                seq,
            };
        }
        let index = arrival.coordinates.index;
        let digest = xxh3_128_with_seed(arrival.payload, self.payload_seed);
        // The records of one message must not share a slot.
        let spread = u64::from(index.unwrap_or_default()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let hashes = PayloadHashes {
            hash: (digest as u64 ^ spread) & self.mask,
            check: (digest >> 64) as u64 & self.mask,
        };
        IdentityHash::Payload(PayloadKey { hashes, index })
    }
}
