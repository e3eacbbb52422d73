//! One panel's window on the store: its time range and what the filters leave, as lines of points.

use std::collections::BTreeMap;
use std::time::Duration;

use log_record::{Severity, Timestamp};

use super::filters::{Condition, accepted, known_values};
use super::issues;
use super::metrics::{Kind, Metric};
use crate::issues::Issues;
use crate::store::{LevelCounts, Stats, StatsQuery, Store};

/// More series than this make a panel unreadable: the largest are shown, and a notice says so.
pub(super) const MAX_SERIES: usize = 20;
/// What the conditions leave.
#[derive(Debug)]
pub(super) struct Scope {
    /// `None`: every service. An empty list: none at all.
    pub(super) services: Option<Vec<String>>,
    levels: [bool; Severity::COUNT],
}

impl Scope {
    pub(super) fn of(conditions: &[&Condition], store: &Store, now: Timestamp) -> Scope {
        let services = accepted(conditions, "service", || {
            known_values(store, "service", now)
        });
        let all_levels = || {
            Severity::ALL
                .map(|level| level.as_str().to_owned())
                .to_vec()
        };
        let levels = accepted(conditions, "level", all_levels);
        let is_accepted = |level: Severity| match &levels {
            Some(names) => names.iter().any(|name| name == level.as_str()),
            None => true,
        };
        Scope {
            services,
            levels: Severity::ALL.map(is_accepted),
        }
    }

    /// Whether records of the level are left.
    pub(super) fn accepts(&self, level: Severity) -> bool {
        self.levels[level.index()]
    }

    fn sum(&self, counts: &LevelCounts) -> u64 {
        counts
            .iter()
            .zip(self.levels)
            .filter(|(_, wanted)| *wanted)
            .map(|(count, _)| count)
            .sum()
    }

    fn sum_errors(&self, counts: &LevelCounts) -> u64 {
        let errors = Severity::ALL.iter().filter(|level| level.is_error());
        errors
            .map(|level| level.index())
            .filter(|&level| self.levels[level])
            .map(|level| counts[level])
            .sum()
    }
}

/// One panel's window on the store.
#[derive(Debug)]
pub(super) struct Panel<'a> {
    pub(super) store: &'a Store,
    pub(super) issues: &'a Issues,
    /// Whether all errors of the range are in memory. Where they are not, lines are drawn from the counts by minute,
    /// which are kept for as long as the archive.
    pub(super) is_in_memory: bool,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) interval_ms: i64,
    pub(super) now: Timestamp,
    pub(super) scope: Scope,
}

/// One line of a panel.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) name: String,
    /// What all its points have in common: `service` or `level`.
    pub(super) label: Option<&'static str>,
    /// Start of a bucket in milliseconds, and its value; ascending.
    pub(super) points: Vec<(i64, f64)>,
    /// The value over the whole range, for tables.
    pub(super) total: f64,
    pub(super) notice: Option<String>,
}

