//! `/health` and `/ready`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(ready))
}

#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `ok`: a process that is not does not answer.
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
struct Readiness {
    ready: bool,
    /// What is in the way, a sentence each; empty when ready.
    reasons: Vec<String>,
}

/// 200 while the process lives.
#[utoipa::path(get, path = "/health", tag = "operation", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// 200 while Kafka is reachable, the topics are being read and the archive is writable, else 503 with the reasons.
#[utoipa::path(get, path = "/ready", tag = "operation",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
async fn ready(State(state): State<ApiState>) -> (StatusCode, Json<Readiness>) {
    let mut reasons = state.pipeline.obstacles();
    if let Some(archive) = state.ingest.archive() {
        reasons.extend(archive.problem());
        if archive.is_loading() {
            reasons.push("the errors of the archive are being loaded".to_owned());
        }
    }
    let ready = reasons.is_empty();
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { ready, reasons }))
}
