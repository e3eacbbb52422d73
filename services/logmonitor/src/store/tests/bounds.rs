//! Age and bytes.

use log_record::{Instance, Severity};

use super::super::*;
use super::{SMALL, arrival, at, fill, limits, own, total};

#[test]
fn what_is_too_old_is_neither_shown_nor_taken_nor_kept() {
    let store = Store::with_shape(limits(), SMALL);
    fill(&store, 0..100, |number| at(number as i64));
    assert_eq!(total(&store, at(99)), 100);
    // The limit is 100 s: at 145 s, what happened before 45 s is gone, at once and exactly.
    assert_eq!(total(&store, at(145)), 55);
    let stats = store.stats(&StatsQuery::default(), at(145));
    assert_eq!(
        (stats.total_errors, stats.by_level[Severity::Error.index()]),
        (55, 55)
    );
    assert_eq!(stats.oldest, Some(at(45)));
    let from_before = StatsQuery {
        from: Some(at(0)),
        ..StatsQuery::default()
    };
    assert_eq!(store.stats(&from_before, at(145)).total_errors, 55);
    assert_eq!(store.services(at(145))[0].errors, 55);
    assert_eq!(store.size().records, 100, "nothing was evicted yet");
    store.evict(at(145));
    let after = store.size().records;
    assert!((55..100).contains(&after), "whole segments go: {after}");
    assert_eq!(total(&store, at(145)), 55);
    let late = arrival(own(500, at(44)), "logs", 1, b"");
    assert_eq!(store.append(&[late], at(145)).expired, 1);
    let at_the_edge = arrival(own(501, at(45)), "logs", 2, b"");
    assert_eq!(store.append(&[at_the_edge], at(145)).stored(), 1);
    store.evict(at(1_000));
    assert_eq!(store.size().records, 0);
    assert_eq!(store.identities(), 0);
    assert_eq!(store.services(at(1_000)), []);
    // Identities left with their records: the same number is new again.
    let again = arrival(own(0, at(1_000)), "logs", 3, b"");
    assert_eq!(store.append(&[again], at(1_000)).stored(), 1);
}

#[test]
fn bytes_stay_below_the_limit_and_the_oldest_go_first() {
    let max_bytes = 600_000;
    let store = Store::with_shape(
        StoreLimits {
            max_bytes,
            ..limits()
        },
        SMALL,
    );
    for number in 0..3_000 {
        let mut record = own(number, at(0));
        record.message = "x".repeat(1_000).into();
        store.append(&[arrival(record, "errors", number as i64, b"")], at(0));
        assert!(
            store.size().bytes <= max_bytes + 1_000,
            "{:?}",
            store.size()
        );
    }
    let tail = store.tail(0, usize::MAX);
    let kept = tail.events.len() as u64;
    assert!(kept > 200, "{kept}");
    assert_eq!(tail.skipped, 3_000 - kept);
    let first = tail.events[0].record().seq.unwrap();
    assert_eq!(first, 3_000 - kept, "an unbroken run of the newest is left");
    assert_eq!(
        store.identities(),
        kept,
        "no more is remembered than is there"
    );
    // What was evicted may come again; what is there may not.
    let again = |seq, offset| {
        let arrival = arrival(own(seq, at(0)), "logs", offset, b"");
        store.append(&[arrival], at(0)).stored()
    };
    assert_eq!(again(2_999, 0), 0);
    assert_eq!(again(0, 1), 1);
}

#[test]
fn a_record_above_the_limit_is_kept_until_the_next_one_comes() {
    let store = Store::new(StoreLimits {
        max_bytes: 1_000,
        ..limits()
    });
    let mut record = own(1, at(0));
    record.message = "x".repeat(5_000_000).into();
    store.append(&[arrival(record.clone(), "errors", 0, b"")], at(0));
    assert_eq!(total(&store, at(0)), 1);
    fill(&store, 2..3, |_| at(0));
    let events = store.tail(0, 10).events;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].record().seq, Some(2));
}

#[test]
fn a_chunk_that_leaves_between_others_takes_only_its_own_records() {
    let store = Store::with_shape(limits(), SMALL);
    // Chunks of four: the second is old, its neighbours are not.
    let time = |number: u64| {
        if (4..8).contains(&number) {
            at(0)
        } else {
            at(90)
        }
    };
    for first in (0..12).step_by(4) {
        fill(&store, first..first + 4, time);
    }
    store.evict(at(150));
    fill(&store, 12..200, |_| at(150));
    assert_eq!(store.size().records, 196);
    assert_eq!(total(&store, at(150)), 196);
    for number in 0..200 {
        let id = EventId::Own {
            instance: Instance(7),
            seq: number,
        };
        let found = store
            .find(&id)
            .map(|event| event.record().message.into_owned());
        let is_there = !(4..8).contains(&number);
        assert_eq!(found, is_there.then(|| format!("number {number}")));
        let again = arrival(own(number, at(150)), "logs", number as i64, b"");
        assert_eq!(store.append(&[again], at(150)).stored() == 0, is_there);
    }
}
