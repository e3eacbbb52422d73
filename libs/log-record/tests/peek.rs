//! A glance at level and service never contradicts the decoder, whatever family a message is of and however its keys are
//! turned around: an ERROR that is not seen at a glance is one that is missed.

mod messages;

use std::sync::LazyLock;

use log_record::{Hints, Instance, Records, Timestamp, decode, peek};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Map, Value};

fn hints() -> Hints<'static> {
    Hints::new(Timestamp::from_millis(1_795_212_916_515))
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
fn a_glance_is_enough_where_level_and_service_stand_first() {
    let enough = OBJECTS.iter().filter(|object| {
        let object = Value::Object((*object).clone()).to_string();
        let message = format!("{{\"level\":\"INFO\",\"service\":\"a\",{}", &object[1..]);
        peek(message.as_bytes()).is_some()
    });
    assert!(enough.count() * 10 > OBJECTS.len() * 9);
}

#[test]
fn a_glance_at_what_real_loggers_wrote_agrees() {
    for message in messages::ALL.iter() {
        agrees(message).unwrap();
    }
}

/// The JSON objects among the messages.
static OBJECTS: LazyLock<Vec<Map<String, Value>>> = LazyLock::new(|| {
    let messages = messages::ALL.iter();
    messages
        .filter_map(|message| serde_json::from_slice(message).ok())
        .collect()
});

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
        let mut object = which.get(&OBJECTS).clone();
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

    #[test]
    fn a_glance_at_members_that_were_doubled_nested_or_cut_agrees(
        which in any::<prop::sample::Index>(),
        first in prop::collection::vec(member(), 0..4),
        last in prop::collection::vec(member(), 0..4),
        group in prop::option::of(prop_oneof![Just("log"), Just("fields"), Just("error"), Just("service"), Just("x")]),
        cut in prop::option::of(any::<prop::sample::Index>()),
        space in prop_oneof![Just(""), Just(" ")],
    ) {
        let object = Value::Object(which.get(&OBJECTS).clone()).to_string();
        let inside = object[1..object.len() - 1].to_owned();
        let inside = match group {
            Some(group) => format!("\"{group}\":{{{inside}}}"),
            None => inside,
        };
        let members: Vec<String> = first
            .into_iter()
            .chain((!inside.is_empty()).then_some(inside))
            .chain(last)
            .collect();
        let mut text = format!("{{{space}{}{space}}}", members.join(&format!("{space},{space}")));
        if let Some(cut) = cut {
            let at = (0..=cut.index(text.len())).rev().find(|at| text.is_char_boundary(*at));
            text.truncate(at.unwrap_or_default());
            text.push('}');
        }
        agrees(text.as_bytes())?;
    }
}

/// A member that tells, or raises, a level or a service: in every way that a logger has.
fn member() -> impl Strategy<Value = String> {
    let level = prop_oneof![
        4 => Just("level"),
        1 => Just("severity"),
        1 => Just("log.level"),
        1 => Just("severityText"),
        1 => Just("levelname"),
        1 => Just("@l"),
        1 => Just("lvl"),
        1 => Just("PRIORITY"),
        1 => Just("severityNumber"),
        1 => Just("LEVEL"),
    ];
    let said = prop_oneof![
        3 => Just("\"INFO\""),
        2 => Just("\"ERROR\""),
        1 => Just("\"fatal\""),
        1 => Just("\"E\""),
        1 => Just("\"[ERROR]\""),
        1 => Just("\"ERROR2\""),
        1 => Just("\"CRITICAL\""),
        1 => Just("\"odd\""),
        1 => Just("\"\""),
        1 => Just("null"),
        1 => Just("50"),
        1 => Just("\"3\""),
        1 => Just("{\"name\":\"ERROR\"}"),
    ];
    let service = prop_oneof![
        4 => Just("\"service\":\"a\""),
        1 => Just("\"service\":{\"name\":\"b\"}"),
        1 => Just("\"service.name\":\"c\""),
        1 => Just("\"service\":\"\""),
        1 => Just("\"log\":\"{\\\"level\\\":\\\"ERROR\\\",\\\"service\\\":\\\"d\\\"}\""),
        1 => Just("\"message\":\"ERROR e\""),
        1 => Just("\"short_message\":\"f\""),
        1 => Just("\"instance\":\"000000000000000000000000000001af\""),
        1 => Just("\"seq\":7"),
        1 => Just("\"schema\":1"),
        1 => Just("\"@t\":\"x\""),
    ];
    prop_oneof![
        (level, said).prop_map(|(key, value)| format!("\"{key}\":{value}")),
        service.prop_map(str::to_owned),
    ]
}
