//! What no library here writes, after the documentation of those that do: level, time and service are what a reader of
//! the message would say.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "messages/by_hand.rs"]
mod messages;

use log_record::{Hints, Timestamp, decode};

#[test]
fn level_time_and_service_are_what_a_reader_would_say() {
    let hints = Hints::new(Timestamp::parse("2026-11-20T12:00:00Z").unwrap());
    let mut wrong = Vec::new();
    for case in messages::BY_HAND.iter() {
        let (name, message) = (&case["name"], case["in"].as_str().unwrap());
        let expected = case["records"].as_array().unwrap();
        let records = match decode(message.as_bytes(), &hints) {
            Ok(records) => records,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        let records = records.as_slice();
        if records.len() != expected.len() {
            wrong.push(format!("{name}: {} records", records.len()));
            continue;
        }
        for (decoded, expected) in records.iter().zip(expected) {
            let record = &decoded.record;
            for (field, found) in [
                ("level", record.level.as_str()),
                ("timestamp", &record.timestamp.to_string()),
                ("service", &record.service),
                ("message", &record.message),
            ] {
                let is_told = expected.get(field).is_some();
                if is_told && expected[field] != found {
                    wrong.push(format!(
                        "{name}: {field} is {found:?}, not {}",
                        expected[field]
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
