//! What Kafka no longer has, or has anew: read on from where it is possible, and said.

use std::process::Command;
use std::sync::Arc;

use pipeline_tests::{
    Broker, Home, Load, Monitor, Topics, create_topic, shared_bootstrap, wait_for,
};
use serde_json::Value;

/// Runs one of Kafka's own tools.
fn tool(class: &str, bootstrap: &str, arguments: &[&str]) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../kafka/broker");
    let output = Command::new(script)
        .args(["tool", &format!("org.apache.kafka.tools.{class}")])
        .args(["--bootstrap-server", bootstrap])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Creates both topics with one partition, once those of the same name are gone.
fn create(bootstrap: &str, topics: &Topics) {
    for topic in [&topics.logs, &topics.errors] {
        wait_for("the topic is there", || {
            create_topic(bootstrap, topic, 1, &[]).then_some(())
        });
    }
}

/// Deletes the records of partition 0 before an offset, as the retention would.
pub(super) fn delete_before(bootstrap: &str, topic: &str, offset: i64) {
    let path = std::env::temp_dir().join(format!("{topic}.json"));
    let delete = serde_json::json!({
        "version": 1,
        "partitions": [{"topic": topic, "partition": 0, "offset": offset}],
    });
    std::fs::write(&path, delete.to_string()).unwrap();
    let arguments = ["--offset-json-file", path.to_str().unwrap()];
    tool("DeleteRecordsCommand", bootstrap, &arguments);
    std::fs::remove_file(&path).unwrap();
}

fn gaps(monitor: &Monitor) -> Vec<Value> {
    let status = monitor.get("/api/v1/status");
    status["gaps"].as_array().unwrap().clone()
}

fn lost(monitor: &Monitor) -> u64 {
    let status = monitor.get("/api/v1/status");
    status["counters"]["lost_before_read"].as_u64().unwrap()
}

#[test]
fn records_that_kafka_deleted_before_they_were_read_are_counted_as_lost() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    create(&bootstrap, &topics);
    let home = Arc::new(Home::new(&bootstrap, &topics));
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics);
    load.send(300);
    let first = load.finish();
    first.assert_exactly_in(&monitor);
    monitor.kill();

    let mut unread = Load::new(&bootstrap, &topics);
    unread.send(300);
    let unread = unread.finish();
    delete_before(&bootstrap, &topics.logs, 400);

    let monitor = Monitor::at(&home);
    let gap = wait_for("the gap is found", || gaps(&monitor).pop());
    assert_eq!(gap["cause"], "deleted");
    let position = gap["from"].as_i64().unwrap();
    // Canaries have offsets too.
    assert!((300..=302).contains(&position), "{gap}");
    assert_eq!(gap["to"], 400);
    assert_eq!(gap["count"], 400 - position);
    assert_eq!(lost(&monitor), 400 - position as u64);
    // The errors topic still had all of its records.
    let errors = first.errors.len() + unread.errors.len();
    wait_for("the errors are all there", || {
        (monitor.ids().len() == errors).then_some(())
    });
    monitor.wait_until_consumed(&topics.logs, 600);
    drop(monitor);
    // It is remembered, and not found again.
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    assert_eq!(gaps(&monitor), [gap]);
}

#[test]
fn records_that_are_deleted_while_they_are_read_are_counted_as_lost() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    create(&bootstrap, &topics);
    let home = Home::new(&bootstrap, &topics);
    let monitor = Monitor::at(&Arc::new(home));
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics);
    load.send(300);
    let first = load.finish();
    first.assert_exactly_in(&monitor);
    // It stands still, and what it was about to read is gone when it goes on.
    monitor.signal("STOP");
    let mut load = Load::new(&bootstrap, &topics);
    load.send(60_000);
    let second = load.finish();
    delete_before(&bootstrap, &topics.logs, 60_000);
    monitor.signal("CONT");
    let gap = wait_for("the gap is found", || gaps(&monitor).pop());
    assert_eq!(
        (&gap["cause"], &gap["to"]),
        (&"deleted".into(), &60_000.into())
    );
    let errors = first.errors.len() + second.errors.len();
    wait_for("the errors are all there", || {
        (monitor.ids().len() == errors).then_some(())
    });
    monitor.wait_until_ready();
    // Every record was either read or is counted as lost.
    let canaries = 2;
    let stats = monitor.get("/api/v1/logs/stats");
    let read = stats["logs"]["total"].as_u64().unwrap();
    let accounted = read + lost(&monitor);
    let sent = first.records() + second.records();
    // The errors among the lost ones came through the other topic.
    assert!(accounted >= sent, "{accounted} of {sent}");
    assert!(
        accounted <= sent + second.errors.len() as u64 + canaries,
        "{accounted} of {sent}"
    );
}

