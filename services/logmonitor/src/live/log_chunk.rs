//! Copies of messages of the logs topic, not decoded yet.

use std::ops::Range;

use log_record::{Format, Timestamp};

use crate::archive::PartitionPosition;
use crate::config::DecodeConfig;
use crate::decoding::records;
use crate::store::{Arrival, Coordinates, Event, MAX_GATHERED, gathered};

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
    /// What its header says it is.
    format: Option<Format>,
    /// Where its payload ends.
    end: usize,
}

impl LogChunk {
    /// Takes the message before this position.
    pub(super) fn push(
        &mut self,
        behind: &PartitionPosition,
        format: Option<Format>,
        payload: &[u8],
    ) {
        self.payloads.extend_from_slice(payload);
        self.messages.push(CopiedMessage {
            partition: behind.partition,
            offset: behind.position - 1,
            timestamp: behind.timestamp,
            format,
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

    /// The records of the messages in this range. What is no record is left out: it is in the quarantine.
    pub(super) fn decode(&self, range: Range<usize>, config: &DecodeConfig) -> Vec<Event> {
        let mut arrivals = Vec::with_capacity(range.len());
        for at in range {
            let Some(message) = self.messages.get(at) else {
                break;
            };
            let start = at
                .checked_sub(1)
                .map_or(0, |before| self.messages[before].end);
            let payload = &self.payloads[start..message.end];
            let mut hints = config.hints(&self.topic, None, message.timestamp);
            hints.format = hints.format.or(message.format);
            let Ok(records) = records(payload, &hints) else {
                continue;
            };
            arrivals.extend(records.map(|(index, decoded)| Arrival {
                record: decoded.record,
                coordinates: Coordinates {
                    topic: &self.topic,
                    partition: message.partition,
                    offset: message.offset,
                    index,
                },
                received_at: message.timestamp,
                payload,
            }));
        }
        let parts = arrivals.chunks(MAX_GATHERED);
        parts.flat_map(gathered).collect()
    }
}
