//! `/annotations`, and the target `annotations`: spikes of errors as regions on a graph.

use axum::Json;
use axum::extract::{Query, State};
use log_record::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::filters::Condition;
use super::panel::{Panel, Scope};
use super::request::{Body, Range, range};
use crate::api::ApiState;
use crate::api::error::ApiError;

/// The range is looked at in so many buckets.
const BUCKETS: i64 = 120;
/// A bucket is part of a spike with so many times the median of all buckets ..
const TIMES_MEDIAN: f64 = 3.0;
/// .. and at least so many errors.
const MIN_ERRORS: f64 = 10.0;

#[derive(Default, Deserialize)]
pub(super) struct AnnotationsRequest {
    #[serde(default)]
    annotation: Value,
    #[serde(default)]
    range: Option<Range>,
}

/// A stretch of time with far more errors than usual.
#[derive(Debug, PartialEq)]
struct Spike {
    from_ms: i64,
    to_ms: i64,
    errors: u64,
}

/// Spikes of errors in the range. `annotation.query` narrows them: `level=ERROR service=checkout`.
#[utoipa::path(post, path = "/annotations", tag = "grafana", request_body = serde_json::Value,
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn annotations(
    State(state): State<ApiState>,
    Body(request): Body<AnnotationsRequest>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let found = tokio::task::spawn_blocking(move || find(&state, &request, Timestamp::now())).await;
    found
        .map_err(|_| ApiError::internal("the annotations failed"))?
        .map(Json)
}

#[derive(Deserialize)]
pub(super) struct AnnotationsParams {
    #[serde(default)]
    query: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// The same for clients that ask with GET.
#[utoipa::path(get, path = "/annotations", tag = "grafana",
    params(("query" = Option<String>, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query)),
    responses((status = 200, body = Vec<serde_json::Value>)))]
pub(super) async fn annotations_get(
    State(state): State<ApiState>,
    Query(params): Query<AnnotationsParams>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let range = json!({"from": params.from.unwrap_or("now-1h".to_owned()), "to": params.to.unwrap_or("now".to_owned())});
    let request = AnnotationsRequest {
        annotation: json!({"query": params.query.unwrap_or_default()}),
        range: serde_json::from_value(range).ok(),
    };
    annotations(State(state), Body(request)).await
}

fn find(
    state: &ApiState,
    request: &AnnotationsRequest,
    now: Timestamp,
) -> Result<Vec<Value>, ApiError> {
    let store = &state.store;
    let (from, to) = range(request.range.as_ref(), now)?;
    let text = request
        .annotation
        .get("query")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let conditions = conditions(text)?;
    let panel = Panel {
        store,
        issues: state.ingest.issues(),
        is_in_memory: state.reader().is_in_memory(from)?,
        from,
        to,
        interval_ms: bucket_ms(from, to),
        now,
        scope: Scope::of(&conditions.iter().collect::<Vec<_>>(), store, now),
    };
    let annotate = |spike: Spike| {
        json!({
            "annotation": request.annotation,
            "time": spike.from_ms,
            "timeEnd": spike.to_ms,
            "isRegion": true,
            "title": "Spike",
            "text": spike.text(),
            "tags": text.split_whitespace().collect::<Vec<_>>(),
        })
    };
    Ok(spikes(&panel).into_iter().map(annotate).collect())
}

/// The spikes as the table that native annotations read.
pub(super) fn frame(panel: &Panel<'_>, ref_id: Option<&str>) -> Value {
    let columns = [
        ("time", "time"),
        ("timeEnd", "time"),
        ("title", "string"),
        ("text", "string"),
        ("tags", "string"),
        ("id", "string"),
    ];
    let columns: Vec<Value> = columns
        .iter()
        .map(|(text, kind)| json!({"text": text, "type": kind}))
        .collect();
    let rows: Vec<Value> = spikes(panel)
        .into_iter()
        .map(|spike| {
            json!([
                spike.from_ms,
                spike.to_ms,
                "Spike",
                spike.text(),
                "",
                format!("spike-{}", spike.from_ms)
            ])
        })
        .collect();
    json!({"type": "table", "refId": ref_id, "columns": columns, "rows": rows})
}

impl Spike {
    fn text(&self) -> String {
        format!("{} errors", self.errors)
    }
}

/// `key=value` (or `key:value`), several by white space.
fn conditions(text: &str) -> Result<Vec<Condition>, ApiError> {
    let pair = |word: &str| match word.split_once(['=', ':']) {
        Some((key, value)) if !value.is_empty() => Condition::exact(key, value),
        _ => Err(ApiError::parameter(
            "annotation.query",
            format!("annotation.query must be key=value pairs, got {word:?}"),
        )),
    };
    text.split_whitespace().map(pair).collect()
}

fn bucket_ms(from: Timestamp, to: Timestamp) -> i64 {
    ((to.as_millis() - from.as_millis()) / BUCKETS / 1_000).max(1) * 1_000
}

fn spikes(panel: &Panel<'_>) -> Vec<Spike> {
    let interval_ms = bucket_ms(panel.from, panel.to);
    let line = panel.errors("", panel.scope.services.clone());
    find_spikes(&line.points, interval_ms)
}

fn find_spikes(points: &[(i64, f64)], interval_ms: i64) -> Vec<Spike> {
    let mut values: Vec<f64> = points.iter().map(|&(_, value)| value).collect();
    values.sort_by(f64::total_cmp);
    let median = values.get(values.len() / 2).copied().unwrap_or_default();
    let threshold = (median * TIMES_MEDIAN).max(MIN_ERRORS);
    let mut spikes: Vec<Spike> = Vec::new();
    for &(time, value) in points.iter().filter(|(_, value)| *value >= threshold) {
        match spikes.last_mut() {
            Some(spike) if spike.to_ms == time => {
                spike.to_ms += interval_ms;
                spike.errors += value as u64;
            }
            _ => spikes.push(Spike {
                from_ms: time,
                to_ms: time + interval_ms,
                errors: value as u64,
            }),
        }
    }
    spikes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_is_a_run_of_buckets_far_above_the_median() {
        let points = [
            (0, 2.0),
            (10, 3.0),
            (20, 50.0),
            (30, 12.0),
            (40, 2.0),
            (50, 9.0),
            (60, 2.0),
        ];
        assert_eq!(
            find_spikes(&points, 10),
            [Spike {
                from_ms: 20,
                to_ms: 40,
                errors: 62
            }]
        );
        assert_eq!(find_spikes(&[(0, 100.0), (10, 100.0)], 10), []);
        assert_eq!(find_spikes(&[], 10), []);
    }

    #[test]
    fn a_query_is_pairs_of_known_keys() {
        assert_eq!(conditions("level=ERROR service:checkout").unwrap().len(), 2);
        assert!(conditions("colour=red").is_err());
        assert!(conditions("level").is_err());
    }
}
