//! A glance at level and service never contradicts the decoder, whatever family a message is of and however its keys are
//! turned around: an ERROR that is not seen at a glance is one that is missed.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use log_record::{Hints, Instance, Records, Timestamp, decode, peek};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Map, Value};

fn hints() -> Hints<'static> {
    Hints::new(Timestamp::from_millis(1_795_212_916_515))
}

/// Every message of the golden records.
fn messages() -> Vec<Vec<u8>> {
    let families = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata")).unwrap();
    let mut paths = Vec::new();
    for family in families.map(|entry| entry.unwrap().path()) {
        if family.is_dir() {
            let cases = fs::read_dir(family).unwrap();
            paths.extend(cases.map(|entry| entry.unwrap().path()));
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "in"));
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A glance agrees with the decoder; at a container there is none.
fn agrees(message: &[u8]) -> Result<(), TestCaseError> {
    let Some(peeked) = peek(message) else {
        return Ok(());
    };
    let text = String::from_utf8_lossy(message);
    // What is malformed further on is not seen at a glance.
    let Ok(records) = decode(message, &hints()) else {
        return Ok(());
    };
    let Records::One(decoded) = records else {
        return Err(TestCaseError::fail(format!(
            "a glance at a container: {text}"
        )));
    };
    prop_assert_eq!(peeked.level, decoded.record.level, "{}", text);
    prop_assert_eq!(peeked.service, decoded.record.service.as_ref(), "{}", text);
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

#[test]
fn a_glance_at_what_real_loggers_wrote_agrees() {
    for message in messages() {
        agrees(&message).unwrap();
    }
}

/// The JSON objects among the messages.
fn objects() -> Vec<Map<String, Value>> {
    let parsed = messages()
        .into_iter()
        .filter_map(|message| serde_json::from_slice(&message).ok());
    parsed.collect()
}

/// A string as JSON, with every so many characters written as an escape.
fn escaped(text: &str, every: usize) -> String {
    let mut json = String::from("\"");
    for (at, character) in text.chars().enumerate() {
        let mut units = [0; 2];
        if at % every == every - 1 || character < ' ' || matches!(character, '"' | '\\') {
            for unit in character.encode_utf16(&mut units) {
                json.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            json.push(character);
        }
    }
    json.push('"');
    json
}

/// An object with its members in another order, other white space and more escapes.
fn rewritten(object: &Map<String, Value>, order: &[usize], space: &str, every: usize) -> String {
    let mut members: Vec<(usize, String)> = object
        .iter()
        .enumerate()
        .map(|(at, (key, value))| {
            let value = match value {
                Value::String(text) => escaped(text, every),
                other => other.to_string(),
            };
            let member = format!("{}{space}:{space}{value}", escaped(key, every));
            (order[at % order.len()], member)
        })
        .collect();
    members.sort();
    let members: Vec<String> = members.into_iter().map(|(_, member)| member).collect();
    format!(
        "{{{space}{}{space}}}",
        members.join(&format!("{space},{space}"))
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_glance_at_rewritten_records_agrees(
        which in any::<prop::sample::Index>(),
        order in prop::collection::vec(any::<usize>(), 1..30),
        space in prop_oneof![Just(""), Just(" "), Just("\n"), Just("\t \r\n")],
        every in prop_oneof![Just(usize::MAX), 1_usize..20],
        level in prop::option::of(prop_oneof![Just("ERROR"), Just("info"), Just("odd"), Just("50")]),
        service in prop::option::of("[a-z]{0,3}"),
        tail in prop_oneof![Just(""), Just("\n"), Just("\n{\"level\":\"ERROR\"}"), Just("\r\n\r\n{}")],
    ) {
        let objects = objects();
        let mut object = which.get(&objects).clone();
        for (key, value) in [("level", level.map(str::to_owned)), ("service", service)] {
            if let Some(value) = value {
                object.insert(key.to_owned(), Value::String(value));
            }
        }
        let text = rewritten(&object, &order, space, every) + tail;
        agrees(text.as_bytes())?;
        agrees(format!("[{text}]").as_bytes())?;
        // A record as the line of another one.
        object.insert("log".to_owned(), Value::String(text));
        agrees(rewritten(&object, &order, space, usize::MAX).as_bytes())?;
    }
}
