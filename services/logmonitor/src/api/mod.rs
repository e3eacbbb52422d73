//! The HTTP side: routes, parameters, answers. Handlers read the store and the pipeline's state, never Kafka.

mod answer;
mod context;
mod dashboard;
mod error;
mod grafana;
mod health;
mod issues;
mod logs;
mod metrics;
mod params;
mod quarantine;
mod stats;
mod status;
mod stream;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use axum::response::Response;
use axum::routing::get;
use log_record::Timestamp;
use tokio::sync::Semaphore;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use answer::push_event;

use crate::archive::Archive;
use crate::ingest::Ingest;
use crate::kafka::Surroundings;
use crate::live::{LiveLimits, LiveTail};
use crate::pipeline::Pipeline;
use crate::reader::Reader;
use crate::rules_file::RulesFile;
use crate::store::Store;
use error::ApiError;

/// What is known of this process at its start.
#[derive(Clone, Debug)]
pub struct ServerInfo {
    /// When it started.
    pub started_at: Timestamp,
    /// Where producers find Kafka.
    pub bootstrap_servers: String,
    /// Whether that is the broker inside this process.
    pub embedded: bool,
    /// The consumer group.
    pub group_id: String,
}

/// What every handler can reach; a cheap handle.
#[derive(Clone, Debug)]
pub struct ApiState {
    store: Store,
    ingest: Ingest,
    pipeline: Pipeline,
    live: LiveTail,
    info: Arc<ServerInfo>,
    /// `None` where nothing reads Kafka.
    surroundings: Option<Surroundings>,
    /// `None` where no file has rules for grouping.
    rules_file: Option<RulesFile>,
    /// Whoever tries rules for grouping has a permit.
    trials: Arc<Semaphore>,
}

impl ApiState {
    /// The state of an API over this store, the way into it, and the state of the pipeline.
    #[must_use]
    pub fn new(store: Store, ingest: Ingest, pipeline: Pipeline, info: ServerInfo) -> ApiState {
        ApiState {
            live: live_tail(&store, &ingest, LiveLimits::default()),
            store,
            ingest,
            pipeline,
            info: Arc::new(info),
            surroundings: None,
            rules_file: None,
            trials: Arc::new(Semaphore::new(1)),
        }
    }

    /// The same, which can read the lines around an error.
    #[must_use]
    pub fn with_surroundings(mut self, surroundings: Surroundings) -> ApiState {
        self.surroundings = Some(surroundings);
        self
    }

    /// The same, which says how the file with the rules for grouping is doing.
    #[must_use]
    pub fn with_rules_file(self, rules_file: Option<RulesFile>) -> ApiState {
        ApiState { rules_file, ..self }
    }

    /// The same with other limits of the live tail.
    #[must_use]
    pub fn with_live_limits(self, limits: LiveLimits) -> ApiState {
        ApiState {
            live: live_tail(&self.store, &self.ingest, limits),
            ..self
        }
    }

    /// What live streams are made of; who stops the server ends them with it.
    #[must_use]
    pub fn live(&self) -> &LiveTail {
        &self.live
    }

    /// All errors, in memory and archived.
    fn reader(&self) -> Reader {
        Reader::new(self.store.clone(), self.ingest.archive().cloned())
    }

    /// The archive, in which `what` is kept.
    fn archive(&self, what: &str) -> Result<Archive, ApiError> {
        self.ingest.archive().cloned().ok_or_else(|| {
            let message =
                format!("{what} is kept in the archive, and LOG_MONITOR_DATA_DIR is none");
            ApiError::conflict("no_archive", message)
        })
    }
}

fn live_tail(store: &Store, ingest: &Ingest, limits: LiveLimits) -> LiveTail {
    let archive = ingest.archive().cloned();
    let logs = ingest.live_logs().clone();
    LiveTail::new(store.clone(), archive, logs, limits)
}

#[derive(OpenApi)]
#[openapi(info(
    title = "logmonitor",
    description = "Errors from Kafka: search, statistics, health, and data for Grafana.",
    license(name = "Apache-2.0")
))]
struct Document;

/// All routes of the process.
pub fn router(state: ApiState) -> Router {
    let (router, document) = OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api/v1/logs", logs::router())
        .nest("/api/v1/issues", issues::router())
        .nest("/api/v1/grafana", grafana::router())
        .nest("/api/v1/quarantine", quarantine::router())
        .merge(status::router())
        .merge(health::router())
        .merge(metrics::router())
        .split_for_parts();
    let document = Arc::new(document);
    router
        .route(
            "/api/v1/openapi.json",
            get(move || std::future::ready(axum::Json(Arc::unwrap_or_clone(document.clone())))),
        )
        .merge(grafana::trailing_slash())
        .merge(dashboard::router())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(axum::middleware::from_fn(grafana::cross_origin))
        .layer(axum::middleware::map_response(harden))
        .layer(CompressionLayer::new())
        .with_state(state)
}

async fn unknown_path(uri: Uri) -> ApiError {
    ApiError::not_found(format!("there is nothing at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    ApiError::wrong_method(format!("{} does not answer to {method}", uri.path()))
}

/// Headers every answer carries: a browser must not guess a type, nor tell others where it was.
async fn harden(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 2] = [
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}
