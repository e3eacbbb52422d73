//! `/api/v1/logs/stream`: errors, or all lines, as they come: server-sent events.

mod params;
mod reader;
mod sse;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use log_record::Timestamp;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::error::{ApiError, ErrorBody};
use super::logs::ask;
use super::params::Params;
use crate::live::TooManyReaders;
use crate::query::Matcher;
use crate::store::EventId;
use params::{Scope, StreamParams};
use reader::{StreamReader, Tail};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(follow))
}

/// Errors that match, as they come: server-sent events until the client leaves. `event: error` has the error's `id`
/// and the error as `data`; with `scope=all` every line of the logs topic is an `event: log` with its record.
/// `event: gap` with `{"count":n,"reason":"skipped"}` says that so many, matching or not, had left before this reader
/// came to read them; `{"count":null,"reason":"unknown_id"}` that the stream could not go on behind `Last-Event-ID`.
/// A comment comes every 15 seconds.
#[utoipa::path(get, path = "/stream", tag = "logs",
    params(StreamParams, ("Last-Event-ID" = Option<String>, Header, description = "The last `id` that was received: \
        the stream goes on right behind it, as long as it is in memory or among the last 100,000 before that.")),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        (status = 400, body = ErrorBody),
        (status = 503, description = "`too_many_readers`: as many watch as may.", body = ErrorBody)))]
async fn follow(
    State(state): State<ApiState>,
    headers: HeaderMap,
    Params(params): Params<StreamParams>,
) -> Result<Response, ApiError> {
    let scope = params.scope()?;
    // What a browser sends when it reconnects is newer than what its page was opened with.
    let last_id = headers
        .get("last-event-id")
        .map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned())
        .or_else(|| params.last_event_id.clone())
        .filter(|id| !id.is_empty());
    let issues = state.ingest.issues();
    let matcher = Matcher::new(&params.into_filter(scope, issues)?);
    let (tail, is_complete) = match scope {
        Scope::Errors => errors(&state, last_id).await?,
        Scope::All => logs(&state, last_id).await?,
    };
    let reader = StreamReader::new(
        tail,
        matcher,
        is_complete,
        issues.clone(),
        state.live.closing(),
    );
    let frames = stream::unfold(reader, |mut reader| async move {
        let frame = reader.next().await?;
        Some((Ok::<_, std::convert::Infallible>(frame), reader))
    });
    const HEADERS: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx would gather what is to be shown now.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((HEADERS, Body::from_stream(frames)).into_response())
}

/// A reader of the errors, and whether it goes on where it is to.
async fn errors(state: &ApiState, last_id: Option<String>) -> Result<(Tail, bool), ApiError> {
    let mut tail = state.live.errors()?;
    let (tail, is_complete) = ask(move || {
        tail.skip_loading()?;
        let is_complete = match last_id.as_deref().map(str::parse::<EventId>) {
            None => true,
            Some(Ok(id)) => tail.resume_after(&id, Timestamp::now())?,
            Some(Err(_)) => false,
        };
        Ok((tail, is_complete))
    })
    .await?;
    Ok((Tail::Errors(tail), is_complete))
}

/// A reader of all lines, and whether it goes on where it is to.
async fn logs(state: &ApiState, last_id: Option<String>) -> Result<(Tail, bool), ApiError> {
    let mut tail = state.live.logs()?;
    let (tail, is_complete) = ask(move || {
        let is_complete = match last_id.as_deref().map(str::parse::<EventId>) {
            None => true,
            Some(Ok(id)) => tail.resume_after(&id),
            Some(Err(_)) => false,
        };
        Ok((tail, is_complete))
    })
    .await?;
    Ok((Tail::Logs(tail), is_complete))
}

impl From<TooManyReaders> for ApiError {
    fn from(error: TooManyReaders) -> ApiError {
        ApiError::too_many_readers(error.to_string())
    }
}
