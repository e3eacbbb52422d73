//! Ids of the OpenTelemetry span that belongs to an event's span, where `tracing-opentelemetry` runs beside the layer.

use std::sync::OnceLock;

use log_record::json;
use opentelemetry::trace::TraceContextExt as _;
use tracing::Dispatch;
use tracing::dispatcher::WeakDispatch;
use tracing::span::Id;
use tracing_opentelemetry::get_otel_context;

use crate::trace_id::{SPAN_ID, TRACE_ID, TraceIds};

/// Asks the OpenTelemetry layer of the same subscriber. The dispatcher is kept from the registration: inside an event
/// the current one cannot be asked for.
#[derive(Debug, Default)]
pub(crate) struct CurrentTrace(OnceLock<WeakDispatch>);

impl CurrentTrace {
    pub(crate) fn follow(&self, dispatch: &Dispatch) {
        self.0.get_or_init(|| dispatch.downgrade());
    }

    /// Fills in the ids of the event's innermost span, unless a field has already said them.
    pub(crate) fn write_ids(&self, ids: &mut TraceIds, innermost: Option<&Id>) {
        if ids.trace.is_some() {
            return;
        }
        let Some(span) = innermost else {
            return;
        };
        let Some(dispatch) = self.0.get().and_then(WeakDispatch::upgrade) else {
            return;
        };
        let Some(otel) = get_otel_context(span, &dispatch) else {
            return;
        };
        let otel = otel.span();
        let current = otel.span_context();
        if current.is_valid() {
            accept(ids, TRACE_ID, &current.trace_id().to_bytes());
            accept(ids, SPAN_ID, &current.span_id().to_bytes());
        }
    }
}

fn accept(ids: &mut TraceIds, field: &str, bytes: &[u8]) {
    let mut quoted = Vec::with_capacity(34);
    json::push_hex(&mut quoted, bytes);
    let digits = std::str::from_utf8(&quoted[1..quoted.len() - 1]).unwrap_or_default();
    ids.accept(field, digits);
}
