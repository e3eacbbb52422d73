//! The path of every record: a glance at level and service, a count, and only the possible errors are kept for the
//! batch. No copy, no allocation, no clock per record.

use super::canary::Canary;
use super::fetch_queue::FetchedMessage;
use crate::archive::{ArchiveError, PartitionPosition};
use crate::config::DecodeConfig;
use crate::ingest::{Batch, Ingest, Message};
use crate::live::{LogCopies, LogRing};
use crate::pipeline::{Pipeline, Sequences};
use crate::store::LogCounts;
use log_record::{Peek, Severity, Timestamp, peek, peek_text};

/// A batch closes with so many messages that may be errors.
const MAX_HELD: usize = 4_096;
/// A batch closes with so many bytes of them.
const MAX_HELD_BYTES: usize = 4 << 20;

/// One batch of one topic, under construction. The messages stay in librdkafka's memory until it is applied.
#[derive(Debug, Default)]
pub(super) struct Scan<'c> {
    /// The service of records that name none.
    default_service: String,
    /// The level of a line of text that tells none. `None`: some topic has a format that is not told by the bytes.
    level_of_text: Option<Severity>,
    held: Vec<FetchedMessage<'c>>,
    counts: LogCounts,
    /// Of the messages that are counted only.
    sequences: Sequences,
    /// By partition: where the batch leaves it.
    progress: Vec<Option<PartitionPosition>>,
    held_bytes: usize,
    /// All messages, and those that were not canaries.
    taken: u64,
    scanned: u64,
    canaries: Vec<Canary>,
    /// For those who watch all lines live, if there are any.
    copies: LogCopies,
}

impl<'c> Scan<'c> {
    /// One of messages that are read as `decode` says.
    pub(super) fn new(decode: &DecodeConfig) -> Scan<'c> {
        Scan {
            default_service: decode.service.clone(),
            level_of_text: decode.formats.is_empty().then_some(decode.level),
            ..Scan::default()
        }
    }

    /// Lets those who watch `ring` see the messages.
    pub(super) fn watched(mut self, ring: &LogRing) -> Scan<'c> {
        self.copies = LogCopies::of(ring);
        self
    }

    /// Takes one message into the batch.
    pub(super) fn take(&mut self, message: FetchedMessage<'c>) {
        let timestamp_ms = message.timestamp().unwrap_or_default();
        let progress = PartitionPosition {
            partition: message.partition(),
            position: message.offset() + 1,
            timestamp: Timestamp::from_millis(timestamp_ms),
        };
        let partition = usize::try_from(message.partition()).unwrap_or_default();
        if partition >= self.progress.len() {
            self.progress.resize(partition + 1, None);
        }
        self.progress[partition] = Some(progress);
        if self.taken == 0 {
            self.copies.begin();
        }
        self.taken += 1;
        let payload = message.payload();
        if let Some(canary) = payload.and_then(Canary::parse) {
            self.canaries.push(canary);
            return;
        }
        self.scanned += 1;
        if self.copies.are_wanted() {
            let payload = payload.unwrap_or_default();
            self.copies.take(&progress, message.content_type(), payload);
        }
        match payload.and_then(|payload| self.peek(payload, &message)) {
            Some(peeked) if !peeked.level.is_error() => {
                let timestamp = Timestamp::from_millis(timestamp_ms);
                let service = peeked.service.unwrap_or(&self.default_service);
                self.counts.add(service, peeked.level, timestamp);
                let payload = payload.unwrap_or_default();
                self.sequences.add(&peeked, payload, message.partition());
            }
            _ => {
                self.held_bytes += payload.map_or(0, <[u8]>::len);
                self.held.push(message);
            }
        }
    }

    /// Level and service, where a glance is enough.
    #[inline]
    fn peek<'p>(&self, payload: &'p [u8], message: &FetchedMessage<'_>) -> Option<Peek<'p>> {
        // JSON is JSON, whatever is said of the message; a line of text is one only where nothing is.
        peek(payload).or_else(|| {
            let level = self
                .level_of_text
                .filter(|_| message.content_type().is_none())?;
            peek_text(payload, level)
        })
    }

    /// Whether the batch should be applied before it takes more.
    pub(super) fn is_full(&self) -> bool {
        self.held.len() >= MAX_HELD || self.held_bytes >= MAX_HELD_BYTES
    }

    /// Brings the batch into archive and store and empties it.
    ///
    /// # Errors
    /// The archive refuses; the batch is as it was, to be applied again.
    pub(super) fn apply(
        &mut self,
        topic: &str,
        ingest: &Ingest,
        pipeline: &Pipeline,
        now: Timestamp,
    ) -> Result<(), ArchiveError> {
        let messages: Vec<Message<'_>> = self
            .held
            .iter()
            .map(|message| Message {
                topic,
                partition: message.partition(),
                offset: message.offset(),
                timestamp: message.timestamp().map_or(now, Timestamp::from_millis),
                key: message.key(),
                headers: message.headers().collect(),
                payload: message.payload().unwrap_or_default(),
            })
            .collect();
        let positions: Vec<PartitionPosition> = self.positions().collect();
        ingest.apply(
            &Batch {
                topic,
                messages: &messages,
                counts: &self.counts,
                sequences: &self.sequences,
                scanned: self.scanned,
                positions: &positions,
            },
            now,
        )?;
        self.copies.publish(topic, self.scanned);
        for canary in &self.canaries {
            pipeline.canary_returned(topic, canary.sent_at, now);
        }
        self.clear();
        Ok(())
    }

    /// Where the batch leaves each partition it touched.
    pub(super) fn positions(&self) -> impl Iterator<Item = PartitionPosition> {
        self.progress.iter().flatten().copied()
    }

    /// Empties the batch without applying it.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.counts = LogCounts::default();
        self.sequences.clear();
        self.progress.clear();
        self.held_bytes = 0;
        self.taken = 0;
        self.scanned = 0;
        self.canaries.clear();
        self.copies.clear();
    }
}
