//! Bytes nobody meant as a record: each gets a clear answer, none a panic, and a peek never contradicts the decoder.

use log_record::{
    DecodeError, Defaults, Instance, RawJson, Severity, Timestamp, decode, encode, peek,
};
use proptest::prelude::*;

fn defaults() -> Defaults<'static> {
    Defaults {
        timestamp: Timestamp::from_millis(0),
        level: Severity::Info,
        service: "unknown",
    }
}

#[test]
fn bytes_that_are_no_record_are_refused_with_the_reason() {
    assert!(matches!(decode(b"", &defaults()), Err(DecodeError::Empty)));
    assert!(matches!(
        decode(b" \n", &defaults()),
        Err(DecodeError::Empty)
    ));
    assert!(matches!(
        decode(b"abc\xff", &defaults()),
        Err(DecodeError::NotUtf8 { valid_up_to: 3 })
    ));
    for cut in [
        &b"{"[..],
        b"{\"level\":\"ERROR\"",
        b"{\"level\":\"ERROR\"} x",
        b"{\"level\":}",
    ] {
        assert!(
            matches!(decode(cut, &defaults()), Err(DecodeError::MalformedJson(_))),
            "{cut:?}"
        );
    }
}

#[test]
fn nesting_of_any_depth_is_passed_through() {
    let depth = 200_000;
    let message = format!(
        "{{\"level\":\"ERROR\",\"deep\":{}{}}}",
        "[".repeat(depth),
        "]".repeat(depth)
    );
    let record = decode(message.as_bytes(), &defaults()).unwrap();
    assert_eq!(record.level, Severity::Error);
    // As text, since most readers of the record would refuse to go that deep.
    let fields: serde_json::Value = serde_json::from_str(record.fields.unwrap().as_str()).unwrap();
    assert_eq!(fields["deep"].as_str().unwrap().len(), 2 * depth);
}

