//! `/query`: time series and tables of the metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use log_record::{Severity, Timestamp};
use serde_json::{Value, json};

use super::filters::{Condition, accepted, known_values};
use super::request::{Body, QueryRequest, Target, range};
use super::{annotations, filters};
use crate::api::ApiState;
use crate::api::error::ApiError;
use crate::store::{LevelCounts, Stats, StatsQuery, Store};

/// A metric that a panel can show.
#[derive(Debug)]
pub(super) struct Metric {
    /// As a target.
    pub(super) name: &'static str,
    /// For people.
    pub(super) label: &'static str,
    /// What it can be narrowed by.
    pub(super) filters: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    ErrorCount,
    ErrorByService,
    ErrorByLevel,
    LogCount,
    LogByService,
    LogByLevel,
    ErrorRatio,
    Annotations,
}

/// All metrics, in the order they are offered.
pub(super) const METRICS: [Metric; 8] = [
    metric("error_count", "Errors over time", Kind::ErrorCount),
    metric(
        "error_by_service",
        "Errors by service",
        Kind::ErrorByService,
    ),
    metric("error_by_level", "Errors by level", Kind::ErrorByLevel),
    metric(
        "log_count",
        "Records of every level over time",
        Kind::LogCount,
    ),
    metric("log_by_service", "Records by service", Kind::LogByService),
    metric("log_by_level", "Records by level", Kind::LogByLevel),
    metric(
        "error_ratio",
        "Errors among all records, 0 to 1",
        Kind::ErrorRatio,
    ),
    metric(
        "annotations",
        "Spikes of errors, as annotations",
        Kind::Annotations,
    ),
];

const fn metric(name: &'static str, label: &'static str, kind: Kind) -> Metric {
    Metric {
        name,
        label,
        filters: &filters::KEYS,
        kind,
    }
}

/// More series than this make a panel unreadable: the largest are shown, and a notice says so.
const MAX_SERIES: usize = 20;

/// The metrics of a panel over its time range. Each answer carries its target's `refId`.
#[utoipa::path(post, path = "/query", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn query(
    State(state): State<ApiState>,
    Body(request): Body<QueryRequest>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let answered =
        tokio::task::spawn_blocking(move || answer(&state.store, &request, Timestamp::now())).await;
    answered
        .map_err(|_| ApiError::internal("the query failed"))?
        .map(Json)
}

fn answer(store: &Store, request: &QueryRequest, now: Timestamp) -> Result<Vec<Value>, ApiError> {
    let (from, to) = range(request.range.as_ref(), now)?;
    let interval_ms = request.interval_ms(from, to);
    let dashboard: Vec<Condition> = request
        .ad_hoc_filters()
        .iter()
        .map(Condition::from_filter)
        .collect::<Result<_, _>>()?;
    let mut answers = Vec::new();
    for target in &request.targets {
        let Some(name) = target.metric() else {
            continue;
        };
        let Some(metric) = METRICS.iter().find(|metric| metric.name == name) else {
            let known: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
            let message = format!("unknown target {name:?}; known: {}", known.join(", "));
            return Err(ApiError::bad_request("unknown_target", message));
        };
        let own = Condition::from_target(target);
        let conditions: Vec<&Condition> = dashboard.iter().chain(&own).collect();
        let panel = Panel {
            store,
            from,
            to,
            interval_ms,
            now,
            scope: Scope::of(&conditions, store, now),
        };
        if metric.kind == Kind::Annotations {
            answers.push(annotations::frame(&panel, target.ref_id.as_deref()));
        } else {
            let series = panel.series(metric);
            let shape = if target.is_table() {
                table(metric, &series, to)
            } else {
                time_series(&series)
            };
            answers.extend(shape.into_iter().map(|answer| with_ref_id(answer, target)));
        }
    }
    Ok(answers)
}

fn with_ref_id(mut answer: Value, target: &Target) -> Value {
    if let (Some(object), Some(ref_id)) = (answer.as_object_mut(), &target.ref_id) {
        object.insert("refId".to_owned(), json!(ref_id));
    }
    answer
}

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

    fn sum(&self, counts: &LevelCounts) -> u64 {
        counts
            .iter()
            .zip(self.levels)
            .filter(|(_, wanted)| *wanted)
            .map(|(count, _)| count)
            .sum()
    }
}

