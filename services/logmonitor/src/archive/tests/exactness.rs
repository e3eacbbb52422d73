//! Each record once, whatever happens in between.

use std::time::Instant;

use log_record::Instance;
use rusqlite::Connection;

use super::*;
use crate::elsewhere::Errors;

#[test]
fn what_was_kept_is_there_after_a_restart() {
    let directory = TempDir::new().unwrap();
    let before = Monitor::start(&directory);
    let records = [
        own(1, "ERROR"),
        foreign("no identity"),
        own(2, "CRITICAL"),
        own(3, "INFO"),
        b"{\"cut off".to_vec(),
    ];
    let payloads: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    before.read(ERRORS, 10, &payloads).unwrap();
    let (shown, ids) = (before.shown(), before.ids());
    assert_eq!(shown, ["number 1", "no identity", "number 2"]);
    let totals = before.pipeline.counters().totals();
    assert_eq!((totals.quarantined(), totals.consumed[ERRORS]), (1, 5));
    drop(before);

    let after = Monitor::start(&directory);
    assert_eq!(after.shown(), shown);
    assert_eq!(after.ids(), ids);
    assert_eq!(after.position(ERRORS), Some(15));
    assert_eq!(after.logged("booking"), 3);
    assert_eq!(after.pipeline.counters().totals(), totals);
    let events = after.store.tail(0, 10).events;
    let record = events[2].record();
    assert_eq!(record.level, Severity::Critical);
    assert_eq!(record.host.as_deref(), Some("h1"));
    assert_eq!(record.fields.unwrap().as_str(), r#"{"seq":2}"#);
    let quarantined = after.archive.quarantine(i64::MAX, 10).unwrap();
    assert_eq!(quarantined.len(), 1);
    assert_eq!(quarantined[0].payload, b"{\"cut off");
    assert_eq!(quarantined[0].key.as_deref(), Some(&b"key"[..]));
    assert_eq!(
        quarantined[0].headers,
        [("level".to_owned(), Some("ERROR".to_owned()))]
    );
    assert_eq!(
        (&*quarantined[0].topic, quarantined[0].offset),
        (ERRORS, 14)
    );
}

#[test]
fn the_twin_from_the_other_topic_is_recognised_after_a_restart() {
    let directory = TempDir::new().unwrap();
    let before = Monitor::start(&directory);
    before
        .read(
            ERRORS,
            0,
            &[&own(1, "ERROR"), &foreign("same"), &foreign("twice")],
        )
        .unwrap();
    // This one has met its twin: a further record of the same bytes is another error.
    before.read(LOGS, 0, &[&foreign("twice")]).unwrap();
    drop(before);

    let after = Monitor::start(&directory);
    after
        .read(
            LOGS,
            1,
            &[&own(1, "ERROR"), &foreign("same"), &foreign("twice")],
        )
        .unwrap();
    assert_eq!(after.shown(), ["number 1", "same", "twice", "twice"]);
    assert_eq!(after.pipeline.counters().totals().duplicates, 3);
}

#[test]
fn what_another_archive_has_is_not_kept_again_from_the_logs() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    let mut errors = Errors::default();
    errors.add(Some((Instance(7), 1)), &own(1, "ERROR"), now());
    errors.add(None, &foreign("theirs"), now());
    monitor.ingest.elsewhere().learn(0, errors);
    let records = [
        own(1, "ERROR"),
        foreign("theirs"),
        own(2, "ERROR"),
        foreign("ours"),
    ];
    let payloads: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    monitor.read(LOGS, 0, &payloads).unwrap();
    assert_eq!(monitor.shown(), ["number 2", "ours"]);
    assert_eq!(monitor.pipeline.counters().totals().duplicates, 2);
    // Of the errors topic nobody else has read what comes here.
    monitor.read(ERRORS, 0, &payloads).unwrap();
    assert_eq!(monitor.shown(), ["number 2", "ours", "number 1", "theirs"]);
}

#[test]
fn what_comes_again_is_recognised_when_it_has_left_the_memory() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::with(&directory, archive_limits(), 400_000);
    for seq in 0..20_000_u64 {
        if seq % 1_000 == 0 {
            let records: Vec<Vec<u8>> = (seq..seq + 1_000).map(|seq| own(seq, "ERROR")).collect();
            let payloads: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
            monitor.read(ERRORS, seq as i64, &payloads).unwrap();
        }
    }
    assert!(monitor.store.size().records < 10_000);
    monitor
        .read(
            LOGS,
            0,
            &[
                &own(5, "ERROR"),
                &own(20_000, "ERROR"),
                &own(7_777, "ERROR"),
            ],
        )
        .unwrap();
    assert_eq!(monitor.archive.size().unwrap().records, 20_001);
    assert_eq!(monitor.pipeline.counters().totals().duplicates, 2);
}

