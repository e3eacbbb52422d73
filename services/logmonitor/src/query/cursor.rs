//! Where a page ended, as opaque text that can stand in a URL.

use std::fmt;
use std::str::FromStr;

use log_record::Timestamp;

use super::filter::{Fingerprint, Order, Query};

const VERSION: u8 = 1;
/// Bytes before the checksum.
const BODY_LEN: usize = 42;
const LEN: usize = BODY_LEN + 8;

/// The place after the last event of a page, for the page that follows. Opaque; remembers the question, the order
/// and the time range it belongs to.
///
/// Pages follow on another in (timestamp, arrival), so no event comes twice and none that was there at the first
/// page is skipped, whatever arrives in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) order: Order,
    pub(crate) time: i64,
    pub(crate) arrival: u64,
    /// The range the first page meant.
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) fingerprint: u64,
}

/// A cursor cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// The text is not one of ours, or is damaged.
    #[error("cursor is damaged or was not made by this service")]
    Malformed,
    /// Another version of the monitor made it.
    #[error("cursor was made by another version of this service; start again from the first page")]
    Version,
    /// The filters are not those of the page it came from.
    #[error("cursor belongs to a search with other filters; start again from the first page")]
    OtherFilter,
    /// The order is not that of the page it came from.
    #[error("cursor belongs to a search in the other order; start again from the first page")]
    OtherOrder,
}

impl Cursor {
    /// Whether the cursor belongs to this query.
    pub(crate) fn check(&self, query: &Query) -> Result<(), CursorError> {
        if self.fingerprint != query.filter.fingerprint() {
            Err(CursorError::OtherFilter)
        } else if self.order != query.order {
            Err(CursorError::OtherOrder)
        } else {
            Ok(())
        }
    }

    fn to_bytes(self) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        bytes[0] = VERSION;
        bytes[1] = u8::from(self.order == Order::Ascending);
        bytes[2..10].copy_from_slice(&self.time.to_le_bytes());
        bytes[10..18].copy_from_slice(&self.arrival.to_le_bytes());
        bytes[18..26].copy_from_slice(&self.from.to_le_bytes());
        bytes[26..34].copy_from_slice(&self.to.to_le_bytes());
        bytes[34..42].copy_from_slice(&self.fingerprint.to_le_bytes());
        let checksum = checksum(&bytes[..BODY_LEN]);
        bytes[BODY_LEN..].copy_from_slice(&checksum.to_le_bytes());
        bytes
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Cursor, CursorError> {
        let bytes = bytes_of_hex(text).ok_or(CursorError::Malformed)?;
        if bytes.first().is_some_and(|&version| version != VERSION) {
            return Err(CursorError::Version);
        }
        let bytes: [u8; LEN] = bytes.try_into().map_err(|_| CursorError::Malformed)?;
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(word)
        };
        let order = match bytes[1] {
            0 => Order::Descending,
            1 => Order::Ascending,
            _ => return Err(CursorError::Malformed),
        };
        if word(BODY_LEN) != checksum(&bytes[..BODY_LEN]) {
            return Err(CursorError::Malformed);
        }
        Ok(Cursor {
            order,
            time: word(2) as i64,
            arrival: word(10),
            from: word(18) as i64,
            to: word(26) as i64,
            fingerprint: word(34),
        })
    }
}

impl Cursor {
    /// When the last event of the page happened.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        Timestamp::from_micros(self.time)
    }
}

/// Lower-case hex only, so that a cursor has one text form.
fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?));
    rest.is_empty().then(|| bytes.collect())?
}

/// Guards against damage, not against forgery: a forged cursor can only show what its filters allow.
fn checksum(body: &[u8]) -> u64 {
    let mut hash = Fingerprint::new();
    hash.bytes(b"cursor");
    hash.bytes(body);
    hash.state
}
