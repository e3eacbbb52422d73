//! Records that nobody should have written: good ones behind them are read all the same.

use pipeline_tests::{Monitor, Topics, produce, shared_bootstrap};

#[test]
fn bad_records_are_counted_and_stop_nothing() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    topics.create(&bootstrap, &[("max.message.bytes", "20000000")]);
    let monitor = Monitor::start(&bootstrap, &topics);
    let large = format!(
        r#"{{"level":"ERROR","service":"large","message":"{}"}}"#,
        "x".repeat(5 << 20)
    );
    let deep = format!(
        r#"{{"level":"ERROR","service":"deep","x":{}{}}}"#,
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let records: [&[u8]; 8] = [
        b"\xff\xfe\x00\x01",
        b"{\"level\":\"ERROR\",\"message\":\"cut o",
        b"",
        large.as_bytes(),
        deep.as_bytes(),
        br#"{"level":"ERROR","level":"INFO","service":"twice","message":"two levels"}"#,
        br#"{"level":"ERROR","service":"huge","number":1e999999,"message":"a number"}"#,
        br#"{"level":"ERROR","service":"good","message":"after all that"}"#,
    ];
    for topic in [&topics.logs, &topics.errors] {
        produce(&bootstrap, topic, &records);
    }
    let good = monitor.wait_for_errors("service=good", 1);
    assert_eq!(good[0]["message"], "after all that");
    monitor.wait_until_consumed(&topics.logs, 8);
    monitor.wait_until_consumed(&topics.errors, 8);
    assert_eq!(
        monitor.wait_for_errors("service=large", 1)[0]["message"]
            .as_str()
            .unwrap()
            .len(),
        5 << 20
    );
    assert_eq!(
        monitor.wait_for_errors("service=twice,deep,huge", 3).len(),
        3
    );
    let counters = monitor.get("/api/v1/status")["counters"].clone();
    assert_eq!(counters["records_consumed"], 16);
    // Three that are no records, in each topic; the good ones of the second topic are the same as those of the first.
    assert_eq!(
        (&counters["quarantined"], &counters["duplicates"]),
        (&6.into(), &5.into())
    );
}
