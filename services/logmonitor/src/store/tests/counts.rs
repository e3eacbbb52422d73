//! Statistics and counts of all records.

use std::time::Duration;

use log_record::{Severity, Timestamp};

use super::super::*;
use super::{SMALL, arrival, at, fill, limits, own};

#[test]
fn services_beyond_the_limit_are_counted_together() {
    let store = Store::new(limits());
    let mut counts = LogCounts::new();
    for name in ["a", "b", "c", "d", "e"] {
        counts.add(name, Severity::Info, at(0));
    }
    counts.add("d", Severity::Warn, at(61));
    store.count(&counts, at(61));
    let logs = store.stats(&StatsQuery::default(), at(61)).logs;
    assert_eq!(logs.total, 6);
    assert_eq!(
        logs.by_service.keys().collect::<Vec<_>>(),
        [OTHER_SERVICES, "a", "b", "c"]
    );
    assert_eq!(logs.by_service[OTHER_SERVICES][Severity::Warn.index()], 1);
    let names: Vec<String> = store.services(at(61)).into_iter().map(|s| s.name).collect();
    assert_eq!(
        names,
        ["a", "b", "c"],
        "what only logs INFO is listed, the sum is not a service"
    );
    store.evict(at(161 + 60));
    assert_eq!(store.stats(&StatsQuery::default(), at(221)).logs.total, 0);
    store.count(&counts, at(61));
    assert_eq!(
        store.stats(&StatsQuery::default(), at(61)).logs.total,
        6,
        "the places are free again"
    );
}

#[test]
fn logs_count_errors_once_and_narrow_by_minute() {
    let store = Store::new(limits());
    for (topic, offset) in [("errors", 0), ("logs", 7)] {
        store.append(&[arrival(own(1, at(0)), topic, offset, b"")], at(0));
    }
    let mut counts = LogCounts::new();
    for second in 0..90 {
        counts.add("booking", Severity::Info, at(second));
    }
    assert_eq!(counts.total(), 90);
    store.count(&counts, at(90));
    let logs = store.stats(&StatsQuery::default(), at(90)).logs;
    assert_eq!(
        (logs.total, logs.by_level[Severity::Error.index()]),
        (91, 1)
    );
    // 1,795,000,000 is 40 s into its minute.
    let later = StatsQuery {
        from: Some(at(25)),
        ..StatsQuery::default()
    };
    assert_eq!(store.stats(&later, at(90)).logs.total, 70);
    let summary = &store.services(at(90))[0];
    assert_eq!((summary.errors, summary.logs), (1, 91));
    assert!((summary.error_ratio - 1.0 / 91.0).abs() < 1e-12);
    assert_eq!(
        (summary.last_error_at, summary.last_seen_at),
        (Some(at(0)), Some(at(89)))
    );
}

#[test]
fn a_timeline_has_no_gaps_and_never_too_many_buckets() {
    let store = Store::new(limits());
    fill(&store, 0..3, |number| at(number as i64 * 30));
    let query = StatsQuery {
        from: Some(at(-10)),
        to: Some(at(80)),
        interval: Some(Duration::from_secs(10)),
        ..StatsQuery::default()
    };
    let timeline = store.stats(&query, at(80)).timeline;
    let counts: Vec<u64> = timeline
        .buckets
        .iter()
        .map(|b| b.by_level.iter().sum())
        .collect();
    assert_eq!(counts, [0, 1, 0, 0, 1, 0, 0, 1, 0]);
    assert_eq!(timeline.buckets[0].time, at(-10));
    let endless = StatsQuery {
        from: Some(Timestamp::MIN),
        to: Some(Timestamp::MAX),
        interval: Some(Duration::from_nanos(1)),
        ..StatsQuery::default()
    };
    let timeline = store.stats(&endless, at(80)).timeline;
    assert!(timeline.buckets.len() <= StatsQuery::MAX_BUCKETS);
    assert!(timeline.buckets.len() > StatsQuery::MAX_BUCKETS / 2);
    let nothing = StatsQuery {
        from: Some(at(5)),
        to: Some(at(5)),
        ..StatsQuery::default()
    };
    assert_eq!(store.stats(&nothing, at(80)).timeline.buckets, []);
}

#[test]
fn minutes_past_the_age_limit_leave_the_totals() {
    let store = Store::new(limits());
    let mut counts = LogCounts::new();
    for second in [0, 0, 90] {
        counts.add("booking", Severity::Info, at(second));
    }
    store.count(&counts, at(90));
    let total = |now| store.stats(&StatsQuery::default(), now).logs.total;
    assert_eq!(total(at(90)), 3);
    // The limit is 100 s, and the first minute ends at 20 s.
    store.evict(at(119));
    assert_eq!(total(at(119)), 3);
    store.evict(at(120));
    assert_eq!(total(at(120)), 1);
    store.count(&counts, at(120));
    assert_eq!(total(at(120)), 2, "what is too old is not counted again");
}

#[test]
fn one_batch_may_fill_several_chunks_and_minutes() {
    let store = Store::with_shape(
        StoreLimits {
            max_services: 10,
            ..limits()
        },
        SMALL,
    );
    // Five services in turn: which comes first, and so which id is whose, changes from chunk to chunk.
    let names = ["a", "b", "c", "d", "e"];
    let arrivals: Vec<_> = (0..60_u64)
        .map(|number| {
            let mut record = own(number, at(number as i64));
            record.service = names[(number % 5) as usize].into();
            arrival(record, "logs", number as i64, b"")
        })
        .collect();
    store.append(&arrivals, at(60));
    let stats = store.stats(&StatsQuery::default(), at(60));
    for name in names {
        assert_eq!(stats.by_service[name], 12, "{name}");
        assert_eq!(
            stats.logs.by_service[name][Severity::Error.index()],
            12,
            "{name}"
        );
    }
}
