//! `/api/v1/issues`: errors grouped by cause.

mod answer;
mod change;
mod list;
mod preview;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use log_record::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::error::{ApiError, ErrorBody};
use super::logs::{ask, search};
use super::params::{ErrorsParams, InPath, NoParams, Params};
use crate::issues::{Issue, IssueKey};
use crate::reader::ReadError;
use answer::IssueDetail;

/// How much of its history an issue shows.
const MAX_ACTIVITY: usize = 500;

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, change::update_many))
        .routes(routes!(preview::preview))
        .routes(routes!(one, change::update))
        .routes(routes!(events))
        .routes(routes!(activity))
        .routes(routes!(change::merge))
        .routes(routes!(change::unmerge))
}

/// The issue of an id in the path.
fn find(state: &ApiState, id: &str) -> Result<Issue, ApiError> {
    let known = IssueKey::parse(id).and_then(|key| state.ingest.issues().get(key));
    known.ok_or_else(|| ApiError::not_found(format!("no issue has the id {id:?}")))
}

/// One issue: with its hosts and versions, its latest error, and why its errors belong together.
#[utoipa::path(get, path = "/{id}", tag = "issues",
    params(("id" = String, Path, description = "An issue's `id`.")),
    responses((status = 200, body = IssueDetail), (status = 404, body = ErrorBody)))]
async fn one(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, ApiError> {
    answer::detail(&state, find(&state, &id)?, Timestamp::now()).await
}

/// The errors of an issue.
#[utoipa::path(get, path = "/{id}/events", tag = "issues",
    params(("id" = String, Path, description = "An issue's `id`."), ErrorsParams),
    responses((status = 200, body = serde_json::Value), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
async fn events(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(params): Params<ErrorsParams>,
) -> Result<Response, ApiError> {
    let issue = find(&state, &id)?;
    let now = Timestamp::now();
    let query = params.of_issue(issue.key)?.into_query(None, &state, now)?;
    search(&state, query, now).await
}

#[derive(Serialize, ToSchema)]
struct ActivityList {
    /// The newest first, 500 at most.
    activity: Vec<ActivityEntry>,
}

#[derive(Serialize, ToSchema)]
struct ActivityEntry {
    at: String,
    /// `created`, `regressed`, `resolved`, `ignored`, `reopened`, `merged`, `unmerged`, `assigned` or `noted`.
    kind: &'static str,
    /// The version it is resolved in, the assignee, the note, the id of the other issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// What happened to an issue.
#[utoipa::path(get, path = "/{id}/activity", tag = "issues",
    params(("id" = String, Path, description = "An issue's `id`.")),
    responses((status = 200, body = ActivityList), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn activity(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Json<ActivityList>, ApiError> {
    let issue = find(&state, &id)?;
    let keys = state.ingest.issues().keys(issue.key);
    let archive = state.archive("what happened to issues")?;
    let found =
        ask(move || Ok::<_, ReadError>(archive.issue_activities(&keys, MAX_ACTIVITY)?)).await?;
    let entries = found.into_iter().map(|entry| ActivityEntry {
        at: Timestamp::from_micros(entry.activity.at).to_string(),
        kind: entry.activity.kind.as_str(),
        detail: entry.activity.detail,
    });
    Ok(Json(ActivityList {
        activity: entries.collect(),
    }))
}
