//! What the layer itself says about records that are lost, in a record of its own.

use std::time::Duration;

use log_record::DropReport;
use serde_json::Value;
use tracing::{dispatcher, error, info};
use tracing_kafka::Severity;

use crate::broker::{Broker, DEADLINE, Received, eventually};
use crate::pressure::{assert_balanced, seqs, start};

/// The only report among these.
#[track_caller]
fn report(received: &[Received]) -> &Value {
    let mut reports = received
        .iter()
        .filter(|received| received.record["target"] == "tracing_kafka");
    let report = reports.next().unwrap();
    assert!(reports.next().is_none(), "one is enough");
    assert_eq!(report.record["level"], "WARN");
    // As logmonitor reads it.
    let found = DropReport::find(report.text.as_bytes()).unwrap();
    let fields = &report.record["fields"];
    assert_eq!(fields["dropped_with_seq"], found.with_seq);
    assert_eq!(fields["dropped_without_seq"], found.without_seq);
    &report.record
}

#[test]
fn drops_are_reported_in_band_when_the_pressure_ends() {
    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("report").thread_queue_bytes(8 * 1024));
    dispatcher::with_default(&dispatch, || {
        for n in 0..10_000 {
            info!(n, "a flood");
        }
        let dropped = guard.counters().dropped();
        assert!(dropped > 0, "no pressure: the test proves nothing");
        eventually("the report", || {
            guard.counters().level(Severity::Warn).delivered == 1
        });
    });
    let counters = guard.counters();
    let received = broker.read_logs(counters.delivered() as usize);
    let report = report(&received);
    let fields = &report["fields"];
    assert_eq!(fields["dropped"], counters.dropped());
    assert_eq!(fields["dropped_info"], counters.dropped());
    // They were dropped in the queue, before they had numbers.
    assert_eq!(fields["dropped_without_seq"], counters.dropped());
    assert_eq!(fields["dropped_with_seq"], 0);
    assert_eq!(
        seqs(&received),
        (0..counters.delivered()).collect::<Vec<_>>()
    );
    let message = report["message"].as_str().unwrap();
    assert!(message.ends_with(" records dropped"), "{message}");
}

#[test]
fn the_numbers_of_dropped_records_are_missing_as_often_as_the_report_says() {
    let directory = tempfile::tempdir().unwrap();
    let broker = Broker::that_can_fail();
    let builder = broker
        .layer("gaps")
        // Room for a few of the errors.
        .spool(directory.path().join("spool"), 2_000)
        .property("message.timeout.ms", "500");
    let (dispatch, guard) = start(builder);
    dispatcher::with_default(&dispatch, || {
        eventually("the first is delivered", || {
            info!("the first, or lost while the client connects");
            guard.flush(DEADLINE).unwrap().delivered() > 0
        });
        broker.go_down();
        for n in 0..10 {
            info!(n, "timed out");
            error!(n, "spooled, or timed out");
        }
        eventually("it is decided", || guard.counters().in_flight() == 0);
        let kept = guard.counters().spooled();
        assert!((1..10).contains(&kept), "{kept}");
        broker.come_up();
        eventually("the spool is empty", || guard.counters().spooled() == 0);
        info!("works again");
        eventually("the report", || {
            guard.counters().level(Severity::Warn).delivered == 1
        });
    });
    let counters = guard.counters();
    let received = broker.read_logs(counters.delivered() as usize);
    let fields = &report(&received)["fields"];
    assert_eq!(fields["dropped_with_seq"], counters.dropped());
    assert_eq!(fields["dropped_without_seq"], 0);
    // What a reader computes; the numbers begin at zero.
    let seqs: std::collections::BTreeSet<u64> = seqs(&received).into_iter().collect();
    let missing = seqs.last().unwrap() + 1 - seqs.len() as u64;
    assert_eq!(missing, counters.dropped());
}

#[test]
fn what_was_not_reported_before_the_end_is_reported_at_the_end() {
    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("last").thread_queue_bytes(8 * 1024));
    dispatcher::with_default(&dispatch, || {
        for n in 0..10_000 {
            info!(n, "a flood");
        }
    });
    let counters = guard.shutdown(DEADLINE);
    assert!(
        counters.dropped() > 0,
        "no pressure: the test proves nothing"
    );
    let received = broker.read_logs(counters.delivered() as usize);
    let report = report(&received);
    assert_eq!(report["fields"]["dropped"], counters.dropped());
    assert_eq!(report["seq"], counters.delivered() - 1, "the last record");
}

#[test]
fn a_last_report_that_kafka_does_not_take_waits_in_the_spool() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("errors.spool");
    let away =
        tracing_kafka::KafkaLayer::builder("late").bootstrap_servers(crate::pressure::NOWHERE);
    let (dispatch, guard) = start(away.spool(&path, 1_000_000));
    dispatcher::with_default(&dispatch, || {
        info!("lost");
        info!("lost");
        error!("for the spool");
    });
    let counters = guard.shutdown(Duration::ZERO);
    assert_eq!(
        (counters.dropped(), counters.spooled()),
        (2, 2),
        "{counters:?}"
    );
    assert_balanced(&counters);

    let broker = Broker::start();
    let (_dispatch, guard) = start(broker.layer("late").spool(&path, 1_000_000));
    guard.shutdown(DEADLINE);
    let received = broker.read_logs(2);
    let report = report(&received);
    assert_eq!(report["fields"]["dropped_with_seq"], 2);
    assert_eq!(report["fields"]["dropped_without_seq"], 0);
    assert_eq!(report["seq"], 3);
    let [error] = &*broker.read_errors(1) else {
        panic!("the report is no error");
    };
    assert_eq!(error.record["instance"], report["instance"]);
    assert_eq!(error.record["seq"], 2);
}

#[test]
fn without_a_broker_the_end_is_not_later_than_the_timeout_for_want_of_a_report() {
    let (dispatch, guard) = start(
        tracing_kafka::KafkaLayer::builder("unheard")
            .bootstrap_servers(crate::pressure::NOWHERE)
            .property("message.timeout.ms", "100"),
    );
    dispatcher::with_default(&dispatch, || {
        info!("lost");
        eventually("it is lost", || guard.counters().dropped() == 1);
    });
    let start = std::time::Instant::now();
    let counters = guard.shutdown(Duration::from_millis(50));
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    // The report is accounted for as well.
    assert_eq!(
        (counters.emitted(), counters.dropped()),
        (2, 2),
        "{counters:?}"
    );
}
