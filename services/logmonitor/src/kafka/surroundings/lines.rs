//! The lines found so far: the nearest ones on each side of the error, in order, bounded in number and bytes.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use log_record::json::{push_i64, push_u64};
use log_record::{Instance, LogRecord, Timestamp, encode_open};
use rdkafka::Message as _;
use rdkafka::message::BorrowedMessage;

use super::Ask;
use super::answer::{Around, Reason};
use super::place::{Located, Place};
use super::side::Side;
use super::wanted::{Scope, Wanted, records};
use crate::kafka::content_type;
use crate::store::Event;

/// The most bytes of lines on one side.
const MAX_BYTES: usize = 4 << 20;

/// What lines are ordered by: the time where they come from several partitions, and their place in Kafka.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Microseconds; zero where the place alone decides.
    time: i64,
    partition: i32,
    offset: i64,
    index: u32,
}

/// The nearest lines on one side.
#[derive(Clone, Debug)]
struct Half {
    side: Side,
    limit: usize,
    lines: BTreeMap<Key, Vec<u8>>,
    bytes: usize,
    /// Some did not fit.
    is_cut: bool,
}

impl Half {
    fn new(side: Side, limit: usize) -> Half {
        Half {
            side,
            limit,
            lines: BTreeMap::new(),
            bytes: 0,
            is_cut: false,
        }
    }

    fn farthest(&self) -> Option<Key> {
        let entry = match self.side {
            Side::Before => self.lines.first_key_value(),
            Side::After => self.lines.last_key_value(),
        };
        entry.map(|(&key, _)| key)
    }

    fn is_full(&self) -> bool {
        self.lines.len() >= self.limit
    }

    /// Whether a line would be among the nearest.
    fn takes(&self, key: Key) -> bool {
        !self.is_full()
            || self.farthest().is_some_and(|farthest| match self.side {
                Side::Before => key > farthest,
                Side::After => key < farthest,
            })
    }

    fn insert(&mut self, key: Key, line: Vec<u8>) {
        self.bytes += line.len();
        self.lines.insert(key, line);
        while self.lines.len() > self.limit || self.bytes > MAX_BYTES {
            if self.lines.len() <= self.limit {
                self.is_cut = true;
                self.limit = self.lines.len() - 1;
            }
            let farthest = match self.side {
                Side::Before => self.lines.pop_first(),
                Side::After => self.lines.pop_last(),
            };
            self.bytes -= farthest.map_or(0, |(_, line)| line.len());
        }
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    wanted: &'a Wanted,
    /// The error's own place in the order, and what it is known by.
    error: Key,
    identity: Option<(Instance, u64)>,
    by_time: bool,
    before: Half,
    after: Half,
    /// The lowest number of a line, where they are numbered.
    first_seq: Option<u64>,
}

impl<'a> Lines<'a> {
    /// None yet. They are ordered by time unless they are those of one partition.
    pub(super) fn new(wanted: &'a Wanted, event: &Event, located: &Located, ask: Ask) -> Lines<'a> {
        let record = event.record();
        let by_time = !(ask.scope == Scope::Instance && matches!(located.place, Place::At { .. }));
        let (partition, offset) = match located.place {
            Place::At { partition, offset } => (partition, offset),
            Place::Deleted { .. } | Place::Unknown => (-1, -1),
        };
        Lines {
            wanted,
            error: Key {
                time: if by_time {
                    record.timestamp.as_micros()
                } else {
                    0
                },
                partition,
                offset,
                index: event.index().unwrap_or(0),
            },
            identity: record.instance.zip(record.seq),
            by_time,
            before: Half::new(Side::Before, ask.before),
            after: Half::new(Side::After, ask.after),
            first_seq: record.seq.filter(|_| wanted.is_numbered()),
        }
    }

    /// None yet, of the same error.
    pub(super) fn emptied(&self) -> Lines<'a> {
        let mut emptied = self.clone();
        for half in [&mut emptied.before, &mut emptied.after] {
            half.lines.clear();
            half.bytes = 0;
        }
        emptied
    }

