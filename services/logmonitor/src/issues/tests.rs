//! Issues without Kafka, HTTP or disk: what errors and people do to them.

mod ruled;

use std::convert::Infallible;

use log_record::{ErrorInfo, Severity};

use super::*;

const NOON: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn later(seconds: i64) -> Timestamp {
    NOON.saturating_add_micros(seconds * 1_000_000)
}

fn record(at: Timestamp, message: &str) -> LogRecord<'_> {
    let mut record = LogRecord::new(at, Severity::Error, "booking", message);
    record.host = Some("h1".into());
    record.version = Some("1.4.0".into());
    record.target = Some("booking::orders".into());
    record
}

/// One batch, kept and shown. Returns the keys of its errors, and what was to be kept.
fn take(
    issues: &Issues,
    records: &[LogRecord<'_>],
    now: Timestamp,
) -> (Vec<IssueKey>, IssueChanges) {
    let mut batch = issues.begin(now);
    let foreseen = batch.foresee(&records.iter().collect::<Vec<_>>());
    let mut foreseen = foreseen.into_iter();
    let mut add = |record| batch.add_known(record, foreseen.next().flatten());
    let keys = records.iter().map(&mut add).collect();
    let changes = batch.changes();
    batch.apply(&changes);
    (keys, changes)
}

fn one(issues: &Issues, record: LogRecord<'_>, now: Timestamp) -> IssueKey {
    take(issues, &[record], now).0[0]
}

fn update(issues: &Issues, key: IssueKey, update: &IssueUpdate, now: Timestamp) -> IssueChanges {
    let mut kept = IssueChanges::default();
    let keep = |changes: &IssueChanges| -> Result<(), Infallible> {
        kept = changes.clone();
        Ok(())
    };
    issues.update(&[key], update, now, keep).unwrap();
    kept
}

fn status(status: Status) -> IssueUpdate {
    IssueUpdate {
        status: Some(status),
        ..IssueUpdate::default()
    }
}

fn kinds(changes: &IssueChanges) -> Vec<ActivityKind> {
    changes.activities.iter().map(|(_, a)| a.kind).collect()
}

#[test]
fn errors_that_differ_in_values_are_one_issue_which_is_told_once() {
    let issues = Issues::new();
    let (keys, changes) = take(
        &issues,
        &[
            record(later(0), "payment of order 17 failed"),
            record(later(1), "payment of order 4711 failed"),
            record(later(2), "cannot reach the mail server"),
        ],
        NOON,
    );
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[0], keys[2]);
    assert_eq!(kinds(&changes), [ActivityKind::Created; 2]);
    let issue = issues.get(keys[0]).unwrap();
    assert_eq!(
        (issue.tally.count, issue.about.service.as_str()),
        (2, "booking")
    );
    assert_eq!(issue.about.title, "payment of order 17 failed");
    assert_eq!(issue.tally.last_seen, later(1).as_micros());
    let (_, changes) = take(
        &issues,
        &[record(later(3), "payment of order 5 failed")],
        NOON,
    );
    assert_eq!(kinds(&changes), []);
    assert_eq!(issues.get(keys[0]).unwrap().tally.count, 3);
}