/// One panel's window on the store.
#[derive(Debug)]
pub(super) struct Panel<'a> {
    pub(super) store: &'a Store,
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
    label: Option<&'static str>,
    /// Start of a bucket in milliseconds, and its value; ascending.
    pub(super) points: Vec<(i64, f64)>,
    /// The value over the whole range, for tables.
    total: f64,
    notice: Option<String>,
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

    fn series(&self, metric: &Metric) -> Vec<Series> {
        let services = self.scope.services.clone();
        match metric.kind {
            Kind::ErrorCount => vec![self.errors(metric.name, services)],
            Kind::ErrorByService => self.by_service(false),
            Kind::ErrorByLevel => self.errors_by_level(services),
            Kind::LogCount => vec![self.logs(metric.name, services)],
            Kind::LogByService => self.by_service(true),
            Kind::LogByLevel => self.logs_by_level(services.as_ref()),
            Kind::ErrorRatio => vec![self.ratio(metric.name, services)],
            Kind::Annotations => Vec::new(),
        }
    }

    /// Errors of these services as one line.
    pub(super) fn errors(&self, name: &str, services: Option<Vec<String>>) -> Series {
        let stats = self.stats(services);
        let points: Vec<(i64, f64)> = stats
            .timeline
            .buckets
            .iter()
            .map(|bucket| {
                (
                    bucket.time.as_millis(),
                    self.scope.sum(&bucket.by_level) as f64,
                )
            })
            .collect();
        let total = points.iter().map(|(_, value)| value).sum();
        Series {
            name: name.to_owned(),
            label: None,
            points,
            total,
            notice: None,
        }
    }

    fn errors_by_level(&self, services: Option<Vec<String>>) -> Vec<Series> {
        let stats = self.stats(services);
        let wanted = [Severity::Error, Severity::Critical]
            .into_iter()
            .filter(|level| self.scope.levels[level.index()]);
        let series = |level: Severity| {
            let value = |counts: &LevelCounts| counts[level.index()] as f64;
            let buckets = stats.timeline.buckets.iter();
            Series {
                name: level.as_str().to_owned(),
                label: Some("level"),
                points: buckets
                    .map(|bucket| (bucket.time.as_millis(), value(&bucket.by_level)))
                    .collect(),
                total: value(&stats.by_level),
                notice: None,
            }
        };
        wanted.map(series).collect()
    }

    /// The services with most errors (or records), a line each.
    fn by_service(&self, of_logs: bool) -> Vec<Series> {
        let stats = self.stats(self.scope.services.clone());
        let counts: BTreeMap<String, u64> = if of_logs {
            stats
                .logs
                .by_service
                .iter()
                .map(|(name, counts)| (name.clone(), self.scope.sum(counts)))
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

fn time_series(series: &[Series]) -> Vec<Value> {
    let one = |series: &Series| {
        let points: Vec<Value> = series
            .points
            .iter()
            .map(|&(time, value)| json!([number(value), time]))
            .collect();
        let mut answer = json!({"target": series.name, "datapoints": points});
        if let Some(label) = series.label {
            answer["tags"] = json!({label: series.name});
        }
        if let Some(notice) = &series.notice {
            answer["meta"] = json!({"notices": [{"severity": "warning", "text": notice}]});
        }
        answer
    };
    series.iter().map(one).collect()
}

/// One table: a row a line with its total, at the end of the range.
fn table(metric: &Metric, series: &[Series], to: Timestamp) -> Vec<Value> {
    let label = series.first().and_then(|series| series.label);
    let mut columns = vec![json!({"text": "Time", "type": "time"})];
    columns.extend(label.map(|label| json!({"text": label, "type": "string"})));
    let value_name = if metric.kind == Kind::ErrorRatio {
        "ratio"
    } else {
        "count"
    };
    columns.push(json!({"text": value_name, "type": "number"}));
    let row = |series: &Series| {
        let mut row = vec![json!(to.as_millis())];
        row.extend(label.map(|_| json!(series.name)));
        row.push(number(series.total));
        Value::Array(row)
    };
    let rows: Vec<Value> = series.iter().map(row).collect();
    vec![json!({"type": "table", "columns": columns, "rows": rows})]
}

/// Counts are whole numbers; a panel shows `3`, not `3.0`.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 {
        json!(value as i64)
    } else {
        json!(value)
    }
}
