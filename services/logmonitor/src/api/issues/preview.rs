//! Rules for grouping on trial: what they would change.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use log_record::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api::ApiState;
use crate::api::answer::{EventSchema, json, push_event};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::params::{NoParams, Params};
use crate::issues::{IssueKey, Issues, Rules, RulesError};
use crate::preview::{self, Preview, Side};

/// What rules would change. Counts are of the errors that were examined.
#[derive(Serialize, ToSchema)]
#[schema(as = GroupingPreview)]
pub(super) struct PreviewBody {
    /// The whole in a sentence: `merges 14 issues into 3, splits 1`.
    summary: String,
    /// Errors that were looked at, the newest first: those in memory, 100,000 at most, for 5 seconds at most.
    examined: u64,
    /// Whether these are all in memory.
    complete: bool,
    /// Issues that they belong to.
    issues_before: usize,
    /// Issues that they would belong to.
    issues_after: usize,
    /// Issues that would be in one with others.
    merged: usize,
    /// Issues that these would be in.
    merged_into: usize,
    /// Issues whose errors would be in several.
    split: usize,
    /// Issues that would get another id: they would begin anew, with no state.
    renamed: usize,
    /// The largest, 20 at most.
    merges: Vec<MergePreview>,
    /// The largest, 20 at most.
    splits: Vec<SplitPreview>,
}

/// Issues that would become one.
#[derive(Serialize, ToSchema)]
struct MergePreview {
    into: SidePreview,
    /// The largest, 20 at most.
    issues: Vec<SidePreview>,
    /// How many they are.
    total: usize,
}

/// An issue that would become several.
#[derive(Serialize, ToSchema)]
struct SplitPreview {
    issue: SidePreview,
    /// The largest, 20 at most.
    into: Vec<SidePreview>,
    /// How many they are.
    total: usize,
}

/// An issue, with the errors in question.
#[derive(Serialize, ToSchema)]
struct SidePreview {
    /// Absent where there is no such issue yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    title: String,
    count: u64,
    /// The newest.
    #[schema(value_type = EventSchema)]
    example: Box<RawValue>,
}

/// Tries rules for grouping: says what would change if they were applied in place of those that are. Changes nothing.
/// The body is what the file of `LOG_MONITOR_GROUPING_RULES` would be.
#[utoipa::path(post, path = "/preview", tag = "issues", request_body = serde_json::Value,
    responses((status = 200, body = PreviewBody),
        (status = 400, body = ErrorBody, description = "`parameter` is the key that is wrong, with the number of its rule."),
        (status = 503, body = ErrorBody, description = "`busy`: another trial is not finished.")))]
pub(super) async fn preview(
    State(state): State<ApiState>,
    Params(NoParams {}): Params<NoParams>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let Ok(turn) = state.trials.clone().try_acquire_owned() else {
        let message = "other rules are being tried; one trial at a time, try again in some seconds";
        return Err(ApiError::unavailable_as("busy", message));
    };
    let tried = tokio::task::spawn_blocking(move || {
        let rules = Rules::parse(&body)?;
        let issues = state.ingest.issues();
        let preview = preview::preview(&state.store, issues, &rules, Timestamp::now())
            .map_err(|error| ApiError::internal(error.to_string()))?;
        // Until here, whether or not anybody still waits for the answer.
        drop(turn);
        let body = PreviewBody::of(preview, issues)?;
        serde_json::to_vec(&body).map_err(|error| ApiError::internal(error.to_string()))
    });
    let answer = tried.await;
    Ok(json(
        answer.map_err(|_| ApiError::internal("the trial failed"))??,
    ))
}

impl PreviewBody {
    fn of(preview: Preview, issues: &Issues) -> Result<PreviewBody, ApiError> {
        let summary = preview.summary();
        let sides = |sides: Vec<Side>| -> Result<Vec<SidePreview>, ApiError> {
            let sides = sides.into_iter();
            sides.map(|side| SidePreview::of(side, issues)).collect()
        };
        let side = |side| SidePreview::of(side, issues);
        let merges = preview.merges.into_iter().map(|merge| {
            Ok(MergePreview {
                into: side(merge.into)?,
                issues: sides(merge.issues)?,
                total: merge.total,
            })
        });
        let splits = preview.splits.into_iter().map(|split| {
            Ok(SplitPreview {
                issue: side(split.issue)?,
                into: sides(split.into)?,
                total: split.total,
            })
        });
        Ok(PreviewBody {
            merges: merges.collect::<Result<_, ApiError>>()?,
            splits: splits.collect::<Result<_, ApiError>>()?,
            summary,
            examined: preview.examined,
            complete: preview.is_complete,
            issues_before: preview.issues_before,
            issues_after: preview.issues_after,
            merged: preview.merged,
            merged_into: preview.merged_into,
            split: preview.split,
            renamed: preview.renamed,
        })
    }
}

impl SidePreview {
    fn of(side: Side, issues: &Issues) -> Result<SidePreview, ApiError> {
        let mut example = Vec::with_capacity(1_024);
        push_event(&mut example, &side.example, issues);
        let not_json = |error: &dyn std::fmt::Display| ApiError::internal(error.to_string());
        let example = String::from_utf8(example).map_err(|error| not_json(&error))?;
        Ok(SidePreview {
            id: side.key.as_ref().map(IssueKey::to_string),
            title: side.title,
            count: side.count,
            example: RawValue::from_string(example).map_err(|error| not_json(&error))?,
        })
    }
}

impl From<RulesError> for ApiError {
    fn from(error: RulesError) -> ApiError {
        ApiError::parameter(&error.place, error.to_string())
    }
}
