//! The record itself: what every part of the pipeline passes on. Borrowed from the message wherever possible.

use std::borrow::Cow;
use std::fmt;

use crate::{Frame, Severity, Timestamp, frames};

/// One log record, in the canonical form of the wire.
///
/// Text is borrowed from the message it was decoded from, or owned where an escape had to be resolved.
/// `None` means the record did not say; nothing is ever an empty placeholder.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord<'a> {
    /// When the event happened, by the producer's clock.
    pub timestamp: Timestamp,
    /// How bad it is.
    pub level: Severity,
    /// The service that logged; `unknown` where nothing named one.
    pub service: Cow<'a, str>,
    /// The machine or pod.
    pub host: Option<Cow<'a, str>>,
    /// One process start of our layer: 128 random bits.
    pub instance: Option<Instance>,
    /// Gap-free number within the instance. `(instance, seq)` names a record for ever.
    pub seq: Option<u64>,
    /// The service's version.
    pub version: Option<Cow<'a, str>>,
    /// The deployment environment (`prod`).
    pub env: Option<Cow<'a, str>>,
    /// Operating-system process id.
    pub pid: Option<u32>,
    /// The logger's name (tracing's target).
    pub target: Option<Cow<'a, str>>,
    /// Path of the Rust module.
    pub module: Option<Cow<'a, str>>,
    /// Source file.
    pub file: Option<Cow<'a, str>>,
    /// Line in the source file.
    pub line: Option<u32>,
    /// Thread name.
    pub thread: Option<Cow<'a, str>>,
    /// The text for people.
    pub message: Cow<'a, str>,
    /// The error that was logged, where one was.
    pub error: Option<ErrorInfo<'a>>,
    /// The user's fields: one JSON object, as text.
    pub fields: Option<RawJson<'a>>,
    /// Name of the innermost span.
    pub span: Option<Cow<'a, str>>,
    /// The spans from the root to the innermost: one JSON array of objects with a `name`, as text.
    pub spans: Option<RawJson<'a>>,
    /// W3C trace id, 32 lower-case hex digits.
    pub trace_id: Option<Cow<'a, str>>,
    /// W3C span id, 16 lower-case hex digits.
    pub span_id: Option<Cow<'a, str>>,
    /// Whether the producer cut long values to fit the size limit.
    pub truncated: bool,
}

impl<'a> LogRecord<'a> {
    /// A record that says only when, how bad, who and what.
    #[must_use]
    pub fn new(
        timestamp: Timestamp,
        level: Severity,
        service: impl Into<Cow<'a, str>>,
        message: impl Into<Cow<'a, str>>,
    ) -> Self {
        LogRecord {
            timestamp,
            level,
            service: service.into(),
            host: None,
            instance: None,
            seq: None,
            version: None,
            env: None,
            pid: None,
            target: None,
            module: None,
            file: None,
            line: None,
            thread: None,
            message: message.into(),
            error: None,
            fields: None,
            span: None,
            spans: None,
            trace_id: None,
            span_id: None,
            truncated: false,
        }
    }
}

impl LogRecord<'_> {
    /// The same record, of text of its own.
    #[must_use]
    pub fn into_owned(self) -> LogRecord<'static> {
        LogRecord {
            timestamp: self.timestamp,
            level: self.level,
            service: owned(self.service),
            host: self.host.map(owned),
            instance: self.instance,
            seq: self.seq,
            version: self.version.map(owned),
            env: self.env.map(owned),
            pid: self.pid,
            target: self.target.map(owned),
            module: self.module.map(owned),
            file: self.file.map(owned),
            line: self.line,
            thread: self.thread.map(owned),
            message: owned(self.message),
            error: self.error.map(ErrorInfo::into_owned),
            fields: self.fields.map(RawJson::into_owned),
            span: self.span.map(owned),
            spans: self.spans.map(RawJson::into_owned),
            trace_id: self.trace_id.map(owned),
            span_id: self.span_id.map(owned),
            truncated: self.truncated,
        }
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// An error value as it was logged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorInfo<'a> {
    /// The error's type (`hyper::Error`, `java.io.IOException`).
    pub kind: Option<Cow<'a, str>>,
    /// Its own message.
    pub message: Option<Cow<'a, str>>,
    /// The messages of its sources, outermost first, itself excluded.
    pub chain: Vec<Cow<'a, str>>,
    /// Stack trace or backtrace, as text.
    pub stack: Option<Cow<'a, str>>,
}

impl ErrorInfo<'_> {
    /// Whether it says nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kind.is_none()
            && self.message.is_none()
            && self.chain.is_empty()
            && self.stack.is_none()
    }

    /// The calls of the stack, innermost first, as far as its text tells: [`crate::frames`].
    #[must_use]
    pub fn frames(&self) -> Vec<Frame<'_>> {
        self.stack.as_deref().map(frames).unwrap_or_default()
    }

    /// The same error, of text of its own.
    #[must_use]
    pub fn into_owned(self) -> ErrorInfo<'static> {
        ErrorInfo {
            kind: self.kind.map(owned),
            message: self.message.map(owned),
            chain: self.chain.into_iter().map(owned).collect(),
            stack: self.stack.map(owned),
        }
    }
}

/// One process start of a producer: 128 random bits, written as 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance(pub u128);

impl Instance {
    /// Reads exactly 32 hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Instance> {
        let digits: &[u8; 32] = text.as_bytes().try_into().ok()?;
        let (mut is_hex, mut number) = (true, 0);
        for &digit in digits {
            is_hex &= digit.is_ascii_hexdigit();
            // The low half of a letter counts from 1, and only letters have this bit.
            number = number << 4 | u128::from((digit & 0xF) + 9 * (digit >> 6));
        }
        is_hex.then_some(Instance(number))
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance({self})")
    }
}

/// A JSON value as text, known to be well-formed, so that it can be passed on without being parsed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawJson<'a>(Cow<'a, str>);

impl<'a> RawJson<'a> {
    /// Takes text that a JSON parser has accepted or a JSON writer has written. Anything else would make the
    /// records that carry it unreadable, so check text of unknown origin with [`RawJson::parse`].
    #[must_use]
    pub fn from_trusted(text: impl Into<Cow<'a, str>>) -> Self {
        RawJson(text.into())
    }

    /// Takes text that may or may not be one JSON value.
    ///
    /// # Errors
    /// The parser's own, when it is not.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&serde_json::value::RawValue>(text)
            .map(|raw| RawJson(Cow::Borrowed(raw.get())))
    }

    /// The same value, of text of its own.
    #[must_use]
    pub fn into_owned(self) -> RawJson<'static> {
        RawJson(owned(self.0))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_32_hex_digits() {
        let text = "00000000000000000000000000001a2b";
        assert_eq!(Instance::parse(text).unwrap().to_string(), text);
        for wrong in [
            "",
            "1a2b",
            "+0000000000000000000000000001a2b",
            "0000000000000000000000000000000000",
        ] {
            assert_eq!(Instance::parse(wrong), None, "{wrong}");
        }
    }
}
