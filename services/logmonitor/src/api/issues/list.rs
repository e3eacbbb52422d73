//! The list of issues: filters, order, pages.

use axum::Json;
use axum::extract::State;
use log_record::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::IssueBody;
use crate::api::ApiState;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::params::{Params, levels, limit, range, terms, values};
use crate::issues::{IssueFilter, IssueKey, IssueSort, Status};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// `open` (the default), `resolved`, `ignored` or `all`.
    status: Option<String>,
    /// `last_seen` (the default), `first_seen`, `count` or `trend`: the largest first. `trend` is the growth of the
    /// current hour over a usual hour of the last day.
    sort: Option<String>,
    /// Services, exact; several by comma.
    service: Option<String>,
    /// Hosts it was seen on, exact; several by comma.
    host: Option<String>,
    /// The worst level of its errors.
    level: Option<String>,
    /// Search in title, type, logger, service, assignee and note; keys: service, host, level, target, error, version.
    q: Option<String>,
    /// With errors at this moment or later.
    from: Option<String>,
    /// With errors before this moment.
    to: Option<String>,
    /// Length of a page, 1 to 1000; default 100.
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of issues.
#[derive(Serialize, ToSchema)]
pub(super) struct IssueListBody {
    issues: Vec<IssueBody>,
    /// On this page.
    count: usize,
    /// On all pages.
    total: usize,
    /// Pass it as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Issues: errors grouped by cause.
#[utoipa::path(get, path = "", tag = "issues", params(ListParams),
    responses((status = 200, body = IssueListBody), (status = 400, body = ErrorBody)))]
pub(super) async fn list(
    State(state): State<ApiState>,
    Params(params): Params<ListParams>,
) -> Result<Json<IssueListBody>, ApiError> {
    let now = Timestamp::now();
    let (from, to) = range(params.from.as_deref(), params.to.as_deref(), now)?;
    let filter = IssueFilter {
        status: status(params.status.as_deref())?,
        services: values("service", params.service.as_deref())?,
        hosts: values("host", params.host.as_deref())?,
        levels: levels(params.level.as_deref())?,
        terms: terms(params.q.as_deref())?,
        from: from.map(|bound| bound.at.as_micros()),
        to: to.map(|bound| bound.at.as_micros()),
    };
    let sort = sort(params.sort.as_deref())?;
    let after = params.cursor.as_deref().map(cursor).transpose()?;
    let limit = limit(params.limit.as_deref())?;
    let issues = state.ingest.issues().clone();
    let list = tokio::task::spawn_blocking(move || issues.list(&filter, sort, after, limit, now))
        .await
        .map_err(|_| ApiError::internal("the list failed"))?;
    Ok(Json(IssueListBody {
        count: list.issues.len(),
        total: list.total,
        next_cursor: list.next.map(|(rank, key)| format!("{rank}.{key}")),
        issues: list.issues.into_iter().map(IssueBody::of).collect(),
    }))
}

fn status(text: Option<&str>) -> Result<Option<Status>, ApiError> {
    match text {
        None => Ok(Some(Status::Open)),
        Some("all") => Ok(None),
        Some(text) => Status::parse(text).map(Some).ok_or_else(|| {
            let message = format!("status must be open, resolved, ignored or all, got {text}");
            ApiError::parameter("status", message)
        }),
    }
}

fn sort(text: Option<&str>) -> Result<IssueSort, ApiError> {
    match text {
        None | Some("last_seen") => Ok(IssueSort::LastSeen),
        Some("first_seen") => Ok(IssueSort::FirstSeen),
        Some("count") => Ok(IssueSort::Count),
        Some("trend") => Ok(IssueSort::Trend),
        Some(text) => Err(ApiError::parameter(
            "sort",
            format!("sort must be last_seen, first_seen, count or trend, got {text}"),
        )),
    }
}

fn cursor(text: &str) -> Result<(i64, IssueKey), ApiError> {
    let parts = text.split_once('.');
    let place = parts.and_then(|(rank, key)| Some((rank.parse().ok()?, IssueKey::parse(key)?)));
    place.ok_or_else(|| {
        let message = format!("cursor must be the next_cursor of a page, got {text:?}");
        ApiError::parameter("cursor", message)
    })
}
