//! The consumer's side of the ring: copies of the messages of one batch, made only while somebody watches.

use std::collections::VecDeque;

use log_record::Format;

use super::LogRing;
use super::log_chunk::LogChunk;
use super::ring::RING_BYTES;
use crate::archive::PartitionPosition;

/// See the module. Without a ring nobody ever watches.
#[derive(Debug, Default)]
pub(crate) struct LogCopies {
    ring: Option<LogRing>,
    are_wanted: bool,
    full: VecDeque<LogChunk>,
    open: LogChunk,
    /// Of the full ones.
    bytes: usize,
    /// Messages that were dropped because the batch is larger than the ring.
    dropped: u64,
}

impl LogCopies {
    /// Copies for those who watch `ring`.
    pub(crate) fn of(ring: &LogRing) -> LogCopies {
        LogCopies {
            ring: Some(ring.clone()),
            ..LogCopies::default()
        }
    }

    /// Looks, once a batch, whether somebody watches.
    pub(crate) fn begin(&mut self) {
        self.are_wanted = self.ring.as_ref().is_some_and(LogRing::is_watched);
    }

    /// Whether the messages of this batch are to be taken.
    pub(crate) fn are_wanted(&self) -> bool {
        self.are_wanted
    }

    /// Copies the message before this position.
    pub(crate) fn take(
        &mut self,
        behind: &PartitionPosition,
        content_type: Option<&[u8]>,
        payload: &[u8],
    ) {
        let format = content_type
            .and_then(|name| Format::from_content_type(std::str::from_utf8(name).ok()?));
        self.open.push(behind, format, payload);
        if !self.open.is_full() {
            return;
        }
        let chunk = std::mem::take(&mut self.open);
        self.bytes += chunk.bytes();
        self.full.push_back(chunk);
        while self.bytes > RING_BYTES
            && let Some(oldest) = self.full.pop_front()
        {
            self.bytes -= oldest.bytes();
            self.dropped += oldest.len() as u64;
        }
    }

    /// Shows the batch, of so many messages, which has been kept.
    pub(crate) fn publish(&mut self, topic: &str, scanned: u64) {
        let Some(ring) = self.ring.as_ref().filter(|ring| ring.is_watched()) else {
            return;
        };
        if self.are_wanted {
            self.full.push_back(std::mem::take(&mut self.open));
            ring.append(topic, self.dropped, self.full.drain(..));
        } else {
            // Somebody has come since the batch began, and does not get what came of it since then.
            ring.append(topic, scanned, std::iter::empty());
        }
    }

    /// Forgets the batch.
    pub(crate) fn clear(&mut self) {
        self.full.clear();
        self.open = LogChunk::default();
        self.bytes = 0;
        self.dropped = 0;
    }
}
