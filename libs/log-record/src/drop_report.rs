//! What a producer says of records it could not send: one WARN of target `tracing_kafka` when it can send again, with
//! two numbers among its `fields`, each a sum since the process started.

use memchr::memmem;

/// Records of one instance that were dropped, since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DropReport {
    /// Those that had their `seq` already (`fields.dropped_with_seq`): each is missing in the sequence.
    pub with_seq: u64,
    /// Those that had none yet (`fields.dropped_without_seq`): the sequence does not show them.
    pub without_seq: u64,
}

impl DropReport {
    /// Reads the report out of a record as our layer writes it; `None` for every other record. Much cheaper than
    /// decoding: it may be asked of every WARN.
    #[must_use]
    pub fn find(payload: &[u8]) -> Option<DropReport> {
        // A key in a text would have its quotes escaped, and so would not be found.
        let with_seq = number_at(payload, b"\"dropped_with_seq\":")?;
        memmem::find(payload, b"\"target\":\"tracing_kafka\"")?;
        Some(DropReport {
            with_seq,
            without_seq: number_at(payload, b"\"dropped_without_seq\":")?,
        })
    }
}

/// The whole number behind a key.
fn number_at(payload: &[u8], key: &[u8]) -> Option<u64> {
    let rest = &payload[memmem::find(payload, key)? + key.len()..];
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_told_from_a_record_about_one() {
        let report = br#"{"level":"WARN","target":"tracing_kafka","message":"3 records dropped","fields":{"dropped_with_seq":2,"dropped_without_seq":1}}"#;
        let expected = DropReport {
            with_seq: 2,
            without_seq: 1,
        };
        assert_eq!(DropReport::find(report), Some(expected));
        for other in [
            r#"{"target":"tracing_kafka","message":"\"dropped_with_seq\":2,\"dropped_without_seq\":1"}"#,
            r#"{"target":"shop","fields":{"dropped_with_seq":2,"dropped_without_seq":1}}"#,
            r#"{"target":"tracing_kafka","fields":{"dropped_with_seq":2}}"#,
            r#"{"target":"tracing_kafka","fields":{"dropped_with_seq":"2","dropped_without_seq":1}}"#,
            r#"{"target":"tracing_kafka","fields":{"dropped_with_seq":99999999999999999999,"dropped_without_seq":1}}"#,
            "",
        ] {
            assert_eq!(DropReport::find(other.as_bytes()), None, "{other}");
        }
    }
}