#[test]
fn what_the_archive_refuses_is_neither_shown_nor_counted_and_may_come_again() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    let records = [own(1, "ERROR"), foreign("first"), foreign("second")];
    let payloads: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    monitor.read(ERRORS, 0, &payloads[..2]).unwrap();
    let other = Connection::open(directory.path().join("logmonitor.db")).unwrap();
    // As a full disk would.
    let sql =
        "CREATE TRIGGER refuse BEFORE INSERT ON positions BEGIN SELECT RAISE(FAIL, 'no room'); END";
    other.execute_batch(sql).unwrap();
    for _ in 0..2 {
        let again = [
            own(2, "ERROR"),
            foreign("first"),
            foreign("third"),
            own(3, "INFO"),
            b"{".to_vec(),
        ];
        let again: Vec<&[u8]> = again.iter().map(Vec::as_slice).collect();
        let error = monitor.read(LOGS, 0, &again).unwrap_err();
        assert!(error.to_string().contains("no room"), "{error}");
        assert!(monitor.archive.problem().unwrap().contains("no room"));
        assert_eq!(monitor.shown(), ["number 1", "first"]);
        assert_eq!(monitor.position(LOGS), None);
        assert_eq!(monitor.logged("booking"), 1);
        assert_eq!(monitor.archive.quarantine_len().unwrap(), 0);
    }
    other.execute_batch("DROP TRIGGER refuse").unwrap();
    // The twin of "first" was matched in vain before: now it is matched.
    monitor
        .read(
            LOGS,
            0,
            &[&own(2, "ERROR"), &foreign("first"), &own(3, "INFO")],
        )
        .unwrap();
    assert_eq!(monitor.archive.problem(), None);
    assert_eq!(monitor.shown(), ["number 1", "first", "number 2"]);
    assert_eq!(monitor.logged("booking"), 3);
    assert_eq!(monitor.pipeline.counters().totals().duplicates, 1);
    drop(monitor);
    assert_eq!(
        Monitor::start(&directory).shown(),
        ["number 1", "first", "number 2"]
    );
}

#[test]
fn a_record_in_quarantine_leaves_it_when_it_can_be_decoded() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    monitor.read(ERRORS, 0, &[b"{", &own(1, "ERROR")]).unwrap();
    let record = monitor.archive.quarantine(i64::MAX, 1).unwrap().remove(0);
    assert!(monitor.ingest.reprocess(&record, now()).unwrap().is_err());
    assert_eq!(monitor.archive.quarantine_len().unwrap(), 1);
    let mended = crate::archive::QuarantinedRecord {
        payload: own(2, "CRITICAL"),
        ..record
    };
    assert_eq!(
        monitor.ingest.reprocess(&mended, now()).unwrap(),
        Ok(Severity::Critical)
    );
    assert_eq!(monitor.archive.quarantine_len().unwrap(), 0);
    assert_eq!(monitor.shown(), ["number 1", "number 2"]);
}

#[test]
fn merged_blocks_hold_the_same_records_and_twins() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    for number in 0..100_i64 {
        let seq = number.unsigned_abs();
        let record = if number % 3 == 0 {
            foreign(&format!("foreign {number}"))
        } else {
            own(seq, "ERROR")
        };
        monitor.read(ERRORS, number, &[&record]).unwrap();
    }
    let (shown, ids) = (monitor.shown(), monitor.ids());
    let blocks = |monitor: &Monitor| {
        let archive = &monitor.archive;
        archive.blocks(u64::MAX, i64::MIN, i64::MAX).unwrap().len()
    };
    assert_eq!(blocks(&monitor), 100);
    assert_eq!(monitor.archive.compact().unwrap(), 99);
    assert_eq!(blocks(&monitor), 1);
    assert_eq!(monitor.archive.compact().unwrap(), 0);
    drop(monitor);

    let after = Monitor::start(&directory);
    assert_eq!(after.shown(), shown);
    assert_eq!(after.ids(), ids);
    after
        .read(LOGS, 0, &[&foreign("foreign 33"), &own(34, "ERROR")])
        .unwrap();
    assert_eq!(after.pipeline.counters().totals().duplicates, 2);
}

#[test]
fn what_is_written_fast_gets_into_the_database_beside_the_writer() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    let database = directory.path().join("logmonitor.db");
    let before = std::fs::metadata(&database).unwrap().len();
    // Less than what makes SQLite do it while committing, and it does not compress.
    let mut number = 1_u64;
    let mut digits = || {
        number = number.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        format!("{number:016x}")
    };
    for batch in 0..4_usize {
        let records: Vec<Vec<u8>> = (0..100)
            .map(|_| {
                let noise: String = (0..450).map(|_| digits()).collect();
                format!("ERROR {noise}").into_bytes()
            })
            .collect();
        let payloads: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        monitor.read(ERRORS, batch as i64 * 100, &payloads).unwrap();
    }
    let until = Instant::now() + Duration::from_secs(30);
    while std::fs::metadata(&database).unwrap().len() < before + (1 << 20) {
        assert!(Instant::now() < until, "no checkpoint in 30 s");
        std::thread::sleep(Duration::from_millis(5));
    }
}
