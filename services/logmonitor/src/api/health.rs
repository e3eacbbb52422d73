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
    /// A record of our own through each topic and back; says how well, not whether it works.
    canary: Vec<Canary>,
}

#[derive(Serialize, ToSchema)]
struct Canary {
    topic: String,
    /// How long the last one took that came back.
    round_trip_ms: Option<f64>,
    /// When that was.
    last_seen_at: Option<String>,
    /// How many did not come back before the next was sent.
    lost: u64,
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
    let canaries = state.pipeline.canaries().into_iter();
    let canary = canaries
        .map(|canary| Canary {
            topic: canary.topic,
            round_trip_ms: canary.round_trip_seconds.map(|seconds| seconds * 1e3),
            last_seen_at: canary.last_seen.map(|at| at.to_string()),
            lost: canary.lost,
        })
        .collect();
    let readiness = Readiness {
        ready,
        reasons,
        canary,
    };
    (status, Json(readiness))
}
