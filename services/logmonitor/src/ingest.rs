//! From the messages of a batch to the archive and the store: decode, keep the errors, count the rest. The one door
//! into both: records, counts and the offsets they cover are written together, then shown.

use std::cell::RefCell;

use log_record::{LogRecord, Severity, Timestamp};
use tracing::warn;

use crate::archive::{
    Archive, ArchiveError, Commit, Gap, GapCause, PartitionPosition, Quarantined, QuarantinedRecord,
};
use crate::config::DecodeConfig;
use crate::decoding::Decoding;
use crate::elsewhere::Elsewhere;
use crate::issues::{IssueChanges, Issues};
use crate::live::LogRing;
use crate::pipeline::{Pipeline, ProducerChanges, Sequences, Totals};
use crate::store::{Fresh, Incoming, LogCounts, Store};

/// One message of a topic, as Kafka holds it.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// The topic's name.
    pub topic: &'a str,
    /// The partition's number.
    pub partition: i32,
    /// The offset in the partition.
    pub offset: i64,
    /// The record's Kafka timestamp; the moment it was received where it has none.
    pub timestamp: Timestamp,
    /// The key, if it has one.
    pub key: Option<&'a [u8]>,
    /// Names and values of its headers.
    pub headers: Vec<(&'a str, Option<&'a [u8]>)>,
    /// The value; empty for a tombstone.
    pub payload: &'a [u8],
}

/// What was read of one topic between two commits.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The topic's name.
    pub topic: &'a str,
    /// The messages that may be errors.
    pub messages: &'a [Message<'a>],
    /// The others, counted already.
    pub counts: &'a LogCounts,
    /// Which numbers those have.
    pub sequences: &'a Sequences,
    /// How many messages the batch has, those included that are only counted.
    pub scanned: u64,
    /// Where the batch leaves each partition it touched.
    pub positions: &'a [PartitionPosition],
}

/// A cheap handle to the way into archive and store.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// `None`: nothing is kept beyond the process.
    archive: Option<Archive>,
    store: Store,
    issues: Issues,
    pipeline: Pipeline,
    decode: DecodeConfig,
    live_logs: LogRing,
    elsewhere: Elsewhere,
}

impl Ingest {
    /// Feeds `archive` and `store`, and counts in `pipeline`. `decode` says how messages are read.
    #[must_use]
    pub fn new(
        archive: Option<Archive>,
        store: Store,
        pipeline: Pipeline,
        decode: DecodeConfig,
    ) -> Ingest {
        Ingest {
            archive,
            store,
            issues: Issues::new(),
            pipeline,
            live_logs: LogRing::new(decode.clone()),
            elsewhere: Elsewhere::default(),
            decode,
        }
    }

    /// The lines of the logs topic for those who watch all of them.
    #[must_use]
    pub fn live_logs(&self) -> &LogRing {
        &self.live_logs
    }

    /// Errors that another archive has and that come again.
    pub(crate) fn elsewhere(&self) -> &Elsewhere {
        &self.elsewhere
    }

    /// How messages are read.
    #[must_use]
    pub fn decode_config(&self) -> &DecodeConfig {
        &self.decode
    }

    /// Where offsets are kept; `None` when they are not.
    #[must_use]
    pub fn archive(&self) -> Option<&Archive> {
        self.archive.as_ref()
    }

    /// What the errors are grouped into.
    #[must_use]
    pub fn issues(&self) -> &Issues {
        &self.issues
    }

    /// Applies one batch. A message that cannot be decoded goes to the quarantine; it never stops the batch.
    ///
    /// # Errors
    /// The archive refuses. Then nothing of the batch was kept, shown or counted: apply it again later, or drop it
    /// and read the same offsets again.
    pub fn apply(&self, batch: &Batch<'_>, now: Timestamp) -> Result<(), ArchiveError> {
        let mut decoded = Decoding::of(batch.messages, &self.decode, now);
        decoded.counts.absorb(batch.counts);
        decoded.sequences.absorb(batch.sequences);
        let arrived = decoded.arrivals.len();
        // From the errors topic whatever comes is kept: nobody else reads it.
        if self.pipeline.producers().are_of(batch.topic) {
            decoded.arrivals.retain(|arrival| {
                let identity = arrival.record.instance.zip(arrival.record.seq);
                !self.elsewhere.has(identity, arrival.payload)
            });
        }
        let producers = self.producer_changes(batch.topic, &decoded.sequences, now);
        let incoming = Incoming {
            arrivals: &decoded.arrivals,
            counts: &decoded.counts,
            now,
            is_reprocessed: false,
        };
        let mut totals = Totals {
            unknown_levels: decoded.unknown_levels,
            duplicates: (arrived - decoded.arrivals.len()) as u64,
            ..Totals::default()
        };
        totals
            .consumed
            .insert(batch.topic.to_owned(), batch.scanned);
        for record in &decoded.quarantined {
            *totals
                .undecodable
                .entry(record.reason.to_owned())
                .or_default() += 1;
        }
        self.take(&incoming, &mut totals, |archive, fresh, issues, totals| {
            let commit = Commit {
                topic: batch.topic,
                fresh,
                positions: batch.positions,
                quarantined: &decoded.quarantined,
                released: None,
                producers: &producers,
                issues,
                now,
            };
            archive.commit(&commit, totals)
        })?;
        self.pipeline.producers().apply(producers);
        self.warn_of(&decoded.quarantined);
        self.pipeline.counters().add(&totals);
        Ok(())
    }