    /// Takes over what others found.
    pub(super) fn absorb(&mut self, found: Lines<'_>) {
        self.first_seq = self.first_seq.min(found.first_seq);
        for (half, found) in [
            (&mut self.before, found.before),
            (&mut self.after, found.after),
        ] {
            half.is_cut |= found.is_cut;
            for (key, line) in found.lines {
                if half.takes(key) {
                    half.insert(key, line);
                }
            }
        }
    }

    /// Takes the lines in a message, if there are any.
    pub(super) fn offer(&mut self, message: &BorrowedMessage<'_>) {
        let Some(payload) = message.payload() else {
            return;
        };
        if !self.wanted.may_be_in(payload) {
            return;
        }
        let timestamp = Timestamp::from_millis(message.timestamp().to_millis().unwrap_or_default());
        let decode = self.wanted.decode();
        let hints = decode.hints(message.topic(), content_type(message), timestamp);
        for (index, record) in records(payload, &hints) {
            if self.wanted.is(&record) {
                self.take(message, index, &record);
            }
        }
    }

    /// The same, and breaks when there are enough after the error.
    pub(super) fn offer_after(&mut self, message: &BorrowedMessage<'_>) -> ControlFlow<()> {
        self.offer(message);
        if self.after.is_full() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn take(&mut self, message: &BorrowedMessage<'_>, index: u32, record: &LogRecord<'_>) {
        let key = Key {
            time: if self.by_time {
                record.timestamp.as_micros()
            } else {
                0
            },
            partition: message.partition(),
            offset: message.offset(),
            index,
        };
        let is_there = Key { time: 0, ..key }
            == Key {
                time: 0,
                ..self.error
            };
        let is_the_error =
            self.identity.is_some() && record.instance.zip(record.seq) == self.identity;
        if is_there || is_the_error {
            return;
        }
        if self.wanted.is_numbered() {
            self.first_seq = self.first_seq.min(record.seq);
        }
        let half = if key < self.error {
            &mut self.before
        } else {
            &mut self.after
        };
        if half.takes(key) {
            half.insert(key, line(key, record));
        }
    }

    pub(super) fn is_full(&self, side: Side) -> bool {
        self.half(side).is_full()
    }

    pub(super) fn len(&self, side: Side) -> usize {
        self.half(side).lines.len()
    }

    /// How many more are wanted.
    pub(super) fn needed(&self, side: Side) -> usize {
        let half = self.half(side);
        half.limit.saturating_sub(half.lines.len())
    }

    fn half(&self, side: Side) -> &Half {
        match side {
            Side::Before => &self.before,
            Side::After => &self.after,
        }
    }

    /// The lowest number among the lines and the error, where they are numbered: the first record of a process is 0.
    pub(super) fn first_seq(&self) -> Option<u64> {
        self.first_seq
    }

    /// The answer, so far as lines make it.
    pub(super) fn into_answer(self) -> Around {
        let mut around = Around::default();
        for (half, lines) in [
            (self.before, &mut around.before),
            (self.after, &mut around.after),
        ] {
            let missing = half.is_cut.then(|| Reason::Size.into());
            match half.side {
                Side::Before => around.missing_before = missing,
                Side::After => around.missing_after = missing,
            }
            *lines = half.lines.into_values().collect();
        }
        around
    }
}

/// A record as the API shows it: canonical, and where it was read.
fn line(key: Key, record: &LogRecord<'_>) -> Vec<u8> {
    let mut line = Vec::with_capacity(512);
    encode_open(record, &mut line);
    line.extend_from_slice(b",\"partition\":");
    push_i64(&mut line, i64::from(key.partition));
    line.extend_from_slice(b",\"offset\":");
    push_i64(&mut line, key.offset);
    if key.index > 0 {
        line.extend_from_slice(b",\"index\":");
        push_u64(&mut line, u64::from(key.index));
    }
    line.push(b'}');
    line
}
