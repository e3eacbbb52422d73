//! Errors on disk while the broker is away.

use std::collections::HashSet;
use std::time::Duration;

use tracing::{dispatcher, error, info};
use tracing_kafka::Severity;

use crate::broker::{Broker, DEADLINE, eventually};
use crate::pressure::{NOWHERE, assert_balanced, numbers, seqs, start};

#[test]
fn errors_wait_in_the_spool_and_arrive_with_their_numbers_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("not/there/yet/errors.spool");
    let away = tracing_kafka::KafkaLayer::builder("spool")
        .bootstrap_servers(NOWHERE)
        .spool(&path, 1_000_000);
    let (dispatch, guard) = start(away);
    dispatcher::with_default(&dispatch, || {
        for n in 0..20_u64 {
            info!(n, "not for the spool");
            error!(n, "for the spool");
        }
    });
    let counters = guard.shutdown(Duration::from_millis(100));
    assert_eq!(counters.level(Severity::Error).spooled, 20, "{counters:?}");
    assert_eq!(counters.level(Severity::Info).dropped, 20, "{counters:?}");
    assert_balanced(&counters);

    let broker = Broker::start();
    let (_dispatch, guard) = start(broker.layer("spool").spool(&path, 1_000_000));
    let received = broker.read_errors(20);
    assert_eq!(numbers(&received), (0..20).collect::<Vec<_>>());
    assert_eq!(
        seqs(&received),
        (0..20).map(|n| 2 * n + 1).collect::<Vec<_>>()
    );
    let mut logs = broker.read_logs(21);
    let report = logs.pop().unwrap();
    assert_eq!(report.record["message"], "20 records dropped");
    assert_eq!(numbers(&logs), (0..20).collect::<Vec<_>>());
    // In the partitions in which they are if the broker has had them before.
    for received in received.iter().chain(&logs) {
        let instance = received.record["instance"].as_str().unwrap();
        assert_eq!(received.key, format!("spool/{instance}"));
    }
    eventually("the spool is empty", || {
        std::fs::metadata(&path).unwrap().len() == 8
    });
    assert_eq!(guard.counters().emitted(), 0, "another process's records");
}

#[test]
fn a_process_that_ends_at_once_still_replays() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("errors.spool");
    let away = tracing_kafka::KafkaLayer::builder("brief").bootstrap_servers(NOWHERE);
    let (dispatch, guard) = start(away.spool(&path, 1_000_000));
    dispatcher::with_default(&dispatch, || error!(n = 1, "for the spool"));
    assert_eq!(guard.shutdown(Duration::ZERO).spooled(), 1);

    let broker = Broker::start();
    let (_dispatch, guard) = start(broker.layer("brief").spool(&path, 1_000_000));
    guard.shutdown(DEADLINE);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 8);
    assert_eq!(numbers(&broker.read_errors(1)), [1]);
}

#[test]
fn what_was_spooled_while_the_broker_was_away_is_delivered_when_it_is_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("errors.spool");
    let broker = Broker::that_can_fail();
    let builder = broker
        .layer("return")
        .spool(&path, 1_000_000)
        .property("message.timeout.ms", "500");
    let (dispatch, guard) = start(builder);
    dispatcher::with_default(&dispatch, || {
        // Twice: what was replayed leaves a spool that is as good as new.
        for round in 0..2_u64 {
            broker.go_down();
            for n in 0..10 {
                error!(n = 10 * round + n, "spooled");
            }
            eventually("all are spooled", || guard.counters().spooled() == 10);
            assert_balanced(&guard.counters());
            broker.come_up();
            eventually("all are delivered", || {
                guard.counters().delivered() == 10 * (round + 1)
            });
            eventually("the spool is empty", || {
                std::fs::metadata(&path).unwrap().len() == 8
            });
        }
    });
    let counters = guard.counters();
    assert_eq!((counters.spooled(), counters.dropped()), (0, 0));
    let distinct: HashSet<u64> = numbers(&broker.read_errors(20)).into_iter().collect();
    assert_eq!(distinct.len(), 20);
}

