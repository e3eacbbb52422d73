//! Counts of records by service, level and minute: gathered per batch by a consumer, and kept over time for the
//! statistics. Knows no records.

use foldhash::HashMap;
use log_record::{Severity, Timestamp};

const MICROS_PER_MINUTE: i64 = 60_000_000;

/// Counts of one batch. Adding to it is cheap enough for every record of the logs topic; keep one, hand it to
/// `Store::count` after each batch and [`LogCounts::clear`] it.
#[derive(Clone, Debug, Default)]
pub struct LogCounts {
    services: Vec<BatchService>,
    ids: HashMap<Box<str>, usize>,
    cells: Vec<Cell>,
    cell_of: HashMap<(usize, i64), usize>,
    /// The cell of the last record: a partition brings runs of one service and one minute.
    last: usize,
}

#[derive(Clone, Debug)]
struct BatchService {
    name: Box<str>,
    /// Where this service counted last.
    cell: usize,
}

/// The counts of one service in one minute.
#[derive(Clone, Debug)]
struct Cell {
    service: usize,
    /// The first microsecond of the minute.
    minute_start: i64,
    by_level: [u32; Severity::COUNT],
    last_seen: i64,
}

impl LogCounts {
    /// No counts.
    #[must_use]
    pub fn new() -> LogCounts {
        LogCounts::default()
    }

    /// Counts one record.
    pub fn add(&mut self, service: &str, level: Severity, timestamp: Timestamp) {
        let micros = timestamp.as_micros();
        let mut at = self.last;
        let is_last = self.cells.get(at).is_some_and(|cell| {
            cell.is_at(micros) && *self.services[cell.service].name == *service
        });
        if !is_last {
            at = self.cell(service, micros);
            self.last = at;
        }
        let cell = &mut self.cells[at];
        cell.by_level[level.index()] += 1;
        cell.last_seen = cell.last_seen.max(micros);
    }

    /// Counts what was tallied; `name` gives the service of an id.
    pub(crate) fn add_tally<'n>(&mut self, tally: &mut Tally, name: impl Fn(u16) -> &'n str) {
        for (id, (by_level, last_seen)) in (0..).zip(tally.services.drain(..)) {
            if by_level == [0; Severity::COUNT] {
                continue;
            }
            let at = self.cell(name(id), last_seen);
            let cell = &mut self.cells[at];
            for (sum, count) in cell.by_level.iter_mut().zip(by_level) {
                *sum += count;
            }
            cell.last_seen = cell.last_seen.max(last_seen);
        }
    }

    /// Adds all counts of another batch.
    pub(crate) fn absorb(&mut self, other: &LogCounts) {
        for (service, _, by_level, last_seen) in other.cells() {
            let at = self.cell(service, last_seen);
            let cell = &mut self.cells[at];
            for (sum, count) in cell.by_level.iter_mut().zip(by_level) {
                *sum += count;
            }
            cell.last_seen = cell.last_seen.max(last_seen);
        }
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// All records counted.
    #[must_use]
    pub fn total(&self) -> u64 {
        let counts = self.cells.iter().flat_map(|cell| cell.by_level);
        counts.map(u64::from).sum()
    }

    /// Starts over, keeping the allocations.
    pub fn clear(&mut self) {
        self.services.clear();
        self.ids.clear();
        self.cells.clear();
        self.cell_of.clear();
        self.last = 0;
    }

    /// The counts as (service, first microsecond of the minute, counts by level, last timestamp).
    pub(crate) fn cells(&self) -> impl Iterator<Item = (&str, i64, [u32; Severity::COUNT], i64)> {
        self.cells.iter().map(|cell| {
            let service = &*self.services[cell.service].name;
            (service, cell.minute_start, cell.by_level, cell.last_seen)
        })
    }

    fn cell(&mut self, service: &str, micros: i64) -> usize {
        let known = self.ids.get(service).copied();
        let id = known.unwrap_or_else(|| {
            let id = self.services.len();
            self.ids.insert(service.into(), id);
            self.services.push(BatchService {
                name: service.into(),
                cell: usize::MAX,
            });
            id
        });
        let recent = self.services[id].cell;
        if self
            .cells
            .get(recent)
            .is_some_and(|cell| cell.is_at(micros))
        {
            return recent;
        }
        let minute_start = minute_start(micros);
        let next = self.cells.len();
        let at = *self.cell_of.entry((id, minute_start)).or_insert(next);
        if at == next {
            self.cells.push(Cell {
                service: id,
                minute_start,
                by_level: [0; Severity::COUNT],
                last_seen: micros,
            });
        }
        self.services[id].cell = at;
        at
    }
}

impl Cell {
    fn is_at(&self, micros: i64) -> bool {
        // One comparison for both ends: before the start the difference wraps to something huge.
        (micros.wrapping_sub(self.minute_start) as u64) < MICROS_PER_MINUTE as u64
    }
}

/// Counts within one minute by the service ids of one dictionary: what the writer adds to for every record it stores,
/// at the price of an index instead of a hash.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    minute_start: i64,
    /// By service id: the counts, and the last timestamp.
    services: Vec<([u32; Severity::COUNT], i64)>,
}

impl Tally {
    /// Counts a record if it is of the same minute as the others; whether it was.
    pub(crate) fn add(&mut self, service: u16, level: Severity, micros: i64) -> bool {
        if self.services.is_empty() {
            self.minute_start = minute_start(micros);
        } else if (micros.wrapping_sub(self.minute_start) as u64) >= MICROS_PER_MINUTE as u64 {
            return false;
        }
        let id = usize::from(service);
        if id >= self.services.len() {
            self.services
                .resize(id + 1, ([0; Severity::COUNT], i64::MIN));
        }
        let (by_level, last_seen) = &mut self.services[id];
        by_level[level.index()] += 1;
        *last_seen = micros.max(*last_seen);
        true
    }
}

/// The first microsecond of the minute.
pub(crate) fn minute_start(micros: i64) -> i64 {
    micros - micros.rem_euclid(MICROS_PER_MINUTE)
}
