//! `/api/v1/logs/stats`: how many, of what, when.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use log_record::{Severity, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::error::{ApiError, ErrorBody};
use super::params::{Params, range, values};
use crate::config::parse_duration;
use crate::reader::ARCHIVE_BUDGET;
use crate::store::{LevelCounts, StatsQuery};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(stats))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StatsParams {
    /// Services, exact; several by comma.
    service: Option<String>,
    /// First moment: RFC 3339, epoch milliseconds, or relative to now.
    from: Option<String>,
    /// The moment after the last.
    to: Option<String>,
    /// Width of the timeline's buckets: `30s`, `1m`, `1h`, or milliseconds; chosen when absent.
    interval: Option<String>,
}

/// How many errors, by what, and how many records of every level.
#[derive(Serialize, ToSchema)]
struct StatsBody {
    total_errors: u64,
    /// False when the archive held too much to be opened in time: the timeline then lacks its oldest part.
    is_exact: bool,
    /// `ERROR` and `CRITICAL`.
    by_level: BTreeMap<&'static str, u64>,
    by_service: BTreeMap<String, u64>,
    by_host: BTreeMap<String, u64>,
    timeline: TimelineBody,
    logs: LogsBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    newest: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct TimelineBody {
    interval_ms: u64,
    /// Without gaps, ascending.
    buckets: Vec<BucketBody>,
}

#[derive(Serialize, ToSchema)]
struct BucketBody {
    /// Where the bucket begins.
    time_ms: i64,
    #[serde(rename = "ERROR")]
    error: u64,
    #[serde(rename = "CRITICAL")]
    critical: u64,
}

/// Every record that was seen; rounded outwards to whole minutes when narrowed by time.
#[derive(Serialize, ToSchema)]
struct LogsBody {
    total: u64,
    by_level: BTreeMap<&'static str, u64>,
    by_service: BTreeMap<String, BTreeMap<&'static str, u64>>,
}

/// Counts, narrowed by service and time.
#[utoipa::path(get, path = "/stats", tag = "logs", params(StatsParams),
    responses((status = 200, body = StatsBody), (status = 400, body = ErrorBody)))]
async fn stats(
    State(state): State<ApiState>,
    Params(params): Params<StatsParams>,
) -> Result<Json<StatsBody>, ApiError> {
    let now = Timestamp::now();
    let (from, to) = range(params.from.as_deref(), params.to.as_deref(), now)?;
    let (from, to) = (from.map(|bound| bound.at), to.map(|bound| bound.at));
    let query = StatsQuery {
        services: values("service", params.service.as_deref())?,
        from,
        // A window that began and did not end lasts until now, so that its timeline reaches today.
        to: to.or(from.map(|_| now)),
        interval: params.interval.as_deref().map(interval).transpose()?,
    };
    check_buckets(&query)?;
    let reader = state.reader();
    let (stats, is_exact) =
        super::logs::ask(move || reader.stats(&query, now, ARCHIVE_BUDGET)).await?;
    let bucket = |bucket: &crate::store::TimelineBucket| BucketBody {
        time_ms: bucket.time.as_millis(),
        error: bucket.by_level[Severity::Error.index()],
        critical: bucket.by_level[Severity::Critical.index()],
    };
    Ok(Json(StatsBody {
        total_errors: stats.total_errors,
        is_exact,
        by_level: by_level(&stats.by_level, |level| level.is_error()),
        by_service: stats.by_service,
        by_host: stats.by_host,
        timeline: TimelineBody {
            interval_ms: u64::try_from(stats.timeline.interval.as_millis()).unwrap_or(u64::MAX),
            buckets: stats.timeline.buckets.iter().map(bucket).collect(),
        },
        logs: LogsBody {
            total: stats.logs.total,
            by_level: by_level(&stats.logs.by_level, |_| true),
            by_service: stats
                .logs
                .by_service
                .into_iter()
                .map(|(service, counts)| {
                    (
                        service,
                        by_level(&counts, |level| counts[level.index()] > 0),
                    )
                })
                .collect(),
        },
        oldest: stats.oldest.map(|time| time.to_string()),
        newest: stats.newest.map(|time| time.to_string()),
    }))
}

/// The counts of the levels that `shown` wants, by name.
fn by_level(counts: &LevelCounts, shown: impl Fn(Severity) -> bool) -> BTreeMap<&'static str, u64> {
    Severity::ALL
        .into_iter()
        .filter(|&level| shown(level))
        .map(|level| (level.as_str(), counts[level.index()]))
        .collect()
}

fn interval(text: &str) -> Result<Duration, ApiError> {
    let milliseconds = text.parse().ok().map(Duration::from_millis);
    let interval = milliseconds
        .or_else(|| parse_duration(text))
        .filter(|interval| !interval.is_zero());
    interval.ok_or_else(|| {
        ApiError::parameter(
            "interval",
            format!("interval must be a duration such as 30s, 1m or 1h, got {text}"),
        )
    })
}

fn check_buckets(query: &StatsQuery) -> Result<(), ApiError> {
    let (Some(from), Some(to), Some(interval)) = (query.from, query.to, query.interval) else {
        return Ok(());
    };
    let span = to
        .as_micros()
        .saturating_sub(from.as_micros())
        .unsigned_abs();
    let buckets = u128::from(span) / interval.as_micros().max(1);
    if buckets > StatsQuery::MAX_BUCKETS as u128 {
        let message = format!(
            "interval must give at most {} buckets over the time range, got {buckets}",
            StatsQuery::MAX_BUCKETS
        );
        return Err(ApiError::parameter("interval", message));
    }
    Ok(())
}
