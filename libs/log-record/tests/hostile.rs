//! Bytes nobody meant as a record: each gets a clear answer, none a panic, and a peek never contradicts the decoder.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement;
mod messages;

use log_record::{
    DecodeError, Format, Instance, LogRecord, RawJson, Records, Severity, decode, encode, peek,
    peek_text,
};
use proptest::prelude::*;

use agreement::{agrees, hints, the_long_way, the_short_way};

/// The record of a message that is one.
fn record(message: &[u8]) -> LogRecord<'_> {
    decode(message, &hints()).unwrap().into_single().unwrap()
}

#[test]
fn bytes_that_are_no_record_are_refused_with_the_reason() {
    assert!(matches!(decode(b"", &hints()), Err(DecodeError::Empty)));
    assert!(matches!(decode(b" \n", &hints()), Err(DecodeError::Empty)));
    assert!(matches!(
        decode(b"abc\xff", &hints()),
        Err(DecodeError::NotUtf8 { valid_up_to: 3 })
    ));
    for cut in [
        &b"{"[..],
        b"{\"level\":\"ERROR\"",
        b"{\"level\":\"ERROR\"} x",
        b"{\"level\":}",
    ] {
        assert!(
            matches!(decode(cut, &hints()), Err(DecodeError::MalformedJson(_))),
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
    let record = record(message.as_bytes());
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
        let record = record(message.as_bytes());
        assert_eq!(record.fields.unwrap().as_str(), r#"{"huge":"1e999","n":1}"#);
    }
}

#[test]
fn a_record_that_says_nothing_is_shown_as_it_is() {
    let record = record(b"{\"a\":1}");
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
        assert_eq!(record(message.as_bytes()).level, expected, "{message}");
    }
}

#[test]
fn our_own_records_are_peeked_at_without_decoding() {
    let own = include_bytes!("../testdata/own/full.in");
    let peeked = peek(own).unwrap();
    assert_eq!(
        (peeked.level, peeked.service),
        (Severity::Critical, Some("usermanagement"))
    );
    let identity = peeked.identity.unwrap();
    let decoded = record(own);
    assert_eq!(Instance::parse(identity.instance), decoded.instance);
    assert_eq!(Some(identity.seq), decoded.seq);
    // Python's json.dumps writes a space after the colon.
    let spaced =
        peek(br#"{"asctime": "x", "level": "INFO", "n": 1.5, "service": "cart"}"#).unwrap();
    assert_eq!(
        (spaced.level, spaced.service),
        (Severity::Info, Some("cart"))
    );
}

#[test]
fn a_peek_is_not_sure_of_what_it_cannot_see() {
    for unsure in [
        r#"{"service":"a","severity":"ERROR"}"#,
        r#"{"service":"a"}"#,
        r#"{"l\u0065vel":"ERROR","level":"INFO","service":"a"}"#,
        r#"{"level":"\u0045RROR","service":"a"}"#,
        r#"{"level":50,"service":"a"}"#,
        r#"{"level":"odd","service":"a"}"#,
        r#"{"severity":"INFO","service":"\u0061"}"#,
        r#"{"severity":"INFO","service":7}"#,
        // The line of another program, which may be one.
        r#"{"severity":"INFO","log":"{\"level\":\"ERROR\"}"}"#,
        r#"{"severity":"INFO","message":"ERROR","stream":"stderr"}"#,
        // Which is none where the level is known, and in GELF it may be.
        r#"{"full_message":"m","_level":6,"message":"{\"level\":\"debug\",\"service\":\"a\",\"msg\":\"m\"}"}"#,
        // Several records.
        r#"{"resourceLogs":[],"level":"INFO","service":"a"}"#,
        r#"{"severity":"INFO"}{"severity":"ERROR"}"#,
        r#"{"level":"INFO","service":"a","message":"cut o"#,
        // Something behind it may raise it.
        r#"{"level":"ERROR","service":"a","x":1,"severity":"CRITICAL"}"#,
        r#"{"timestamp":"2026-11-20T22:15:16Z","level":"ERROR","service":"a","severity":"CRITICAL"}"#,
        "{\"level\":\"INFO\",\"service\":\"a\"}\n{\"level\":\"ERROR\",\"service\":\"a\"}",
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
        ("timestamp", "\"2026-11-20T22:15:16.515486Z\""),
        ("level", "\"INFO\""),
        ("service", "\"a\""),
        ("instance", "\"000000000000000000000000000001af\""),
        ("seq", "7"),
        ("schema", "1"),
    ];
    let own = own.map(|(key, value)| (key.to_owned(), value.to_owned()));
    (
        prop_oneof![
            Just(Vec::new()),
            prop::collection::vec((key.clone(), value.clone()), 0..2),
        ],
        0..=own.len(),
        prop::collection::vec((key, value), 0..8),
    )
        .prop_map(move |(before, taken, behind)| [&before, &own[..taken], &behind].concat())
}

proptest! {
    // A few seconds: what breaks a decoder is rare among what is made at random.
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn a_peek_never_contradicts_the_decoder(members in members(), spaced in any::<bool>()) {
        let separator = if spaced { ": " } else { ":" };
        let members: Vec<String> =
            members.iter().map(|(key, value)| format!("\"{key}\"{separator}{value}")).collect();
        let message = format!("{{{}}}", members.join(if spaced { ", " } else { "," }));
        let decoded = record(message.as_bytes());
        if let Some(peeked) = peek(message.as_bytes()) {
            agrees(&peeked, &decoded, &message)?;
        }
        prop_assert_eq!(the_long_way(message.as_bytes()), the_short_way(message.as_bytes()), "{}", message);
        let mut written = Vec::new();
        encode(&decoded, &mut written);
        let reread = record(&written);
        prop_assert_eq!(reread, decoded, "{}", message);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[{\\[\"]?.{0,80}") {
        std::hint::black_box(peek(&bytes).or_else(|| peek_text(&bytes, Severity::Info)));
        decode(&bytes, &hints()).ok();
        decode(text.as_bytes(), &hints()).ok();
    }

    #[test]
    fn messages_that_were_damaged_do_not_panic(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..8),
    ) {
        let mut message = which.get(&messages::ALL).clone();
        for (at, byte, how) in damage {
            let at = at.index(message.len().max(1)).min(message.len().saturating_sub(1));
            match how {
                _ if message.is_empty() => message.push(byte),
                0 => message[at] = byte,
                1 => message.insert(at, byte),
                2 => { message.remove(at); }
                _ => message.truncate(at),
            }
        }
        std::hint::black_box(peek(&message).or_else(|| peek_text(&message, Severity::Info)));
        for format in [None, Some(Format::OtlpProtobuf), Some(Format::Text), Some(Format::Logfmt)] {
            let mut hints = hints();
            hints.format = format;
            // Whatever comes out must be fit to be passed on.
            for decoded in decode(&message, &hints).iter().flat_map(Records::as_slice) {
                let mut written = Vec::new();
                encode(&decoded.record, &mut written);
                let is_json = serde_json::from_slice::<serde_json::Value>(&written).is_ok();
                prop_assert!(is_json, "{}", String::from_utf8_lossy(&written));
                if let Some(error) = &decoded.record.error {
                    std::hint::black_box(error.frames());
                }
            }
        }
    }
}

/// A message must not become many times its size: what the resource says is repeated in the first records only.
#[test]
fn a_large_resource_is_not_repeated_in_every_record() {
    let many = |piece: &str| vec![piece; 200_000 / (piece.len() + 1)].join(",");
    let attributes = many("{\"key\":\"a\",\"value\":{\"stringValue\":\"b\"}}");
    let records = many("{\"severityNumber\":17}");
    let message = format!(
        "{{\"resourceLogs\":[{{\"resource\":{{\"attributes\":[{attributes}]}},\"scopeLogs\":[{{\"logRecords\":[{records}]}}]}}]}}"
    );
    let decoded = decode(message.as_bytes(), &hints()).unwrap();
    let fields = decoded
        .as_slice()
        .iter()
        .filter_map(|decoded| decoded.record.fields.as_ref());
    let bytes: usize = fields.map(|fields| fields.as_str().len()).sum();
    assert!(bytes < 20 * message.len(), "{bytes}");
}
