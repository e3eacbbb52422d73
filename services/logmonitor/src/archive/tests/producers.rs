//! The accounts of producers are kept with the records they were made from.

use rusqlite::Connection;

use super::*;
use crate::archive::{Gap, GapCause};

fn report(seq: u64, with_seq: u64, without_seq: u64) -> Vec<u8> {
    let text = String::from_utf8(own(seq, "WARN")).unwrap();
    let fields = format!(
        r#""target":"tracing_kafka","fields":{{"dropped_with_seq":{with_seq},"dropped_without_seq":{without_seq},"#
    );
    text.replacen(r#""fields":{"#, &fields, 1).into_bytes()
}

#[test]
fn what_is_missing_and_why_survives_a_restart() {
    let directory = TempDir::new().unwrap();
    let expected = ServiceProducers {
        instances: 1,
        received: 5,
        missing: 3,
        reported_dropped: 6,
        lost_in_transit: 1,
    };
    {
        let monitor = Monitor::start(&directory);
        let records = [own(0, "ERROR"), own(1, "INFO"), own(4, "INFO")];
        let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        monitor.read(LOGS, 0, &records).unwrap();
        assert_eq!(monitor.producers().missing, 2);
        // The other topic has errors only: gaps there mean nothing.
        monitor.read(ERRORS, 0, &[&own(0, "ERROR")]).unwrap();
        monitor.read(ERRORS, 1, &[&own(900, "ERROR")]).unwrap();
        monitor.read(LOGS, 3, &[&report(5, 2, 4)]).unwrap();
        monitor.read(LOGS, 4, &[&own(7, "INFO")]).unwrap();
        assert_eq!(monitor.producers(), expected);
    }
    let monitor = Monitor::start(&directory);
    assert_eq!(monitor.producers(), expected);
    // What was late fills its place.
    monitor.read(LOGS, 5, &[&own(2, "INFO")]).unwrap();
    let healed = monitor.producers();
    assert_eq!((healed.missing, healed.lost_in_transit), (2, 0));
}

#[test]
fn which_numbers_are_missing_survives_a_restart() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    for (offset, seq) in [0, 1, 4, 8].into_iter().enumerate() {
        monitor
            .read(LOGS, offset as i64, &[&own(seq, "INFO")])
            .unwrap();
    }
    drop(monitor);
    let monitor = Monitor::start(&directory);
    let read = |offset, seq| monitor.read(LOGS, offset, &[&own(seq, "INFO")]).unwrap();
    read(4, 1);
    read(5, 6);
    read(6, 6);
    let producers = monitor.producers();
    assert_eq!((producers.received, producers.missing), (5, 4));
}

/// Of an account of before is known how many are missing, not which.
#[test]
fn any_number_of_an_old_account_may_be_missing() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    monitor.read(LOGS, 0, &[&own(0, "INFO")]).unwrap();
    monitor.read(LOGS, 1, &[&own(9, "INFO")]).unwrap();
    drop(monitor);
    let database = Connection::open(directory.path().join("logmonitor.db")).unwrap();
    database
        .execute_batch(
            "ALTER TABLE producers DROP COLUMN holes;
             PRAGMA user_version = 4;",
        )
        .unwrap();
    drop(database);
    let monitor = Monitor::start(&directory);
    assert_eq!(monitor.producers().missing, 8);
    monitor.read(LOGS, 2, &[&own(5, "INFO")]).unwrap();
    monitor.read(LOGS, 3, &[&own(11, "INFO")]).unwrap();
    let producers = monitor.producers();
    assert_eq!((producers.received, producers.missing), (4, 8));
}

#[test]
fn records_that_kafka_deleted_are_not_blamed_on_their_producer() {
    let directory = TempDir::new().unwrap();
    {
        let monitor = Monitor::start(&directory);
        monitor.read(LOGS, 0, &[&own(0, "INFO")]).unwrap();
        let gap = Gap {
            topic: LOGS.to_owned(),
            partition: 0,
            from: 1,
            to: 50,
            cause: GapCause::Deleted,
            found_at: now(),
        };
        monitor.ingest.pass_gap(&gap).unwrap();
    }
    let monitor = Monitor::start(&directory);
    monitor.read(LOGS, 50, &[&own(50, "INFO")]).unwrap();
    assert_eq!(monitor.producers().missing, 0);
    monitor.read(LOGS, 51, &[&own(52, "INFO")]).unwrap();
    assert_eq!(monitor.producers().missing, 1);
    assert_eq!(monitor.producers().received, 3);
}

#[test]
fn numbers_of_any_size_are_kept() {
    let directory = TempDir::new().unwrap();
    let last = u64::MAX;
    let monitor = Monitor::start(&directory);
    monitor.read(LOGS, 0, &[&own(last - 3, "INFO")]).unwrap();
    drop(monitor);
    let monitor = Monitor::start(&directory);
    monitor.read(LOGS, 1, &[&own(last, "INFO")]).unwrap();
    assert_eq!(monitor.producers().missing, 2);
    monitor.read(LOGS, 2, &[&own(0, "INFO")]).unwrap();
    let producers = monitor.producers();
    assert_eq!((producers.received, producers.missing), (3, 2));
}

#[test]
fn an_archive_of_the_first_version_is_brought_to_this_one() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    monitor.read(LOGS, 0, &[&own(3, "ERROR")]).unwrap();
    drop(monitor);
    let database = Connection::open(directory.path().join("logmonitor.db")).unwrap();
    database
        .execute_batch(
            "DROP TABLE producers; DROP TABLE closed_producers;
             CREATE TABLE producers (instance BLOB PRIMARY KEY) WITHOUT ROWID;
             DROP TABLE issues; DROP TABLE issue_activities; DROP TABLE templates; DROP TABLE snapshots;
             ALTER TABLE blocks DROP COLUMN issues;
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(database);
    let monitor = Monitor::start(&directory);
    assert_eq!(monitor.shown(), ["number 3"]);
    monitor.read(LOGS, 1, &[&own(5, "ERROR")]).unwrap();
    assert_eq!(monitor.producers().received, 1);
}
