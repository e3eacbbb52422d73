//! logmonitor killed at any moment: each error once, every count exact.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use pipeline_tests::{Home, Load, Monitor, Topics, shared_bootstrap, wait_for};

use super::soak;

/// The most errors that one batch of logmonitor has.
const ONE_BATCH: usize = 4_096;

#[test]
fn a_monitor_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Arc::new(Home::new(&bootstrap, &topics));
    let (kills, records) = if soak() { (20, 200_000) } else { (6, 40_000) };
    let mut monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics);
    // About a second for each kill, so that every one meets records that are arriving.
    let sending = std::thread::spawn(move || {
        for _ in 0..kills * 40 {
            load.send(records / (kills * 40));
            std::thread::sleep(Duration::from_millis(25));
        }
        load
    });
    for _ in 0..kills {
        // From the middle of the start to long after it.
        std::thread::sleep(Duration::from_millis(fastrand::u64(..1_500)));
        monitor.kill();
        monitor = Monitor::at(&home);
    }
    let mut load = sending.join().unwrap();
    // What the division left over, and something after the last kill.
    load.send(records % (kills * 40) + 1_000);
    load.finish().assert_exactly_in(&monitor);
    let counters = monitor.get("/api/v1/status")["counters"].clone();
    assert_eq!(counters["lost_before_read"], 0);
    assert_eq!(counters["quarantined"], 0);
}

#[test]
fn two_monitors_share_the_partitions_and_together_hold_everything() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    // Short sessions, so that the partitions of one that is gone are taken over soon.
    let home = || {
        let properties = "session.timeout.ms=6000,heartbeat.interval.ms=500";
        Arc::new(Home::new(&bootstrap, &topics).with("KAFKA_PROPERTIES", properties))
    };
    let (first_home, second_home) = (home(), home());
    let (first, second) = (Monitor::at(&first_home), Monitor::at(&second_home));
    first.wait_until_ready();
    second.wait_until_ready();
    let records = if soak() { 100_000 } else { 20_000 };
    let mut load = Load::new(&bootstrap, &topics).of_instances(12);
    load.send(records);
    let errors = load.errors();
    wait_for("together they hold every error once", || {
        let held = [first.ids().len(), second.ids().len()];
        (held.iter().sum::<usize>() == errors && !held.contains(&0)).then_some(())
    });
    load.send(records);
    second.kill();
    load.send(records);
    // Longer than a session: the first one takes over, then gives some back.
    std::thread::sleep(Duration::from_secs(8));
    load.send(records);
    let second = Monitor::at(&second_home);
    load.send(records);
    second.wait_until_ready();
    load.send(records);
    let sent = load.finish();

    let unique = wait_for("both together hold everything", || {
        let mut ids = [first.ids(), second.ids()].concat();
        ids.sort();
        ids.dedup();
        (ids.len() >= sent.errors.len()).then_some(ids)
    });
    assert_eq!(unique, sent.errors);
    let held = [first.ids(), second.ids()];
    for ids in &held {
        let unique: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "one of them holds an error twice");
    }
    // What the second one had kept and not committed when it was killed was read again by the first.
    let doubles = held.concat().len() - unique.len();
    assert!(doubles <= ONE_BATCH, "{doubles} errors are held by both");
}
