//! An immutable block of records: columns sorted by (timestamp, arrival), one text arena, its own dictionaries,
//! and what a query wants to know before it looks at rows. Knows nothing of other segments.

mod parts;
mod service_entry;
mod sort;

use issue_grouping::IssueKey;
use log_record::{ErrorInfo, Instance, LogRecord, Severity, Timestamp};

use super::column::{Column, signed};
use super::dictionary::Dictionary;
use super::rows::{HAS_ERROR, HAS_INDEX, HAS_SEQ, NO_TWIN, TRUNCATED, level_of};
use super::text;
use super::texts::Texts;

pub(crate) use parts::SegmentParts;
pub(crate) use service_entry::{ServiceEntry, service_hash};

/// In `previous` and `newest`: no such row.
pub(crate) const NO_ROW: u16 = u16::MAX;

/// See the module. At most 8,192 rows.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) dictionary: Dictionary,
    base_arrival: u64,
    pub(crate) times: Box<[i64]>,
    pub(crate) flags: Box<[u8]>,
    pub(crate) services: Box<[u16]>,
    pub(crate) origins: Box<[u16]>,
    pub(crate) callsites: Box<[u16]>,
    pub(crate) threads: Box<[u16]>,
    pub(crate) partitions: Box<[u16]>,
    /// Row to issue; may be empty when no row has one.
    pub(crate) issues: Box<[u16]>,
    /// For each row, the next older row of the same service.
    pub(crate) previous: Box<[u16]>,
    /// Row to arrival within the segment; empty when rows are in arrival order.
    arrivals: Box<[u16]>,
    /// Arrival within the segment to row; empty likewise.
    rows: Box<[u16]>,
    pub(crate) received: Column,
    pub(crate) offsets: Column,
    pub(crate) indexes: Column,
    pub(crate) seqs: Column,
    twins: Box<[u32]>,
    texts: Texts,
    pub(crate) service_entries: Box<[ServiceEntry]>,
    /// Records of each origin.
    pub(crate) origin_counts: Box<[u16]>,
}

impl Segment {
    /// Sets the entries of the rows among the twins (see `dedup`): one a row, or none at all.
    pub(crate) fn set_twins(&mut self, twins: Box<[u32]>) {
        self.twins = twins;
    }

    /// Row to arrival within the segment; empty when rows are in arrival order.
    pub(crate) fn arrivals(&self) -> &[u16] {
        &self.arrivals
    }

    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }

    /// The text of a row, its end mark included.
    pub(crate) fn row_text(&self, row: usize) -> &[u8] {
        let number = self.arrivals.get(row).map_or(row, |&a| usize::from(a));
        self.texts.text(number)
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The row of the text with this number in the arena.
    pub(crate) fn row_of_text(&self, number: usize) -> usize {
        self.rows
            .get(number)
            .map_or(number, |&row| usize::from(row))
    }

    /// The store-wide arrival number of a row.
    pub(crate) fn arrival(&self, row: usize) -> u64 {
        let within = self.arrivals.get(row).map_or(row as u64, |&a| u64::from(a));
        self.base_arrival + within
    }

    pub(crate) fn base_arrival(&self) -> u64 {
        self.base_arrival
    }

    /// One more than the highest arrival number.
    pub(crate) fn arrivals_end(&self) -> u64 {
        self.base_arrival + self.len() as u64
    }

    /// The row of a store-wide arrival number.
    pub(crate) fn row_of(&self, arrival: u64) -> Option<usize> {
        let within = usize::try_from(arrival.checked_sub(self.base_arrival)?).ok()?;
        (within < self.len()).then(|| self.row_of_text(within))
    }

    /// The issue of a row.
    pub(crate) fn issue(&self, row: usize) -> Option<IssueKey> {
        let id = self.issues.get(row)?;
        self.dictionary.issues.get(usize::from(*id)).copied()
    }

    pub(crate) fn twin(&self, row: usize) -> u32 {
        self.twins.get(row).copied().unwrap_or(NO_TWIN)
    }

    /// The id of a service in this segment.
    pub(crate) fn service_id(&self, name: &str, hash: u64) -> Option<u16> {
        let is_it = |entry: &ServiceEntry| entry.is_of(name, hash, &self.dictionary);
        let id = self.service_entries.iter().position(is_it);
        id.map(|id| id as u16)
    }

    pub(crate) fn level(&self, row: usize) -> Severity {
        level_of(self.flags[row])
    }

    /// The offset a row was read at.
    pub(crate) fn offset(&self, row: usize) -> i64 {
        signed(self.offsets.at(row))
    }

    /// The place of a row's record within its message.
    pub(crate) fn index(&self, row: usize) -> Option<u32> {
        let has_index = self.flags[row] & HAS_INDEX != 0;
        let index = has_index.then(|| self.indexes.at(row))?;
        u32::try_from(index).ok()
    }

    pub(crate) fn seq(&self, row: usize) -> Option<u64> {
        (self.flags[row] & HAS_SEQ != 0).then(|| self.seqs.at(row))
    }

    /// The identity that the row's record carries, if it carries one.
    pub(crate) fn identity(&self, row: usize) -> Option<(Instance, u64)> {
        let origin = &self.dictionary.origins[usize::from(self.origins[row])];
        origin.instance.zip(self.seq(row))
    }

    /// The record of a row, borrowed from the segment.
    pub(crate) fn record(&self, row: usize) -> LogRecord<'_> {
        let origin = self.dictionary.origin(self.origins[row]);
        let callsite = self.dictionary.callsite(self.callsites[row]);
        let timestamp = Timestamp::from_micros(self.times[row]);
        let service = self.dictionary.service(self.services[row]);
        let mut record = LogRecord::new(timestamp, self.level(row), service, "");
        record.host = origin.host.map(Into::into);
        record.instance = origin.instance;
        record.seq = self.seq(row);
        record.version = origin.version.map(Into::into);
        record.env = origin.env.map(Into::into);
        record.pid = origin.pid;
        record.target = callsite.target.map(Into::into);
        record.module = callsite.module.map(Into::into);
        record.file = callsite.file.map(Into::into);
        record.line = callsite.line;
        record.thread = self.dictionary.thread(self.threads[row]).map(Into::into);
        record.truncated = self.flags[row] & TRUNCATED != 0;
        record.error = (self.flags[row] & HAS_ERROR != 0).then(ErrorInfo::default);
        text::read_row(self.row_text(row), &mut record);
        record
    }

    /// Heap and struct bytes.
    pub(crate) fn bytes(&self) -> usize {
        let columns = [
            &self.services,
            &self.origins,
            &self.callsites,
            &self.threads,
            &self.partitions,
            &self.issues,
            &self.previous,
            &self.arrivals,
            &self.rows,
            &self.origin_counts,
        ];
        size_of::<Segment>()
            + columns
                .map(|column| size_of_val(&**column))
                .iter()
                .sum::<usize>()
            + self.dictionary.bytes()
            + size_of_val(&*self.times)
            + self.flags.len()
            + self.received.bytes()
            + self.offsets.bytes()
            + self.indexes.bytes()
            + self.seqs.bytes()
            + size_of_val(&*self.twins)
            + self.texts.bytes()
            + size_of_val(&*self.service_entries)
    }
}
