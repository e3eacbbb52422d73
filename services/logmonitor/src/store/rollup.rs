//! Counts of all records, errors or not, per service and minute, for as long as the store's age limit. Bounded
//! in age and in the number of services.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use foldhash::{HashMap, HashMapExt};
use log_record::{Severity, Timestamp};

use super::log_counts::{LogCounts, minute_start};

/// The name under which services beyond the limit are counted together.
pub const OTHER_SERVICES: &str = "(other)";

/// Counts by [`Severity::index`].
pub type LevelCounts = [u64; Severity::COUNT];

/// Per-minute counts of all services.
///
/// Two locks, always taken in this order: the directory (for reading, unless a service is new or leaves), then
/// one service. A reader that sums up a long history holds only the lock of that one service.
#[derive(Debug)]
pub(crate) struct Rollup {
    max_services: usize,
    services: RwLock<HashMap<Arc<str>, Arc<Mutex<History>>>>,
}

/// The counts of one service.
#[derive(Debug, Default)]
struct History {
    total: LevelCounts,
    last_seen: Option<i64>,
    /// Ascending by minute; minutes without records are absent.
    minutes: VecDeque<Minute>,
}

#[derive(Clone, Copy, Debug)]
struct Minute {
    start: i64,
    by_level: [u32; Severity::COUNT],
}

/// Records of one service in one minute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CountCell {
    pub(crate) service: Arc<str>,
    /// The first microsecond of the minute.
    pub(crate) start: i64,
    pub(crate) by_level: [u32; Severity::COUNT],
    pub(crate) last_seen: i64,
}

/// What is known of one service.
#[derive(Clone, Debug)]
pub(crate) struct ServiceCounts {
    pub(crate) name: Arc<str>,
    pub(crate) by_level: LevelCounts,
    pub(crate) last_seen: Option<Timestamp>,
}

impl Rollup {
    pub(crate) fn new(max_services: usize) -> Rollup {
        Rollup {
            max_services,
            services: RwLock::new(HashMap::new()),
        }
    }

    /// What is to be counted of a batch, and under which names. Minutes before `floor` are past the age limit and not
    /// counted; minutes after `now` come from clocks that run ahead and count at `now`, so that they are forgotten
    /// like all others.
    pub(crate) fn settle(&self, counts: &LogCounts, floor: i64, now: i64) -> Vec<CountCell> {
        let latest = minute_start(now);
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        let mut named = services.len() - usize::from(services.contains_key(OTHER_SERVICES));
        let mut new: Vec<Arc<str>> = Vec::new();
        let mut cells = Vec::new();
        for (service, start, by_level, last_seen) in counts.cells() {
            if start < minute_start(floor) {
                continue;
            }
            let known = services.get_key_value(service).map(|(name, _)| name);
            let known = known.or_else(|| new.iter().find(|name| ***name == *service));
            let service = match known {
                Some(name) => Arc::clone(name),
                None if named < self.max_services => {
                    named += 1;
                    new.push(service.into());
                    service.into()
                }
                None => OTHER_SERVICES.into(),
            };
            cells.push(CountCell {
                service,
                start: start.min(latest),
                by_level,
                last_seen: last_seen.min(now),
            });
        }
        cells
    }

    /// Adds what was settled.
    pub(crate) fn add(&self, cells: &[CountCell]) {
        for cell in cells {
            let history = self.history(&cell.service);
            let mut history = lock(&history);
            history.add(cell.start, &cell.by_level);
            history.last_seen = history.last_seen.max(Some(cell.last_seen));
        }
    }

    fn history(&self, service: &Arc<str>) -> Arc<Mutex<History>> {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(history) = services.get(service) {
            return Arc::clone(history);
        }
        // A write lock cannot be had while this guard lives.
        drop(services);
        let mut services = self
            .services
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(services.entry(Arc::clone(service)).or_default())
    }

    /// Forgets minutes before `floor`, and services that have none left.
    pub(crate) fn evict_older(&self, floor: i64) {
        let first = minute_start(floor);
        let mut services = self
            .services
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        services.retain(|_, history| lock(history).forget_before(first));
    }

