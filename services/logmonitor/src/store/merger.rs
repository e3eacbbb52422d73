//! Makes one segment of several.

use super::dictionary::Remap;
use super::interner::Interner;
use super::rows::Rows;
use super::segment::Segment;
use super::texts::Texts;

/// One segment of the records of all parts, each of whose arrivals follow on those of the one before; `None` of none.
pub(crate) fn merge<'a>(parts: impl Iterator<Item = &'a Segment> + Clone) -> Option<Segment> {
    Merger::default().merge(parts)
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