    /// Decodes a record of the quarantine again; it leaves when that succeeds now. Returns the level it has (of several
    /// records: the highest), or why it stays.
    ///
    /// # Errors
    /// The archive refuses; the record stays.
    pub fn reprocess(
        &self,
        record: &QuarantinedRecord,
        now: Timestamp,
    ) -> Result<Result<Severity, &'static str>, ArchiveError> {
        let message = Message {
            topic: &record.topic,
            partition: record.partition,
            offset: record.offset,
            timestamp: record.timestamp,
            key: record.key.as_deref(),
            headers: record
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_deref().map(str::as_bytes)))
                .collect(),
            payload: &record.payload,
        };
        let decoded = Decoding::of(std::slice::from_ref(&message), &self.decode, now);
        if let Some(refused) = decoded.quarantined.first() {
            return Ok(Err(refused.reason));
        }
        let arrivals = decoded.arrivals.iter();
        let level = arrivals.map(|arrival| arrival.record.level).max();
        let incoming = Incoming {
            arrivals: &decoded.arrivals,
            counts: &decoded.counts,
            now,
            is_reprocessed: true,
        };
        let producers = self.producer_changes(&record.topic, &decoded.sequences, now);
        let mut totals = Totals {
            unknown_levels: decoded.unknown_levels,
            ..Totals::default()
        };
        self.take(&incoming, &mut totals, |archive, fresh, issues, totals| {
            let commit = Commit {
                topic: &record.topic,
                fresh,
                positions: &[],
                quarantined: &[],
                released: Some(record.id),
                producers: &producers,
                issues,
                now,
            };
            archive.commit(&commit, totals)
        })?;
        self.pipeline.producers().apply(producers);
        self.pipeline.counters().add(&totals);
        Ok(Ok(level.unwrap_or(Severity::Info)))
    }

    /// Notes offsets that are passed over, before anything behind them is applied.
    ///
    /// # Errors
    /// The archive refuses.
    pub fn pass_gap(&self, gap: &Gap) -> Result<(), ArchiveError> {
        let totals = Totals {
            lost_before_read: gap.lost(),
            ..Totals::default()
        };
        self.skip_to_position(&gap.topic, gap.partition);
        let producers = self.producer_changes(&gap.topic, &Sequences::default(), gap.found_at);
        if let Some(archive) = &self.archive {
            archive.pass_gap(gap, &totals, &producers)?;
        }
        self.pipeline.producers().apply(producers);
        if gap.cause != GapCause::Deleted {
            self.reset_position(&gap.topic, gap.partition);
        }
        self.pipeline.counters().add(&totals);
        self.pipeline.add_gap(gap.clone());
        Ok(())
    }

    /// Lower offsets of the partition come again, and are other records.
    pub fn reset_position(&self, topic: &str, partition: i32) {
        self.store.reset_position(topic, partition);
        self.skip_to_position(topic, partition);
    }

    /// What comes next of the partition does not follow what was read of it here.
    pub fn skip_to_position(&self, topic: &str, partition: i32) {
        self.pipeline.producers().settle(topic, partition);
    }

    fn producer_changes(
        &self,
        topic: &str,
        sequences: &Sequences,
        now: Timestamp,
    ) -> ProducerChanges {
        let producers = self.pipeline.producers();
        if producers.are_of(topic) {
            producers.changes(sequences, now)
        } else {
            ProducerChanges::default()
        }
    }

    /// Lets the store take what is new, once the archive has it.
    fn take(
        &self,
        incoming: &Incoming<'_>,
        totals: &mut Totals,
        commit: impl FnOnce(&Archive, &Fresh, &IssueChanges, &mut Totals) -> Result<(), ArchiveError>,
    ) -> Result<(), ArchiveError> {
        let mut is_kept = |instance, seq| match &self.archive {
            Some(archive) => archive.has(instance, seq),
            None => Ok(false),
        };
        // Nothing is grouped where there are no errors, and nobody has to wait for those who group.
        let batch = (!incoming.arrivals.is_empty()).then(|| self.issues.begin(incoming.now));
        let batch = RefCell::new(batch);
        let mut changes = IssueChanges::default();
        let records: Vec<&LogRecord<'_>> = incoming.arrivals.iter().map(|at| &at.record).collect();
        let foreseen = batch.borrow().as_ref().map(|batch| batch.foresee(&records));
        let mut group = |at: usize, record: &LogRecord<'_>| {
            let known = foreseen.as_ref().and_then(|keys| *keys.get(at)?);
            Some(batch.borrow_mut().as_mut()?.add_known(record, known))
        };
        self.store
            .take(incoming, &mut is_kept, &mut group, |fresh: &Fresh| {
                let appended = fresh.appended;
                for level in [Severity::Error, Severity::Critical] {
                    let stored = appended.stored_by_level[level.index()];
                    totals.stored.insert(level.as_str().to_owned(), stored);
                }
                totals.duplicates += appended.duplicates;
                totals.expired = appended.expired;
                if let Some(batch) = &*batch.borrow() {
                    changes = batch.changes();
                }
                if let Some(archive) = &self.archive {
                    commit(archive, fresh, &changes, totals)?;
                }
                Ok(())
            })?;
        if let Some(batch) = batch.into_inner() {
            batch.apply(&changes);
        }
        Ok(())
    }

    /// The first of each kind in full, then ever rarer: a producer of garbage must not fill our own log too.
    fn warn_of(&self, quarantined: &[Quarantined<'_>]) {
        let mut seen = if quarantined.is_empty() {
            return;
        } else {
            self.pipeline.counters().totals().undecodable
        };
        for record in quarantined {
            let count = seen.entry(record.reason.to_owned()).or_default();
            *count += 1;
            if count.is_power_of_two() {
                let message = record.message;
                warn!(
                    topic = message.topic,
                    partition = message.partition,
                    offset = message.offset,
                    bytes = message.payload.len(),
                    reason = record.reason,
                    count = *count,
                    "a record cannot be decoded: {}",
                    record.reason
                );
            }
        }
    }
}
