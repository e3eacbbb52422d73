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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::query::{Filter, TimeBound, time};

    fn cursor(query: &Query) -> Cursor {
        Cursor {
            order: query.order,
            time: -5,
            arrival: u64::MAX,
            from: i64::MIN,
            to: i64::MAX,
            fingerprint: query.filter.fingerprint(),
        }
    }

    #[test]
    fn a_cursor_reads_back_from_its_text() {
        let cursor = cursor(&Query::default());
        let text = cursor.to_string();
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_eq!(text.parse(), Ok(cursor));
    }

    #[test]
    fn a_cursor_that_was_touched_is_refused() {
        let text = cursor(&Query::default()).to_string();
        for at in 0..text.len() {
            let mut touched = text.clone().into_bytes();
            touched[at] = if touched[at] == b'0' { b'1' } else { b'0' };
            let touched = String::from_utf8(touched).unwrap();
            assert!(touched.parse::<Cursor>().is_err(), "{touched}");
            assert!(text[..at].parse::<Cursor>().is_err());
        }
        for wrong in [
            format!("{text}00"),
            text.to_uppercase(),
            format!(" {text}"),
            "zz".into(),
            "é".into(),
        ] {
            assert_eq!(
                wrong.parse::<Cursor>(),
                Err(CursorError::Malformed),
                "{wrong}"
            );
        }
        let newer = format!("02{}", &text[2..]);
        assert_eq!(newer.parse::<Cursor>(), Err(CursorError::Version));
    }

    #[test]
    fn a_cursor_of_another_search_is_refused() {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let filter = |change: &dyn Fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            filter
        };
        let bound = |text| time::parse(text, now).ok();
        let terms = |q| crate::query::parse(q).unwrap();
        let filters = [
            Filter::default(),
            filter(&|f| f.services = vec!["a".into()]),
            filter(&|f| f.services = vec!["a".into(), "b".into()]),
            filter(&|f| f.services = vec!["ab".into()]),
            filter(&|f| f.hosts = vec!["a".into()]),
            filter(&|f| f.levels = vec![log_record::Severity::Error]),
            filter(&|f| f.terms = terms("a")),
            filter(&|f| f.terms = terms("-a")),
            filter(&|f| f.terms = terms("a:b")),
            filter(&|f| f.terms = terms("-a:b")),
            filter(&|f| f.terms = terms("a:*")),
            filter(&|f| f.terms = terms("a:\"*\"")),
            filter(&|f| f.terms = terms("host:x")),
            filter(&|f| f.terms = terms("fields.host:x")),
            filter(&|f| f.from = bound("-15m")),
            filter(&|f| f.from = bound("-16m")),
            filter(&|f| f.from = bound("-15m").map(|bound| TimeBound::from(bound.at))),
            filter(&|f| f.to = bound("-15m")),
            filter(&|f| f.trace_id = Some("a".into())),
        ];
        for (a, mine) in filters.iter().enumerate() {
            let query = Query {
                filter: mine.clone(),
                ..Query::default()
            };
            let cursor = cursor(&query);
            for (b, other) in filters.iter().enumerate() {
                let query = Query {
                    filter: other.clone(),
                    ..Query::default()
                };
                assert_eq!(cursor.check(&query).is_ok(), a == b, "{mine:?} {other:?}");
            }
            let other_order = Query {
                order: Order::Ascending,
                ..query
            };
            assert_eq!(cursor.check(&other_order), Err(CursorError::OtherOrder));
        }
    }

    #[test]
    fn a_relative_range_is_the_same_search_a_moment_later() {
        let query = |millis| Query {
            filter: Filter {
                from: time::parse("-15m", Timestamp::from_millis(millis)).ok(),
                ..Filter::default()
            },
            ..Query::default()
        };
        assert_eq!(
            cursor(&query(1_795_000_000_000)).check(&query(1_795_000_007_000)),
            Ok(())
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[0-9a-f]{0,120}|\\PC{0,20}") {
            prop_assert!(text.parse::<Cursor>().is_err());
        }
    }
}