impl Panel<'_> {
    /// `None` when no service at all is left, so that nothing counts.
    fn stats_query(&self, services: Option<Vec<String>>) -> Option<StatsQuery> {
        if services.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        Some(StatsQuery {
            services: services.unwrap_or_default(),
            from: Some(self.from),
            to: Some(self.to),
            interval: Some(Duration::from_millis(self.interval_ms.unsigned_abs())),
        })
    }

    fn stats(&self, services: Option<Vec<String>>) -> Stats {
        self.stats_query(services)
            .map(|query| self.store.stats(&query, self.now))
            .unwrap_or_default()
    }

    /// The lines of a metric.
    pub(super) fn series(&self, metric: &Metric) -> Vec<Series> {
        let services = self.scope.services.clone();
        match metric.kind {
            Kind::ErrorCount => vec![self.errors(metric.name, services)],
            Kind::ErrorByService => self.by_service(false),
            Kind::ErrorByLevel => self.errors_by_level(services.as_ref()),
            Kind::LogCount => vec![self.logs(metric.name, services)],
            Kind::LogByService => self.by_service(true),
            Kind::LogByLevel => self.logs_by_level(services.as_ref()),
            Kind::ErrorRatio => vec![self.ratio(metric.name, services)],
            Kind::Issues => issues::series(self),
            Kind::Annotations => Vec::new(),
        }
    }

    /// Errors of these services as one line.
    pub(super) fn errors(&self, name: &str, services: Option<Vec<String>>) -> Series {
        let points = self.error_points(services, |counts| self.scope.sum_errors(counts) as f64);
        let total = points.iter().map(|(_, value)| value).sum();
        Series {
            name: name.to_owned(),
            label: None,
            points,
            total,
            notice: None,
        }
    }

    fn errors_by_level(&self, services: Option<&Vec<String>>) -> Vec<Series> {
        let wanted = [Severity::Error, Severity::Critical]
            .into_iter()
            .filter(|level| self.scope.levels[level.index()]);
        let series = |level: Severity| {
            let points =
                self.error_points(services.cloned(), |counts| counts[level.index()] as f64);
            Series {
                name: level.as_str().to_owned(),
                label: Some("level"),
                total: points.iter().map(|(_, value)| value).sum(),
                points,
                notice: None,
            }
        };
        wanted.map(series).collect()
    }

    /// The services with most errors (or records), a line each.
    fn by_service(&self, of_logs: bool) -> Vec<Series> {
        let stats = self.stats(self.scope.services.clone());
        let counts: BTreeMap<String, u64> = if of_logs || !self.is_in_memory {
            let sum = |counts| match of_logs {
                true => self.scope.sum(counts),
                false => self.scope.sum_errors(counts),
            };
            let by_service = stats.logs.by_service.iter();
            by_service
                .map(|(name, counts)| (name.clone(), sum(counts)))
                .collect()
        } else {
            stats.by_service
        };
        let mut names: Vec<(String, u64)> =
            counts.into_iter().filter(|(_, count)| *count > 0).collect();
        names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let notice = (names.len() > MAX_SERIES)
            .then(|| format!("only the {MAX_SERIES} largest services are shown"));
        let line = |(name, _): (String, u64)| {
            let services = Some(vec![name.clone()]);
            let line = if of_logs {
                self.logs(&name, services)
            } else {
                self.errors(&name, services)
            };
            Series {
                label: Some("service"),
                notice: notice.clone(),
                ..line
            }
        };
        names.into_iter().take(MAX_SERIES).map(line).collect()
    }

    /// A point for every bucket of the errors' timeline.
    fn error_points(
        &self,
        services: Option<Vec<String>>,
        value: impl Fn(&LevelCounts) -> f64,
    ) -> Vec<(i64, f64)> {
        if !self.is_in_memory {
            return self.log_points(services, value);
        }
        let timeline = self.stats(services).timeline;
        let buckets = timeline.buckets.iter();
        buckets
            .map(|bucket| (bucket.time.as_millis(), value(&bucket.by_level)))
            .collect()
    }

    /// Records of every level as one line.
    fn logs(&self, name: &str, services: Option<Vec<String>>) -> Series {
        let points = self.log_points(services, |counts| self.scope.sum(counts) as f64);
        let total = points.iter().map(|(_, value)| value).sum();
        Series {
            name: name.to_owned(),
            label: None,
            points,
            total,
            notice: None,
        }
    }

    fn logs_by_level(&self, services: Option<&Vec<String>>) -> Vec<Series> {
        let wanted = Severity::ALL
            .into_iter()
            .filter(|level| self.scope.levels[level.index()]);
        let series = |level: Severity| {
            let points = self.log_points(services.cloned(), |counts| counts[level.index()] as f64);
            let total = points.iter().map(|(_, value)| value).sum();
            Series {
                name: level.as_str().to_owned(),
                label: Some("level"),
                points,
                total,
                notice: None,
            }
        };
        wanted.map(series).collect()
    }

    fn ratio(&self, name: &str, services: Option<Vec<String>>) -> Series {
        let is_error = |counts: &LevelCounts| {
            counts[Severity::Error.index()] + counts[Severity::Critical.index()]
        };
        let ratio = |counts: &LevelCounts| match counts.iter().sum::<u64>() {
            0 => 0.0,
            all => is_error(counts) as f64 / all as f64,
        };
        let points = self.log_points(services.clone(), ratio);
        let total = ratio(&self.stats(services).logs.by_level);
        Series {
            name: name.to_owned(),
            label: None,
            points,
            total,
            notice: None,
        }
    }

    /// A point for every bucket of the records' timeline.
    fn log_points(
        &self,
        services: Option<Vec<String>>,
        value: impl Fn(&LevelCounts) -> f64,
    ) -> Vec<(i64, f64)> {
        let timeline = self
            .stats_query(services)
            .map(|query| self.store.log_timeline(&query))
            .unwrap_or_default();
        timeline
            .buckets
            .iter()
            .map(|bucket| (bucket.time.as_millis(), value(&bucket.by_level)))
            .collect()
    }
}