    /// The counts of `[from, to)`, rounded outwards to whole minutes; of each service, sorted by name.
    pub(crate) fn read(&self, from: Option<i64>, to: Option<i64>) -> Vec<ServiceCounts> {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        let histories: Vec<_> = services
            .iter()
            .map(|(name, history)| (Arc::clone(name), Arc::clone(history)))
            .collect();
        // Summing up may take long; a new service must not wait for it.
        drop(services);
        let mut counts: Vec<ServiceCounts> = histories
            .into_iter()
            .map(|(name, history)| {
                let history = lock(&history);
                ServiceCounts {
                    name,
                    by_level: history.sum(from.map(minute_start), to),
                    last_seen: history.last_seen.map(Timestamp::from_micros),
                }
            })
            .collect();
        counts.sort_by(|a, b| a.name.cmp(&b.name));
        counts
    }

    /// Shows every minute of `[from, to)`, rounded outwards, of every service that is asked for.
    pub(crate) fn each_minute(
        &self,
        is_asked: impl Fn(&str) -> bool,
        from: i64,
        to: i64,
        mut show: impl FnMut(i64, &[u32; Severity::COUNT]),
    ) {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        let asked = services.iter().filter(|(name, _)| is_asked(name));
        let histories: Vec<_> = asked.map(|(_, history)| Arc::clone(history)).collect();
        // Going through them may take long; a new service must not wait for it.
        drop(services);
        for history in histories {
            let history = lock(&history);
            let start = history
                .minutes
                .partition_point(|minute| minute.start < minute_start(from));
            for minute in history.minutes.range(start..) {
                if minute.start >= to {
                    break;
                }
                show(minute.start, &minute.by_level);
            }
        }
    }

    /// Heap bytes.
    pub(crate) fn bytes(&self) -> usize {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        let minutes = services
            .values()
            .map(|history| lock(history).minutes.capacity());
        minutes.sum::<usize>() * size_of::<Minute>()
    }
}

impl History {
    fn add(&mut self, start: i64, by_level: &[u32; Severity::COUNT]) {
        let at = match self.minutes.back() {
            Some(last) if last.start == start => self.minutes.len() - 1,
            Some(last) if last.start > start => self.minutes.partition_point(|m| m.start < start),
            _ => self.minutes.len(),
        };
        if self
            .minutes
            .get(at)
            .is_none_or(|minute| minute.start != start)
        {
            let by_level = [0; Severity::COUNT];
            self.minutes.insert(at, Minute { start, by_level });
        }
        for ((sum, total), &count) in self.minutes[at]
            .by_level
            .iter_mut()
            .zip(&mut self.total)
            .zip(by_level)
        {
            // What is taken off the total when the minute leaves must be what was added to it.
            let added = count.min(u32::MAX - *sum);
            *sum += added;
            *total += u64::from(added);
        }
    }

    /// Whether any minute is left.
    fn forget_before(&mut self, first: i64) -> bool {
        while let Some(minute) = self.minutes.front()
            && minute.start < first
        {
            for (total, &count) in self.total.iter_mut().zip(&minute.by_level) {
                *total -= u64::from(count);
            }
            self.minutes.pop_front();
        }
        !self.minutes.is_empty()
    }

    fn sum(&self, from: Option<i64>, to: Option<i64>) -> LevelCounts {
        if from.is_none() && to.is_none() {
            return self.total;
        }
        let start = from.map_or(0, |from| self.minutes.partition_point(|m| m.start < from));
        let end = to.map_or(self.minutes.len(), |to| {
            self.minutes.partition_point(|m| m.start < to)
        });
        let mut sum = LevelCounts::default();
        for minute in self.minutes.range(start..end.max(start)) {
            for (sum, &count) in sum.iter_mut().zip(&minute.by_level) {
                *sum += u64::from(count);
            }
        }
        sum
    }
}

/// A history is consistent after every statement that can panic, so a poisoned lock is still good.
fn lock(history: &Mutex<History>) -> MutexGuard<'_, History> {
    history.lock().unwrap_or_else(PoisonError::into_inner)
}
