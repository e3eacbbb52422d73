//! A glance at level and service never contradicts the decoder, whatever family a message is of and however its keys are
//! turned around: an ERROR that is not seen at a glance is one that is missed.

#[path = "messages/lines.rs"]
mod lines;
#[path = "messages/members.rs"]
mod members;
mod messages;

use std::fs;
use std::sync::LazyLock;

use log_record::{
    Format, Hints, Instance, Peek, Records, Severity, Timestamp, decode, peek, peek_text,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Map, Value};

use lines::{lines, piece};
use members::member;

/// Neither level nor service are those of any message.
fn hints(format: Option<Format>) -> Hints<'static> {
    let mut hints = Hints::new(Timestamp::from_millis(1_795_212_916_515));
    hints.format = format;
    hints.level = Severity::Trace;
    hints.service = "of nobody";
    hints
}

/// A glance agrees with the decoder, whatever that is told about the message.
fn agrees(message: &[u8]) -> Result<(), TestCaseError> {
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

/// As many cases as are asked for, or a good number.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = default.cases.max(2_000);
    ProptestConfig { cases, ..default }
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

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_glance_at_lines_of_whatever_pieces_agrees(line in lines()) {
        agrees(line.as_bytes())?;
    }

    #[test]
    fn a_glance_at_lines_that_have_been_changed_agrees(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, prop::option::of(piece())), 0..4),
        wrapper in prop::sample::select(&["", "2026-11-20T22:15:16Z stdout F ", "<14>Nov 20 22:15:16 h a: "][..]),
    ) {
        let mut line: String = which.get(&LINES).clone();
        for (at, cut, piece) in changes {
            let characters: Vec<char> = line.chars().collect();
            let at = at.index(characters.len() + 1);
            let behind = characters.iter().skip(at + cut);
            line = characters[..at].iter().collect();
            line.push_str(piece.as_deref().unwrap_or_default());
            line.extend(behind);
        }
        agrees((wrapper.to_owned() + &line).as_bytes())?;
    }
}

/// The messages of one line that are no JSON.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let messages = messages::ALL.iter();
    messages
        .filter_map(|message| String::from_utf8(message.clone()).ok())
        .filter(|message| !message.starts_with('{') && !message.trim().contains('\n'))
        .collect()
});

#[test]
fn a_glance_at_a_line_tells_level_and_service() {
    for (line, level, service) in [
        (
            "level=warn service=a msg=\"said \\\"x\\\"\" b",
            Severity::Warn,
            Some("a"),
        ),
        ("at=info service=30ms method=GET", Severity::Info, None),
        (
            "<14>Nov 20 22:15:16 host cron[12]: ran",
            Severity::Info,
            Some("cron"),
        ),
        (
            "<132>1 2026-11-20T22:15:16Z host app - - [a b=\"c\"] said",
            Severity::Warn,
            Some("app"),
        ),
        (
            "<14>Nov 20 22:15:16 host app: @cee:{\"level\":\"debug\",\"msg\":\"m\"}",
            Severity::Debug,
            Some("app"),
        ),
        (
            "Nov 20 22:15:16 host app[1]: WARN said",
            Severity::Warn,
            Some("app"),
        ),
        ("2026-11-20 22:15:16 DEBUG a: said", Severity::Debug, None),
        ("nothing is told", Severity::Trace, None),
        (
            "2026-11-20T22:15:16Z stdout F level=warn app=a msg=m",
            Severity::Warn,
            Some("a"),
        ),
        (
            "2026-11-20T22:15:16Z stdout F 2026-11-20 22:15:16 WARN said",
            Severity::Warn,
            None,
        ),
    ] {
        let peeked = peek_text(line.as_bytes(), Severity::Trace);
        let peeked = peeked.map(|peeked| (peeked.level, peeked.service));
        assert_eq!(peeked, Some((level, service)), "{line}");
        agrees(line.as_bytes()).unwrap();
    }
}

#[test]
fn a_glance_at_a_line_is_left_to_the_decoder_where_it_is_not_certain() {
    for line in [
        "",
        "ERROR said",
        "<11>Nov 20 22:15:16 host app: said",
        "level=error msg=m",
        "level=info msg=\"\\u007b\\\"level\\\":\\\"error\\\"}\"",
        "level=\u{1b}[31merror\u{1b}[0m severity=info",
        // Not every year has the day, and a year that is written may lie ahead.
        "<14>Feb 29 22:15:16 host app: said",
        "<14>Nov 20 2026 22:15:16 host app: said",
        "2026-11-20T22:15:16Z {\"level\":\"error\",\"msg\":\"m\"}",
        "\u{feff}{\"level\":\"error\",\"msg\":\"m\"}",
        "\"level=error msg=m\"",
        "said\nERROR said",
    ] {
        assert_eq!(peek_text(line.as_bytes(), Severity::Trace), None, "{line}");
    }
    assert_eq!(peek_text(b"said", Severity::Error), None);
}

/// Each is one thing at first sight and another one to the decoder.
#[test]
fn a_glance_at_lines_that_mislead_agrees() {
    for line in [
        // No version of GELF, whose levels are those of syslog.
        "version=1.1 level=4 msg=m",
        "version=1.1 level=30 msg=m",
        "at=\"err\\u006fr\" PRIORITY=6",
        "level=info service=\"3\\u0030ms\"",
        // Without a message the whole line is one.
        "Nov 20 22:15:16 host ERROR[1]:",
        "Nov 20 22:15:16 host app[1]: {\"level\":\"error\",\"msg\":\"m\"}",
        "<14>1 2026-11-20T22:15:16Z host  - - - said",
        // A backslash and a letter, which is no line feed here.
        "2026-11-20T22:15:16Z stdout F {\"level\":\"warn\",\"msg\":\"m\"}\\n",
        "\u{2003}{\"level\":\"error\",\"msg\":\"m\"}",
        "\u{2003}[{\"level\":\"error\",\"msg\":\"m\"}]",
        // An export request without a record.
        "\n\0",
    ] {
        agrees(line.as_bytes()).unwrap();
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

#[test]
fn many_lines_of_whatever_pieces_are_told_at_a_glance() {
    let mut runner = TestRunner::deterministic();
    let told = (0..1_000).filter(|_| {
        let line = lines().new_tree(&mut runner).unwrap().current();
        peek_text(line.as_bytes(), Severity::Trace).is_some()
    });
    assert!(told.count() > 300);
}
