//! The chunk that is being filled, in the order its records came.

use issue_grouping::IssueKey;
use log_record::Instance;

use super::arrival::Arrival;
use super::interner::Interner;
use super::rows::{HAS_SEQ, Rows};
use super::segment::Segment;
use super::text;
use super::texts::Texts;

/// How many records make a chunk, and how many chunks a segment: together at most 8,192, because a segment numbers its
/// rows with 16 bits. Other than the default only in tests, which would
/// otherwise need thousands of records to see a merge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Each publication copies the open chunk, so it stays small.
    pub(crate) chunk_records: usize,
    /// A chunk that one append fills is not copied before it is closed, and may be larger.
    pub(crate) large_chunk_records: usize,
    pub(crate) chunks_per_segment: usize,
}

impl Shape {
    pub(crate) fn segment_records(self) -> usize {
        self.chunk_records * self.chunks_per_segment
    }
}

impl Default for Shape {
    fn default() -> Self {
        Shape {
            chunk_records: 512,
            large_chunk_records: 4_096,
            chunks_per_segment: 16,
        }
    }
}

/// Text of a chunk: large records close it early.
const CHUNK_TEXT_BYTES: usize = 1 << 20;

#[derive(Debug, Default)]
pub(crate) struct OpenChunk {
    base_arrival: u64,
    rows: Rows,
    arena: Vec<u8>,
    /// Where the text of each row ends.
    text_ends: Vec<u32>,
    interner: Interner,
}

impl OpenChunk {
    /// Starts over with the record of this arrival number.
    pub(crate) fn restart(&mut self, base_arrival: u64) {
        self.base_arrival = base_arrival;
        self.rows.clear();
        self.arena.clear();
        self.arena.shrink_to(2 * CHUNK_TEXT_BYTES);
        self.text_ends.clear();
        self.interner.clear();
    }

    pub(crate) fn push(&mut self, arrival: &Arrival<'_>, issue: Option<IssueKey>, twin: u32) {
        self.rows.push(arrival, issue, twin, &mut self.interner);
        text::write_row(&mut self.arena, &arrival.record);
        self.text_ends.push(self.arena.len() as u32);
    }

    /// The service id of the last record.
    pub(crate) fn last_service(&self) -> Option<u16> {
        self.rows.services.last().copied()
    }

    /// The name of a service id.
    pub(crate) fn service_name(&self, id: u16) -> &str {
        self.interner.service_name(id)
    }

    /// Whether it has so many records, or as much text as a chunk may have.
    pub(crate) fn is_full(&self, max_records: usize) -> bool {
        self.rows.len() >= max_records
            || self.arena.len() + self.interner.text_len() >= CHUNK_TEXT_BYTES
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    pub(crate) fn base_arrival(&self) -> u64 {
        self.base_arrival
    }

    /// The newest timestamp.
    pub(crate) fn newest(&self) -> Option<i64> {
        self.rows.times.iter().copied().max()
    }

    /// A segment of what is there.
    pub(crate) fn to_segment(&self) -> Segment {
        let texts = Texts::new(&self.arena, &self.text_ends);
        Segment::build(&self.rows, texts, &self.interner, self.base_arrival)
    }

    /// The text of the record with an arrival number.
    pub(crate) fn row_text(&self, arrival: u64) -> Option<&[u8]> {
        let row = self.row_of(arrival)?;
        Some(self.text(row))
    }

    /// Whether the record with an arrival number has this identity.
    pub(crate) fn is_own(&self, arrival: u64, instance: Instance, seq: u64) -> bool {
        self.row_of(arrival).is_some_and(|row| {
            self.rows.flags[row] & HAS_SEQ != 0
                && self.rows.seqs[row] == seq
                && self.interner.instance(self.rows.origins[row]) == Some(instance)
        })
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        // 65 bytes are one row of all columns and its end of text.
        self.arena.capacity() + self.rows.times.capacity() * 65 + self.interner.bytes()
    }

    fn row_of(&self, arrival: u64) -> Option<usize> {
        let row = usize::try_from(arrival.checked_sub(self.base_arrival)?).ok()?;
        (row < self.rows.len()).then_some(row)
    }

    fn text(&self, row: usize) -> &[u8] {
        let start = row
            .checked_sub(1)
            .map_or(0, |before| self.text_ends[before]);
        &self.arena[start as usize..self.text_ends[row] as usize]
    }
}