#[test]
fn what_came_and_went_before_anything_was_read_is_counted_as_lost() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    create(&bootstrap, &topics);
    let home = Home::new(&bootstrap, &topics).with("LOG_MONITOR_CANARY_INTERVAL", "none");
    let home = Arc::new(home);
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    monitor.kill();
    let mut load = Load::new(&bootstrap, &topics);
    load.send(300);
    let sent = load.finish();
    delete_before(&bootstrap, &topics.logs, 100);
    let monitor = Monitor::at(&home);
    let gap = wait_for("the gap is found", || gaps(&monitor).pop());
    assert_eq!((&gap["from"], &gap["to"]), (&0.into(), &100.into()));
    assert_eq!(lost(&monitor), 100);
    wait_for("the errors are all there", || {
        (monitor.ids().len() == sent.errors.len()).then_some(())
    });
}

#[test]
fn a_topic_that_is_created_again_is_read_from_its_beginning() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    create(&bootstrap, &topics);
    let home = Arc::new(Home::new(&bootstrap, &topics));
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics);
    load.send(600);
    load.finish().assert_exactly_in(&monitor);
    let before = monitor.ids();
    assert!(monitor.terminate().success());

    // Once shorter than before, once longer: the second can only be told by the records.
    let mut expected = before.len();
    for records in [300, 900] {
        for topic in [&topics.logs, &topics.errors] {
            tool("TopicCommand", &bootstrap, &["--delete", "--topic", topic]);
        }
        create(&bootstrap, &topics);
        let mut load = Load::new(&bootstrap, &topics);
        load.send(records);
        expected += load.finish().errors.len();

        let monitor = Monitor::at(&home);
        wait_for("the new errors are there", || {
            (monitor.ids().len() == expected).then_some(())
        });
        let found = gaps(&monitor);
        assert_eq!(found[0]["cause"], "recreated", "{found:?}");
        assert_eq!(found[0]["to"], 0, "{found:?}");
        assert_eq!(lost(&monitor), 0);
        assert!(monitor.terminate().success());
    }
}

fn assert_reads_both(monitor: &Monitor, errors: usize) {
    wait_for("the errors of both clusters are there", || {
        (monitor.ids().len() == errors).then_some(())
    });
    // Either topic brings the errors, and the other may be noticed later.
    let gap = wait_for("the other cluster is noticed", || gaps(monitor).pop());
    assert_eq!(gap["cause"], "cluster_replaced", "{gap:?}");
    assert_eq!(lost(monitor), 0);
}

#[test]
fn another_cluster_is_read_from_its_beginning() {
    let topics = Topics::unique();
    let (first, second) = (Broker::start(), Broker::start());
    let home = Home::new(first.bootstrap(), &topics);
    let mut load = Load::new(first.bootstrap(), &topics);
    create(first.bootstrap(), &topics);
    create(second.bootstrap(), &topics);
    load.send(300);
    let sent = load.finish();
    let home = Arc::new(home);
    let monitor = Monitor::at(&home);
    sent.assert_exactly_in(&monitor);
    assert!(monitor.terminate().success());

    let home = Arc::new(
        Arc::into_inner(home)
            .unwrap()
            .with("KAFKA_BOOTSTRAP_SERVERS", second.bootstrap()),
    );
    let mut load = Load::new(second.bootstrap(), &topics);
    load.send(300);
    let more = load.finish();
    let monitor = Monitor::at(&home);
    assert_reads_both(&monitor, sent.errors.len() + more.errors.len());
}

#[test]
fn another_cluster_in_the_place_of_the_first_is_noticed_without_a_restart() {
    let (mut broker, topics) = (Broker::start(), Topics::unique());
    create(broker.bootstrap(), &topics);
    let mut load = Load::new(broker.bootstrap(), &topics);
    load.send(300);
    let sent = load.finish();
    // It learns of it from librdkafka's log, however little of that is shown.
    let home = Home::new(broker.bootstrap(), &topics).with("RUST_LOG", "error");
    let monitor = Monitor::at(&Arc::new(home));
    sent.assert_exactly_in(&monitor);

    // What was read of the first does not lie behind the end of the second.
    monitor.signal("STOP");
    broker.replace();
    create(broker.bootstrap(), &topics);
    let mut load = Load::new(broker.bootstrap(), &topics);
    load.send(3_000);
    let more = load.finish();
    monitor.signal("CONT");
    assert_reads_both(&monitor, sent.errors.len() + more.errors.len());
}

