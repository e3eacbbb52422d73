//! `/api/v1/quarantine`: records that could not be decoded, to be looked at, tried again or deleted.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use log_record::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::error::{ApiError, ErrorBody};
use super::params::{InPath, NoParams, Params};
use crate::archive::{Archive, ArchiveError, QuarantinedRecord};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1_000;

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(delete))
        .routes(routes!(reprocess))
        .routes(routes!(download))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// 1 to 1000, default 100.
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Quarantine {
    /// Newest first.
    records: Vec<Record>,
    /// How many are kept.
    total: u64,
    /// Pass it as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Record {
    id: i64,
    topic: String,
    partition: i32,
    offset: i64,
    /// Its Kafka timestamp.
    timestamp: String,
    received_at: String,
    /// Why it could not be decoded.
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_base64: Option<String>,
    headers: Vec<Header>,
    /// Its value, whole.
    bytes_base64: String,
    /// Length of its value in bytes.
    size: usize,
}

#[derive(Serialize, ToSchema)]
struct Header {
    name: String,
    value: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Reprocessed {
    /// The level it was found to have. ERROR and CRITICAL are among the errors now, others were counted.
    level: &'static str,
}

/// Records that could not be decoded, newest first.
#[utoipa::path(get, path = "", tag = "operation", params(ListParams),
    responses((status = 200, body = Quarantine), (status = 400, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn list(
    State(state): State<ApiState>,
    Params(params): Params<ListParams>,
) -> Result<Json<Quarantine>, ApiError> {
    let limit = match params.limit.as_deref() {
        None | Some("") => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| {
                let message = format!("limit must be between 1 and {MAX_LIMIT}, got {text}");
                ApiError::parameter("limit", message)
            })?,
    };
    let below = match params.cursor.as_deref() {
        None | Some("") => i64::MAX,
        Some(text) => text.parse().map_err(|_| {
            let message = format!("cursor must be the next_cursor of a page, got {text:?}");
            ApiError::parameter("cursor", message)
        })?,
    };
    let (records, total) = ask(&state, move |archive| {
        // One more says whether there is a next page.
        Ok((
            archive.quarantine(below, limit + 1)?,
            archive.quarantine_len()?,
        ))
    })
    .await?;
    let has_next = records.len() > limit;
    let last = records.get(limit - 1).filter(|_| has_next);
    let next_cursor = last.map(|record| record.id.to_string());
    let records = records.into_iter().take(limit).map(Record::of).collect();
    Ok(Json(Quarantine {
        records,
        total,
        next_cursor,
    }))
}

/// Deletes a record from the quarantine.
#[utoipa::path(delete, path = "/{id}", tag = "operation",
    params(("id" = String, Path, description = "The record's `id`.")),
    responses((status = 204), (status = 404, body = ErrorBody)))]
async fn delete(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
) -> Result<StatusCode, ApiError> {
    let number = number(&id)?;
    let was_there = ask(&state, move |archive| archive.delete_quarantined(number)).await?;
    if was_there {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown(&id))
    }
}

/// Decodes a record again. It leaves the quarantine when that succeeds now.
#[utoipa::path(post, path = "/{id}/reprocess", tag = "operation",
    params(("id" = String, Path, description = "The record's `id`.")),
    responses((status = 200, body = Reprocessed), (status = 404, body = ErrorBody), (status = 409, body = ErrorBody)))]
async fn reprocess(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Json<Reprocessed>, ApiError> {
    let number = number(&id)?;
    let ingest = state.ingest.clone();
    let outcome = ask(&state, move |archive| {
        let record = archive.quarantined(number)?;
        record
            .map(|record| ingest.reprocess(&record, Timestamp::now()))
            .transpose()
    })
    .await?;
    match outcome.ok_or_else(|| unknown(&id))? {
        Ok(level) => Ok(Json(Reprocessed {
            level: level.as_str(),
        })),
        Err(reason) => Err(ApiError::conflict(
            "still_undecodable",
            format!("the record still cannot be decoded: {reason}; it stays in quarantine"),
        )),
    }
}

/// The bytes of a record, as they were in Kafka.
#[utoipa::path(get, path = "/{id}/download", tag = "operation",
    params(("id" = String, Path, description = "The record's `id`.")),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = ErrorBody)))]
async fn download(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, ApiError> {
    let number = number(&id)?;
    let record = ask(&state, move |archive| archive.quarantined(number)).await?;
    let record = record.ok_or_else(|| unknown(&id))?;
    let name = format!(
        "attachment; filename=\"{}-{}-{}\"",
        record.topic, record.partition, record.offset
    );
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, record.payload).into_response())
}

async fn ask<T: Send + 'static>(
    state: &ApiState,
    question: impl FnOnce(&Archive) -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ApiError> {
    let archive = state.archive("the quarantine")?;
    // The disk may take its time.
    tokio::task::spawn_blocking(move || question(&archive))
        .await
        .map_err(|_| ApiError::internal("the quarantine failed"))?
        .map_err(|error| ApiError::unavailable(error.to_string()))
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> ApiError {
    ApiError::not_found(format!("no record in quarantine has the id {id:?}"))
}

impl Record {
    fn of(record: QuarantinedRecord) -> Record {
        Record {
            id: record.id,
            topic: record.topic,
            partition: record.partition,
            offset: record.offset,
            timestamp: record.timestamp.to_string(),
            received_at: record.received_at.to_string(),
            reason: record.reason,
            key_base64: record.key.map(|key| STANDARD.encode(key)),
            headers: record
                .headers
                .into_iter()
                .map(|(name, value)| Header { name, value })
                .collect(),
            size: record.payload.len(),
            bytes_base64: STANDARD.encode(&record.payload),
        }
    }
}
