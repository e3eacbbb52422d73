//! What an append hands to the archive.

use std::convert::Infallible;

use log_record::{LogRecord, Severity};
use proptest::collection::vec;
use proptest::prelude::*;

use super::super::*;
use super::{SMALL, arrival, at, limits, own};

/// Every third one has no identity of its own.
fn record(number: u64) -> LogRecord<'static> {
    let mut record = own(number, at(50 - number as i64 % 50));
    if number.is_multiple_of(3) {
        record.seq = None;
        record.level = Severity::Critical;
    }
    record
}

/// The messages of all records of a segment in order of arrival; they are numbered from here on.
fn messages(segment: &Segment, from: u64) -> Vec<String> {
    assert_eq!(segment.base_arrival(), from);
    let rows = (from..segment.arrivals_end()).map(|number| segment.row_of(number).unwrap());
    rows.map(|row| segment.record(row).message.into_owned())
        .collect()
}

proptest! {
    #[test]
    fn the_blocks_of_an_append_are_what_it_has_stored(sizes in vec(0..70_u64, 1..12), fails in vec(any::<bool>(), 12)) {
        let store = Store::in_small_chunks(limits(), 7);
        let mut next = 0;
        for (size, fails) in sizes.into_iter().zip(fails) {
            let payloads: Vec<Vec<u8>> = (next..next + size).map(|number| number.to_le_bytes().to_vec()).collect();
            let arrivals: Vec<Arrival<'_>> = (next..)
                .zip(&payloads)
                .map(|(number, payload)| arrival(record(number), "errors", number as i64, payload))
                .collect();
            let incoming = Incoming { arrivals: &arrivals, counts: &LogCounts::new(), now: at(60), is_reprocessed: false };
            let append = |fails: bool| {
                let mut kept = Vec::new();
                let mut hashes = Vec::new();
                let outcome = store.take(&incoming, &mut |_, _| Ok(false), &mut |_, _| None, |fresh| {
                    for block in &fresh.blocks {
                        kept.extend(messages(&block.segment, next + kept.len() as u64));
                        let foreign = (0..block.segment.len()).filter(|&row| !is_own(&block.segment, row));
                        assert_eq!(foreign.count(), block.payloads.len());
                        hashes.extend(block.payloads.iter().copied());
                    }
                    if fails { Err(()) } else { Ok(()) }
                });
                assert_eq!(outcome.is_err(), fails);
                (kept, hashes)
            };
            if fails {
                append(true);
            }
            let (kept, mut hashes) = append(false);
            let sent: Vec<String> = (next..next + size).map(|number| format!("number {number}")).collect();
            prop_assert_eq!(kept, sent);
            // Different payloads have different hashes.
            hashes.sort_by_key(|hashes| hashes.hash);
            hashes.dedup();
            prop_assert_eq!(hashes.len() as u64, (next..next + size).filter(|number| number.is_multiple_of(3)).count() as u64);
            next += size;
        }
        let snapshot = store.snapshot();
        let mut stored = Vec::new();
        for view in snapshot.views() {
            prop_assert!(view.records <= SMALL.segment_records(), "{:?}", snapshot.views().map(|v| (v.base_arrival, v.records)).collect::<Vec<_>>());
            stored.extend(messages(&view.segment, stored.len() as u64));
        }
        prop_assert_eq!(stored.len() as u64, next);
        prop_assert!(snapshot.tail.len() <= SMALL.chunks_per_segment, "{}", snapshot.tail.len());
    }

    #[test]
    fn without_an_archive_nothing_is_gathered(size in 0..70_u64) {
        let store = Store::with_shape(limits(), SMALL);
        let arrivals: Vec<Arrival<'_>> =
            (0..size).map(|number| arrival(own(number, at(0)), "errors", number as i64, b"")).collect();
        let incoming = Incoming { arrivals: &arrivals, counts: &LogCounts::new(), now: at(60), is_reprocessed: false };
        let taken: Result<(), Infallible> = store.take(&incoming, &mut |_, _| Ok(false), &mut |_, _| None, |fresh| {
            assert_eq!(fresh.appended.stored(), size);
            assert!(fresh.blocks.is_empty());
            Ok(())
        });
        prop_assert!(taken.is_ok());
    }
}
