//! What readers see: an immutable list of segments. Loading one costs no lock and is never waited for.

use std::sync::Arc;

use log_record::Instance;

use super::arrival::StoreSize;
use super::column::ordered;
use super::event::{Event, EventId};
use super::segment::{Segment, service_hash};

/// A segment with what decides whether it is worth opening, side by side in memory for all segments.
#[derive(Clone, Debug)]
pub(crate) struct View {
    pub(crate) oldest: i64,
    pub(crate) newest: i64,
    /// A Bloom filter of the segment's services with one hash.
    services: [u64; 4],
    pub(crate) base_arrival: u64,
    pub(crate) records: usize,
    pub(crate) bytes: usize,
    pub(crate) segment: Arc<Segment>,
}

impl View {
    /// `None` for a segment without rows.
    pub(crate) fn of(segment: Segment) -> Option<View> {
        let mut services = [0; 4];
        for entry in &segment.service_entries {
            let (word, bit) = bloom_bit(entry.hash);
            services[word] |= bit;
        }
        Some(View {
            oldest: *segment.times.first()?,
            newest: *segment.times.last()?,
            services,
            base_arrival: segment.base_arrival(),
            records: segment.len(),
            bytes: segment.bytes(),
            segment: Arc::new(segment),
        })
    }

    /// Whether the segment may hold a service with this hash. Never a false no.
    pub(crate) fn may_have_service(&self, hash: u64) -> bool {
        let (word, bit) = bloom_bit(hash);
        self.services[word] & bit != 0
    }

    /// The id of a service in the segment, if it is there.
    pub(crate) fn service_id(&self, name: &str) -> Option<u16> {
        let hash = service_hash(name);
        self.may_have_service(hash)
            .then(|| self.segment.service_id(name, hash))?
    }

    pub(crate) fn event(&self, row: usize) -> Event {
        // A segment has at most 8,192 rows.
        Event::new(Arc::clone(&self.segment), row as u16)
    }
}

fn bloom_bit(hash: u64) -> (usize, u64) {
    ((hash >> 62) as usize, 1 << ((hash >> 32) & 63))
}

/// All segments at one moment: the sealed ones, then the chunks that are not merged yet.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) sealed: Arc<[View]>,
    pub(crate) tail: Box<[View]>,
    pub(crate) size: StoreSize,
    /// The arrival number that the next record will get.
    pub(crate) next_arrival: u64,
}

/// Events in the order they were stored; what a live tail reads.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    /// The events, oldest arrival first.
    pub events: Vec<Event>,
    /// Where to go on.
    pub next: u64,
    /// Events that had left the store before they were read.
    pub skipped: u64,
}

impl Snapshot {
    /// All views, in order of arrival.
    pub(crate) fn views(&self) -> impl DoubleEndedIterator<Item = &View> + Clone {
        self.sealed.iter().chain(&self.tail)
    }

    /// The arrival number of the first record that is here.
    pub(crate) fn first_arrival(&self) -> u64 {
        let first = self.views().next().map(|view| view.base_arrival);
        first.unwrap_or(self.next_arrival)
    }

    /// Up to `limit` events from this arrival number on.
    pub(crate) fn tail(&self, from: u64, limit: usize) -> Tail {
        let mut tail = Tail {
            next: from.min(self.next_arrival),
            ..Tail::default()
        };
        let first = |view: &View| view.base_arrival;
        for view in self.views() {
            if view.segment.arrivals_end() <= tail.next {
                continue;
            }
            tail.skipped += first(view).saturating_sub(tail.next);
            for arrival in tail.next.max(first(view))..view.segment.arrivals_end() {
                if tail.events.len() == limit {
                    return tail;
                }
                tail.events
                    .extend(view.segment.row_of(arrival).map(|row| view.event(row)));
                tail.next = arrival + 1;
            }
        }
        tail.skipped += self.next_arrival - tail.next;
        tail.next = self.next_arrival;
        tail
    }

    /// The event of an id. No index is kept for readers: the dictionaries and the ranges of sequence numbers
    /// leave one or two segments to look through.
    pub(crate) fn find(&self, id: &EventId) -> Option<Event> {
        self.views().rev().find_map(|view| {
            let row = match id {
                EventId::Own { instance, seq } => find_own(&view.segment, *instance, *seq),
                EventId::Foreign { .. } => find_foreign(view, id),
            };
            row.map(|row| view.event(row))
        })
    }
}

pub(crate) fn find_own(segment: &Segment, instance: Instance, seq: u64) -> Option<usize> {
    let origins = &segment.dictionary.origins;
    if !origins
        .iter()
        .any(|origin| origin.instance == Some(instance))
    {
        return None;
    }
    let mut from = 0;
    while let Some(row) = segment.seqs.find(seq, from, segment.len()) {
        if segment.identity(row) == Some((instance, seq)) {
            return Some(row);
        }
        from = row + 1;
    }
    None
}

pub(crate) fn find_foreign(view: &View, id: &EventId) -> Option<usize> {
    let EventId::Foreign {
        topic,
        partition,
        offset,
        ..
    } = id
    else {
        return None;
    };
    let segment = &view.segment;
    let ids = 0..segment.dictionary.partitions.len() as u16;
    let wanted = (topic.as_str(), *partition);
    ids.clone()
        .find(|&id| segment.dictionary.partition(id) == wanted)?;
    let mut from = 0;
    while let Some(row) = segment.offsets.find(ordered(*offset), from, segment.len()) {
        if view.event(row).id() == *id {
            return Some(row);
        }
        from = row + 1;
    }
    None
}
