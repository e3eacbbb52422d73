//! What a segment is made of, and how the rest of it follows from that.

use log_record::Severity;

use super::Segment;
use super::service_entry::chain_services;
use crate::store::column::Column;
use crate::store::dictionary::Dictionary;
use crate::store::rows::LEVEL_MASK;
use crate::store::stored_reader::DamagedSegment;
use crate::store::texts::Texts;

/// The columns of a segment, sorted, with its dictionary and its texts; the rest follows from them.
#[derive(Debug)]
pub(crate) struct SegmentParts {
    pub(crate) dictionary: Dictionary,
    pub(crate) base_arrival: u64,
    pub(crate) times: Box<[i64]>,
    pub(crate) flags: Box<[u8]>,
    pub(crate) services: Box<[u16]>,
    pub(crate) origins: Box<[u16]>,
    pub(crate) callsites: Box<[u16]>,
    pub(crate) threads: Box<[u16]>,
    pub(crate) partitions: Box<[u16]>,
    /// May be empty when no row has one.
    pub(crate) issues: Box<[u16]>,
    /// Row to arrival within the segment; may be empty when rows are in arrival order.
    pub(crate) arrivals: Box<[u16]>,
    pub(crate) received: Column,
    pub(crate) offsets: Column,
    pub(crate) indexes: Column,
    pub(crate) seqs: Column,
    /// Row to entry among the twins (see `dedup`); empty when no row has one.
    pub(crate) twins: Box<[u32]>,
    pub(crate) texts: Texts,
}

impl SegmentParts {
    /// Whether every id and every row number leads somewhere.
    fn check(&self) -> Result<(), DamagedSegment> {
        let dictionary = &self.dictionary;
        let all_below = |ids: &[u16], count: usize| ids.iter().all(|&id| usize::from(id) < count);
        let is_level = |flags: &u8| usize::from(flags & LEVEL_MASK) < Severity::COUNT;
        let is_sound = self.times.is_sorted()
            && self.flags.iter().all(is_level)
            && all_below(&self.services, dictionary.services.len())
            && all_below(&self.origins, dictionary.origins.len())
            && all_below(&self.callsites, dictionary.callsites.len())
            && all_below(&self.partitions, dictionary.partitions.len())
            && (self.issues.is_empty() || self.issues.len() == self.times.len())
            && dictionary
                .origins
                .iter()
                .all(|origin| usize::from(origin.service) < dictionary.services.len());
        let is_permutation = self.arrivals.is_empty() || {
            let mut seen = vec![false; self.times.len()];
            self.arrivals.len() == seen.len()
                && self.arrivals.iter().all(|&arrival| {
                    let place = seen.get_mut(usize::from(arrival));
                    place.is_some_and(|seen| !std::mem::replace(seen, true))
                })
        };
        if is_sound && is_permutation {
            Ok(())
        } else {
            Err(DamagedSegment("an id leads nowhere"))
        }
    }

    /// The segment of these parts.
    pub(super) fn assemble(self) -> Segment {
        let (arrivals, rows) = arrival_maps(self.arrivals);
        let (service_entries, previous) =
            chain_services(&self.dictionary, &self.services, &self.flags);
        Segment {
            base_arrival: self.base_arrival,
            origin_counts: count_ids(&self.origins, self.dictionary.origins.len()),
            dictionary: self.dictionary,
            times: self.times,
            flags: self.flags,
            services: self.services,
            origins: self.origins,
            callsites: self.callsites,
            threads: self.threads,
            partitions: self.partitions,
            issues: self.issues,
            previous,
            arrivals,
            rows,
            received: self.received,
            offsets: self.offsets,
            indexes: self.indexes,
            seqs: self.seqs,
            twins: self.twins,
            texts: self.texts,
            service_entries,
        }
    }
}

impl Segment {
    /// A segment that was stored. Its twins are to be set.
    pub(crate) fn restore(parts: SegmentParts) -> Result<Segment, DamagedSegment> {
        parts.check()?;
        Ok(parts.assemble())
    }
}

/// Row to arrival and arrival to row; both empty when they say nothing.
fn arrival_maps(arrivals: Box<[u16]>) -> (Box<[u16]>, Box<[u16]>) {
    if arrivals
        .iter()
        .zip(0..)
        .all(|(&arrival, row)| arrival == row)
    {
        return (Box::default(), Box::default());
    }
    let mut rows = vec![0; arrivals.len()].into_boxed_slice();
    for (&arrival, row) in arrivals.iter().zip(0..) {
        rows[usize::from(arrival)] = row;
    }
    (arrivals, rows)
}

/// How many rows have each id.
fn count_ids(ids: &[u16], kinds: usize) -> Box<[u16]> {
    let mut counts = vec![0; kinds].into_boxed_slice();
    for &id in ids {
        counts[usize::from(id)] += 1;
    }
    counts
}
