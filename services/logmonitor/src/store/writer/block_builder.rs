//! What one append stores, as blocks for the archive: a chunk that it has filled alone is one as it is, and records that
//! joined those of earlier appends are gathered once more.

use std::sync::Arc;

use issue_grouping::IssueKey;

use crate::store::arrival::{Arrival, Block};
use crate::store::dedup::Dedup;
use crate::store::open_chunk::OpenChunk;
use crate::store::rows::NO_TWIN;
use crate::store::segment::Segment;

/// See the module. Does nothing unless it is switched on: without an archive there is nobody to gather for.
#[derive(Debug, Default)]
pub(crate) struct BlockBuilder {
    is_on: bool,
    gathered: OpenChunk,
    blocks: Vec<Block>,
}

impl BlockBuilder {
    /// Gathers from now on.
    pub(crate) fn switch_on(&mut self) {
        self.is_on = true;
    }

    /// Gathers a record that has joined those of earlier appends.
    pub(crate) fn push(
        &mut self,
        number: u64,
        arrival: &Arrival<'_>,
        issue: Option<IssueKey>,
        twin: u32,
    ) {
        if !self.is_on {
            return;
        }
        if self.gathered.is_empty() {
            self.gathered.restart(number);
        }
        self.gathered.push(arrival, issue, twin);
    }

    /// Makes a block of what was gathered: what comes from now on does not join it.
    pub(crate) fn close(&mut self, dedup: &Dedup) {
        if !self.gathered.is_empty() {
            self.add(Arc::new(self.gathered.to_segment()), dedup);
            self.gathered.restart(0);
        }
    }

    /// Adds records that came together.
    pub(crate) fn add(&mut self, segment: Arc<Segment>, dedup: &Dedup) {
        if !self.is_on {
            return;
        }
        let twins = (0..segment.len()).map(|row| segment.twin(row));
        let payloads = twins
            .filter(|&twin| twin != NO_TWIN)
            .map(|twin| dedup.hashes(twin))
            .collect();
        self.blocks.push(Block { segment, payloads });
    }

    /// The blocks since the last call.
    pub(crate) fn take(&mut self) -> Vec<Block> {
        std::mem::take(&mut self.blocks)
    }

    /// Forgets what was gathered.
    pub(crate) fn clear(&mut self) {
        self.blocks.clear();
        self.gathered.restart(0);
    }
}
