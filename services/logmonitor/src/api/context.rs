//! `/api/v1/logs/events/{id}/context`: the lines around an error.

use axum::extract::State;
use axum::response::Response;
use log_record::Timestamp;
use log_record::json::push_str;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::answer::{EventSchema, json, push_event};
use super::error::{ApiError, ErrorBody};
use super::logs::{ask, find};
use super::params::{InPath, Params};
use crate::kafka::{Around, Ask, MAX_LINES, Scope, SurroundingsError};
use crate::reader::ReadError;
use crate::snapshots::Snapshot;

/// Lines on each side when the request does not say.
const DEFAULT_LINES: usize = 50;

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(context))
}

/// How much is to be shown around the error.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ContextParams {
    /// Lines before it, 0 to 500; default 50.
    before: Option<String>,
    /// Lines after it, 0 to 500; default 50.
    after: Option<String>,
    /// `instance` (the default): the lines of the same process, or of the same service and host where a record names no
    /// instance, in the order they were written. `service`: those of its service, wherever it runs; `trace`: those of its
    /// trace, of all services; both in the order of their times.
    scope: Option<String>,
}

impl ContextParams {
    fn into_ask(self) -> Result<Ask, ApiError> {
        Ok(Ask {
            before: lines("before", self.before.as_deref())?,
            after: lines("after", self.after.as_deref())?,
            scope: scope(self.scope.as_deref())?,
        })
    }
}

fn lines(parameter: &str, text: Option<&str>) -> Result<usize, ApiError> {
    let Some(text) = text else {
        return Ok(DEFAULT_LINES);
    };
    let lines = text.parse().ok().filter(|lines| *lines <= MAX_LINES);
    lines.ok_or_else(|| {
        ApiError::parameter(
            parameter,
            format!("{parameter} must be between 0 and {MAX_LINES}, got {text}"),
        )
    })
}

fn scope(text: Option<&str>) -> Result<Scope, ApiError> {
    match text {
        None | Some("instance") => Ok(Scope::Instance),
        Some("service") => Ok(Scope::Service),
        Some("trace") => Ok(Scope::Trace),
        Some(other) => Err(ApiError::parameter(
            "scope",
            format!("scope must be instance, service or trace, got {other}"),
        )),
    }
}

/// The lines around an error, of every level.
#[derive(ToSchema)]
#[schema(as = Context)]
#[expect(dead_code, reason = "the document's picture of what `body` writes")]
struct ContextSchema {
    /// The lines before it, in order: records as they were logged, each with `partition` and `offset` (and `index`,
    /// within a message of several) where it stands in the logs topic.
    before: Vec<serde_json::Value>,
    event: EventSchema,
    /// The lines after it, in order.
    after: Vec<serde_json::Value>,
    /// True when there are as many lines as asked for, or no more of them.
    complete_before: bool,
    /// The same for those after; at the end of the topic nothing is missing, though more may come.
    complete_after: bool,
    /// Present when something is missing.
    missing: Option<MissingSchema>,
    /// How many messages were read to find the lines.
    scanned: u64,
    /// `kafka`: read from the logs topic now. `snapshot`: Kafka has deleted lines, or does not answer, and these were
    /// copied when the error's issue was new or had regressed: 50 on each side, of its instance.
    source: String,
    /// When the snapshot was taken.
    taken_at: Option<String>,
}

/// Why a side is not complete.
#[derive(ToSchema)]
#[schema(as = MissingLines)]
#[expect(dead_code, reason = "the document's picture of what `body` writes")]
struct MissingSchema {
    before: Option<ReasonSchema>,
    after: Option<ReasonSchema>,
}

