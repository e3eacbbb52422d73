//! `/query`: time series and tables of the metrics.

use axum::Json;
use axum::extract::State;
use log_record::Timestamp;
use serde_json::{Value, json};

use super::annotations;
use super::filters::Condition;
use super::issues;
use super::metrics::{Kind, METRICS, Metric};
use super::panel::{Panel, Scope, Series};
use super::request::{Body, QueryRequest, Target, range};
use crate::api::ApiState;
use crate::api::error::ApiError;

/// The metrics of a panel over its time range. Each answer carries its target's `refId`.
#[utoipa::path(post, path = "/query", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn query(
    State(state): State<ApiState>,
    Body(request): Body<QueryRequest>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let answered =
        tokio::task::spawn_blocking(move || answer(&state, &request, Timestamp::now())).await;
    answered
        .map_err(|_| ApiError::internal("the query failed"))?
        .map(Json)
}

fn answer(
    state: &ApiState,
    request: &QueryRequest,
    now: Timestamp,
) -> Result<Vec<Value>, ApiError> {
    let store = &state.store;
    let (from, to) = range(request.range.as_ref(), now)?;
    let is_in_memory = state.reader().is_in_memory(from)?;
    let interval_ms = request.interval_ms(from, to);
    let dashboard: Vec<Condition> = request
        .ad_hoc_filters()
        .iter()
        .map(Condition::from_filter)
        .collect::<Result<_, _>>()?;
    let mut answers = Vec::new();
    for target in &request.targets {
        let Some(name) = target.metric() else {
            continue;
        };
        let Some(metric) = METRICS.iter().find(|metric| metric.name == name) else {
            let known: Vec<&str> = METRICS.iter().map(|metric| metric.name).collect();
            let message = format!("unknown target {name:?}; known: {}", known.join(", "));
            return Err(ApiError::bad_request("unknown_target", message));
        };
        let own = Condition::from_target(target);
        let conditions: Vec<&Condition> = dashboard.iter().chain(&own).collect();
        let panel = Panel {
            store,
            issues: state.ingest.issues(),
            is_in_memory,
            from,
            to,
            interval_ms,
            now,
            scope: Scope::of(&conditions, store, now),
        };
        if metric.kind == Kind::Annotations {
            answers.push(annotations::frame(&panel, target.ref_id.as_deref()));
        } else {
            let series = panel.series(metric);
            let shape = if target.is_table() && metric.kind == Kind::Issues {
                vec![issues::table(&panel)]
            } else if target.is_table() {
                table(metric, &series, to)
            } else {
                time_series(&series)
            };
            answers.extend(shape.into_iter().map(|answer| with_ref_id(answer, target)));
        }
    }
    Ok(answers)
}

fn with_ref_id(mut answer: Value, target: &Target) -> Value {
    if let (Some(object), Some(ref_id)) = (answer.as_object_mut(), &target.ref_id) {
        object.insert("refId".to_owned(), json!(ref_id));
    }
    answer
}

fn time_series(series: &[Series]) -> Vec<Value> {
    let one = |series: &Series| {
        let points: Vec<Value> = series
            .points
            .iter()
            .map(|&(time, value)| json!([number(value), time]))
            .collect();
        let mut answer = json!({"target": series.name, "datapoints": points});
        if let Some(label) = series.label {
            answer["tags"] = json!({label: series.name});
        }
        if let Some(notice) = &series.notice {
            answer["meta"] = json!({"notices": [{"severity": "warning", "text": notice}]});
        }
        answer
    };
    series.iter().map(one).collect()
}

/// One table: a row a line with its total, at the end of the range.
fn table(metric: &Metric, series: &[Series], to: Timestamp) -> Vec<Value> {
    let label = series.first().and_then(|series| series.label);
    let mut columns = vec![json!({"text": "Time", "type": "time"})];
    columns.extend(label.map(|label| json!({"text": label, "type": "string"})));
    let value_name = if metric.kind == Kind::ErrorRatio {
        "ratio"
    } else {
        "count"
    };
    columns.push(json!({"text": value_name, "type": "number"}));
    let row = |series: &Series| {
        let mut row = vec![json!(to.as_millis())];
        row.extend(label.map(|_| json!(series.name)));
        row.push(number(series.total));
        Value::Array(row)
    };
    let rows: Vec<Value> = series.iter().map(row).collect();
    vec![json!({"type": "table", "columns": columns, "rows": rows})]
}

/// Counts are whole numbers; a panel shows `3`, not `3.0`.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 {
        json!(value as i64)
    } else {
        json!(value)
    }
}
