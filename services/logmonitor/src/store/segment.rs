//! An immutable block of records: columns sorted by (timestamp, arrival), one text arena, its own dictionaries,
//! and what a query wants to know before it looks at rows. Knows nothing of other segments.

use log_record::{ErrorInfo, LogRecord, Severity, Timestamp};

use super::column::{Column, signed};
use super::dictionary::{Dictionary, Span};
use super::interner::Interner;
use super::rows::{HAS_ERROR, HAS_INDEX, HAS_SEQ, LEVEL_MASK, NO_TWIN, Rows, TRUNCATED, level_of};
use super::stored_reader::DamagedSegment;
use super::text;
use super::texts::Texts;

/// In `previous` and `newest`: no such row.
pub(crate) const NO_ROW: u16 = u16::MAX;

/// Most names of services are no longer.
const NAME_START: usize = 16;

/// What a segment knows of one of its services; the position is the service's id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceEntry {
    /// [`service_hash`] of the name.
    pub(crate) hash: u64,
    /// The start of its name, so that a short one is compared without a look at the dictionary.
    name_start: [u8; NAME_START],
    name: Span,
    /// Its newest row, where its chain starts.
    pub(crate) newest: u16,
    /// Its records by [`Severity::index`].
    pub(crate) by_level: [u16; Severity::COUNT],
}

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

/// What a segment is made of when it is read back; the rest follows from it.
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
    pub(crate) arrivals: Box<[u16]>,
    pub(crate) received: Column,
    pub(crate) offsets: Column,
    pub(crate) indexes: Column,
    pub(crate) seqs: Column,
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
}

/// The hash by which segments and their directory recognise a service: FNV-1a, folded to spread its low bits.
pub(crate) fn service_hash(name: &str) -> u64 {
    let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    hash ^ (hash >> 29)
}

fn name_start(name: &str) -> [u8; NAME_START] {
    let mut start = [0; NAME_START];
    for (to, from) in start.iter_mut().zip(name.bytes()) {
        *to = from;
    }
    start
}

impl Segment {
    /// Sorts rows that came in any order into a segment. Their arrivals have no gaps.
    pub(crate) fn build(
        rows: &Rows,
        texts: Texts,
        interner: &Interner,
        base_arrival: u64,
    ) -> Segment {
        let order = sorted_order(rows);
        let pick = |column: &[u16]| -> Box<[u16]> {
            order.iter().map(|&row| column[usize::from(row)]).collect()
        };
        let pack = |column: &[u64]| Column::of(order.iter().map(|&row| column[usize::from(row)]));
        let (arrivals, by_arrival) = arrival_maps(pick(&rows.arrivals));
        let dictionary = interner.dictionary();
        let flags: Box<[u8]> = order
            .iter()
            .map(|&row| rows.flags[usize::from(row)])
            .collect();
        let services = pick(&rows.services);
        let origins = pick(&rows.origins);
        let (service_entries, previous) = chain_services(&dictionary, &services, &flags);
        let has_twins = rows.twins.iter().any(|&twin| twin != NO_TWIN);
        Segment {
            base_arrival,
            times: order
                .iter()
                .map(|&row| rows.times[usize::from(row)])
                .collect(),
            origin_counts: count_ids(&origins, dictionary.origins.len()),
            callsites: pick(&rows.callsites),
            threads: pick(&rows.threads),
            partitions: pick(&rows.partitions),
            received: pack(&rows.received),
            offsets: pack(&rows.offsets),
            indexes: pack(&rows.indexes),
            seqs: pack(&rows.seqs),
            twins: if has_twins {
                order
                    .iter()
                    .map(|&row| rows.twins[usize::from(row)])
                    .collect()
            } else {
                Box::default()
            },
            rows: by_arrival,
            dictionary,
            flags,
            services,
            origins,
            previous,
            arrivals,
            texts,
            service_entries,
        }
    }

    /// A segment that was stored. Its twins are to be set.
    pub(crate) fn restore(parts: SegmentParts) -> Result<Segment, DamagedSegment> {
        parts.check()?;
        let (arrivals, rows) = arrival_maps(parts.arrivals);
        let (service_entries, previous) =
            chain_services(&parts.dictionary, &parts.services, &parts.flags);
        Ok(Segment {
            base_arrival: parts.base_arrival,
            origin_counts: count_ids(&parts.origins, parts.dictionary.origins.len()),
            dictionary: parts.dictionary,
            times: parts.times,
            flags: parts.flags,
            services: parts.services,
            origins: parts.origins,
            callsites: parts.callsites,
            threads: parts.threads,
            partitions: parts.partitions,
            previous,
            arrivals,
            rows,
            received: parts.received,
            offsets: parts.offsets,
            indexes: parts.indexes,
            seqs: parts.seqs,
            twins: Box::default(),
            texts: parts.texts,
            service_entries,
        })
    }

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

    pub(crate) fn twin(&self, row: usize) -> u32 {
        self.twins.get(row).copied().unwrap_or(NO_TWIN)
    }

    /// The id of a service in this segment.
    pub(crate) fn service_id(&self, name: &str, hash: u64) -> Option<u16> {
        let is_it = |entry: &ServiceEntry| {
            entry.hash == hash
                && entry.name_start == name_start(name)
                && entry.name.len() == name.len()
                && (name.len() <= NAME_START
                    || entry.name.read(&self.dictionary.text) == Some(name))
        };
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

/// The entries of all services and the chain from each row to the next older one of its service.
fn chain_services(
    dictionary: &Dictionary,
    services: &[u16],
    flags: &[u8],
) -> (Box<[ServiceEntry]>, Box<[u16]>) {
    let ids = 0..dictionary.services.len() as u16;
    let mut entries: Box<[ServiceEntry]> = ids
        .map(|id| ServiceEntry {
            hash: service_hash(dictionary.service(id)),
            name_start: name_start(dictionary.service(id)),
            name: dictionary.services[usize::from(id)],
            newest: NO_ROW,
            by_level: [0; Severity::COUNT],
        })
        .collect();
    let previous = services
        .iter()
        .zip(flags)
        .zip(0..)
        .map(|((&service, &flags), row)| {
            let entry = &mut entries[usize::from(service)];
            entry.by_level[usize::from(flags & LEVEL_MASK)] += 1;
            std::mem::replace(&mut entry.newest, row)
        })
        .collect();
    (entries, previous)
}

fn count_ids(ids: &[u16], kinds: usize) -> Box<[u16]> {
    let mut counts = vec![0; kinds].into_boxed_slice();
    for &id in ids {
        counts[usize::from(id)] += 1;
    }
    counts
}
