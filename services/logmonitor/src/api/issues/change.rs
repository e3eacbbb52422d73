//! What people change about issues.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use log_record::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answer::{IssueBody, IssueDetail, detail};
use super::find;
use crate::api::ApiState;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::params::{InPath, NoParams, Params, issue_key};
use crate::archive::{Archive, ArchiveError};
use crate::issues::{
    ChangeError, IssueChanges, IssueKey, IssueSummary, IssueUpdate, Issues, Status,
};
use crate::query::time;

/// The most issues of one request.
const MAX_ISSUES: usize = 1_000;
/// The longest assignee, note or version, in bytes.
const MAX_TEXT: usize = 10_000;

/// What to change; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateBody {
    /// `open`, `resolved` or `ignored`.
    status: Option<String>,
    /// With `resolved`: errors of older versions do not open it again.
    resolved_in_version: Option<String>,
    /// With `ignored`: until then, RFC 3339, epoch milliseconds or relative (`now+1h`).
    ignore_until: Option<String>,
    /// With `ignored`: until so many errors more have come.
    ignore_until_count: Option<u64>,
    /// Who cares; null is nobody.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    assignee: Option<Option<String>>,
    /// What there is to know; null is nothing.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    note: Option<Option<String>>,
}

/// Into which issue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MergeBody {
    /// Its id.
    into: String,
}

/// The issues as they are now.
#[derive(Serialize, ToSchema)]
pub(super) struct ChangedIssues {
    issues: Vec<IssueBody>,
}

/// Changes one issue.
#[utoipa::path(patch, path = "/{id}", tag = "issues", request_body = UpdateBody,
    params(("id" = String, Path, description = "An issue's `id`.")),
    responses((status = 200, body = IssueDetail), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn update(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let now = Timestamp::now();
    let key = find(&state, &id)?.key;
    let update = parse::<UpdateBody>(Value::Object(object(&body)?))?.into_update(now)?;
    change(&state, move |issues, keep| {
        issues.update(&[key], &update, now, keep)
    })
    .await?;
    detail(&state, find(&state, &id)?, now).await
}

/// Changes several issues, all or none: the body is that of one, with their `ids` besides.
#[utoipa::path(patch, path = "", tag = "issues", request_body = serde_json::Value,
    responses((status = 200, body = ChangedIssues), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn update_many(
    State(state): State<ApiState>,
    Params(NoParams {}): Params<NoParams>,
    body: Bytes,
) -> Result<Json<ChangedIssues>, ApiError> {
    let now = Timestamp::now();
    let mut object = object(&body)?;
    let ids: Vec<String> = parse(object.remove("ids").unwrap_or_default())
        .map_err(|_| ApiError::parameter("ids", "ids must be a list of ids of issues"))?;
    if ids.is_empty() || ids.len() > MAX_ISSUES {
        let message = format!("ids must be 1 to {MAX_ISSUES}, got {}", ids.len());
        return Err(ApiError::parameter("ids", message));
    }
    let update = parse::<UpdateBody>(Value::Object(object))?.into_update(now)?;
    let keys: Vec<IssueKey> = ids
        .iter()
        .map(|id| Ok(find(&state, id)?.key))
        .collect::<Result<_, ApiError>>()?;
    let changed = keys.clone();
    change(&state, move |issues, keep| {
        issues.update(&keys, &update, now, keep)
    })
    .await?;
    let issues = changed.iter().filter_map(|&key| {
        let issue = state.ingest.issues().get(key)?;
        Some(IssueBody::of(IssueSummary::of(&issue, &issue.tally, now)))
    });
    Ok(Json(ChangedIssues {
        issues: issues.collect(),
    }))
}

/// Makes an issue a part of another one; answers with that.
#[utoipa::path(post, path = "/{id}/merge", tag = "issues", request_body = MergeBody,
    params(("id" = String, Path, description = "An issue's `id`.")),
    responses((status = 200, body = IssueDetail), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn merge(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let now = Timestamp::now();
    let part = find(&state, &id)?.key;
    let wanted: MergeBody = parse(Value::Object(object(&body)?))?;
    let into = find(&state, &wanted.into)?.key;
    change(&state, move |issues, keep| {
        issues.merge(part, into, now, keep)
    })
    .await?;
    detail(&state, find(&state, &wanted.into)?, now).await
}

/// Makes a part that was merged by hand an issue of its own again. The id is that which it had.
#[utoipa::path(post, path = "/{id}/unmerge", tag = "issues",
    params(("id" = String, Path, description = "The `id` it had before it was merged.")),
    responses((status = 200, body = IssueDetail), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody)))]