#[test]
fn numbers_that_no_float_can_hold_are_passed_on_as_text() {
    for message in [
        r#"{"level":"ERROR","fields":{"huge":1e999,"n":1}}"#,
        r#"{"level":"ERROR","huge":1e999,"n":1}"#,
    ] {
        let record = decode(message.as_bytes(), &defaults()).unwrap();
        assert_eq!(record.fields.unwrap().as_str(), r#"{"huge":"1e999","n":1}"#);
    }
}

#[test]
fn a_record_that_says_nothing_is_shown_as_it_is() {
    let record = decode(b"{\"a\":1}", &defaults()).unwrap();
    assert_eq!(record.message, "{\"a\":1}");
    assert_eq!(record.level, Severity::Info);
    assert_eq!(record.fields, Some(RawJson::from_trusted("{\"a\":1}")));
}

#[test]
fn text_beats_number_and_the_key_decides_what_a_number_means() {
    let cases = [
        (r#"{"levelno":50,"levelname":"ERROR"}"#, Severity::Error),
        (r#"{"levelno":50}"#, Severity::Critical),
        (r#"{"level":50}"#, Severity::Error),
        (r#"{"level":50,"severity":"critical"}"#, Severity::Critical),
        (
            r#"{"severityNumber":18,"severityText":"critical"}"#,
            Severity::Critical,
        ),
        (r#"{"severityNumber":18}"#, Severity::Error),
        (r#"{"level":3,"short_message":"x"}"#, Severity::Error),
        (r#"{"PRIORITY":"2","message":"x"}"#, Severity::Critical),
        (r#"{"level_value":40000}"#, Severity::Error),
    ];
    for (message, expected) in cases {
        assert_eq!(
            decode(message.as_bytes(), &defaults()).unwrap().level,
            expected,
            "{message}"
        );
    }
}

#[test]
fn our_own_records_are_peeked_at_without_decoding() {
    let own = include_bytes!("../testdata/own-full.in");
    let peeked = peek(own).unwrap();
    assert_eq!(
        (peeked.level, peeked.service),
        (Severity::Critical, "usermanagement")
    );
    let identity = peeked.identity.unwrap();
    let record = decode(own, &defaults()).unwrap();
    assert_eq!(Instance::parse(identity.instance), record.instance);
    assert_eq!(Some(identity.seq), record.seq);
    // Python's json.dumps writes a space after the colon.
    let spaced =
        peek(br#"{"asctime": "x", "level": "ERROR", "n": 1.5, "service": "cart"}"#).unwrap();
    assert_eq!((spaced.level, spaced.service), (Severity::Error, "cart"));
}

#[test]
fn a_peek_is_not_sure_of_what_it_cannot_see() {
    for unsure in [
        r#"{"service":"a","severity":"INFO"}"#,
        r#"{"l\u0065vel":"ERROR","level":"INFO","service":"a"}"#,
        r#"{"level":"\u0045RROR","service":"a"}"#,
        r#"{"level":50,"service":"a"}"#,
        r#"{"level":"INFO","service":"a","message":"cut o"#,
        "ERROR plain text",
        "",
    ] {
        assert_eq!(peek(unsure.as_bytes()), None, "{unsure}");
    }
}

/// Members that a reader could stumble over, in any order and number.
fn members() -> impl Strategy<Value = Vec<(String, String)>> {
    let key = prop_oneof![
        Just("level"),
        Just("service"),
        Just("severity"),
        Just("levelno"),
        Just("message"),
        Just("fields"),
        Just("log"),
        Just("l\\u0065vel"),
        Just("service.name"),
        Just("timestamp"),
        Just("x"),
        Just("error"),
        Just("host"),
        Just("instance"),
        Just("instance"),
        Just("seq"),
        Just("seq"),
    ]
    .prop_map(str::to_owned);
    let value = prop_oneof![
        Just("\"INFO\""),
        Just("\"ERROR\""),
        Just("\"error \""),
        Just("\"\\u0045RROR\""),
        Just("50"),
        Just("null"),
        Just("\"\""),
        Just("\"a\""),
        Just("{\"level\":\"ERROR\",\"a\":1}"),
        Just("[1]"),
        Just("true"),
        Just("-1.5e3"),
        Just("7"),
        Just("\"000000000000000000000000000001aF\""),
    ]
    .prop_map(str::to_owned);
    // As often as not something that begins as our own records do.
    let own = [
        ("level", "\"INFO\""),
        ("service", "\"a\""),
        ("instance", "\"000000000000000000000000000001af\""),
        ("seq", "7"),
    ];
    let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
    (
        prop::collection::vec((key.clone(), value.clone()), 0..2),
        0..=own.len(),
        prop::collection::vec((key, value), 0..8),
    )
        .prop_map(move |(before, taken, behind)| [&before, &own[..taken], &behind].concat())
}

proptest! {
    #[test]
    fn a_peek_never_contradicts_the_decoder(members in members(), spaced in any::<bool>()) {
        let separator = if spaced { ": " } else { ":" };
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("\"{key}\"{separator}{value}")).collect();
        let message = format!("{{{}}}", members.join(if spaced { ", " } else { "," }));
        let record = decode(message.as_bytes(), &defaults()).unwrap();
        if let Some(peeked) = peek(message.as_bytes()) {
            prop_assert_eq!(peeked.level, record.level, "{}", message);
            prop_assert_eq!(peeked.service, record.service.as_ref(), "{}", message);
            if let Some(identity) = peeked.identity {
                prop_assert_eq!(Instance::parse(identity.instance), record.instance, "{}", message);
                prop_assert_eq!(Some(identity.seq), record.seq, "{}", message);
            }
        }
        let mut written = Vec::new();
        encode(&record, &mut written);
        let reread = decode(&written, &defaults()).unwrap();
        prop_assert_eq!(reread, record, "{}", message);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[{\\[\"]?.{0,80}") {
        std::hint::black_box(peek(&bytes));
        decode(&bytes, &defaults()).ok();
        decode(text.as_bytes(), &defaults()).ok();
    }
}
