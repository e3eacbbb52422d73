//! Copies of messages of the logs topic, not decoded yet.

use std::ops::Range;

use log_record::{Defaults, Severity, Timestamp, decode};

use crate::archive::PartitionPosition;
use crate::ingest::UNKNOWN_SERVICE;
use crate::store::{Arrival, Coordinates, Event, gathered};

/// So many messages, or so many bytes of them, make a chunk.
const MAX_MESSAGES: usize = 512;
const MAX_BYTES: usize = 256 << 10;

/// Messages of one topic in the order they were read.
#[derive(Debug, Default)]
pub(super) struct LogChunk {
    /// The number of the first message.
    pub(super) from: u64,
    pub(super) topic: String,
    payloads: Vec<u8>,
    messages: Vec<CopiedMessage>,
}

#[derive(Debug)]
struct CopiedMessage {
    partition: i32,
    offset: i64,
    timestamp: Timestamp,
    /// Where its payload ends.
    end: usize,
}

impl LogChunk {
    /// Takes the message before this position.
    pub(super) fn push(&mut self, behind: &PartitionPosition, payload: &[u8]) {
        self.payloads.extend_from_slice(payload);
        self.messages.push(CopiedMessage {
            partition: behind.partition,
            offset: behind.position - 1,
            timestamp: behind.timestamp,
            end: self.payloads.len(),
        });
    }

    pub(super) fn is_full(&self) -> bool {
        self.messages.len() >= MAX_MESSAGES || self.payloads.len() >= MAX_BYTES
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// One more than the number of the last message.
    pub(super) fn end(&self) -> u64 {
        self.from + self.len() as u64
    }

    pub(super) fn bytes(&self) -> usize {
        self.payloads.capacity()
            + self.messages.capacity() * size_of::<CopiedMessage>()
            + size_of::<LogChunk>()
    }

    /// The messages in this range, decoded. What is no record is left out: it is in the quarantine.
    pub(super) fn decode(&self, range: Range<usize>, default_level: Severity) -> Vec<Event> {
        let messages = range.filter_map(|at| self.messages.get(at).map(|message| (at, message)));
        let arrivals: Vec<Arrival<'_>> = messages
            .filter_map(|(at, message)| {
                let start = at
                    .checked_sub(1)
                    .map_or(0, |before| self.messages[before].end);
                let payload = &self.payloads[start..message.end];
                let defaults = Defaults {
                    timestamp: message.timestamp,
                    level: default_level,
                    service: UNKNOWN_SERVICE,
                };
                Some(Arrival {
                    record: decode(payload, &defaults).ok()?,
                    coordinates: Coordinates {
                        topic: &self.topic,
                        partition: message.partition,
                        offset: message.offset,
                        index: None,
                    },
                    received_at: message.timestamp,
                    payload,
                })
            })
            .collect();
        gathered(&arrivals)
    }
}
