//! One span per request: whatever is logged while it is handled carries method, path, request id and trace.

use std::time::Instant;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tracing::{Instrument as _, Span, debug, field, info, info_span, warn};

use crate::trace_context::TraceContext;

/// Handles the request in its span, and logs how it was answered. A handler that panics is answered with 500.
/// Handlers find the trace, to pass it on, as an extension of type [`TraceContext`].
pub(crate) async fn in_request_span(mut request: Request, next: Next) -> Response {
    let parent = header(&request, "traceparent").and_then(TraceContext::parse);
    let context = parent.map_or_else(TraceContext::new_root, TraceContext::child);
    let span = span_for(&request, parent, context);
    request.extensions_mut().insert(context);
    // Docker and the demo ask for it all the time.
    let is_health_check = request.uri().path() == "/health";
    let started = Instant::now();
    // In a task of its own, because a panic ends the task in which it happens, and the connection has one. The layer's
    // hook has reported the panic by the time it arrives here.
    let handler = tokio::spawn(next.run(request).instrument(span.clone()));
    let response = handler.await.unwrap_or_else(|_panic| {
        (StatusCode::INTERNAL_SERVER_ERROR, "the handler panicked").into_response()
    });
    let status = response.status();
    let elapsed_ms = started.elapsed().as_secs_f64() * 1_000.0;
    span.in_scope(|| match status.as_u16() {
        _ if is_health_check => debug!(status = status.as_u16(), elapsed_ms, "answered {status}"),
        500.. => warn!(status = status.as_u16(), elapsed_ms, "answered {status}"),
        _ => info!(status = status.as_u16(), elapsed_ms, "answered {status}"),
    });
    response
}

fn span_for(request: &Request, parent: Option<TraceContext>, context: TraceContext) -> Span {
    let span = info_span!(
        "http_request",
        method = %request.method(),
        path = request.uri().path(),
        request_id = field::Empty,
        trace_id = context.trace_id(),
        span_id = context.span_id(),
        parent_span_id = field::Empty,
    );
    match header(request, "x-request-id") {
        Some(id) => span.record("request_id", id),
        None => span.record("request_id", format!("{:016x}", fastrand::u64(..))),
    };
    if let Some(parent) = parent {
        span.record("parent_span_id", parent.span_id());
    }
    span
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}
