//! Accounts of producers: what is missing, what is settled, and how many there may be.

use std::collections::BTreeSet;

use log_record::peek;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

/// A record as the layer writes it; `rest` are more members.
fn add(sequences: &mut Sequences, instance: u128, seq: u64, rest: &str) {
    let payload = format!(
        r#"{{"timestamp":"2026-11-20T22:15:16.515486Z","level":"WARN","service":"booking","instance":"{}","seq":{seq}{rest}}}"#,
        Instance(instance)
    );
    let payload = payload.as_bytes();
    sequences.add(&peek(payload).unwrap(), payload, 0);
}

fn read(producers: &Producers, instance: u128, seqs: &[u64], second: i64) -> ProducerChanges {
    let mut sequences = Sequences::default();
    for &seq in seqs {
        add(&mut sequences, instance, seq, "");
    }
    let changes = producers.changes(&sequences, at(second));
    producers.apply(changes.clone());
    changes
}

fn booking(producers: &Producers) -> ServiceProducers {
    producers.by_service().remove("booking").unwrap_or_default()
}

#[test]
fn what_a_refused_batch_would_change_is_not_shown() {
    let producers = Producers::new("logs");
    let mut sequences = Sequences::default();
    add(&mut sequences, 1, 1, "");
    let changes = producers.changes(&sequences, at(0));
    assert_eq!(producers.by_service().len(), 0);
    producers.apply(changes);
    assert_eq!(booking(&producers).received, 1);
}

#[test]
fn what_follows_another_readers_records_is_not_compared_with_what_was_before() {
    let producers = Producers::new("logs");
    read(&producers, 1, &[0, 1, 3], 0);
    producers.settle("errors", 0);
    producers.settle("logs", 1);
    producers.settle("logs", 0);
    read(&producers, 1, &[90, 91], 0);
    assert_eq!(booking(&producers).missing, 1);
    // From a spool, of before: neither missing nor a reason to count what another has read.
    read(&producers, 1, &[2, 92], 0);
    let sums = booking(&producers);
    assert_eq!((sums.missing, sums.received), (1, 7));
}

/// As when a service finds Kafka slowly at its start: its first errors come out of the spool, after others.
#[test]
fn numbers_below_the_first_that_came_are_received() {
    let producers = Producers::new("logs");
    read(&producers, 1, &[40, 41], 0);
    read(&producers, 1, &[10, 20], 0);
    read(&producers, 1, &[30, 42, 43], 0);
    let sums = booking(&producers);
    assert_eq!((sums.missing, sums.received), (0, 7));
}

/// As when Kafka has a record and its producer does not hear of it: it comes again out of the spool.
#[test]
fn a_number_that_comes_again_does_not_hide_one_that_never_came() {
    let producers = Producers::new("logs");
    read(&producers, 1, &[0, 1, 2, 3, 3, 4], 0);
    read(&producers, 1, &[2, 3, 4, 9, 10], 0);
    read(&producers, 1, &[4, 5, 6, 9, 8], 0);
    let sums = booking(&producers);
    assert_eq!((sums.missing, sums.received), (1, 10));
}

#[test]
fn so_many_holes_are_known_and_of_more_the_numbers_that_came_again_count_twice() {
    let producers = Producers::new("logs");
    let last = 2 * MAX_HOLES as u64;
    let even = |to: u64| (0..=to).step_by(2).collect::<Vec<u64>>();
    read(&producers, 1, &even(last), 0);
    read(&producers, 1, &even(last), 0);
    let holes = MAX_HOLES as u64;
    assert_eq!(
        (booking(&producers).missing, booking(&producers).received),
        (holes, holes + 1)
    );

    // The last hole now has a number in it that has come.
    read(&producers, 1, &[last + 2], 0);
    assert_eq!(booking(&producers).missing, holes + 1);
    read(&producers, 1, &[last], 0);
    assert_eq!(booking(&producers).missing, holes);
    // What is late fills its place all the same.
    read(&producers, 1, &[1, 3, last + 1], 0);
    assert_eq!(booking(&producers).missing, holes - 3);
}

proptest! {
    #[test]
    fn what_is_missing_is_what_never_came(batches in vec(vec(0_u64..200, 1..30), 1..8)) {
        let producers = Producers::new("logs");
        let mut came = BTreeSet::new();
        let lowest = *batches[0].iter().min().unwrap();
        let mut below = 0;
        for batch in &batches {
            read(&producers, 1, batch, 0);
            let batch: BTreeSet<u64> = batch.iter().copied().collect();
            // Of those below the first it is not known whether they came before.
            below += batch.range(..lowest).count();
            came.extend(batch.range(lowest..));
        }
        let expected = came.last().unwrap() - lowest + 1;
        let sums = booking(&producers);
        prop_assert_eq!(sums.missing, expected - came.len() as u64);
        prop_assert_eq!(sums.received, (came.len() + below) as u64);
    }
}

#[test]
fn settled_accounts_are_kept_with_the_next_batch_whoever_it_is_of() {
    let producers = Producers::new("logs");
    read(&producers, 1, &[0], 0);
    producers.settle("logs", 0);
    let changes = read(&producers, 2, &[0], 0);
    let settled = changes.changed.iter().find(|p| p.instance == Instance(1));
    assert_eq!(settled.unwrap().span, None);
    assert_eq!(read(&producers, 2, &[1], 0).changed.len(), 1);
}

#[test]
fn reports_are_sums_of_which_the_highest_counts() {
    let producers = Producers::new("logs");
    for (seq, with_seq) in [(0, 2), (4, 3), (5, 3)] {
        let mut sequences = Sequences::default();
        let fields = format!(r#"{{"dropped_with_seq":{with_seq},"dropped_without_seq":10}}"#);
        let report = format!(r#","target":"tracing_kafka","fields":{fields}"#);
        add(&mut sequences, 1, seq, &report);
        producers.apply(producers.changes(&sequences, at(0)));
    }
    let sums = booking(&producers);
    assert_eq!((sums.missing, sums.reported_dropped), (3, 13));
    assert_eq!(sums.lost_in_transit, 0);
}

#[test]
fn the_longest_silent_share_an_account_when_there_are_too_many() {
    let producers = Producers::new("logs");
    let many = MAX_PRODUCERS as u128;
    for instance in 0..many {
        let changes = read(&producers, instance, &[0, 2], instance as i64);
        assert_eq!(changes.closed.len(), 0, "{instance}");
    }
    let changes = read(&producers, many, &[0, 2], many as i64);
    assert_eq!(changes.closed.len(), MAX_PRODUCERS / 10 + 1);
    assert!(changes.closed.contains(&Instance(0)));
    assert!(!changes.closed.contains(&Instance(many)));
    let expected = ServiceProducers {
        instances: many as u64 + 1,
        received: 2 * (many as u64 + 1),
        missing: many as u64 + 1,
        reported_dropped: 0,
        lost_in_transit: many as u64 + 1,
    };
    assert_eq!(booking(&producers), expected);

    let restored = Producers::new("logs");
    let open = producers.ledger().open.values().cloned().collect();
    restored.restore(open, changes.sums);
    assert_eq!(booking(&restored), expected);
}
