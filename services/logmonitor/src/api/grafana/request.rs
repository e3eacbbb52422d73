//! The bodies the plugins post: parsed from bytes whatever the content type says; unknown keys are ignored.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use log_record::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::error::ApiError;
use crate::query::time;

/// A body as `T`; an empty one counts as `{}`.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes =
            Bytes::from_request(request, state)
                .await
                .map_err(|rejection| match rejection {
                    BytesRejection::FailedToBufferBody(_) if rejection.status() == 413 => {
                        ApiError::too_large("the body has more than 2 MiB")
                    }
                    other => {
                        ApiError::body(format!("the body could not be read: {}", other.body_text()))
                    }
                })?;
        let text = if bytes.trim_ascii().is_empty() {
            b"{}"
        } else {
            bytes.as_ref()
        };
        serde_json::from_slice(text).map(Body).map_err(|error| {
            ApiError::body(format!(
                "the body is not the JSON that was expected: {error}"
            ))
        })
    }
}

/// The body of `/query`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QueryRequest {
    pub(super) range: Option<Range>,
    interval_ms: Option<f64>,
    max_data_points: Option<f64>,
    #[serde(default)]
    pub(super) targets: Vec<Target>,
    #[serde(default)]
    adhoc_filters: Vec<AdHocFilter>,
    #[serde(default)]
    filters: Vec<AdHocFilter>,
}

/// The time range of a panel.
#[derive(Debug, Deserialize)]
pub(super) struct Range {
    from: Value,
    to: Value,
}

/// One row of a panel's query editor.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    #[serde(default)]
    target: Option<Value>,
    #[serde(default)]
    pub(super) ref_id: Option<String>,
    #[serde(default, rename = "type")]
    format: Option<String>,
    #[serde(default)]
    hide: bool,
    /// Parameters of a metric: `payload` in newer plugins, `data` in older ones.
    #[serde(default)]
    pub(super) payload: Option<Value>,
    #[serde(default)]
    pub(super) data: Option<Value>,
}

/// A filter added on top of a dashboard.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct AdHocFilter {
    pub(super) key: String,
    #[serde(default = "equals")]
    pub(super) operator: String,
    #[serde(default)]
    pub(super) value: String,
}

fn equals() -> String {
    "=".to_owned()
}

impl QueryRequest {
    /// The filters, whichever of the two keys they came under.
    pub(super) fn ad_hoc_filters(&self) -> Vec<AdHocFilter> {
        let mut filters = self.adhoc_filters.clone();
        filters.extend(
            self.filters
                .iter()
                .filter(|filter| !self.adhoc_filters.contains(filter))
                .cloned(),
        );
        filters
    }

    /// The length of a bucket in milliseconds: what the panel asks for, but no more points than it can draw.
    pub(super) fn interval_ms(&self, from: Timestamp, to: Timestamp) -> i64 {
        const MAX_POINTS: f64 = 2_000.0;
        let span = (to.as_millis() - from.as_millis()).max(1) as f64;
        let most_points = self
            .max_data_points
            .filter(|points| *points >= 1.0)
            .unwrap_or(1_000.0)
            .min(MAX_POINTS);
        let wanted = self
            .interval_ms
            .filter(|interval| *interval >= 1.0)
            .unwrap_or(0.0);
        // Whole seconds, so that buckets stay where they are from one refresh to the next.
        let seconds = (wanted.max(span / most_points) / 1_000.0).ceil().max(1.0);
        (seconds * 1_000.0) as i64
    }
}

impl Target {
    /// The metric's name, with the escapes of Grafana's variable interpolation taken out. `None`: nothing chosen.
    pub(super) fn metric(&self) -> Option<String> {
        if self.hide {
            return None;
        }
        let name = unescape(self.target.as_ref()?.as_str()?);
        (!name.is_empty()).then_some(name)
    }

    pub(super) fn is_table(&self) -> bool {
        self.format.as_deref() == Some("table")
    }
}

/// The range of a request; the last hour where it has none.
pub(super) fn range(
    range: Option<&Range>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), ApiError> {
    const HOUR_MICROS: i64 = 3_600_000_000;
    let Some(range) = range else {
        return Ok((now.saturating_add_micros(-HOUR_MICROS), now));
    };
    let read = |parameter: &'static str, value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            other => {
                return Err(ApiError::parameter(
                    parameter,
                    format!("{parameter} must be a time, got {other}"),
                ));
            }
        };
        time::parse(&text, now)
            .map(|bound| bound.at)
            .map_err(|error| ApiError::parameter(parameter, format!("{parameter}: {error}")))
    };
    let (from, to) = (
        read("range.from", &range.from)?,
        read("range.to", &range.to)?,
    );
    if from > to {
        return Err(ApiError::parameter(
            "range.from",
            format!("range.from must not be after range.to, got {from} and {to}"),
        ));
    }
    Ok((from, to))
}

/// Grafana escapes the values of variables for use in a regular expression: `pay\.ments`.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let escapes = letter == '\\' && letters.peek().is_some_and(|next| !next.is_alphanumeric());
        if escapes {
            plain.extend(letters.next());
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regex_escapes_are_taken_out() {
        assert_eq!(unescape(r"error_count"), "error_count");
        assert_eq!(unescape(r"pay\.ments\-eu\\x"), r"pay.ments-eu\x");
        assert_eq!(unescape(r"\d"), r"\d");
        assert_eq!(unescape("\\"), "\\");
    }
}
