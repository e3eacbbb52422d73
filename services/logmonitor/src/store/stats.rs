//! Totals, breakdowns and timelines over a snapshot: from the segments' own summaries where a whole segment
//! counts, from their columns where a part of it does.

use std::collections::BTreeMap;
use std::time::Duration;

use log_record::{Severity, Timestamp};

use super::rollup::{LevelCounts, Rollup};
use super::rows::LEVEL_MASK;
use super::snapshot::View;

/// What to sum up; the default is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatsQuery {
    /// Only these services; empty means all.
    pub services: Vec<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Up to but without this moment.
    pub to: Option<Timestamp>,
    /// Width of the timeline's buckets; unset: one of the usual widths that gives at most 120 of them. Made
    /// wider where there would be more than [`StatsQuery::MAX_BUCKETS`].
    pub interval: Option<Duration>,
}

impl StatsQuery {
    /// The most buckets a timeline has.
    pub const MAX_BUCKETS: usize = 10_000;
    /// The most buckets when no width was asked for.
    const DEFAULT_BUCKETS: i64 = 120;
}

/// The sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Stored errors of every level.
    pub total_errors: u64,
    /// Stored errors by level.
    pub by_level: LevelCounts,
    /// Stored errors by service.
    pub by_service: BTreeMap<String, u64>,
    /// Stored errors by host; those that named none are in no entry.
    pub by_host: BTreeMap<String, u64>,
    /// Stored errors over time.
    pub timeline: Timeline,
    /// All records seen, errors or not.
    pub logs: LogStats,
    /// The oldest error summed up.
    pub oldest: Option<Timestamp>,
    /// The newest error summed up.
    pub newest: Option<Timestamp>,
}

/// Buckets of equal width without gaps, ascending; empty when nothing was asked for and nothing is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Width of a bucket.
    pub interval: Duration,
    /// The buckets, aligned to multiples of the width since the epoch; the first may begin before `from`, but
    /// counts nothing before it.
    pub buckets: Vec<TimelineBucket>,
}

/// One bucket of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineBucket {
    /// Where it begins.
    pub time: Timestamp,
    /// The errors in it.
    pub by_level: LevelCounts,
}

/// Counts of all records, rounded outwards to whole minutes when narrowed by time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogStats {
    /// Every record.
    pub total: u64,
    /// By level.
    pub by_level: LevelCounts,
    /// By service; services beyond the limit are under [`super::OTHER_SERVICES`].
    pub by_service: BTreeMap<String, LevelCounts>,
}

/// The rows of one view that count.
struct Part<'a> {
    view: &'a View,
    from: usize,
    to: usize,
    /// Whether a service was asked for, by id; `None` means all were.
    services: Option<Vec<bool>>,
}

impl Part<'_> {
    fn is_whole(&self) -> bool {
        self.from == 0 && self.to == self.view.segment.len()
    }

    fn has_service(&self, id: u16) -> bool {
        let services = self.services.as_ref();
        services.is_none_or(|asked| asked[usize::from(id)])
    }

    fn rows(&self) -> impl DoubleEndedIterator<Item = usize> {
        let services = &self.view.segment.services;
        (self.from..self.to).filter(|&row| self.has_service(services[row]))
    }
}

pub(crate) fn stats<'a>(
    views: impl Iterator<Item = &'a View>,
    rollup: &Rollup,
    query: &StatsQuery,
    floor: i64,
) -> Stats {
    let from = query.from.map_or(floor, |from| from.as_micros().max(floor));
    let to = query.to.map_or(i64::MAX, Timestamp::as_micros);
    let parts: Vec<Part<'_>> = views
        .filter_map(|view| part(view, &query.services, from, to))
        .collect();
    let mut stats = Stats::default();
    for part in &parts {
        add_counts(&mut stats, part);
    }
    stats.total_errors = stats.by_level.iter().sum();
    stats.timeline = timeline(&parts, query, &stats);
    stats.logs = log_stats(rollup, query);
    stats
}

fn part<'a>(view: &'a View, services: &[String], from: i64, to: i64) -> Option<Part<'a>> {
    if view.newest < from || view.oldest >= to {
        return None;
    }
    let times = &view.segment.times;
    let mut asked = vec![false; view.segment.service_entries.len()];
    for id in services.iter().filter_map(|name| view.service_id(name)) {
        asked[usize::from(id)] = true;
    }
    let part = Part {
        view,
        from: times.partition_point(|&time| time < from),
        to: times.partition_point(|&time| time < to),
        services: (!services.is_empty()).then_some(asked),
    };
    let has_services = part
        .services
        .as_ref()
        .is_none_or(|asked| asked.contains(&true));
    (has_services && part.from < part.to).then_some(part)
}

fn add_counts(stats: &mut Stats, part: &Part<'_>) {
    let segment = &part.view.segment;
    let dictionary = &segment.dictionary;
    let mut by_service = vec![0_u64; dictionary.services.len()];
    let mut by_origin = vec![0_u64; dictionary.origins.len()];
    if part.is_whole() {
        for (id, entry) in segment.service_entries.iter().enumerate() {
            if part.has_service(id as u16) {
                for (sum, &count) in stats.by_level.iter_mut().zip(&entry.by_level) {
                    *sum += u64::from(count);
                    by_service[id] += u64::from(count);
                }
            }
        }
        for (id, &count) in segment.origin_counts.iter().enumerate() {
            if part.has_service(dictionary.origins[id].service) {
                by_origin[id] += u64::from(count);
            }
        }
    } else {
        for row in part.rows() {
            stats.by_level[usize::from(segment.flags[row] & LEVEL_MASK)] += 1;
            by_service[usize::from(segment.services[row])] += 1;
            by_origin[usize::from(segment.origins[row])] += 1;
        }
    }
    for (id, &count) in (0..).zip(&by_service) {
        add_name(&mut stats.by_service, dictionary.service(id), count);
    }
    let mut by_host = vec![0_u64; dictionary.hosts.len()];
    for (origin, &count) in dictionary.origins.iter().zip(&by_origin) {
        if let Some(sum) = by_host.get_mut(usize::from(origin.host)) {
            *sum += count;
        }
    }
    for (id, &count) in (0..).zip(&by_host) {
        add_name(
            &mut stats.by_host,
            dictionary.host(id).unwrap_or_default(),
            count,
        );
    }
    let time_of = |row: usize| Timestamp::from_micros(segment.times[row]);
    let oldest = part.rows().next().map(time_of);
    let newest = part.rows().next_back().map(time_of);
    stats.oldest = [stats.oldest, oldest].into_iter().flatten().min();
    stats.newest = stats.newest.max(newest);
}

