//! `/api/v1/grafana`: the data source that Grafana's JSON plugins (grafana-simple-json, simpod-json) talk to.
//!
//! The plugins differ in dialect: one posts JSON as text/plain, another sends filters twice, each has its own words
//! for the list of metrics. All of them are answered here.

mod annotations;
mod catalog;
mod filters;
mod issues;
mod metrics;
mod panel;
mod query;
mod request;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(alive))
        .routes(routes!(catalog::search))
        .routes(routes!(catalog::metrics))
        .routes(routes!(catalog::metric_payload_options))
        .routes(routes!(catalog::variable))
        .routes(routes!(catalog::tag_keys))
        .routes(routes!(catalog::tag_values))
        .routes(routes!(query::query))
        .routes(routes!(
            annotations::annotations,
            annotations::annotations_get
        ))
}

/// A nested router has no path with the trailing slash that some plugins ask for.
pub(super) fn trailing_slash() -> Router<ApiState> {
    Router::new().route("/api/v1/grafana/", get(alive))
}

/// "Save & test" of every plugin.
#[utoipa::path(get, path = "", tag = "grafana", responses((status = 200, body = String)))]
async fn alive() -> &'static str {
    "logmonitor"
}

/// A plugin in "direct" mode asks from the browser, from Grafana's origin: these paths, and no others, answer to any.
pub(super) async fn cross_origin(request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/api/v1/grafana") {
        return next.run(request).await;
    }
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "accept, content-type, authorization, x-grafana-org-id, x-grafana-device-id",
        ),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("600"),
    );
    response
}