#[test]
fn what_comes_after_kafka_has_lost_the_end_of_a_partition_is_read() {
    for is_running in [false, true] {
        let (mut broker, topics) = (Broker::start(), Topics::unique());
        create(broker.bootstrap(), &topics);
        let send = |records| {
            let mut load = Load::new(broker.bootstrap(), &topics);
            load.send(records);
            load.finish()
        };
        // In five batches at least, of which half can go.
        let sent = (0..4).fold(send(600), |sent, _| sent.and(send(600)));
        let home = Arc::new(Home::new(broker.bootstrap(), &topics));
        let monitor = Monitor::at(&home);
        sent.assert_exactly_in(&monitor);
        let stopped = if is_running {
            monitor.signal("STOP");
            Some(monitor)
        } else {
            assert!(monitor.terminate().success());
            None
        };
        broker.truncate(&[&topics.logs, &topics.errors]);
        let mut load = Load::new(broker.bootstrap(), &topics);
        load.send(500);
        let more = load.finish();
        let monitor = stopped.unwrap_or_else(|| Monitor::at(&home));
        monitor.signal("CONT");
        // Each error once, and no other record twice either.
        sent.and(more).assert_exactly_in(&monitor);
        let found = gaps(&monitor);
        assert!(!found.is_empty());
        for gap in &found {
            assert_eq!(gap["cause"], "truncated", "{found:?}");
        }
        assert_eq!(lost(&monitor), 0);
    }
}

#[test]
fn partitions_that_are_added_are_read_from_their_beginning() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    create(&bootstrap, &topics);
    let monitor = Monitor::start(&bootstrap, &topics);
    for topic in [&topics.logs, &topics.errors] {
        tool(
            "TopicCommand",
            &bootstrap,
            &["--alter", "--topic", topic, "--partitions", "5"],
        );
    }
    let mut load = Load::new(&bootstrap, &topics);
    load.send(3_000);
    let sent = load.finish();
    // The group notices them with its next look at the topics.
    wait_for("all partitions are read", || {
        let status = monitor.get("/api/v1/status");
        (status["partitions"].as_array().unwrap().len() == 10).then_some(())
    });
    sent.assert_exactly_in(&monitor);
    assert_eq!(gaps(&monitor), Vec::<Value>::new());
}

#[test]
fn a_canary_goes_through_kafka_and_is_not_among_what_is_counted() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Home::new(&bootstrap, &topics).with("LOG_MONITOR_CANARY_INTERVAL", "1s");
    let monitor = Monitor::at(&Arc::new(home));
    let canaries = wait_for("canaries came back from both topics", || {
        let mut answer = ureq::get(monitor.url("/ready")).call().ok()?;
        let ready: Value = answer.body_mut().read_json().unwrap();
        let canaries = ready["canary"].as_array().unwrap().clone();
        let are_back = canaries.len() == 2
            && canaries
                .iter()
                .all(|canary| canary["round_trip_ms"].is_number());
        are_back.then_some(canaries)
    });
    assert!(canaries[0]["round_trip_ms"].as_f64().unwrap() > 0.0);
    let status = monitor.get("/api/v1/status");
    assert_eq!(status["counters"]["records_consumed"], 0);
    assert_eq!(status["counters"]["quarantined"], 0);
    assert_eq!(
        monitor.get("/api/v1/logs/services")["services"],
        serde_json::json!([])
    );
    // Topics of a cluster keep their records for a time, and that is known.
    wait_for("the headroom is known", || {
        let status = monitor.get("/api/v1/status");
        status["partitions"][0]["headroom_seconds"].as_f64()
    });
}

#[test]
fn records_that_never_came_are_told_by_service_whatever_happens_to_the_monitor() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Arc::new(Home::new(&bootstrap, &topics));
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics);
    load.send(3_000);
    load.skip(30);
    load.send(3_000);
    wait_for("some of it is read", || {
        (!monitor.ids().is_empty()).then_some(())
    });
    monitor.kill();
    load.skip(6);
    load.send(3_000);
    let monitor = Monitor::at(&home);
    load.finish().assert_exactly_in(&monitor);
    let status = monitor.get("/api/v1/status");
    for (at, service) in ["booking", "mailer", "usermanagement"].iter().enumerate() {
        let expected = serde_json::json!({
            "service": service,
            "instances": 1,
            "received": 3_000,
            "missing": 12,
            "reported_dropped": 0,
            "lost_in_transit": 12,
        });
        assert_eq!(status["producers"][at], expected);
    }
}
