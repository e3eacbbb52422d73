//! `/api/v1/logs`: errors, one event, statistics, services.

use axum::extract::State;
use axum::response::Response;
use log_record::Timestamp;
use log_record::json::{push_str, push_u64};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{EventSchema, json, push_event};
use super::error::{ApiError, ErrorBody};
use super::params::{ErrorsParams, InPath, NoParams, Params};
use super::{ApiState, context, stats, stream};
use crate::issues::Issues;
use crate::query::{Page, Query};
use crate::reader::{ARCHIVE_BUDGET, ReadError};
use crate::store::{Event, EventId};

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(errors))
        .routes(routes!(errors_of_service))
        .routes(routes!(event))
        .routes(routes!(services))
        .merge(context::router())
        .merge(stats::router())
        .merge(stream::router())
}

/// A page of errors.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the document's picture of what `page` writes")]
struct ErrorPage {
    errors: Vec<EventSchema>,
    /// Errors on this page.
    count: usize,
    /// Errors that match on all pages.
    total: u64,
    /// False when counting stopped early and `total` is a lower bound.
    total_is_exact: bool,
    /// Pass it as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Errors that match, newest first.
#[utoipa::path(get, path = "/errors", tag = "logs", params(ErrorsParams),
    responses((status = 200, body = ErrorPage), (status = 400, body = ErrorBody)))]
async fn errors(
    State(state): State<ApiState>,
    Params(params): Params<ErrorsParams>,
) -> Result<Response, ApiError> {
    let now = Timestamp::now();
    search(&state, params.into_query(None, &state, now)?, now).await
}

/// Errors of one service that match, newest first. A service nobody has heard of has none.
#[utoipa::path(get, path = "/errors/{service}", tag = "logs",
    params(("service" = String, Path, description = "The service's name, exact."), ErrorsParams),
    responses((status = 200, body = ErrorPage), (status = 400, body = ErrorBody)))]
async fn errors_of_service(
    State(state): State<ApiState>,
    InPath(service): InPath,
    Params(params): Params<ErrorsParams>,
) -> Result<Response, ApiError> {
    let now = Timestamp::now();
    search(&state, params.into_query(Some(service), &state, now)?, now).await
}

pub(super) async fn search(
    state: &ApiState,
    query: Query,
    now: Timestamp,
) -> Result<Response, ApiError> {
    // A search over the whole window may take tens of milliseconds of pure computing.
    let reader = state.reader();
    let page = ask(move || reader.query(&query, now, ARCHIVE_BUDGET)).await?;
    Ok(json(page_body(&page, state.ingest.issues())))
}

/// Runs what may compute or wait for the disk for a while.
pub(super) async fn ask<T: Send + 'static>(
    question: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(question)
        .await
        .map_err(|_| ApiError::internal("the search failed"))?
        .map_err(ApiError::from)
}

fn page_body(page: &Page, issues: &Issues) -> Vec<u8> {
    let mut body = Vec::with_capacity(1_024 * (page.events.len() + 1));
    body.extend_from_slice(b"{\"errors\":[");
    for (position, event) in page.events.iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        push_event(&mut body, event, issues);
    }
    body.extend_from_slice(b"],\"count\":");
    push_u64(&mut body, page.events.len() as u64);
    body.extend_from_slice(b",\"total\":");
    push_u64(&mut body, page.total);
    body.extend_from_slice(b",\"total_is_exact\":");
    body.extend_from_slice(if page.total_is_exact {
        b"true"
    } else {
        b"false"
    });
    body.extend_from_slice(b",\"next_cursor\":");
    match &page.next {
        Some(cursor) => push_str(&mut body, &cursor.to_string()),
        None => body.extend_from_slice(b"null"),
    }
    body.push(b'}');
    body
}

/// One error.
#[utoipa::path(get, path = "/events/{id}", tag = "logs",
    params(("id" = String, Path, description = "An error's `id`.")),
    responses((status = 200, body = EventSchema), (status = 404, body = ErrorBody)))]
async fn event(
    State(state): State<ApiState>,
    InPath(id): InPath,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, ApiError> {
    let event = find(&state, &id, Timestamp::now()).await?;
    let mut body = Vec::with_capacity(2_048);
    push_event(&mut body, &event, state.ingest.issues());
    Ok(json(body))
}

/// The error of an id as it stands in a path.
pub(super) async fn find(state: &ApiState, id: &str, now: Timestamp) -> Result<Event, ApiError> {
    let unknown = || {
        ApiError::not_found(format!(
            "no error has the id {id:?}; it is unknown, or older than what is kept"
        ))
    };
    let parsed: EventId = id.parse().map_err(|_| unknown())?;
    let reader = state.reader();
    ask(move || reader.find(&parsed, now))
        .await?
        .ok_or_else(unknown)
}

/// Every service that was seen, also those that only log INFO.
#[derive(Serialize, ToSchema)]
struct Services {
    /// Names, in order.
    services: Vec<String>,
    details: Vec<ServiceDetail>,
}

#[derive(Serialize, ToSchema)]
struct ServiceDetail {
    name: String,
    /// Of both levels.
    errors: u64,
    /// The critical ones among them.
    criticals: u64,
    /// Records of every level.
    logs: u64,
    /// Errors and criticals among all records, 0 to 1.
    error_ratio: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen_at: Option<String>,
    hosts: Vec<String>,
}

/// The services, with their counts.
#[utoipa::path(get, path = "/services", tag = "logs", responses((status = 200, body = Services)))]
async fn services(
    State(state): State<ApiState>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<axum::Json<Services>, ApiError> {
    let services = ask(move || state.reader().services(Timestamp::now())).await?;
    let details: Vec<ServiceDetail> = services
        .into_iter()
        .map(|service| ServiceDetail {
            name: service.name,
            errors: service.errors,
            criticals: service.criticals,
            logs: service.logs,
            error_ratio: service.error_ratio,
            last_error_at: service.last_error_at.map(|time| time.to_string()),
            last_seen_at: service.last_seen_at.map(|time| time.to_string()),
            hosts: service.hosts,
        })
        .collect();
    let services = details.iter().map(|service| service.name.clone()).collect();
    Ok(axum::Json(Services { services, details }))
}
