//! The group gives partitions to others at a bad moment.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pipeline_tests::{Broker, Home, Load, Monitor, Topics, shared_bootstrap, wait_for};

#[test]
fn a_long_rebalance_while_the_disk_is_full_neither_stalls_nor_loses() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let properties = "session.timeout.ms=6000,heartbeat.interval.ms=500";
    let home = || Home::new(&bootstrap, &topics).with("KAFKA_PROPERTIES", properties);
    let first = Monitor::at(&Arc::new(home().on_small_disk(24 << 20)));
    let second = Monitor::at(&Arc::new(home()));
    first.wait_until_ready();
    second.wait_until_ready();
    let ballast = first.data().join("ballast");
    assert!(std::fs::write(&ballast, vec![0; 64 << 20]).is_err());
    let mut load = Load::new(&bootstrap, &topics);
    load.send(30_000);
    wait_for("it says that the disk is full", || {
        let problems = first.get("/api/v1/status")["kafka"]["problems"].clone();
        problems.to_string().contains("full").then_some(())
    });

    // The group waits for the second one until its session ends. Until then nobody has partitions, and what the first
    // one could not keep is dropped.
    second.signal("STOP");
    let third = Monitor::at(&Arc::new(home()));
    third.wait_until_ready();
    second.signal("CONT");
    load.send(30_000);
    std::fs::remove_file(&ballast).unwrap();
    load.send(3_000);
    let sent = load.finish();

    let monitors = [&first, &second, &third];
    for monitor in monitors {
        monitor.wait_until_ready();
    }
    // Two may hold the same error: they read it from different topics.
    let together = || {
        let held = monitors.iter().flat_map(|monitor| monitor.ids());
        held.collect::<BTreeSet<String>>()
    };
    wait_for("together they hold everything", || {
        (together().len() >= sent.errors.len()).then_some(())
    });
    assert!(together().iter().eq(&sent.errors));
    for monitor in monitors {
        let held = monitor.ids();
        let unique: BTreeSet<&String> = held.iter().collect();
        assert_eq!(unique.len(), held.len(), "one of them holds an error twice");
        monitor.wait_until_all_is_read();
    }
}

#[test]
fn a_member_that_joins_reads_on_where_the_others_were() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = || Arc::new(Home::new(&bootstrap, &topics));
    let first = Monitor::at(&home());
    first.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics).of_instances(12);
    load.send(20_000);
    first.wait_until_counted(20_000);
    first.wait_until_all_is_read();
    let second = Monitor::at(&home());
    second.wait_until_ready();
    load.send(20_000);
    let sent = load.finish();
    let together = || [first.ids(), second.ids()].concat();
    wait_for("together they hold everything", || {
        (together().len() >= sent.errors.len()).then_some(())
    });
    first.wait_until_all_is_read();
    second.wait_until_all_is_read();
    let mut together = together();
    together.sort();
    assert_eq!(together, sent.errors);
    assert!(!second.ids().is_empty());
}

/// Two members of one group, of which the first has kept the errors of 20,000 records, has read no line of the logs,
/// and is gone; and the load that holds those lines back.
fn errors_kept_and_logs_held_back() -> (Arc<Home>, Arc<Home>, Load) {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let properties = "session.timeout.ms=6000,heartbeat.interval.ms=500";
    let home = || Arc::new(Home::new(&bootstrap, &topics).with("KAFKA_PROPERTIES", properties));
    let (first_home, second_home) = (home(), home());
    let first = Monitor::at(&first_home);
    first.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics)
        .of_instances(12)
        .holding_logs_back();
    load.send(20_000);
    wait_for("the first one has all errors", || {
        (first.ids().len() == load.errors()).then_some(())
    });
    assert!(first.terminate().success());
    (first_home, second_home, load)
}

/// The errors topic is read ahead of the logs: here a member has read all errors and no line of the logs, and goes.
#[test]
fn errors_that_another_has_kept_are_not_kept_again_from_the_logs() {
    let (first_home, second_home, mut load) = errors_kept_and_logs_held_back();
    let kept = load.errors();
    load.send_held();
    load.send(10_000);
    let new = load.errors() - kept;
    let sent = load.finish();

    let second = Monitor::at(&second_home);
    wait_for("the second one has read all", || {
        let status = second.get("/api/v1/status");
        let partitions = status["partitions"].as_array()?.clone();
        let is_read = partitions.iter().all(|at| at["lag"] == 0);
        (partitions.len() == 12 && is_read).then_some(())
    });
    second.wait_until_counted(sent.records() - kept as u64);
    assert_eq!(second.ids().len(), new);

    let first = Monitor::at(&first_home);
    let mut together = [first.ids(), second.ids()].concat();
    together.sort();
    assert_eq!(together, sent.errors);
}

/// The same, and the one that takes over ends in the middle of what the first one had kept.
#[test]
fn errors_that_another_has_kept_are_remembered_across_a_crash() {
    let (first_home, second_home, mut load) = errors_kept_and_logs_held_back();
    let kept = load.errors();
    load.send_some_held(8_000);
    let second = Monitor::at(&second_home);
    second.wait_until_counted(7_000);
    second.kill();
    load.send_held();
    load.send(10_000);
    let new = load.errors() - kept;
    let sent = load.finish();

    let second = Monitor::at(&second_home);
    second.wait_until_counted(sent.records() - kept as u64);
    assert_eq!(second.ids().len(), new);
    let first = Monitor::at(&first_home);
    let mut together = [first.ids(), second.ids()].concat();
    together.sort();
    assert_eq!(together, sent.errors);
}

#[test]
fn a_member_that_is_given_other_topics_reads_those_and_no_others() {
    let bootstrap = shared_bootstrap();
    let (first, second) = (Topics::unique(), Topics::unique());
    let properties = "session.timeout.ms=6000,heartbeat.interval.ms=500";
    let mut home = Home::new(&bootstrap, &first)
        .with("KAFKA_PROPERTIES", properties)
        .with("LOG_MONITOR_DATA_DIR", "none");
    // The group still knows the member by the topics that it read before.
    for topics in [&first, &second] {
        home = home.reading(topics);
        let shared = Arc::new(home);
        let monitor = Monitor::at(&shared);
        let mut load = Load::new(&bootstrap, topics);
        load.send(2_000);
        load.finish().assert_exactly_in(&monitor);
        assert!(monitor.terminate().success());
        home = Arc::try_unwrap(shared).unwrap();
    }
}

#[test]
fn a_monitor_stops_soon_while_kafka_is_away() {
    let (mut broker, topics) = (Broker::start(), Topics::unique());
    let monitor = Monitor::start(broker.bootstrap(), &topics);
    let mut load = Load::new(broker.bootstrap(), &topics);
    load.send(1_000);
    load.finish().assert_exactly_in(&monitor);
    broker.kill();
    wait_for("it notices", || {
        (monitor.status("/ready") == Some(503)).then_some(())
    });
    let begun = Instant::now();
    assert!(monitor.terminate().success());
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(8), "it took {took:?}");
}
