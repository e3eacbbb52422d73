//! The ring of all lines: what it holds, what it drops, and that it is empty while nobody watches.

use std::time::Duration;

use log_record::{Severity, Timestamp};

use super::ring::RING_BYTES;
use super::{LiveLimits, LiveTail, LogCopies, LogRing};
use crate::archive::PartitionPosition;
use crate::config::DecodeConfig;
use crate::store::{EventId, Store, StoreLimits};

const TOPIC: &str = "application-logs";

/// The consumer's side: batches of text lines.
struct Batches {
    copies: LogCopies,
    offset: i64,
}

impl Batches {
    fn into(ring: &LogRing) -> Batches {
        Batches {
            copies: LogCopies::of(ring),
            offset: 0,
        }
    }

    fn begin(&mut self) {
        self.copies.begin();
    }

    fn take(&mut self, payload: &str) {
        self.take_as(None, payload);
    }

    fn take_as(&mut self, content_type: Option<&[u8]>, payload: &str) {
        self.offset += 1;
        let behind = PartitionPosition {
            partition: 0,
            position: self.offset,
            timestamp: Timestamp::from_millis(0),
        };
        if self.copies.are_wanted() {
            self.copies.take(&behind, content_type, payload.as_bytes());
        }
    }

    fn end(&mut self, scanned: u64) {
        self.copies.publish(TOPIC, scanned);
        self.copies.clear();
    }

    fn send(&mut self, payloads: impl IntoIterator<Item = String>) {
        self.begin();
        let mut scanned = 0;
        for payload in payloads {
            self.take(&payload);
            scanned += 1;
        }
        self.end(scanned);
    }
}

/// All lines from a number on, and what was skipped on the way.
fn read_all(watcher: &super::ring::Watcher, mut from: u64) -> (Vec<String>, u64) {
    let (mut messages, mut skipped) = (Vec::new(), 0);
    while from < watcher.next() {
        let tail = watcher.tail(from, 100);
        let records = tail
            .events
            .iter()
            .map(|event| event.record().message.into_owned());
        messages.extend(records);
        skipped += tail.skipped;
        from = tail.next;
    }
    (messages, skipped)
}

fn lines(numbers: std::ops::Range<u32>) -> impl Iterator<Item = String> {
    numbers.map(|number| format!("line {number}"))
}

#[test]
fn lines_come_in_order_whatever_the_size_of_batches() {
    let ring = LogRing::new(DecodeConfig::default());
    let mut batches = Batches::into(&ring);
    let watcher = ring.watch(1).unwrap();
    for (start, end) in [(0, 1), (1, 513), (513, 514), (514, 5_000)] {
        batches.send(lines(start..end));
    }
    assert_eq!(read_all(&watcher, 0), (lines(0..5_000).collect(), 0));
    assert_eq!(
        read_all(&watcher, 4_990),
        (lines(4_990..5_000).collect(), 0)
    );
    let tail = watcher.tail(0, 1);
    assert_eq!(tail.events[0].level(), Severity::Info);
    assert_eq!(tail.events[0].id().to_string(), "application-logs~0~0");
}