pub(super) async fn unmerge(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, ApiError> {
    let now = Timestamp::now();
    find(&state, &id)?;
    let part = issue_key(&id)?;
    change(&state, move |issues, keep| issues.unmerge(part, now, keep)).await?;
    detail(&state, find(&state, &id)?, now).await
}

type Keep<'a> = &'a dyn Fn(&IssueChanges) -> Result<(), ArchiveError>;

/// Makes a change that is kept in the archive where there is one.
async fn change(
    state: &ApiState,
    make: impl FnOnce(&Issues, Keep<'_>) -> Result<(), ChangeError<ArchiveError>> + Send + 'static,
) -> Result<(), ApiError> {
    let issues = state.ingest.issues().clone();
    let archive = state.ingest.archive().cloned();
    let keep = move |changes: &IssueChanges| match &archive {
        Some(archive) => Archive::change_issues(archive, changes),
        None => Ok(()),
    };
    let made = tokio::task::spawn_blocking(move || make(&issues, &keep)).await;
    made.map_err(|_| ApiError::internal("the change failed"))?
        .map_err(|error| match error {
            ChangeError::Unknown(_) => ApiError::not_found(error.to_string()),
            ChangeError::Itself(_) => ApiError::parameter("into", error.to_string()),
            ChangeError::NotMerged(_) => ApiError::parameter("id", error.to_string()),
            ChangeError::Keep(error) => ApiError::unavailable(error.to_string()),
        })
}

impl UpdateBody {
    fn into_update(self, now: Timestamp) -> Result<IssueUpdate, ApiError> {
        let status = self
            .status
            .map(|text| {
                Status::parse(&text).ok_or_else(|| {
                    let message = format!("status must be open, resolved or ignored, got {text}");
                    ApiError::parameter("status", message)
                })
            })
            .transpose()?;
        let only_with = |parameter: &'static str, is_given: bool, wanted: Status| {
            if is_given && status != Some(wanted) {
                let message = format!("{parameter} goes with status {} only", wanted.as_str());
                return Err(ApiError::parameter(parameter, message));
            }
            Ok(())
        };
        let version = self.resolved_in_version;
        only_with("resolved_in_version", version.is_some(), Status::Resolved)?;
        only_with("ignore_until", self.ignore_until.is_some(), Status::Ignored)?;
        let has_count = self.ignore_until_count.is_some();
        only_with("ignore_until_count", has_count, Status::Ignored)?;
        let ignore_until = self
            .ignore_until
            .map(|text| {
                let bound = time::parse(&text, now);
                bound
                    .map(|bound| bound.at.as_micros())
                    .map_err(|error| ApiError::parameter("ignore_until", error.to_string()))
            })
            .transpose()?;
        short("resolved_in_version", version.as_deref())?;
        short(
            "assignee",
            self.assignee.as_ref().and_then(Option::as_deref),
        )?;
        short("note", self.note.as_ref().and_then(Option::as_deref))?;
        Ok(IssueUpdate {
            status,
            resolved_in_version: version,
            ignore_until,
            ignore_until_count: self.ignore_until_count,
            assignee: self.assignee,
            note: self.note,
        })
    }
}

fn short(parameter: &str, text: Option<&str>) -> Result<(), ApiError> {
    match text {
        Some(text) if text.len() > MAX_TEXT => Err(ApiError::parameter(
            parameter,
            format!(
                "{parameter} must have at most {MAX_TEXT} bytes, got {}",
                text.len()
            ),
        )),
        _ => Ok(()),
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request("invalid_body", format!("the body: {error}")))
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value)
        .map_err(|error| ApiError::bad_request("invalid_body", format!("the body: {error}")))
}

/// A field that is there, null or not.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}
