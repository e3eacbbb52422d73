//! The data source for Grafana's JSON plugins.

mod annotations;
mod catalog;
mod plugins;
mod targets;

use axum::http::StatusCode;
use log_record::Timestamp;
use serde_json::{Value, json};

use super::{Api, minutes};

/// The answer to one target of a panel, over the last hour.
async fn query(api: &Api, target: Value) -> Value {
    let body = json!({
        "range": {"from": minutes(60).to_string(), "to": Timestamp::now().to_string()},
        "intervalMs": 60_000,
        "maxDataPoints": 500,
        "targets": [target],
    });
    let answer = api
        .post(
            "/api/v1/grafana/query",
            "text/plain;charset=UTF-8",
            body.to_string(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}
