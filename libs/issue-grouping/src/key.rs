//! The key of an issue: 128 bits that are the same wherever and whenever it is computed from the same.

use std::fmt;

use xxhash_rust::xxh3::{Xxh3, xxh3_128_with_seed};

/// Version of the whole scheme: masking, evidence, hashing. A change that would give the same error another key needs
/// another version, because the keys are kept for good.
pub const VERSION: u8 = 1;
const SEED: u64 = VERSION as u64;
/// Parts that are longer together are hashed one by one.
const MAX_JOINED: usize = 256;

/// Names an issue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueKey(pub u128);

impl IssueKey {
    /// Reads exactly 32 hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<IssueKey> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hex {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(IssueKey)
    }

    /// The key of parts. Their lengths count, so that `ab` `c` differs from `a` `bc`.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]> + Clone) -> IssueKey {
        // Short parts are hashed in one piece: preparing a hash that takes pieces costs more than the hash.
        let mut joined = Joined::default();
        let fit =
            |part: &[u8]| joined.push(&(part.len() as u64).to_le_bytes()) && joined.push(part);
        if parts.clone().into_iter().all(fit) {
            return IssueKey(xxh3_128_with_seed(joined.bytes(), SEED));
        }
        let mut hash = Xxh3::with_seed(SEED);
        for part in parts {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        IssueKey(hash.digest128())
    }
}

/// Bytes in one piece, as many as fit.
struct Joined {
    bytes: [u8; MAX_JOINED],
    len: usize,
}

impl Default for Joined {
    fn default() -> Joined {
        Joined {
            bytes: [0; MAX_JOINED],
            len: 0,
        }
    }
}

impl Joined {
    /// Whether `part` has fitted.
    fn push(&mut self, part: &[u8]) -> bool {
        let end = self.len + part.len();
        let Some(place) = self.bytes.get_mut(self.len..end) else {
            return false;
        };
        place.copy_from_slice(part);
        self.len = end;
        true
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl fmt::Display for IssueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for IssueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssueKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys are kept for good, so that these must never change.
    #[test]
    fn keys_are_what_they_have_always_been() {
        let of =
            |parts: &[&str]| IssueKey::of(parts.iter().map(|part| part.as_bytes())).to_string();
        assert_eq!(
            of(&["booking", "type", "IOException", "", ""]),
            "f8fc90dc6fa48b87737c7c1ca259fb5a"
        );
        assert_eq!(of(&["ab", "c"]), "44d67aeba40f1d6728a8765d2a3961d4");
        assert_eq!(of(&["a", "bc"]), "0e03b8de96a7190984c6690c42f1eeb1");
        assert_eq!(of(&[]), "d9265cc53bb2b9ae6131b78f753823cd");
    }

    #[test]
    fn hashed_in_one_piece_or_part_by_part_the_key_is_the_same() {
        let text: Vec<u8> = (0..2 * MAX_JOINED).map(|at| (at * 7) as u8).collect();
        for len in 0..text.len() {
            let (first, second) = text[..len].split_at(len / 3);
            let mut hash = Xxh3::with_seed(SEED);
            for part in [first, second] {
                hash.update(&(part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            assert_eq!(
                IssueKey::of([first, second]).0,
                hash.digest128(),
                "{len} bytes"
            );
        }
    }
}