#[test]
fn a_message_is_decoded_as_its_header_says_and_may_hold_many_lines() {
    let ring = LogRing::new(DecodeConfig::default());
    let mut batches = Batches::into(&ring);
    let watcher = ring.watch(1).unwrap();
    let record = |number: u32| format!(r#"{{"level":"INFO","message":"line {number}"}}"#);
    let many: Vec<String> = (0..10_000).map(record).collect();
    batches.begin();
    batches.take(&format!("[{}]", many.join(",")));
    batches.take_as(Some(b"text/plain"), "level=info msg=hello");
    batches.end(2);
    let (mut messages, skipped) = read_all(&watcher, 0);
    assert_eq!(messages.pop().as_deref(), Some("level=info msg=hello"));
    assert!(skipped == 0 && messages.into_iter().eq(lines(0..10_000)));
    let within = "application-logs~0~0~9999".parse::<EventId>().unwrap();
    assert_eq!(watcher.find(&within), Some((0, 9_999)));
}

#[tokio::test]
async fn who_comes_back_within_a_message_of_many_lines_gets_the_rest_of_it() {
    let ring = LogRing::new(DecodeConfig::default());
    let store = Store::new(StoreLimits {
        max_bytes: 1 << 20,
        max_age: Duration::from_secs(60),
        max_services: 10,
    });
    let live = LiveTail::new(store, None, ring.clone(), LiveLimits::default());
    let mut tail = live.logs().unwrap();
    let record = |number: u32| format!(r#"{{"level":"INFO","message":"line {number}"}}"#);
    let many = |numbers: std::ops::Range<u32>| {
        let records: Vec<String> = numbers.map(record).collect();
        format!("[{}]", records.join(","))
    };
    Batches::into(&ring).send([many(0..5), many(5..8)]);
    for (last, next) in [(0, 1), (1, 2), (4, 5), (7, 8)] {
        let (offset, index) = if last < 5 { (0, last) } else { (1, last - 5) };
        let id = format!("{TOPIC}~0~{offset}~{index}");
        assert!(tail.resume_after(&id.parse().unwrap()), "{id}");
        let mut messages = Vec::new();
        while tail
            .read(|line| messages.push(line.event().record().message.into_owned()))
            .has_more
        {}
        assert!(messages.into_iter().eq(lines(next..8)), "{id}");
    }
}

#[test]
fn the_oldest_leave_when_there_is_no_room_and_are_counted() {
    let ring = LogRing::new(DecodeConfig::default());
    let mut batches = Batches::into(&ring);
    let watcher = ring.watch(1).unwrap();
    let line = |number: u32| format!("{number:0>10000}");
    let count = 4_000;
    for start in (0..count).step_by(100) {
        batches.send((start..start + 100).map(line));
        assert!(ring.held_bytes() <= RING_BYTES);
    }
    let (messages, skipped) = read_all(&watcher, 0);
    assert!(skipped > 0);
    assert!(
        messages.len() * 10_000 > RING_BYTES / 2,
        "{}",
        messages.len()
    );
    assert_eq!(messages.len() as u64 + skipped, u64::from(count));
    assert_eq!(
        messages,
        (skipped as u32..count).map(line).collect::<Vec<_>>()
    );
}

#[test]
fn one_batch_larger_than_the_ring_leaves_its_end() {
    let ring = LogRing::new(DecodeConfig::default());
    let mut batches = Batches::into(&ring);
    let watcher = ring.watch(1).unwrap();
    let line = |number: u32| format!("{number:0>10000}");
    batches.send((0..4_000).map(line));
    let (messages, skipped) = read_all(&watcher, 0);
    assert_eq!(
        messages,
        (skipped as u32..4_000).map(line).collect::<Vec<_>>()
    );
    assert!(skipped > 0 && ring.held_bytes() <= RING_BYTES);
}

#[test]
fn nothing_is_copied_for_nobody_nor_kept_when_the_last_one_leaves() {
    let ring = LogRing::new(DecodeConfig::default());
    let mut batches = Batches::into(&ring);
    batches.send(lines(0..10));
    assert!(!batches.copies.are_wanted());
    let watcher = ring.watch(2).unwrap();
    let other = ring.watch(2).unwrap();
    assert!(ring.watch(2).is_none());
    batches.send(lines(10..20));
    drop(other);
    assert_eq!(read_all(&watcher, 0), (lines(10..20).collect(), 0));
    drop(watcher);
    assert_eq!(ring.held_bytes(), 0);
    batches.begin();
    assert!(!batches.copies.are_wanted());
}

#[test]
fn who_comes_in_the_middle_of_a_batch_is_told_that_it_is_not_all() {
    let ring = LogRing::new(DecodeConfig::default());
    let mut batches = Batches::into(&ring);
    batches.begin();
    batches.take("before");
    let watcher = ring.watch(1).unwrap();
    batches.take("after");
    batches.end(2);
    batches.send(lines(0..3));
    assert_eq!(read_all(&watcher, 0), (lines(0..3).collect(), 2));
}

#[test]
fn a_batch_that_nobody_waited_for_any_more_is_dropped() {
    let ring = LogRing::new(DecodeConfig::default());
    let mut batches = Batches::into(&ring);
    let watcher = ring.watch(1).unwrap();
    batches.begin();
    batches.take("for nobody");
    drop(watcher);
    batches.end(1);
    assert_eq!(ring.held_bytes(), 0);
    let watcher = ring.watch(1).unwrap();
    let from = watcher.next();
    batches.send(lines(0..3));
    assert_eq!(read_all(&watcher, from), (lines(0..3).collect(), 0));
}

#[test]
fn a_line_is_found_by_its_id_as_long_as_it_is_there() {
    let ring = LogRing::new(DecodeConfig::default());
    let mut batches = Batches::into(&ring);
    let watcher = ring.watch(1).unwrap();
    let own = r#"{"level":"INFO","service":"s","instance":"0af7651916cd43dd8448eb211c80319c","seq":9,"message":"m"}"#;
    batches.send(lines(0..700).chain([own.to_owned(), "{".to_owned(), "last".to_owned()]));
    let place = |id: &str| watcher.find(&id.parse::<EventId>().unwrap());
    assert_eq!(place("application-logs~0~0"), Some((0, 0)));
    assert_eq!(place("application-logs~0~699"), Some((699, 0)));
    assert_eq!(place("0af7651916cd43dd8448eb211c80319c-9"), Some((700, 0)));
    // What is no record has no line.
    assert_eq!(place("application-logs~0~701"), None);
    assert_eq!(place("application-logs~0~702"), Some((702, 0)));
    assert_eq!(place("application-logs~1~0"), None);
    assert_eq!(read_all(&watcher, 700).0, ["m", "last"]);
}
