//! W3C trace and span ids, wherever they come from: fields of events and spans, or OpenTelemetry.

/// Name of the field, and key of the record, that carries a trace id.
pub(crate) const TRACE_ID: &str = "trace_id";
/// Name of the field, and key of the record, that carries a span id.
pub(crate) const SPAN_ID: &str = "span_id";

/// Ids as far as they are known, in lower-case hex.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TraceIds {
    pub(crate) trace: Option<[u8; 32]>,
    pub(crate) span: Option<[u8; 16]>,
}

impl TraceIds {
    pub(crate) const NONE: TraceIds = TraceIds {
        trace: None,
        span: None,
    };

    /// Takes the value of a field named `trace_id` or `span_id`. Whether it is such an id.
    pub(crate) fn accept(&mut self, field: &str, text: &str) -> bool {
        match field {
            TRACE_ID => accept_hex(&mut self.trace, text),
            SPAN_ID => accept_hex(&mut self.span, text),
            _ => false,
        }
    }

    /// Whether a field of this name could carry an id.
    #[inline]
    pub(crate) fn concerns(field: &str) -> bool {
        field == TRACE_ID || field == SPAN_ID
    }

    /// These ids, and what an outer span knows where they say nothing. A span id belongs to its trace: the outer one's
    /// is not taken once the inner one has named the trace.
    #[inline]
    pub(crate) fn within(self, outer: &TraceIds) -> TraceIds {
        if self.trace.is_some() {
            return self;
        }
        TraceIds {
            trace: outer.trace,
            span: self.span.or(outer.span),
        }
    }

    /// Appends `"trace_id":"…","span_id":"…",`.
    #[inline]
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        if let Some(trace) = &self.trace {
            out.extend_from_slice(b"\"trace_id\":\"");
            out.extend_from_slice(trace);
            out.extend_from_slice(b"\",");
        }
        if let Some(span) = &self.span {
            out.extend_from_slice(b"\"span_id\":\"");
            out.extend_from_slice(span);
            out.extend_from_slice(b"\",");
        }
    }
}

/// Stores exactly `N` hex digits that are not all zero, lower-cased.
fn accept_hex<const N: usize>(place: &mut Option<[u8; N]>, text: &str) -> bool {
    let Ok(mut digits) = <[u8; N]>::try_from(text.as_bytes()) else {
        return false;
    };
    let is_id =
        digits.iter().all(u8::is_ascii_hexdigit) && digits.iter().any(|&digit| digit != b'0');
    if is_id {
        digits.make_ascii_lowercase();
        *place = Some(digits);
    }
    is_id
}
