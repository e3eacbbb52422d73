//! A thousand records that nobody should have written, among ten thousand good ones.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pipeline_tests::{Monitor, Topics, produce, shared_bootstrap};

/// One bad record; whether it is text that can be read all the same. Then it must be found by its number.
fn poison(kind: usize, number: usize) -> (Vec<u8>, bool) {
    let mark = format!("poison {number}");
    let error = |rest: &str| {
        format!(r#"{{"level":"ERROR","service":"poison","message":"{mark}",{rest}}}"#).into_bytes()
    };
    match kind {
        0 => {
            let mut bytes: Vec<u8> = (0..200).map(|_| fastrand::u8(..)).collect();
            // Certainly no text.
            bytes[0] = 0xFF;
            (bytes, false)
        }
        1 => {
            let whole = error(r#""x":1"#);
            (whole[..whole.len() - 1 - number % 20].to_vec(), false)
        }
        2 => (
            b"{\"level\":\"ERROR\",\"message\":\"\xC3\x28\"}".to_vec(),
            false,
        ),
        3 => {
            let depth = 20_000 + number;
            let deep = format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth));
            (error(&deep), true)
        }
        4 => (error(r#""x":1,"x":2,"level":"INFO","x":3"#), true),
        5 => (
            error(&format!(r#""x":{}e{number}99"#, "9".repeat(500))),
            true,
        ),
        _ => (Vec::new(), false),
    }
}

#[test]
fn a_thousand_poisonous_records_harm_none_of_ten_thousand_good_ones() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    topics.create(&bootstrap, &[("max.message.bytes", "20000000")]);
    let monitor = Monitor::start(&bootstrap, &topics);
    let mut records: Vec<Vec<u8>> = Vec::new();
    let mut readable = 0;
    let mut refused: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for number in 0..1_000 {
        for good in 0..10 {
            let record = format!(
                r#"{{"level":"ERROR","service":"good","message":"good {}"}}"#,
                number * 10 + good
            );
            records.push(record.into_bytes());
        }
        let (bytes, is_text) = if number % 100 == 99 {
            let large = "x".repeat(2 << 20);
            let record = format!(
                r#"{{"level":"ERROR","service":"poison","message":"poison {number} {large}"}}"#
            );
            (record.into_bytes(), true)
        } else {
            poison(number % 7, number)
        };
        if is_text {
            readable += 1;
        } else {
            *refused.entry(bytes.clone()).or_default() += 1;
        }
        records.push(bytes);
    }
    let all: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    produce(&bootstrap, &topics.errors, &all);
    monitor.wait_until_consumed(&topics.errors, 11_000);

    let counters = monitor.get("/api/v1/status")["counters"].clone();
    let expected: usize = refused.values().sum();
    assert_eq!(counters["records_consumed"], 11_000);
    assert_eq!(counters["errors_stored"], 10_000 + readable);
    assert_eq!(counters["quarantined"], expected);
    let total = |service: &str| {
        let path = format!("/api/v1/logs/errors/{service}?limit=1");
        monitor.get(&path)["total"].as_u64().unwrap()
    };
    assert_eq!((total("good"), total("poison")), (10_000, readable));

    // Each of them is kept, byte for byte.
    let mut kept: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut path = "/api/v1/quarantine?limit=100".to_owned();
    loop {
        let page = monitor.get(&path);
        assert_eq!(page["total"], expected);
        for record in page["records"].as_array().unwrap() {
            let bytes = STANDARD.decode(record["bytes_base64"].as_str().unwrap());
            *kept.entry(bytes.unwrap()).or_default() += 1;
        }
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/quarantine?limit=100&cursor={next}");
    }
    assert!(
        kept == refused,
        "the quarantine holds other bytes than were sent"
    );
}