#[derive(ToSchema)]
#[schema(as = MissingReason)]
#[expect(dead_code, reason = "the document's picture of what `body` writes")]
struct ReasonSchema {
    /// `deleted`: Kafka has deleted records that may have been among the lines. `records`, `bytes`, `time`: reading has a
    /// limit, which was reached. `size`: the lines themselves are too large. `span`: lines are looked for within an hour
    /// of the error, those of a trace within a minute.
    reason: String,
    /// How many lines, where the numbers of the lines tell it.
    lines: Option<u64>,
    /// The same for people.
    message: String,
}

/// The lines around one error, read back from Kafka.
#[utoipa::path(get, path = "/events/{id}/context", tag = "logs",
    params(("id" = String, Path, description = "An error's `id`."), ContextParams),
    responses((status = 200, body = ContextSchema), (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "`busy`: too many such requests at once. `kafka_unavailable`: Kafka does not answer.")))]
async fn context(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(params): Params<ContextParams>,
) -> Result<Response, ApiError> {
    let wanted = params.into_ask()?;
    let event = match find(&state, &id, Timestamp::now()).await {
        Ok(event) => event,
        // A snapshot outlives its error.
        Err(error) if error.is_not_found() => {
            let kept = snapshot(&state, &id, wanted).await?;
            return kept.as_ref().map(answer).ok_or(error);
        }
        Err(error) => return Err(error),
    };
    let Some(surroundings) = &state.surroundings else {
        return Err(ApiError::unavailable("Kafka is not read by this process"));
    };
    let around = surroundings.of(event.clone(), wanted).await;
    let (is_enough, found) = match &around {
        Ok(around) => (!around.is_deleted(), around.lines()),
        Err(error) => (error.is_lasting(), 0),
    };
    if !is_enough
        && wanted.scope == Scope::Instance
        && let Some(kept) = snapshot(&state, &id, wanted).await?
        && kept.1.around.lines() > found
    {
        return Ok(answer(&kept));
    }
    let around = around?;
    let mut body = begin(&around);
    push_event(&mut body, &event, state.ingest.issues());
    body.extend_from_slice(b",\"source\":\"kafka\"}");
    Ok(json(body))
}

/// The lines as they were when the issue of the error was new, if a copy was kept.
async fn snapshot(
    state: &ApiState,
    id: &str,
    wanted: Ask,
) -> Result<Option<(Timestamp, Snapshot)>, ApiError> {
    let Some(archive) = state.ingest.archive().cloned() else {
        return Ok(None);
    };
    let id = id.to_owned();
    let found = ask(move || Ok::<_, ReadError>(archive.snapshot(&id)?)).await?;
    Ok(found.and_then(|(taken_at, bytes)| {
        let snapshot = Snapshot::from_bytes(&bytes, wanted)?;
        Some((taken_at, snapshot))
    }))
}

fn answer((taken_at, snapshot): &(Timestamp, Snapshot)) -> Response {
    let mut body = begin(&snapshot.around);
    body.extend_from_slice(&snapshot.event);
    body.extend_from_slice(b",\"source\":\"snapshot\",\"taken_at\":");
    push_str(&mut body, &taken_at.to_string());
    body.push(b'}');
    json(body)
}

/// An answer up to the error itself.
fn begin(around: &Around) -> Vec<u8> {
    let lines = around.before.iter().chain(&around.after);
    let mut body = Vec::with_capacity(4_096 + lines.map(Vec::len).sum::<usize>());
    body.push(b'{');
    around.push_members(&mut body);
    body.extend_from_slice(b",\"event\":");
    body
}

impl From<SurroundingsError> for ApiError {
    fn from(error: SurroundingsError) -> ApiError {
        match error {
            SurroundingsError::NoTrace => ApiError::parameter(
                "scope",
                "scope=trace needs an error with a trace_id, and this one has none",
            ),
            SurroundingsError::Busy => ApiError::unavailable_as("busy", error.to_string()),
            SurroundingsError::Kafka(_) => {
                ApiError::unavailable_as("kafka_unavailable", error.to_string())
            }
            SurroundingsError::Failed => ApiError::internal(error.to_string()),
        }
    }
}
