//! The live tail on real Kafka: complete and in order, also across a crash; all levels; who does not read.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use pipeline_tests::{Home, LiveStream, Load, Monitor, Topics, shared_bootstrap, wait_for};

/// Whether the numbers of each process start ascend.
fn assert_in_order(ids: &[String]) {
    let mut last: HashMap<&str, u64> = HashMap::new();
    for id in ids {
        let (instance, seq) = id.split_once('-').unwrap();
        let seq = seq.parse().unwrap();
        let before = last.insert(instance, seq);
        assert!(before < Some(seq), "{seq} came after {before:?}");
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

#[test]
fn a_stream_has_every_error_once_and_in_order_also_across_a_crash() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Arc::new(Home::new(&bootstrap, &topics));
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    let (all, criticals) = (
        LiveStream::open(&monitor, "", None),
        LiveStream::open(&monitor, "level=CRITICAL&service=booking", None),
    );
    let mut load = Load::new(&bootstrap, &topics);
    load.send(3_000);
    let mut ids = all.ids("error", load.errors());
    assert_eq!(criticals.next().data["service"], "booking");
    assert_eq!(criticals.next().data["level"], "CRITICAL");

    // The browser has seen 100 when the monitor dies, and comes back when it is there again.
    ids.truncate(100);
    monitor.kill();
    load.send(3_000);
    let monitor = Monitor::at(&home);
    let again = LiveStream::open(&monitor, "", ids.last().map(String::as_str));
    load.send(3_000);
    ids.extend(again.ids("error", load.errors() - 100));
    let sent = load.finish();
    sent.assert_exactly_in(&monitor);
    assert!(again.is_quiet());
    assert_in_order(&ids);
    assert_eq!(sorted(ids), sent.errors);
}

#[test]
fn all_levels_are_streamed_to_as_many_as_may() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Home::new(&bootstrap, &topics).with("LOG_MONITOR_LIVE_ALL_READERS", "2");
    let monitor = Monitor::at(&Arc::new(home));
    monitor.wait_until_ready();
    let all = LiveStream::open(&monitor, "scope=all", None);
    let narrow = LiveStream::open(&monitor, "scope=all&service=mailer&level=DEBUG,WARN", None);
    let path = "/api/v1/logs/stream?scope=all";
    assert_eq!(monitor.status(path), Some(503));

    let mut load = Load::new(&bootstrap, &topics);
    load.send(5_000);
    let (mut counts, mut ids) = (HashMap::new(), Vec::new());
    for _ in 0..5_000 {
        let line = all.next();
        assert_eq!(line.event, "log", "{line:?}");
        let text = |key: &str| line.data[key].as_str().unwrap().to_owned();
        *counts.entry((text("service"), text("level"))).or_insert(0) += 1;
        assert_eq!(
            line.id,
            Some(format!("{}-{}", text("instance"), line.data["seq"]))
        );
        ids.extend(line.id);
    }
    let sent = load.finish();
    assert_eq!(counts, sent.counts.into_iter().collect());
    assert_in_order(&ids);
    let debugs = counts[&("mailer".to_owned(), "DEBUG".to_owned())];
    for _ in 0..debugs {
        let line = narrow.next();
        assert_eq!(
            (&line.data["service"], &line.data["level"]),
            (&"mailer".into(), &"DEBUG".into())
        );
    }
    assert!(all.is_quiet() && narrow.is_quiet());

    // Who comes back while another has kept the lines goes on behind its last one.
    drop(narrow);
    let mut more = Load::new(&bootstrap, &topics);
    // One for the narrow stream among them: only then its reader finds out that nobody wants it.
    more.send(3);
    let new = all.ids("log", 3);
    wait_for("the seat is free", || {
        let status = monitor.get("/api/v1/status");
        (status["counters"]["live_tail_readers"] == 1).then_some(())
    });
    let again = LiveStream::open(&monitor, "scope=all", Some(&ids[4_000]));
    assert_eq!(again.ids("log", 999), ids[4_001..]);
    assert_eq!(again.ids("log", 3), new);
}

#[test]
fn who_does_not_read_is_told_what_was_missed_and_the_others_miss_nothing() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Home::new(&bootstrap, &topics).with("LOG_MONITOR_STORE_MEMORY", "16MiB");
    let monitor = Monitor::at(&Arc::new(home));
    monitor.wait_until_ready();
    let other = LiveStream::open(&monitor, "", None);
    let address = monitor.url("").replace("http://", "");
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(b"GET /api/v1/logs/stream HTTP/1.0\r\nhost: localhost\r\n\r\n")
        .unwrap();
    wait_for("both are there", || {
        let status = monitor.get("/api/v1/status");
        (status["counters"]["live_tail_readers"] == 2).then_some(())
    });

    let mut load = Load::new(&bootstrap, &topics).only_errors();
    let mut ids = Vec::new();
    for _ in 0..16 {
        load.send_noise(5_000);
        ids.extend(other.ids("error", 5_000));
    }
    let sent = load.finish();
    assert_eq!(sorted(ids), sent.errors);

    // What is left for the slow one: the beginning, a gap, and the end.
    let last = sent.errors.len();
    let (mut received, mut missed, mut text) = (0, 0, String::new());
    let mut bytes = vec![0; 1 << 16];
    while received + missed < last {
        let read = slow.read(&mut bytes).unwrap();
        assert!(
            read > 0,
            "the stream ended after {received} errors and {missed} missed"
        );
        text.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
        while let Some((block, rest)) = text.split_once("\n\n") {
            if let Some(gap) = block.strip_prefix("event: gap\ndata: ") {
                let gap: serde_json::Value = serde_json::from_str(gap).unwrap();
                missed += gap["count"].as_u64().unwrap() as usize;
            }
            received += usize::from(block.starts_with("event: error\n"));
            text = rest.to_owned();
        }
    }
    assert_eq!(received + missed, last);
    assert!(
        missed > 0 && received > 0,
        "{received} received, {missed} missed"
    );
    let status = monitor.get("/api/v1/status");
    assert_eq!(status["counters"]["live_tail_skipped"], missed);
}