#[test]
fn a_large_batch_makes_the_issues_that_small_ones_make() {
    const NAMES: [&str; 8] = ["ada", "bob", "cyd", "dot", "eve", "fay", "gus", "hal"];
    // A name that is new, and makes two issues one, comes in the middle of a batch.
    let message = |number: usize| match (number % 3, NAMES[number / 1_500]) {
        (0, _) => format!("payment of order {number} failed"),
        (1, name) => format!("no mail could be sent to user {name} today"),
        (_, name) => format!("the report of customer {name} has {number} empty rows"),
    };
    let messages: Vec<String> = (0..12_000).map(message).collect();
    let records: Vec<LogRecord<'_>> = messages.iter().map(|text| record(NOON, text)).collect();
    let grouped_by = |size: usize| {
        let issues = Issues::new();
        for part in records.chunks(size) {
            take(&issues, part, NOON);
        }
        let list = issues.list(&IssueFilter::default(), IssueSort::Count, None, 100, NOON);
        let shown = list.issues.into_iter();
        shown
            .map(|issue| (issue.about.title, issue.count))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let small = grouped_by(7);
    assert_eq!(small.len(), 3, "{small:?}");
    assert_eq!(grouped_by(2_000), small);
}

#[test]
fn what_was_not_kept_is_not_shown_and_what_was_learned_is_kept_later() {
    let issues = Issues::new();
    let mut refused = issues.begin(NOON);
    let key = refused.add(&record(NOON, "payment of order 17 failed"));
    let wanted = refused.changes();
    drop(refused);
    assert!(issues.is_empty());
    let (keys, changes) = take(&issues, &[record(NOON, "payment of order 17 failed")], NOON);
    assert_eq!((keys, changes.learned), (vec![key], wanted.learned));
    assert_eq!(issues.get(key).unwrap().tally.count, 1);
}

#[test]
fn a_resolved_issue_regresses_once() {
    let issues = Issues::new();
    let key = one(&issues, record(NOON, "it broke"), NOON);
    let kept = update(&issues, key, &status(Status::Resolved), later(10));
    assert_eq!(kinds(&kept), [ActivityKind::Resolved]);
    // An error of before comes late.
    let (_, changes) = take(&issues, &[record(later(5), "it broke")], later(11));
    assert_eq!(kinds(&changes), []);
    let again = [record(later(20), "it broke"), record(later(21), "it broke")];
    let (_, changes) = take(&issues, &again, later(22));
    assert_eq!(kinds(&changes), [ActivityKind::Regressed]);
    let issue = issues.get(key).unwrap();
    assert_eq!(issue.about.state.status, Status::Open);
    assert_eq!(
        issue.about.substatus(&issue.tally, later(23)),
        Substatus::Regressed
    );
    assert_eq!(issue.tally.count, 4);
}

#[test]
fn an_issue_that_is_ignored_for_a_number_of_errors_opens_with_the_last_of_them() {
    let issues = Issues::new();
    let key = one(&issues, record(NOON, "it broke"), NOON);
    let ignored = IssueUpdate {
        ignore_until_count: Some(3),
        ..status(Status::Ignored)
    };
    update(&issues, key, &ignored, later(1));
    for (second, expected) in [(2, vec![]), (3, vec![]), (4, vec![ActivityKind::Reopened])] {
        let (_, changes) = take(&issues, &[record(later(second), "it broke")], later(second));
        assert_eq!(kinds(&changes), expected, "{second}");
    }
}

#[test]
fn issues_merged_by_hand_are_one_until_that_is_undone() {
    let issues = Issues::new();
    let part = one(&issues, record(NOON, "cannot reach the mail server"), NOON);
    let whole = one(&issues, record(NOON, "sending the mail failed badly"), NOON);
    let keep = |_: &IssueChanges| -> Result<(), Infallible> { Ok(()) };
    issues.merge(part, whole, NOON, keep).unwrap();
    assert!(matches!(
        issues.merge(whole, part, NOON, keep),
        Err(ChangeError::Itself(_))
    ));
    one(
        &issues,
        record(later(1), "cannot reach the mail server"),
        NOON,
    );
    assert_eq!(issues.get(part).unwrap().key, whole);
    assert_eq!(issues.get(whole).unwrap().tally.count, 3);
    assert_eq!(issues.keys(part), [whole, part]);
    // What is said of the whole holds for an error of the part.
    update(&issues, part, &status(Status::Resolved), later(2));
    let (_, changes) = take(
        &issues,
        &[record(later(3), "cannot reach the mail server")],
        later(3),
    );
    assert_eq!(changes.activities[0].0, whole);
    assert_eq!(kinds(&changes), [ActivityKind::Regressed]);
    issues.unmerge(part, NOON, keep).unwrap();
    assert_eq!(issues.get(part).unwrap().tally.count, 3);
    assert_eq!(issues.get(whole).unwrap().tally.count, 1);
    assert!(matches!(
        issues.unmerge(part, NOON, keep),
        Err(ChangeError::NotMerged(_))
    ));
}

#[test]
fn what_was_restored_goes_on_as_if_nothing_had_been() {
    let issues = Issues::new();
    let (keys, first) = take(&issues, &[record(NOON, "payment of order 17 failed")], NOON);
    let (_, second) = take(
        &issues,
        &[record(NOON, "user maria logged out twice")],
        NOON,
    );
    let learned = [first, second]
        .into_iter()
        .flat_map(|changes| changes.learned);
    let restored = Issues::new();
    restored.restore(issues.all(), learned.map(|(_, bytes)| bytes));
    assert_eq!(restored.all(), issues.all());
    let (again, changes) = take(
        &restored,
        &[record(NOON, "payment of order 18 failed")],
        NOON,
    );
    assert_eq!((again, kinds(&changes)), (keys, vec![]));
}

fn listed(issues: &Issues, filter: &IssueFilter, sort: IssueSort) -> Vec<String> {
    let mut titles = Vec::new();
    let mut after = None;
    loop {
        let page = issues.list(filter, sort, after, 2, later(100));
        titles.extend(page.issues.into_iter().map(|issue| issue.about.title));
        after = page.next;
        if after.is_none() {
            assert_eq!(titles.len(), page.total);
            return titles;
        }
    }
}

#[test]
fn a_list_is_filtered_and_ordered_and_comes_in_pages() {
    let issues = Issues::new();
    let mut critical = record(later(3), "the database is gone");
    critical.level = Severity::Critical;
    critical.service = "payment".into();
    let mut typed = record(later(1), "request failed");
    typed.error = Some(ErrorInfo {
        kind: Some("TimeoutError".into()),
        message: Some("no answer".into()),
        ..ErrorInfo::default()
    });
    let records = [
        record(later(0), "it broke"),
        record(later(5), "it broke"),
        typed,
        critical,
    ];
    take(&issues, &records, later(6));
    let all = IssueFilter::default();
    let by = |sort| listed(&issues, &all, sort);
    let (broke, gone, timeout) = (
        "it broke",
        "the database is gone",
        "TimeoutError: no answer",
    );
    assert_eq!(by(IssueSort::LastSeen), [broke, gone, timeout]);
    assert_eq!(by(IssueSort::FirstSeen), [gone, timeout, broke]);
    assert_eq!(by(IssueSort::Count)[0], broke);
    assert_eq!(by(IssueSort::Trend)[0], broke);
    let with = |filter: IssueFilter| listed(&issues, &filter, IssueSort::LastSeen);
    let terms = |text: &str| IssueFilter {
        terms: crate::query::parse(text).unwrap(),
        ..IssueFilter::default()
    };
    assert_eq!(with(terms("timeout")), [timeout]);
    assert_eq!(with(terms("-timeout service:booking")), [broke]);
    assert_eq!(
        with(terms("error:TimeoutError host:h1 version:*")),
        [timeout]
    );
    assert_eq!(with(terms("level:critical")), [gone]);
    assert_eq!(with(terms("order_id:7")), Vec::<String>::new());
    assert_eq!(
        with(IssueFilter {
            levels: vec![Severity::Critical],
            services: vec!["payment".to_owned()],
            ..IssueFilter::default()
        }),
        [gone]
    );
    assert_eq!(
        with(IssueFilter {
            from: Some(later(2).as_micros()),
            to: Some(later(3).as_micros()),
            ..IssueFilter::default()
        }),
        [broke]
    );
    assert_eq!(
        with(IssueFilter {
            status: Some(Status::Resolved),
            ..IssueFilter::default()
        }),
        Vec::<String>::new()
    );
}

#[test]
fn one_issue_too_many_is_counted_in_the_catch_all_and_nothing_is_lost() {
    let issues = Issues::with_limit(3);
    let records = ["alpha failed", "beta broke", "gamma stopped"].map(|text| record(NOON, text));
    let (keys, _) = take(&issues, &records[..2], NOON);
    // The limit is met within a batch.
    let (third, changes) = take(
        &issues,
        &[
            records[2].clone(),
            record(later(1), "delta is gone"),
            record(later(2), "epsilon is late"),
            records[0].clone(),
        ],
        later(3),
    );
    assert!(!keys.contains(&third[0]));
    assert_eq!(third[1..], [CATCH_ALL, CATCH_ALL, keys[0]]);
    assert_eq!(kinds(&changes), [ActivityKind::Created; 2]);
    assert_eq!((issues.len(), issues.beyond_limit()), (4, 2));
    // What is known goes on as before, and what is not still has a place.
    let again = [
        record(later(4), "beta broke"),
        record(later(4), "zeta is new"),
    ];
    let (fourth, changes) = take(&issues, &again, later(4));
    assert_eq!(fourth, [keys[1], CATCH_ALL]);
    assert_eq!(kinds(&changes), []);
    let whole: u64 = issues.all().iter().map(|issue| issue.tally.count).sum();
    assert_eq!((whole, issues.beyond_limit()), (8, 3));
    let catch_all = issues.get(CATCH_ALL).unwrap();
    assert_eq!(
        catch_all.about.title,
        "errors beyond the largest number of issues"
    );
    assert_eq!(issues.explain(CATCH_ALL, &again[1])[0].name, "limit");
    // After a restart there are as many, and no more.
    let restored = Issues::with_limit(3);
    restored.restore(issues.all(), []);
    let (keys, _) = take(&restored, &[record(later(5), "eta is new too")], later(5));
    assert_eq!((keys[0], restored.len()), (CATCH_ALL, 4));
}

#[test]
fn hours_that_no_trend_shows_are_forgotten_and_counts_stay() {
    let issues = Issues::new();
    let old = record(later(-50 * 3_600), "it broke");
    let (keys, _) = take(&issues, &[old, record(NOON, "it broke")], NOON);
    issues.evict_hours_before(later(-48 * 3_600).as_micros());
    let tally = issues.get(keys[0]).unwrap().tally;
    assert_eq!((tally.hours.len(), tally.count), (1, 2));
    assert_eq!(tally.first_seen, later(-50 * 3_600).as_micros());
}
