//! Which records are the same.

use log_record::{LogRecord, Severity};

use super::super::*;
use super::{SMALL, arrival, at, fill, limits, own, total};

#[test]
fn a_record_of_its_own_identity_is_one_in_whatever_topic_it_comes() {
    let store = Store::new(limits());
    let copies = |topic, offset| arrival(own(1, at(0)), topic, offset, b"");
    assert_eq!(store.append(&[copies("errors", 5)], at(0)).stored(), 1);
    let again = store.append(&[copies("logs", 9), copies("errors", 6)], at(0));
    assert_eq!((again.stored(), again.duplicates), (0, 2));
    assert_eq!(total(&store, at(0)), 1);
}

#[test]
fn equal_bytes_are_one_error_across_topics_and_two_within_one() {
    let store = Store::new(limits());
    let text = |topic, offset, payload| {
        let message = String::from_utf8_lossy(payload).into_owned();
        let record = LogRecord::new(at(offset), Severity::Error, "legacy", message);
        store
            .append(&[arrival(record, topic, offset, payload)], at(9))
            .stored()
    };
    assert_eq!(text("errors", 0, b"disk full"), 1);
    assert_eq!(text("errors", 1, b"disk full"), 1);
    assert_eq!(text("logs", 0, b"disk full"), 0, "the twin of the first");
    assert_eq!(text("logs", 1, b"disk empty"), 1, "other bytes");
    assert_eq!(text("logs", 2, b"disk full"), 0, "the twin of the second");
    assert_eq!(
        text("logs", 3, b"disk full"),
        1,
        "both are matched: a third"
    );
    assert_eq!(text("errors", 2, b"disk full"), 0, "its twin");
    assert_eq!(total(&store, at(9)), 4);
}

#[test]
fn colliding_hashes_never_make_two_errors_one() {
    let store = Store::with_shape(limits(), SMALL);
    store.weaken_hashes(0);
    assert_eq!(fill(&store, 0..100, |_| at(0)), 100);
    let texts: Vec<String> = (0..100).map(|number| format!("text {number}")).collect();
    for (offset, text) in (0..).zip(&texts) {
        let record = LogRecord::new(at(0), Severity::Error, "legacy", text.as_str());
        let stored = store.append(&[arrival(record, "logs", offset, text.as_bytes())], at(0));
        assert_eq!(stored.stored(), 1);
    }
    assert_eq!(total(&store, at(0)), 200);
    // The same again from the other topic: now everything is known.
    for (offset, text) in (1_000..).zip(&texts) {
        let record = LogRecord::new(at(0), Severity::Error, "legacy", text.as_str());
        let twin = store.append(&[arrival(record, "errors", offset, text.as_bytes())], at(0));
        assert_eq!(twin.duplicates, 1);
    }
}

#[test]
fn a_million_equal_lines_cost_as_much_as_different_ones() {
    // Quadratic behaviour would take minutes here.
    let store = Store::new(StoreLimits::default());
    let record = LogRecord::new(at(0), Severity::Error, "legacy", "connection refused");
    for batch in 0..100 {
        let arrivals: Vec<Arrival<'_>> = (0..1_000)
            .map(|number| {
                arrival(
                    record.clone(),
                    "errors",
                    batch * 1_000 + number,
                    b"connection refused",
                )
            })
            .collect();
        assert_eq!(store.append(&arrivals, at(0)).stored(), 1_000);
    }
}

#[test]
fn redelivered_offsets_are_dropped_until_the_position_is_reset() {
    let store = Store::new(limits());
    let line = |offset, index, payload| {
        let record = LogRecord::new(at(0), Severity::Error, "legacy", "x");
        let mut arrival = arrival(record, "errors", offset, payload);
        arrival.coordinates.index = index;
        store.append(&[arrival], at(0)).stored()
    };
    assert_eq!(line(5, Some(0), b"a"), 1);
    assert_eq!(line(5, Some(1), b"b"), 1, "the next of the same message");
    assert_eq!(line(5, Some(1), b"c"), 0);
    assert_eq!(line(5, Some(0), b"d"), 0);
    assert_eq!(line(4, None, b"e"), 0);
    store.reset_position("errors", 1);
    assert_eq!(line(4, None, b"f"), 0, "that was another partition");
    store.reset_position("errors", 0);
    assert_eq!(line(4, None, b"g"), 1);
}

#[test]
fn forgotten_twins_can_come_again() {
    let store = Store::with_shape(limits(), SMALL);
    let line = |topic, offset, time| {
        let record = LogRecord::new(time, Severity::Error, "legacy", "x");
        store
            .append(&[arrival(record, topic, offset, b"x")], time)
            .stored()
    };
    for offset in 0..20 {
        assert_eq!(line("errors", offset, at(0)), 1);
    }
    assert_eq!(line("logs", 0, at(0)), 0);
    store.evict(at(200));
    assert_eq!(store.size().records, 0);
    assert_eq!(store.identities(), 0);
    assert_eq!(
        line("logs", 1, at(200)),
        1,
        "nothing is left to be the twin of"
    );
    assert_eq!(line("errors", 20, at(200)), 0);
}
