//! A glance at level and service never contradicts the decoder, whatever family a message is of and however its keys are
//! turned around: an ERROR that is not seen at a glance is one that is missed.

#[path = "messages/agrees.rs"]
mod agrees;
#[path = "messages/members.rs"]
mod members;
mod messages;

use std::fs;
use std::sync::LazyLock;

use log_record::{Severity, peek, peek_text};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value};

use agrees::{agrees, config};
use members::member;

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

/// The families whose INFO is a container of records.
const NOT_TOLD: [&str; 2] = ["otlp-json", "otlp-protobuf"];

#[test]
fn a_glance_at_an_info_of_any_logger_is_enough() {
    let families = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata")).unwrap();
    let mut not_told = Vec::new();
    let mut told = 0;
    for family in families {
        let family = family.unwrap();
        let Ok(info) = fs::read(family.path().join("info.in")) else {
            continue;
        };
        match peek(&info).or_else(|| peek_text(&info, Severity::Trace)) {
            Some(peeked) => {
                assert_eq!(peeked.level, Severity::Info);
                told += 1;
            }
            None => not_told.push(family.file_name().into_string().unwrap()),
        }
    }
    not_told.sort();
    assert_eq!(not_told, NOT_TOLD);
    assert!(told >= 20, "{told}");
}

#[test]
fn a_glance_tells_whose_record_it_is_wherever_that_stands() {
    for (message, level, service) in [
        (
            r#"{"level":30,"pid":1,"hostname":"h","name":"a","msg":"m"}"#,
            Severity::Info,
            Some("a"),
        ),
        (
            r#"{"levelname":"DEBUG","name":"a.b","message":"m","lineno":1}"#,
            Severity::Debug,
            None,
        ),
        (
            r#"{"log":{"level":"warn"},"service":{"name":"a"},"x":[{"level":"ERROR"}]}"#,
            Severity::Warn,
            Some("a"),
        ),
        (
            r#"{"severity":"INFO","level":50,"app":"b","service.name":"a"}"#,
            Severity::Info,
            Some("a"),
        ),
        (
            r#"{"version":"1.1","short_message":"m","level":4,"_service":"a"}"#,
            Severity::Warn,
            Some("a"),
        ),
        (r#"{"@t":"x","@mt":"m"}"#, Severity::Info, None),
        (
            r#"{"log":"{\"level\":\"warn\",\"app\":\"a\",\"msg\":\"\\u007b\"}\n","stream":"stderr"}"#,
            Severity::Warn,
            Some("a"),
        ),
        (
            r#"{"message":"{\"level\":30,\"msg\":\"m\"}","kubernetes":{"container_name":"a"}}"#,
            Severity::Info,
            Some("a"),
        ),
        (
            r#"{"severity":"INFO","message":7,"log":"{\"level\":\"warn\",\"msg\":\"m\"}"}"#,
            Severity::Warn,
            None,
        ),
        // The line of a collector stands in the outermost object.
        (
            r#"{"severity":"INFO","stream":"a","jsonPayload":{"message":"{\"level\":\"warn\",\"msg\":\"m\"}"}}"#,
            Severity::Info,
            None,
        ),
        (
            r#"{"severityNumber":5,"service_name":"a"}"#,
            Severity::Debug,
            Some("a"),
        ),
    ] {
        let peeked = peek(message.as_bytes()).unwrap();
        assert_eq!(
            (peeked.level, peeked.service),
            (level, service),
            "{message}"
        );
        agrees(message.as_bytes()).unwrap();
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
    #![proptest_config(config())]

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
    fn a_glance_at_members_of_all_loggers_in_one_agrees(
        members in prop::collection::vec(member(), 1..8),
        group in prop::option::of(prop::sample::select(&["log", "record", "service", "kubernetes", "x"][..])),
    ) {
        let (outside, inside) = members.split_at(members.len() / 2);
        let text = match group {
            Some(group) => format!("{{{}{}\"{group}\":{{{}}}}}", outside.join(","), if outside.is_empty() { "" } else { "," }, inside.join(",")),
            None => format!("{{{}}}", members.join(",")),
        };
        agrees(text.as_bytes())?;
    }

    #[test]
    fn a_glance_at_a_record_in_the_line_of_another_agrees(
        outside in prop::collection::vec(member(), 0..4),
        inside in prop_oneof![
            prop::collection::vec(member(), 1..6).prop_map(|members| format!("{{{}}}", members.join(","))),
            any::<prop::sample::Index>().prop_map(|which| {
                let message: &Vec<u8> = which.get(&messages::ALL);
                String::from_utf8_lossy(message).into_owned()
            }),
        ],
        at in any::<prop::sample::Index>(),
        key in prop::sample::select(&["log", "log", "MESSAGE", "message", "msg", "body", "textPayload"][..]),
        around in prop::sample::select(&["", " ", "\n", "\u{2003}", "x", "{}", "\u{feff}"][..]),
        every in prop_oneof![4 => Just(usize::MAX), 1 => 1_usize..20],
        is_behind in any::<bool>(),
    ) {
        let line = if is_behind { inside + around } else { around.to_owned() + &inside };
        for time in ["2026-11-20T22:15:16Z", "x"] {
            agrees(format!("{time} stdout F {}{line}", if is_behind { "" } else { " " }).as_bytes())?;
        }
        let mut members = outside;
        members.insert(at.index(members.len() + 1), format!("\"{key}\":{}", escaped(&line, every)));
        agrees(format!("{{{}}}", members.join(",")).as_bytes())?;
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

/// How many records of others are told at a glance, so that the tests above are about something.
#[test]
fn many_records_of_others_that_were_turned_around_are_told_at_a_glance() {
    let mut runner = TestRunner::deterministic();
    let records = prop::collection::vec(member(), 1..6);
    let told = (0..1_000).filter(|_| {
        let members = records.new_tree(&mut runner).unwrap().current();
        peek(format!("{{{}}}", members.join(",")).as_bytes()).is_some()
    });
    assert!(told.count() > 150);
}
