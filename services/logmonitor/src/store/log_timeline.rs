//! All records over time, from the per-minute counts.

use std::time::Duration;

use log_record::Timestamp;

use super::Store;
use super::rollup::LevelCounts;
use super::stats::{StatsQuery, Timeline, TimelineBucket};

const MINUTE: i64 = 60_000_000;

impl Store {
    /// All records over time, errors or not; empty unless both `from` and `to` are given.
    ///
    /// Counts are kept per minute: buckets are whole minutes wide, at least one, and as many as
    /// [`StatsQuery::MAX_BUCKETS`].
    #[must_use]
    pub fn log_timeline(&self, query: &StatsQuery) -> Timeline {
        let bounds = query.from.zip(query.to).filter(|(from, to)| from < to);
        let Some((from, to)) = bounds.map(|(from, to)| (from.as_micros(), to.as_micros())) else {
            return Timeline::default();
        };
        let asked = query.interval.map_or(0, |width| {
            i64::try_from(width.as_micros()).unwrap_or(i64::MAX)
        });
        let least = (to - from) / StatsQuery::MAX_BUCKETS as i64 + 1;
        let minutes = (asked.max(least) - 1) / MINUTE + 1;
        let width = minutes.saturating_mul(MINUTE);
        let (first, last) = (from.div_euclid(width), (to - 1).div_euclid(width));
        let mut buckets: Vec<TimelineBucket> = (first..=last)
            .map(|number| TimelineBucket {
                time: Timestamp::from_micros(number.saturating_mul(width)),
                by_level: LevelCounts::default(),
            })
            .collect();
        let is_asked = |service: &str| {
            query.services.is_empty() || query.services.iter().any(|s| s == service)
        };
        self.inner
            .rollup
            .each_minute(is_asked, from, to, |start, counts| {
                let at = usize::try_from(start.div_euclid(width) - first).ok();
                if let Some(bucket) = at.and_then(|at| buckets.get_mut(at)) {
                    for (sum, &count) in bucket.by_level.iter_mut().zip(counts) {
                        *sum += u64::from(count);
                    }
                }
            });
        let interval = Duration::from_micros(width.unsigned_abs());
        Timeline { interval, buckets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{LogCounts, StoreLimits};
    use log_record::Severity;

    #[test]
    fn records_are_counted_in_buckets_of_whole_minutes() {
        let store = Store::new(StoreLimits::default());
        let now = Timestamp::from_millis(1_800_000_000_000);
        let mut counts = LogCounts::new();
        for (service, minutes_ago) in [("a", 9), ("a", 5), ("b", 5), ("a", 4)] {
            let at = now.saturating_add_micros(-minutes_ago * MINUTE);
            counts.add(service, Severity::Info, at);
        }
        store.count(&counts, now);
        let timeline = |services: &[&str], seconds| {
            let timeline = store.log_timeline(&StatsQuery {
                services: services.iter().map(|&s| s.to_owned()).collect(),
                from: Some(now.saturating_add_micros(-10 * MINUTE)),
                to: Some(now),
                interval: Some(Duration::from_secs(seconds)),
            });
            let counts = timeline
                .buckets
                .iter()
                .map(|bucket| bucket.by_level[Severity::Info.index()]);
            (timeline.interval.as_secs(), counts.collect::<Vec<u64>>())
        };
        assert_eq!(timeline(&[], 300), (300, vec![1, 3]));
        assert_eq!(timeline(&["b"], 300), (300, vec![0, 1]));
        assert_eq!(timeline(&[], 10), (60, vec![0, 1, 0, 0, 0, 2, 1, 0, 0, 0]));
        assert_eq!(timeline(&[], 61).0, 120);
        assert_eq!(
            store.log_timeline(&StatsQuery::default()),
            Timeline::default()
        );
    }
}
