//! The key of an issue: 128 bits that are the same wherever and whenever it is computed from the same.

use std::fmt;

use xxhash_rust::xxh3::Xxh3;

/// Version of the whole scheme: masking, evidence, hashing. A change that would give the same error another key needs
/// another version, because the keys are kept for good.
pub const VERSION: u8 = 1;

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
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> IssueKey {
        let mut hash = Xxh3::with_seed(u64::from(VERSION));
        for part in parts {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        IssueKey(hash.digest128())
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
