//! Kafka away, a monitor that stands still, a disk that is full, an archive at its limit: everything goes on by itself
//! afterwards, and is exact.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pipeline_tests::{Broker, Home, Load, Monitor, Topics, shared_bootstrap, wait_for};
use serde_json::{Value, json};

use super::soak;

#[test]
fn kafka_away_and_back_twice_loses_and_doubles_nothing() {
    let (mut broker, topics) = (Broker::start(), Topics::unique());
    let monitor = Monitor::start(broker.bootstrap(), &topics);
    let mut load = Load::new(broker.bootstrap(), &topics);
    let (away, records) = if soak() { (20, 50_000) } else { (3, 10_000) };
    // Once stopped in order, once killed: then its leaders answer with errors that pass.
    for crashes in [false, true] {
        load.send(records);
        if crashes {
            broker.kill();
        } else {
            broker.stop();
        }
        load.send(records);
        std::thread::sleep(Duration::from_secs(away));
        broker.up();
    }
    load.send(records);
    load.finish().assert_exactly_in(&monitor);
}

#[test]
fn a_monitor_that_stood_still_and_was_put_out_of_the_group_goes_on_exactly() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let properties = "session.timeout.ms=6000,max.poll.interval.ms=6000,heartbeat.interval.ms=500";
    let home = Home::new(&bootstrap, &topics).with("KAFKA_PROPERTIES", properties);
    let monitor = Monitor::at(&Arc::new(home));
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics);
    load.send(10_000);
    monitor.signal("STOP");
    load.send(10_000);
    // Longer than the group waits for it.
    std::thread::sleep(Duration::from_secs(9));
    monitor.signal("CONT");
    load.send(10_000);
    load.finish().assert_exactly_in(&monitor);
}

#[test]
fn a_full_disk_pauses_reading_until_there_is_room_again() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Home::new(&bootstrap, &topics).on_small_disk(24 << 20);
    let monitor = Monitor::at(&Arc::new(home));
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics);
    load.send(3_000);
    wait_for("some of it is read", || {
        let stats = monitor.get("/api/v1/logs/stats");
        (stats["logs"]["total"].as_u64() >= Some(3_000)).then_some(())
    });
    let ballast = monitor.data().join("ballast");
    fill(&ballast);
    load.send(60_000);
    let reasons = wait_for("it says that the disk is full", || {
        let status = monitor.get("/api/v1/status");
        let problem = status["archive"]["problem"].as_str()?.to_owned();
        (monitor.status("/ready") == Some(503)).then_some(problem)
    });
    assert!(reasons.contains("full"), "{reasons}");
    // It answers, and stays in the group.
    assert_eq!(monitor.status("/health"), Some(200));
    assert_eq!(monitor.status("/api/v1/logs/errors"), Some(200));

    std::fs::remove_file(&ballast).unwrap();
    monitor.wait_until_ready();
    load.finish().assert_exactly_in(&monitor);
}

/// Takes all the room there is.
fn fill(path: &Path) {
    let full = std::fs::write(path, vec![0; 64 << 20]);
    assert!(full.is_err(), "the disk is larger than it should be");
}

#[test]
fn the_archive_stays_within_its_limit_while_records_arrive() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let limit = if soak() { 64 << 20 } else { 32 << 20 };
    let home = Home::new(&bootstrap, &topics)
        .with("LOG_MONITOR_MAX_DISK", &limit.to_string())
        .with("LOG_MONITOR_STORE_MEMORY", "16MiB");
    let monitor = Monitor::at(&Arc::new(home));
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics).only_errors();
    // Several times what fits.
    let thousands = if soak() { 1_000 } else { 300 };
    let mut largest = 0;
    for _ in 0..thousands {
        load.send_noise(1_000);
        largest = largest.max(bytes_in(&monitor.data()));
        assert!(largest <= limit * 110 / 100, "{largest} of {limit} bytes");
    }
    let sent = load.finish();
    // Everything is read, a part at a time.
    for part in 1..=100 {
        monitor.wait_until_counted(sent.records() * part / 100);
        largest = largest.max(bytes_in(&monitor.data()));
        assert!(largest <= limit * 110 / 100, "{largest} of {limit} bytes");
    }
    let archive = monitor.get("/api/v1/status")["archive"].clone();
    let kept = archive["records"].as_u64().unwrap();
    // It was too much for the archive, which holds what it can.
    assert!(kept < sent.records(), "{archive}");
    assert!(largest >= limit * 80 / 100, "{largest} of {limit} bytes");
    assert!(bytes_in(&monitor.data()) <= limit * 110 / 100);

    // What it holds are errors that were sent, each once, and the newest are among them.
    let mut last = Load::new(&bootstrap, &topics).only_errors();
    last.send_noise(300);
    let last = last.finish().errors;
    wait_for("the newest errors are there", || {
        let mut newest = monitor.newest_ids(300);
        newest.sort();
        (newest == last).then_some(())
    });
    // The counts are of all that arrived, also of what has left.
    let errors = sent.errors.len() + last.len();
    assert_eq!(errors_in_grafana(&monitor), errors as f64);
    let mut held = monitor.ids();
    held.sort();
    let known = |id: &String| sent.errors.binary_search(id).is_ok() || last.contains(id);
    assert!(held.iter().all(known), "an error nobody sent");
    assert!(held.windows(2).all(|pair| pair[0] != pair[1]), "one twice");
}

/// All errors of the last hour, as a panel of Grafana adds them up.
fn errors_in_grafana(monitor: &Monitor) -> f64 {
    let now = log_record::Timestamp::now();
    let minutes = |number: i64| now.saturating_add_micros(number * 60_000_000).to_string();
    let query = json!({
        "range": {"from": minutes(-60), "to": minutes(1)},
        "intervalMs": 60_000,
        "targets": [{"refId": "A", "target": "error_count", "type": "timeserie"}],
    });
    let url = monitor.url("/api/v1/grafana/query");
    let answer: Value = ureq::post(url)
        .send_json(query)
        .unwrap()
        .body_mut()
        .read_json()
        .unwrap();
    let points = answer[0]["datapoints"].as_array().unwrap().iter();
    points.map(|point| point[0].as_f64().unwrap()).sum()
}

fn bytes_in(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).unwrap();
    entries
        .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
        .sum()
}
