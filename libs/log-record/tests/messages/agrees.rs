//! Whether a glance at a message says what the decoder says.

use log_record::{
    Format, Hints, Instance, Peek, Records, Severity, Timestamp, decode, peek, peek_text,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// As many cases as are asked for, or a good number.
pub(crate) fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = default.cases.max(2_000);
    ProptestConfig { cases, ..default }
}

/// Neither level nor service are those of any message.
fn hints(format: Option<Format>) -> Hints<'static> {
    let mut hints = Hints::new(Timestamp::from_millis(1_795_212_916_515));
    hints.format = format;
    hints.level = Severity::Trace;
    hints.service = "of nobody";
    hints
}

/// A glance agrees with the decoder, whatever that is told about the message.
pub(crate) fn agrees(message: &[u8]) -> Result<(), TestCaseError> {
    for format in [None, Some(Format::OtlpProtobuf), Some(Format::Text)] {
        agrees_with(peek(message), message, &hints(format))?;
    }
    // In a leap year and another one, and far from both; where no level is told, it is one or the other.
    for (millis, level) in [
        (1_795_212_916_515, Severity::Trace),
        (1_709_210_000_000, Severity::Warn),
        (0, Severity::Error),
    ] {
        let mut hints = hints(None);
        hints.timestamp = Timestamp::from_millis(millis);
        hints.level = level;
        agrees_with(peek_text(message, level), message, &hints)?;
    }
    Ok(())
}

/// A glance agrees with the decoder; at a container there is none.
fn agrees_with(
    peeked: Option<Peek<'_>>,
    message: &[u8],
    hints: &Hints<'_>,
) -> Result<(), TestCaseError> {
    let Some(peeked) = peeked else {
        return Ok(());
    };
    let text = String::from_utf8_lossy(message);
    // What is malformed further on is not seen at a glance.
    let Ok(records) = decode(message, hints) else {
        return Ok(());
    };
    let Records::One(decoded) = records else {
        return Err(TestCaseError::fail(format!(
            "a glance at a container: {text}"
        )));
    };
    prop_assert_eq!(peeked.level, decoded.record.level, "{}", text);
    let service = peeked.service.unwrap_or(hints.service);
    prop_assert_eq!(service, decoded.record.service.as_ref(), "{}", text);
    if let Some(identity) = peeked.identity {
        prop_assert_eq!(
            Instance::parse(identity.instance),
            decoded.record.instance,
            "{}",
            text
        );
        prop_assert_eq!(Some(identity.seq), decoded.record.seq, "{}", text);
    }
    Ok(())
}
