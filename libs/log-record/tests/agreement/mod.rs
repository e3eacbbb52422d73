//! Whether the ways of reading a record agree.

use log_record::{
    DecodeError, Hints, Identity, Instance, LogRecord, Peek, Records, Timestamp, decode,
};
use proptest::prelude::*;

pub(crate) fn hints() -> Hints<'static> {
    Hints::new(Timestamp::from_millis(0))
}

/// The records of a message.
pub(crate) fn the_short_way(message: &[u8]) -> Result<Vec<LogRecord<'_>>, DecodeError> {
    decode(message, &hints()).map(|records| all(&records))
}

/// The same, read without the short way for our own.
pub(crate) fn the_long_way(message: &[u8]) -> Result<Vec<LogRecord<'_>>, DecodeError> {
    let mut hints = hints();
    hints.explain = true;
    decode(message, &hints).map(|records| all(&records))
}

fn all<'a>(records: &Records<'a>) -> Vec<LogRecord<'a>> {
    let records = records.as_slice().iter();
    records.map(|decoded| decoded.record.clone()).collect()
}

/// Whether a glance saw what the record has.
pub(crate) fn agrees(
    peeked: &Peek<'_>,
    decoded: &LogRecord<'_>,
    message: &str,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(peeked.level, decoded.level, "{}", message);
    let service = peeked.service.unwrap_or(hints().service);
    prop_assert_eq!(service, decoded.service.as_ref(), "{}", message);
    let number = |identity: Identity<'_>| (Instance::parse(identity.instance), Some(identity.seq));
    let seen = peeked.identity.map_or((None, None), number);
    // A number without an instance numbers nothing.
    if decoded.instance.is_some() && decoded.seq.is_some() {
        prop_assert_eq!(seen, (decoded.instance, decoded.seq), "{}", message);
    } else {
        prop_assert!(seen.0.is_none(), "{}", message);
    }
    Ok(())
}
