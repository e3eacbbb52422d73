//! Sorts rows that came in any order into a segment.

use super::{Segment, SegmentParts};
use crate::store::column::Column;
use crate::store::interner::Interner;
use crate::store::rows::{NO_TWIN, Rows};
use crate::store::texts::Texts;

impl Segment {
    /// Sorts rows that came in any order into a segment. Their arrivals have no gaps.
    pub(crate) fn build(
        rows: &Rows,
        texts: Texts,
        interner: &Interner,
        base_arrival: u64,
    ) -> Segment {
        let order = sorted_order(rows);
        let pack = |column: &[u64]| Column::of(order.iter().map(|&row| column[usize::from(row)]));
        let has_twins = rows.twins.iter().any(|&twin| twin != NO_TWIN);
        let parts = SegmentParts {
            dictionary: interner.dictionary(),
            base_arrival,
            times: sorted(&order, &rows.times),
            flags: sorted(&order, &rows.flags),
            services: sorted(&order, &rows.services),
            origins: sorted(&order, &rows.origins),
            callsites: sorted(&order, &rows.callsites),
            threads: sorted(&order, &rows.threads),
            partitions: sorted(&order, &rows.partitions),
            issues: sorted(&order, &rows.issues),
            arrivals: sorted(&order, &rows.arrivals),
            received: pack(&rows.received),
            offsets: pack(&rows.offsets),
            indexes: pack(&rows.indexes),
            seqs: pack(&rows.seqs),
            twins: if has_twins {
                sorted(&order, &rows.twins)
            } else {
                Box::default()
            },
            texts,
        };
        parts.assemble()
    }
}

/// A column in the order of these rows.
fn sorted<T: Copy>(order: &[u16], column: &[T]) -> Box<[T]> {
    order.iter().map(|&row| column[usize::from(row)]).collect()
}

/// Row numbers by (timestamp, arrival); rows come in arrival order where timestamps are equal.
fn sorted_order(rows: &Rows) -> Vec<u16> {
    let count = rows.len() as u16;
    if rows.times.is_sorted() {
        return (0..count).collect();
    }
    let oldest = rows.times.iter().copied().min().unwrap_or_default();
    let newest = rows.times.iter().copied().max().unwrap_or_default();
    // Rows come in the order of chunks and, within a chunk, in its order, which for equal timestamps is that of
    // arrival: so the row number breaks ties. Both fit one word unless timestamps lie nine years apart.
    const ROW_BITS: u32 = 16;
    if newest.abs_diff(oldest) < 1 << (u64::BITS - ROW_BITS) {
        let key = |(&time, row): (&i64, u16)| time.abs_diff(oldest) << ROW_BITS | u64::from(row);
        let mut keys: Vec<u64> = rows.times.iter().zip(0..count).map(key).collect();
        // The stable sort makes use of the sorted runs that chunks are.
        keys.sort();
        return keys.into_iter().map(|key| key as u16).collect();
    }
    let mut order: Vec<u16> = (0..count).collect();
    order.sort_by_key(|&row| rows.times[usize::from(row)]);
    order
}
