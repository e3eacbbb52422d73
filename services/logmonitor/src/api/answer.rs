//! Writing answers: one error of the store as JSON, and whole bodies.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use log_record::encode_open;
use log_record::json::{push_i64, push_str, push_u64};
use utoipa::ToSchema;

use crate::issues::Issues;
use crate::store::Event;

/// Appends an error as the API shows it: its record, and what the monitor knows besides.
pub(crate) fn push_event(out: &mut Vec<u8>, event: &Event, issues: &Issues) {
    encode_open(&event.record(), out);
    out.extend_from_slice(b",\"id\":");
    push_str(out, &event.id().to_string());
    if let Some(issue) = event.issue() {
        out.extend_from_slice(b",\"issue_id\":");
        push_str(out, &issues.root(issue).to_string());
    }
    out.extend_from_slice(b",\"topic\":");
    push_str(out, event.topic());
    out.extend_from_slice(b",\"partition\":");
    push_i64(out, i64::from(event.partition()));
    out.extend_from_slice(b",\"offset\":");
    push_i64(out, event.offset());
    if let Some(index) = event.index() {
        out.extend_from_slice(b",\"index\":");
        push_u64(out, u64::from(index));
    }
    out.extend_from_slice(b",\"received_at\":\"");
    out.extend_from_slice(&event.received_at().to_text());
    out.extend_from_slice(b"\"}");
}

/// Bytes that are JSON already, as an answer.
pub(super) fn json(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// An error: the record as it was logged, its place in Kafka, and when it got here. What is unknown is absent.
#[derive(ToSchema)]
#[schema(as = Error)]
#[expect(
    dead_code,
    reason = "the document's picture of what push_event writes; a test holds the two together"
)]
pub(super) struct EventSchema {
    /// When it happened, by the producer's clock: RFC 3339, UTC, microseconds.
    timestamp: String,
    /// `ERROR` or `CRITICAL`.
    level: String,
    service: String,
    host: Option<String>,
    /// One process start of the producer: 32 hex digits.
    instance: Option<String>,
    /// Gap-free number within the instance.
    seq: Option<u64>,
    /// Version of the record's schema.
    schema: u64,
    version: Option<String>,
    env: Option<String>,
    pid: Option<u32>,
    target: Option<String>,
    module: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    thread: Option<String>,
    message: String,
    error: Option<ErrorInfoSchema>,
    /// The user's fields.
    fields: Option<serde_json::Value>,
    /// The innermost span's name.
    span: Option<String>,
    /// Root to innermost; each an object with a `name` and the span's fields.
    spans: Option<Vec<serde_json::Value>>,
    trace_id: Option<String>,
    span_id: Option<String>,
    /// Present and true when the producer cut long values.
    truncated: Option<bool>,
    /// Stable, and the same on every replica.
    id: String,
    /// The issue it belongs to.
    issue_id: Option<String>,
    topic: String,
    partition: i32,
    offset: i64,
    /// Place within a message that held several records.
    index: Option<u32>,
    /// When logmonitor read it.
    received_at: String,
}

/// An error value that was logged.
#[derive(ToSchema)]
#[schema(as = ErrorInfo)]
#[expect(
    dead_code,
    reason = "the document's picture of what push_event writes; a test holds the two together"
)]
pub(super) struct ErrorInfoSchema {
    #[schema(rename = "type")]
    kind: Option<String>,
    message: Option<String>,
    /// Messages of the sources, outermost first.
    chain: Option<Vec<String>>,
    stack: Option<String>,
}
