//! The W3C trace context: which trace a request belongs to, and which span of it this service contributes. Nothing here
//! knows `tracing` or HTTP.

use std::fmt;

/// One span of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceContext {
    trace_id: u128,
    span_id: u64,
}

impl TraceContext {
    /// The first span of a new trace.
    pub(crate) fn new_root() -> TraceContext {
        TraceContext {
            trace_id: fastrand::u128(1..),
            span_id: fastrand::u64(1..),
        }
    }

    /// The next span in the same trace.
    pub(crate) fn child(self) -> TraceContext {
        TraceContext {
            span_id: fastrand::u64(1..),
            ..self
        }
    }

    /// Reads the value of a `traceparent` header, for example
    /// `00-5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-01`. None for what the specification tells to ignore.
    pub(crate) fn parse(traceparent: &str) -> Option<TraceContext> {
        let mut parts = traceparent.split('-');
        let version = lower_hex(parts.next()?, 2)?;
        let trace_id = lower_hex(parts.next()?, 32)?;
        let span_id = u64::try_from(lower_hex(parts.next()?, 16)?).ok()?;
        lower_hex(parts.next()?, 2)?;
        // Later versions may append something; this one has four parts, and ff is no version.
        let is_known = version != 0xff && (version != 0 || parts.next().is_none());
        (is_known && trace_id != 0 && span_id != 0).then_some(TraceContext { trace_id, span_id })
    }

    /// 32 hex digits.
    pub(crate) fn trace_id(self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// 16 hex digits.
    pub(crate) fn span_id(self) -> String {
        format!("{:016x}", self.span_id)
    }
}

/// The value of a `traceparent` header for a request made within this span.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-01", self.trace_id, self.span_id)
    }
}

/// Exactly `digits` hex digits, no upper case, no sign.
fn lower_hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (text.len() == digits && is_hex).then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "5b8efff798038103d269b633813fc60c";
    const SPAN: &str = "eee19b7ec3c1b174";

    #[test]
    fn ids_are_read_from_a_traceparent() {
        let context = TraceContext::parse(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert_eq!(context.trace_id(), TRACE);
        assert_eq!(context.span_id(), SPAN);
    }

    #[test]
    fn what_is_passed_on_reads_as_the_same_span() {
        let context = TraceContext {
            trace_id: 0xab,
            span_id: 1,
        };
        let header = context.to_string();
        assert_eq!(
            header,
            "00-000000000000000000000000000000ab-0000000000000001-01"
        );
        assert_eq!(TraceContext::parse(&header), Some(context));
    }

    #[test]
    fn a_later_version_may_say_more() {
        assert!(TraceContext::parse(&format!("01-{TRACE}-{SPAN}-01-more")).is_some());
        assert!(TraceContext::parse(&format!("00-{TRACE}-{SPAN}-01-more")).is_none());
    }

    #[test]
    fn what_is_no_traceparent_is_ignored() {
        let zeros = "0".repeat(32);
        for wrong in [
            String::new(),
            "00".to_owned(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", &TRACE[1..]),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-0ü"),
        ] {
            assert_eq!(TraceContext::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_child_has_its_own_span_in_the_same_trace() {
        let root = TraceContext::new_root();
        let child = root.child();
        assert_eq!(child.trace_id(), root.trace_id());
        assert_ne!(child.span_id(), root.span_id());
        assert_eq!((root.trace_id().len(), root.span_id().len()), (32, 16));
    }
}
