//! Gathers what one append stores into segments of their own, for the archive.

use issue_grouping::IssueKey;

use crate::store::arrival::Arrival;
use crate::store::dedup::Dedup;
use crate::store::open_chunk::{OpenChunk, Shape};
use crate::store::rows::NO_TWIN;
use crate::store::stored_form::StoredSegment;

/// An append is rarely larger; one that is becomes several blocks.
const BLOCK_RECORDS: usize = 4_096;

/// See the module. Does nothing unless it is switched on: without an archive there is nobody to gather for.
#[derive(Debug, Default)]
pub(crate) struct BlockBuilder {
    open: Option<OpenChunk>,
    full: Vec<StoredSegment>,
}

impl BlockBuilder {
    /// Gathers from now on.
    pub(crate) fn switch_on(&mut self) {
        self.open = Some(OpenChunk::new(Shape {
            chunk_records: BLOCK_RECORDS,
            chunks_per_segment: 1,
        }));
    }

    pub(crate) fn push(
        &mut self,
        number: u64,
        arrival: &Arrival<'_>,
        issue: Option<IssueKey>,
        twin: u32,
        dedup: &Dedup,
    ) {
        let Some(open) = &mut self.open else { return };
        if open.is_full() {
            self.full.push(close(open, dedup));
        }
        if open.is_empty() {
            open.restart(number);
        }
        open.push(arrival, issue, twin);
    }

    /// What was gathered since the last call.
    pub(crate) fn finish(&mut self, dedup: &Dedup) -> Vec<StoredSegment> {
        let mut blocks = std::mem::take(&mut self.full);
        if let Some(open) = self.open.as_mut().filter(|open| !open.is_empty()) {
            blocks.push(close(open, dedup));
        }
        blocks
    }

    /// Forgets what was gathered.
    pub(crate) fn clear(&mut self) {
        self.full.clear();
        if let Some(open) = &mut self.open {
            open.restart(0);
        }
    }
}

fn close(open: &mut OpenChunk, dedup: &Dedup) -> StoredSegment {
    let segment = open.to_segment();
    open.restart(0);
    let twins = (0..segment.len()).map(|row| segment.twin(row));
    let payloads = twins
        .filter(|&twin| twin != NO_TWIN)
        .map(|twin| dedup.hashes(twin))
        .collect();
    StoredSegment { segment, payloads }
}
