//! Makes one segment of several.

use log_record::Timestamp;

use super::arrival::{Arrival, Coordinates};
use super::column::signed;
use super::dictionary::Remap;
use super::interner::Interner;
use super::open_chunk::OpenChunk;
use super::rows::{NO_TWIN, Rows};
use super::segment::Segment;
use super::texts::Texts;

/// One segment of the records of all parts, each of whose arrivals follow on those of the one before; `None` of none.
pub(crate) fn merge<'a>(parts: impl Iterator<Item = &'a Segment> + Clone) -> Option<Segment> {
    Merger::default().merge(parts)
}

/// The part of a segment whose records came before this arrival number.
pub(crate) fn trim(segment: &Segment, before: u64) -> Segment {
    let mut chunk = OpenChunk::default();
    chunk.restart(segment.base_arrival());
    for arrival in segment.base_arrival()..before.min(segment.arrivals_end()) {
        let Some(row) = segment.row_of(arrival) else {
            continue;
        };
        let (topic, partition) = segment.dictionary.partition(segment.partitions[row]);
        let arrival = Arrival {
            record: segment.record(row),
            coordinates: Coordinates {
                topic,
                partition,
                offset: segment.offset(row),
                index: segment.index(row),
            },
            received_at: Timestamp::from_micros(signed(segment.received.at(row))),
            payload: b"",
        };
        chunk.push(&arrival, segment.issue(row), NO_TWIN);
    }
    chunk.to_segment()
}

/// Keeps its allocations from one merge to the next.
#[derive(Debug, Default)]
pub(crate) struct Merger {
    interner: Interner,
    rows: Rows,
}

impl Merger {
    /// One segment of the records of all parts, each of whose arrivals follow on those of the one before; `None` of none.
    pub(crate) fn merge<'a>(
        &mut self,
        parts: impl Iterator<Item = &'a Segment> + Clone,
    ) -> Option<Segment> {
        let base_arrival = parts.clone().next()?.base_arrival();
        self.interner.clear();
        self.rows.clear();
        let texts = Texts::concat(parts.clone().map(Segment::texts));
        for part in parts {
            let remap = Remap::absorb(&part.dictionary, &mut self.interner);
            self.rows.extend(part, &remap, base_arrival);
        }
        let (rows, interner) = (&self.rows, &self.interner);
        Some(Segment::build(rows, texts, interner, base_arrival))
    }
}
