//! Issues are kept with their errors: whatever happens, their counts are those of the errors that were kept.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::*;
use crate::issues::{Issue, IssueKey, IssueUpdate, Status};

/// An error whose issue is known by its number.
fn error(seq: u64, issue: u64) -> Vec<u8> {
    const WHAT: [&str; 5] = [
        "payment of order {} was declined",
        "no answer from the mail server after {} ms",
        "row {} of the import has no date",
        "cannot open the report of customer {}",
        "the cache holds {} entries too many",
    ];
    let at = now().saturating_add_micros(-(seq as i64 % 50) * 600_000_000);
    let message = WHAT[issue as usize % WHAT.len()].replace("{}", &seq.to_string());
    format!(
        r#"{{"timestamp":"{at}","level":"{}","service":"booking","host":"h{}","instance":"{:032x}","seq":{seq},"version":"1.{}","message":"{message}"}}"#,
        if seq.is_multiple_of(7) { "CRITICAL" } else { "ERROR" },
        seq % 3,
        7,
        seq % 2,
    )
    .into_bytes()
}

fn read(monitor: &Monitor, seqs: std::ops::Range<u64>) {
    let first = seqs.start as i64;
    let records: Vec<Vec<u8>> = seqs.map(|seq| error(seq, seq)).collect();
    let payloads: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
    monitor.read(ERRORS, first, &payloads).unwrap();
}

/// Issues by title, as far as order does not matter.
fn issues(monitor: &Monitor) -> BTreeMap<IssueKey, Issue> {
    let all = monitor.ingest.issues().all().into_iter();
    all.map(|mut issue| {
        issue.tally.hosts.sort();
        issue.tally.versions.sort();
        (issue.key, issue)
    })
    .collect()
}

#[test]
fn issues_are_the_same_after_a_restart_and_after_blocks_became_one() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    for batch in 0..80 {
        read(&monitor, batch * 10..(batch + 1) * 10);
    }
    let before = issues(&monitor);
    assert_eq!(before.len(), 5);
    let total: u64 = before.values().map(|issue| issue.tally.count).sum();
    assert_eq!(total, 800);
    drop(monitor);
    let monitor = Monitor::start(&directory);
    assert_eq!(issues(&monitor), before);
    assert!(monitor.archive.compact().unwrap() > 0);
    drop(monitor);
    let monitor = Monitor::start(&directory);
    assert_eq!(issues(&monitor), before);
    // What was learned is known: the same errors are the same issues.
    read(&monitor, 800..805);
    assert_eq!(issues(&monitor).len(), 5);
}

#[test]
fn issues_outlive_the_errors_they_were_made_of() {
    let directory = TempDir::new().unwrap();
    let limits = ArchiveLimits {
        max_records: Some(100),
        ..archive_limits()
    };
    let monitor = Monitor::with(&directory, limits, 1 << 30);
    for batch in 0..40 {
        read(&monitor, batch * 10..(batch + 1) * 10);
    }
    let before = issues(&monitor);
    monitor.archive.retain(i64::MIN).unwrap();
    assert!(monitor.archive.size().unwrap().records <= 100);
    drop(monitor);
    let monitor = Monitor::start(&directory);
    assert_eq!(issues(&monitor), before);
}

#[test]
fn what_was_decided_survives_a_restart() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    read(&monitor, 0..2);
    let held = monitor.ingest.issues();
    let [first, second] = [0, 1].map(|at| *issues(&monitor).keys().nth(at).unwrap());
    let resolved = IssueUpdate {
        status: Some(Status::Resolved),
        resolved_in_version: Some("2.0".to_owned()),
        assignee: Some(Some("ada".to_owned())),
        ..IssueUpdate::default()
    };
    let keep = |changes: &_| monitor.archive.change_issues(changes);
    held.update(&[first], &resolved, now(), keep).unwrap();
    held.merge(second, first, now(), keep).unwrap();
    let before = issues(&monitor);
    let kinds = |monitor: &Monitor| -> Vec<&str> {
        let keys = monitor.ingest.issues().keys(first);
        let found = monitor.archive.issue_activities(&keys, 100).unwrap();
        found
            .iter()
            .map(|entry| entry.activity.kind.as_str())
            .collect()
    };
    let happened = [
        "merged", "merged", "assigned", "resolved", "created", "created",
    ];
    assert_eq!(kinds(&monitor), happened);
    drop(monitor);
    let monitor = Monitor::start(&directory);
    assert_eq!(issues(&monitor), before);
    assert_eq!(kinds(&monitor), happened);
    assert_eq!(monitor.ingest.issues().root(second), first);
}

#[test]
fn a_batch_that_cannot_be_kept_leaves_no_issue() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    let other = Connection::open(directory.path().join("logmonitor.db")).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON positions BEGIN SELECT RAISE(FAIL, 'no room'); END",
        )
        .unwrap();
    let records = [error(0, 0)];
    assert!(monitor.read(ERRORS, 0, &[&records[0]]).is_err());
    assert_eq!(issues(&monitor).len(), 0);
    other.execute_batch("DROP TRIGGER refuse").unwrap();
    read(&monitor, 0..1);
    let before = issues(&monitor);
    assert_eq!(before.len(), 1);
    drop(monitor);
    assert_eq!(issues(&Monitor::start(&directory)), before);
}

#[test]
fn an_archive_that_says_something_else_than_its_records_is_found_out() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    for batch in 0..80 {
        read(&monitor, batch * 10..(batch + 1) * 10);
    }
    monitor.archive.compact().unwrap();
    read(&monitor, 800..803);
    let found = monitor.archive.verify().unwrap();
    assert_eq!(
        (found.records, found.issues, found.problems),
        (803, 5, vec![])
    );
    let other = Connection::open(directory.path().join("logmonitor.db")).unwrap();
    for (sql, expected) in [
        (
            "UPDATE blocks SET issues = x'' WHERE arrival = 0",
            "counts by issue",
        ),
        (
            "UPDATE blocks SET newest = newest + 1 WHERE arrival = 0",
            "newest time",
        ),
        (
            "UPDATE blocks SET data = x'00' WHERE arrival = 0",
            "damaged",
        ),
        (
            "DELETE FROM issues WHERE issue IN (SELECT issue FROM issues LIMIT 1)",
            "not known",
        ),
    ] {
        other.execute_batch(sql).unwrap();
        let problems = monitor.archive.verify().unwrap().problems.join("; ");
        assert!(problems.contains(expected), "{sql}: {problems}");
    }
}
