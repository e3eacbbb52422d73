//! What comes out: fields, ids, search, and readers beside the writer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use log_record::{ErrorInfo, Instance, LogRecord, RawJson, Severity, Timestamp};

use super::super::*;
use super::{SMALL, arrival, at, fill, limits, own, total};
use crate::query::{Filter, Query};

#[test]
fn every_field_comes_back() {
    let full = LogRecord {
        timestamp: at(1),
        level: Severity::Critical,
        service: "usermanagement".into(),
        host: Some("ip-10-0-12-34".into()),
        instance: Some(Instance(u128::MAX)),
        seq: Some(u64::MAX),
        version: Some("1.4.2".into()),
        env: Some("prod".into()),
        pid: Some(u32::MAX),
        target: Some("usermanagement::login".into()),
        module: Some("usermanagement::login".into()),
        file: Some("src/login.rs".into()),
        line: Some(142),
        thread: Some("tokio-runtime-worker".into()),
        message: "payment failed \u{10FFFF}".into(),
        error: Some(ErrorInfo {
            kind: Some("hyper::Error".into()),
            message: Some("".into()),
            chain: vec!["a".into(), "".into(), "c".into()],
            stack: Some("at main\nat start".into()),
        }),
        fields: Some(RawJson::from_trusted(r#"{"order_id":7}"#)),
        span: Some("charge".into()),
        spans: Some(RawJson::from_trusted(r#"[{"name":"charge"}]"#)),
        trace_id: Some("5b8efff798038103d269b633813fc60c".into()),
        span_id: Some("eee19b7ec3c1b174".into()),
        truncated: true,
    };
    let bare = LogRecord::new(at(2), Severity::Error, "", "");
    let with_empty_error = LogRecord {
        error: Some(ErrorInfo::default()),
        ..bare.clone()
    };
    let instance_only = LogRecord {
        instance: Some(Instance(0)),
        ..bare.clone()
    };
    let seq_only = LogRecord {
        seq: Some(0),
        ..bare.clone()
    };
    let records = [full, bare, with_empty_error, instance_only, seq_only];
    let store = Store::new(limits());
    for (offset, record) in (0..).zip(&records) {
        let payload = [offset as u8];
        let mut arrival = arrival(record.clone(), "errors", offset, &payload);
        arrival.coordinates.partition = -1;
        arrival.coordinates.index = (offset % 2 == 0).then_some(u32::MAX);
        arrival.received_at = Timestamp::MIN;
        assert_eq!(store.append(&[arrival], at(3)).stored(), 1);
    }
    let events = store.tail(0, 10).events;
    assert_eq!(events.len(), records.len());
    for ((offset, record), event) in (0..).zip(&records).zip(&events) {
        assert_eq!(&event.record(), record);
        assert_eq!(
            (event.topic(), event.partition(), event.offset()),
            ("errors", -1, offset)
        );
        assert_eq!(event.index(), (offset % 2 == 0).then_some(u32::MAX));
        assert_eq!(event.received_at(), Timestamp::MIN);
        let id = event.id().to_string();
        assert_eq!(id.contains('~'), offset != 0, "{id}");
        assert_eq!(store.find(&id.parse().unwrap()).unwrap().id(), event.id());
    }
}

#[test]
fn readers_see_whole_batches_in_order_while_chunks_merge() {
    const BATCH: u64 = 5;
    let store = Store::with_shape(limits(), SMALL);
    let is_done = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut last_total = 0;
                    while !is_done.load(Ordering::Relaxed) {
                        let page = store
                            .query(
                                &Query {
                                    limit: 50,
                                    ..Query::default()
                                },
                                at(0),
                            )
                            .unwrap();
                        assert!(
                            page.total >= last_total && page.total.is_multiple_of(BATCH),
                            "{}",
                            page.total
                        );
                        last_total = page.total;
                        let seqs: Vec<u64> = page
                            .events
                            .iter()
                            .filter_map(|event| event.record().seq)
                            .collect();
                        let expected: Vec<u64> = (0..page.total).rev().take(50).collect();
                        assert_eq!(seqs, expected);
                        for event in &page.events {
                            let seq = event.record().seq.unwrap();
                            assert_eq!(event.record().message, format!("number {seq}"));
                        }
                    }
                    last_total
                })
            })
            .collect();
        for batch in 0..2_000 {
            // Equal timestamps: only the order of arrival is left to sort by.
            fill(&store, batch * BATCH..(batch + 1) * BATCH, |_| at(0));
        }
        is_done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().unwrap();
        }
    });
    assert_eq!(total(&store, at(0)), 2_000 * BATCH);
}