#[test]
fn a_spool_is_filled_to_its_last_byte_and_not_beyond() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("errors.spool");
    let log_five = |max_bytes| {
        let builder = tracing_kafka::KafkaLayer::builder("full").bootstrap_servers(NOWHERE);
        let (dispatch, guard) = start(builder.spool(&path, max_bytes));
        dispatcher::with_default(&dispatch, || {
            for n in 0..5 {
                error!(n, "for the spool");
            }
        });
        let counters = guard.shutdown(Duration::ZERO);
        assert_balanced(&counters);
        let len = std::fs::metadata(&path).unwrap().len();
        std::fs::remove_file(&path).unwrap();
        let errors = counters.level(Severity::Error);
        (errors.spooled, errors.dropped, len)
    };
    let (_, _, all) = log_five(1_000_000);
    assert_eq!(log_five(all), (5, 0, all));
    let (spooled, dropped, len) = log_five(all - 1);
    assert_eq!((spooled, dropped), (4, 1));
    assert!(len < all, "{len}");
}

#[test]
fn a_spool_that_ends_in_half_a_record_is_used_up_to_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("errors.spool");
    let away = || {
        tracing_kafka::KafkaLayer::builder("torn")
            .bootstrap_servers(NOWHERE)
            .spool(&path, 1_000_000)
    };
    let (dispatch, guard) = start(away());
    dispatcher::with_default(&dispatch, || {
        for n in 0..3_u64 {
            error!(n, "for the spool");
        }
    });
    assert_eq!(guard.shutdown(Duration::ZERO).spooled(), 3);
    // As a crash in the middle of a write would leave it.
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 10]).unwrap();

    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("torn").spool(&path, 1_000_000));
    assert_eq!(numbers(&broker.read_errors(2)), [0, 1]);
    assert_eq!(guard.counters().torn(), 1);
    eventually("the torn one is reported in-band", || {
        guard.counters().level(Severity::Warn).delivered == 1
    });
    dispatcher::with_default(&dispatch, || error!(n = 7_u64, "goes on"));
    guard.shutdown(DEADLINE);
    assert_eq!(numbers(&broker.read_errors(3)), [0, 1, 7]);

    let received = broker.read_logs(4);
    let report = &received
        .iter()
        .find(|received| received.record["level"] == "WARN")
        .unwrap()
        .record;
    assert_eq!(
        report["fields"],
        serde_json::json!({"dropped": 0, "dropped_with_seq": 0, "dropped_without_seq": 0, "torn": 1})
    );
    // Once.
    let (_dispatch, guard) = start(broker.layer("torn").spool(&path, 1_000_000));
    assert_eq!(guard.counters().torn(), 0);
}

#[test]
fn a_file_that_is_no_spool_is_left_alone() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "dear diary, ...").unwrap();
    let error = tracing_kafka::KafkaLayer::builder("diary")
        .bootstrap_servers(NOWHERE)
        .spool(file.path(), 1_000_000)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("not a spool file"), "{error}");
    assert_eq!(std::fs::read(file.path()).unwrap(), b"dear diary, ...");
}

#[test]
fn a_record_that_is_never_taken_does_not_keep_the_others_waiting() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("errors.spool");
    let filler = "x".repeat(30_000);
    let log = |dispatch| {
        dispatcher::with_default(dispatch, || {
            error!(n = 0, "for the spool");
            error!(n = 1, filler, "too long for the client of the next process");
            error!(n = 2, "for the spool");
        });
    };
    let away = tracing_kafka::KafkaLayer::builder("unfit").bootstrap_servers(NOWHERE);
    let (dispatch, guard) = start(away.spool(&path, 1_000_000));
    log(&dispatch);
    assert_eq!(guard.shutdown(Duration::ZERO).spooled(), 3);

    let broker = Broker::start();
    let builder = broker.layer("unfit").spool(&path, 1_000_000);
    let (dispatch, guard) = start(builder.property("message.max.bytes", "20000"));
    eventually("the spool is empty", || {
        std::fs::metadata(&path).unwrap().len() == 8
    });
    assert_eq!(guard.counters().torn(), 1);
    log(&dispatch);
    eventually("all of this process is decided", || {
        let counters = guard.counters();
        counters.level(Severity::Error).delivered == 2 && counters.dropped() == 1
    });
    assert_balanced(&guard.shutdown(DEADLINE));
    let received = broker.read_logs(5);
    let report = received
        .iter()
        .map(|received| &received.record)
        .rfind(|record| record["level"] == "WARN");
    let fields = &report.unwrap()["fields"];
    assert_eq!(
        (&fields["dropped_with_seq"], &fields["torn"]),
        (&1.into(), &1.into())
    );
    let distinct: HashSet<u64> = numbers(&broker.read_errors(4)).into_iter().collect();
    assert_eq!(distinct, HashSet::from([0, 2]));
}
