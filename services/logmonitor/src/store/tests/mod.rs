//! Tests of the store as a whole, and what they share.

mod blocks;
mod bounds;
mod counts;
mod filters;
mod identity;
mod matching;
mod model;
mod properties;
mod reading;
mod records;

use std::time::Duration;

use log_record::{Instance, LogRecord, Severity, Timestamp};

use super::open_chunk::Shape;
use super::*;
use crate::query::Query;

const SMALL: Shape = Shape {
    chunk_records: 8,
    large_chunk_records: 20,
    chunks_per_segment: 4,
};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000 + seconds * 1_000)
}

fn limits() -> StoreLimits {
    StoreLimits {
        max_bytes: 1 << 30,
        max_age: Duration::from_secs(100),
        max_services: 3,
    }
}

fn own(number: u64, time: Timestamp) -> LogRecord<'static> {
    let mut record = LogRecord::new(time, Severity::Error, "booking", format!("number {number}"));
    record.instance = Some(Instance(7));
    record.seq = Some(number);
    record
}

fn arrival<'a>(
    record: LogRecord<'a>,
    topic: &'a str,
    offset: i64,
    payload: &'a [u8],
) -> Arrival<'a> {
    Arrival {
        received_at: record.timestamp,
        record,
        coordinates: Coordinates {
            topic,
            partition: 0,
            offset,
            index: None,
        },
        payload,
    }
}

fn fill(store: &Store, numbers: std::ops::Range<u64>, time: impl Fn(u64) -> Timestamp) -> u64 {
    let arrivals: Vec<Arrival<'_>> = numbers
        .map(|number| arrival(own(number, time(number)), "errors", number as i64, b""))
        .collect();
    let now = arrivals
        .iter()
        .map(|arrival| arrival.record.timestamp)
        .max();
    store.append(&arrivals, now.unwrap()).stored()
}

fn total(store: &Store, now: Timestamp) -> u64 {
    store.query(&Query::default(), now).unwrap().total
}