#[test]
fn text_is_never_found_across_the_end_of_a_value_or_a_record() {
    let store = Store::new(limits());
    let mut first = own(0, at(0));
    first.message = "connection".into();
    first.span = Some("refused".into());
    let mut second = own(1, at(0));
    second.message = "by peer".into();
    let both = [
        arrival(first, "errors", 0, b""),
        arrival(second, "errors", 1, b""),
    ];
    store.append(&both, at(0));
    let count = |q: &str| {
        let terms = crate::query::parse(q).unwrap();
        let filter = Filter {
            terms,
            ..Filter::default()
        };
        store
            .query(
                &Query {
                    filter,
                    ..Query::default()
                },
                at(0),
            )
            .unwrap()
            .total
    };
    assert_eq!(count("connection refused"), 1);
    assert_eq!(count("connectionrefused"), 0);
    assert_eq!(count("refusedby"), 0);
    assert_eq!(count("nby"), 0);
}

#[test]
fn a_text_that_is_no_id_is_refused_with_what_was_expected() {
    for text in [
        "",
        "x",
        "-",
        "~",
        "00000000000000000000000000001a2b-",
        "00000000000000000000000000001a2b--1",
        "00000000000000000000000000001A2B-1",
        "00000000000000000000000000001a2b-01",
        "t~0",
        "t~0~",
        "t~0~1~",
        "t~0~1~2~3",
        "~0~1",
        "t~+0~1",
        "t~0~1~-1",
    ] {
        let error = text.parse::<EventId>().unwrap_err();
        assert!(error.to_string().contains("expected"), "{error}");
    }
    for text in [
        "00000000000000000000000000001a2b-0",
        "t~0~1",
        "t.x-y_z~-1~9223372036854775807~4294967295",
    ] {
        assert_eq!(text.parse::<EventId>().unwrap().to_string(), text);
    }
}

#[test]
fn an_escape_counts_as_its_character_in_json_only() {
    let store = Store::new(limits());
    let mut plain = own(0, at(0));
    plain.message = r#"say \"hi\" at C:\\temp"#.into();
    let mut json = own(1, at(0));
    json.fields = Some(RawJson::from_trusted(
        r#"{"text":"say \"hi\" at C:\\temp","url":"http:\/\/x"}"#,
    ));
    let both = [
        arrival(plain, "errors", 0, b""),
        arrival(json, "errors", 1, b""),
    ];
    store.append(&both, at(0));
    let seqs = |q: &str| {
        let terms = crate::query::parse(q).unwrap();
        let filter = Filter {
            terms,
            ..Filter::default()
        };
        let query = Query {
            filter,
            ..Query::default()
        };
        let events = store.query(&query, at(0)).unwrap().events;
        let seqs = events.iter().filter_map(|event| event.record().seq);
        seqs.collect::<Vec<u64>>()
    };
    assert_eq!(seqs(r#""say \"hi""#), [1]);
    assert_eq!(seqs(r#""at C:\\temp""#), [1], "one backslash");
    assert_eq!(
        seqs(r#""at C:\\\\temp""#),
        [1, 0],
        "two as they are written"
    );
    assert_eq!(seqs(r#""http://x""#), [1]);
}