fn add_name(sums: &mut BTreeMap<String, u64>, name: &str, count: u64) {
    if count == 0 {
        return;
    }
    match sums.get_mut(name) {
        Some(sum) => *sum += count,
        None => {
            sums.insert(name.to_owned(), count);
        }
    }
}

fn timeline(parts: &[Part<'_>], query: &StatsQuery, stats: &Stats) -> Timeline {
    let from = query.from.or(stats.oldest).map(Timestamp::as_micros);
    let newest = stats
        .newest
        .map(|newest| newest.as_micros().saturating_add(1));
    let to = query.to.map(Timestamp::as_micros).or(newest);
    let (Some(from), Some(to)) = (from, to) else {
        return Timeline::default();
    };
    let width = bucket_width(query.interval, to.saturating_sub(from));
    let interval = Duration::from_micros(width.unsigned_abs());
    if to <= from {
        return Timeline {
            interval,
            buckets: Vec::new(),
        };
    }
    let first = from.div_euclid(width);
    let last = (to - 1).div_euclid(width);
    let mut buckets: Vec<TimelineBucket> = (first..=last)
        .map(|number| TimelineBucket {
            time: Timestamp::from_micros(number.saturating_mul(width)),
            by_level: LevelCounts::default(),
        })
        .collect();
    for part in parts {
        let times = &part.view.segment.times;
        let mut row = part.from;
        while row < part.to {
            let number = times[row].div_euclid(width);
            let end = number.saturating_add(1).saturating_mul(width);
            let next = row
                + times[row..part.to]
                    .partition_point(|&time| time < end)
                    .max(1);
            let at = usize::try_from(number - first).ok();
            if let Some(bucket) = at.and_then(|at| buckets.get_mut(at)) {
                add_levels(&mut bucket.by_level, part, row, next);
            }
            row = next;
        }
    }
    Timeline { interval, buckets }
}

/// Adds the levels of the rows from `from` to before `to`.
fn add_levels(sums: &mut LevelCounts, part: &Part<'_>, from: usize, to: usize) {
    let segment = &part.view.segment;
    if part.services.is_some() {
        for row in from..to {
            if part.has_service(segment.services[row]) {
                sums[usize::from(segment.flags[row] & LEVEL_MASK)] += 1;
            }
        }
        return;
    }
    // Counting one value at a time is a vector loop; a table of counters is not.
    let flags = &segment.flags[from..to];
    let mut rest = flags.len();
    for level in Severity::ALL.into_iter().rev() {
        if rest == 0 {
            break;
        }
        // A sum that fits a byte keeps all lanes of a vector register busy.
        let is_level = |flags: &u8| u8::from(flags & LEVEL_MASK == level as u8);
        let counts = flags
            .chunks(255)
            .map(|some| some.iter().map(is_level).sum::<u8>());
        let count = counts.map(usize::from).sum::<usize>();
        sums[level.index()] += count as u64;
        rest -= count;
    }
}

/// The width of a bucket in microseconds.
fn bucket_width(asked: Option<Duration>, span: i64) -> i64 {
    const USUAL_SECONDS: [i64; 15] = [
        1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800,
        2_592_000,
    ];
    let widest = i64::MAX / 4;
    let asked = asked.map(|asked| i64::try_from(asked.as_micros()).unwrap_or(widest));
    let mut width = asked.unwrap_or_else(|| {
        let usual = USUAL_SECONDS.map(|seconds| seconds * 1_000_000);
        let enough = |width: &i64| span / width < StatsQuery::DEFAULT_BUCKETS;
        usual.into_iter().find(enough).unwrap_or(usual[14])
    });
    // Shorter than a millisecond cannot be said in the answer's `interval_ms`.
    width = width.clamp(1_000, widest);
    // One less, because an unaligned span touches one bucket more than it is wide.
    let most = StatsQuery::MAX_BUCKETS as i64 - 1;
    let factor = span.div_euclid(width.saturating_mul(most)) + 1;
    width.saturating_mul(factor.max(1))
}

fn log_stats(rollup: &Rollup, query: &StatsQuery) -> LogStats {
    let from = query.from.map(Timestamp::as_micros);
    let to = query.to.map(Timestamp::as_micros);
    let mut logs = LogStats::default();
    for service in rollup.read(from, to) {
        let is_asked =
            query.services.is_empty() || query.services.iter().any(|s| **s == *service.name);
        let total: u64 = service.by_level.iter().sum();
        if !is_asked || total == 0 {
            continue;
        }
        logs.total += total;
        for (sum, count) in logs.by_level.iter_mut().zip(service.by_level) {
            *sum += count;
        }
        let name = String::from(&*service.name);
        logs.by_service.insert(name, service.by_level);
    }
    logs
}
