//! What there is to choose from: metrics, filter keys and their values, in the words of each plugin.

use axum::Json;
use axum::extract::State;
use log_record::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::filters::{KEYS, known_values};
use super::metrics::{METRICS, Metric};
use super::request::{Body, unescape};
use crate::api::ApiState;
use crate::api::error::ApiError;

#[derive(Deserialize)]
pub(super) struct SearchRequest {
    #[serde(default)]
    target: Option<Value>,
}

/// Metric names that contain `target`; the values themselves for `services` and `levels`.
#[utoipa::path(post, path = "/search", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<String>)))]
pub(super) async fn search(
    State(state): State<ApiState>,
    Body(request): Body<SearchRequest>,
) -> Json<Vec<String>> {
    let text = unescape(
        request
            .target
            .as_ref()
            .and_then(Value::as_str)
            .unwrap_or_default(),
    );
    Json(listed(&state, &text).unwrap_or_else(|| {
        METRICS
            .iter()
            .map(|metric| metric.name)
            .filter(|name| name.contains(&text))
            .map(str::to_owned)
            .collect()
    }))
}

/// `services` and `levels`: what a dashboard variable asks for.
fn listed(state: &ApiState, list: &str) -> Option<Vec<String>> {
    let key = KEYS
        .into_iter()
        .find(|key| list.strip_suffix('s') == Some(key))?;
    Some(known_values(&state.store, key, Timestamp::now()))
}

/// Metrics with their parameters (simpod-json 0.4 and later).
#[utoipa::path(post, path = "/metrics", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn metrics(Body(_): Body<Value>) -> Json<Vec<Value>> {
    let describe = |metric: &Metric| {
        let payloads: Vec<Value> = metric
            .filters
            .iter()
            .map(|key| json!({"label": key, "name": key, "type": "multi-select"}))
            .collect();
        json!({"label": metric.label, "value": metric.name, "payloads": payloads})
    };
    Json(METRICS.iter().map(describe).collect())
}

#[derive(Deserialize)]
pub(super) struct OptionsRequest {
    #[serde(default)]
    name: String,
}

/// The values of a metric's parameter (simpod-json 0.4 and later).
#[utoipa::path(post, path = "/metric-payload-options", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn metric_payload_options(
    State(state): State<ApiState>,
    Body(request): Body<OptionsRequest>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let values = values_of(&state, "name", &request.name)?;
    Ok(Json(
        values
            .into_iter()
            .map(|value| json!({"label": value, "value": value}))
            .collect(),
    ))
}

#[derive(Deserialize)]
pub(super) struct VariableRequest {
    #[serde(default)]
    payload: Value,
}

/// The values of a dashboard variable (simpod-json 0.3 and later).
#[utoipa::path(post, path = "/variable", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn variable(
    State(state): State<ApiState>,
    Body(request): Body<VariableRequest>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let text = request
        .payload
        .as_str()
        .or_else(|| request.payload.get("target").and_then(Value::as_str));
    let list = unescape(text.unwrap_or_default());
    let values = listed(&state, &list).ok_or_else(|| {
        ApiError::bad_request(
            "unknown_target",
            format!("unknown variable {list:?}; known: services, levels"),
        )
    })?;
    Ok(Json(
        values
            .into_iter()
            .map(|value| json!({"__text": value, "__value": value}))
            .collect(),
    ))
}

/// The keys a dashboard can be filtered by.
#[utoipa::path(post, path = "/tag-keys", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn tag_keys(Body(_): Body<Value>) -> Json<Vec<Value>> {
    Json(
        KEYS.iter()
            .map(|key| json!({"type": "string", "text": key}))
            .collect(),
    )
}

#[derive(Deserialize)]
pub(super) struct TagValuesRequest {
    #[serde(default)]
    key: String,
}

/// The values of one of those keys.
#[utoipa::path(post, path = "/tag-values", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn tag_values(
    State(state): State<ApiState>,
    Body(request): Body<TagValuesRequest>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let values = values_of(&state, "key", &request.key)?;
    Ok(Json(
        values
            .into_iter()
            .map(|value| json!({"text": value}))
            .collect(),
    ))
}

fn values_of(state: &ApiState, parameter: &str, key: &str) -> Result<Vec<String>, ApiError> {
    let key = unescape(key);
    if !KEYS.contains(&key.as_str()) {
        let message = format!(
            "{parameter} must be one of {}, got {key:?}",
            KEYS.join(", ")
        );
        return Err(ApiError::parameter(parameter, message));
    }
    Ok(known_values(&state.store, &key, Timestamp::now()))
}
