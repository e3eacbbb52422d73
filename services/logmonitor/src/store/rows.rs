//! The columns of records that are still being gathered, in the order they came.

use issue_grouping::IssueKey;
use log_record::Severity;

use super::arrival::Arrival;
use super::column::ordered;
use super::dictionary::{Callsite, Origin, Remap};
use super::interner::Interner;
use super::segment::Segment;

/// Level in the low three bits, then what a record has.
pub(crate) const LEVEL_MASK: u8 = 0b0000_0111;
pub(crate) const TRUNCATED: u8 = 0b0000_1000;
pub(crate) const HAS_ERROR: u8 = 0b0001_0000;
pub(crate) const HAS_SEQ: u8 = 0b0010_0000;
pub(crate) const HAS_INDEX: u8 = 0b0100_0000;

/// In `twins`: the record has an identity of its own.
pub(crate) const NO_TWIN: u32 = u32::MAX;

/// Columns of equal length, without the text.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) times: Vec<i64>,
    pub(crate) flags: Vec<u8>,
    pub(crate) services: Vec<u16>,
    pub(crate) origins: Vec<u16>,
    pub(crate) callsites: Vec<u16>,
    pub(crate) threads: Vec<u16>,
    pub(crate) partitions: Vec<u16>,
    pub(crate) issues: Vec<u16>,
    /// Arrival within the segment.
    pub(crate) arrivals: Vec<u16>,
    pub(crate) received: Vec<u64>,
    pub(crate) offsets: Vec<u64>,
    pub(crate) indexes: Vec<u64>,
    pub(crate) seqs: Vec<u64>,
    /// For a record without identity: its entry among the twins (see `dedup`).
    pub(crate) twins: Vec<u32>,
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }

    /// Adds a record that has just come.
    pub(crate) fn push(
        &mut self,
        arrival: &Arrival<'_>,
        issue: Option<IssueKey>,
        twin: u32,
        interner: &mut Interner,
    ) {
        let record = &arrival.record;
        let coordinates = &arrival.coordinates;
        let (service, origin) = interner.known_origin(record).unwrap_or_else(|| {
            let service = interner.service(&record.service);
            (service, interner.origin(&Origin::of(record, service)))
        });
        self.arrivals.push(self.times.len() as u16);
        self.times.push(record.timestamp.as_micros());
        self.flags.push(flags_of(arrival));
        self.services.push(service);
        self.origins.push(origin);
        self.callsites
            .push(interner.callsite(&Callsite::of(record)));
        self.threads.push(interner.thread(record.thread.as_deref()));
        self.partitions
            .push(interner.partition(coordinates.topic, coordinates.partition));
        self.issues.push(interner.issue(issue));
        self.received.push(ordered(arrival.received_at.as_micros()));
        self.offsets.push(ordered(coordinates.offset));
        self.indexes.push(coordinates.index.map_or(0, u64::from));
        self.seqs.push(record.seq.unwrap_or_default());
        self.twins.push(twin);
    }

    /// Adds all rows of a segment, whose ids are translated by `remap`.
    pub(crate) fn extend(&mut self, segment: &Segment, remap: &Remap, base_arrival: u64) {
        self.times.extend_from_slice(&segment.times);
        self.flags.extend_from_slice(&segment.flags);
        translate(&mut self.services, &segment.services, &remap.services);
        translate(&mut self.origins, &segment.origins, &remap.origins);
        translate(&mut self.callsites, &segment.callsites, &remap.callsites);
        translate(&mut self.threads, &segment.threads, &remap.threads);
        translate(&mut self.partitions, &segment.partitions, &remap.partitions);
        translate(&mut self.issues, &segment.issues, &remap.issues);
        segment.received.unpack(segment.len(), &mut self.received);
        segment.offsets.unpack(segment.len(), &mut self.offsets);
        segment.indexes.unpack(segment.len(), &mut self.indexes);
        segment.seqs.unpack(segment.len(), &mut self.seqs);
        let rows = 0..segment.len();
        // The writer merges before the arrivals of a segment span more than 16 bits.
        let arrivals = rows
            .clone()
            .map(|row| (segment.arrival(row) - base_arrival) as u16);
        self.arrivals.extend(arrivals);
        self.twins.extend(rows.map(|row| segment.twin(row)));
    }

    pub(crate) fn clear(&mut self) {
        self.times.clear();
        self.flags.clear();
        self.services.clear();
        self.origins.clear();
        self.callsites.clear();
        self.threads.clear();
        self.partitions.clear();
        self.issues.clear();
        self.arrivals.clear();
        self.received.clear();
        self.offsets.clear();
        self.indexes.clear();
        self.seqs.clear();
        self.twins.clear();
    }
}

/// Adds ids in the terms of another dictionary. An absent id is beyond the map and stays what it is.
fn translate(to: &mut Vec<u16>, ids: &[u16], map: &[u16]) {
    to.extend(
        ids.iter()
            .map(|&id| map.get(usize::from(id)).copied().unwrap_or(id)),
    );
}

fn flags_of(arrival: &Arrival<'_>) -> u8 {
    let record = &arrival.record;
    let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
    record.level as u8
        | flag(record.truncated, TRUNCATED)
        | flag(record.error.is_some(), HAS_ERROR)
        | flag(record.seq.is_some(), HAS_SEQ)
        | flag(arrival.coordinates.index.is_some(), HAS_INDEX)
}

/// The level in a row's flags.
pub(crate) fn level_of(flags: u8) -> Severity {
    let index = usize::from(flags & LEVEL_MASK);
    Severity::ALL.get(index).copied().unwrap_or(Severity::Error)
}
