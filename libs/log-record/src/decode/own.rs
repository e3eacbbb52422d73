//! The short way for our own records: the members of the wire in their order, written without white space, each with a value
//! of its kind. Whatever differs goes the long way, which reads the same record out of it.

use std::borrow::Cow;
use std::str::FromStr;

use super::cursor::{Cursor, Quoted};
use super::error::complete;
use super::value::Value;
use crate::{ErrorInfo, Instance, LogRecord, RawJson, Severity, Timestamp};

/// How our records begin.
const BEGINNING: &[u8] = b"{\"timestamp\":\"";

/// A key with all that stands between it and the value.
macro_rules! key {
    ($name:literal) => {
        concat!("\"", $name, "\":")
    };
}

/// The same with the quote that a string opens with.
macro_rules! string {
    ($name:literal) => {
        concat!("\"", $name, "\":\"")
    };
}

/// Reads the message, if it is one of ours.
#[inline]
pub(super) fn read(message: &str) -> Option<LogRecord<'_>> {
    let mut reader = Reader {
        cursor: Cursor::new(message),
        separator: b'{',
    };
    let record = reader.record()?;
    reader.cursor.rest().is_empty().then_some(record)
}

/// Whether a message starts as ours do.
pub(super) fn may_be(payload: &[u8]) -> bool {
    payload.starts_with(BEGINNING)
}

/// Between two members. `None` from any method: this is not our own format.
///
/// The members are known by how they open: comparing with a text of known length costs less than looking for the end of a
/// key.
struct Reader<'a> {
    cursor: Cursor<'a>,
    /// What stands in front of the next member of the object.
    separator: u8,
}

impl<'a> Reader<'a> {
    fn record(&mut self) -> Option<LogRecord<'a>> {
        let timestamp = Timestamp::parse(self.quoted(string!("timestamp"))??.raw)?;
        let level = level(self.quoted(string!("level"))??.raw)?;
        let service = self.text(string!("service"))??;
        let host = self.text(string!("host"))?;
        let instance = match self.quoted(string!("instance"))? {
            Some(digits) => Some(Instance::parse(digits.raw)?),
            None => None,
        };
        let seq = self.number(key!("seq"))?;
        self.number::<u64>(key!("schema"))??;
        let version = self.text(string!("version"))?;
        let env = self.text(string!("env"))?;
        let pid = self.number(key!("pid"))?;
        let target = self.text(string!("target"))?;
        let module = self.text(string!("module"))?;
        let file = self.text(string!("file"))?;
        let line = self.number(key!("line"))?;
        if file.is_some() != line.is_some() {
            // Ours have both; of others the line may be part of the file.
            return None;
        }
        let thread = self.text(string!("thread"))?;
        let message = self.text(string!("message"))??;
        let error = self.error()?;
        let fields = self.raw(key!("fields"), '{')?;
        let span = self.text(string!("span"))?;
        let spans = self.raw(key!("spans"), '[')?;
        let trace_id = self.id(string!("trace_id"), 32)?;
        let span_id = self.id(string!("span_id"), 16)?;
        let truncated = self.is_next(concat!(key!("truncated"), "true"));
        self.cursor.pass("}").then_some(LogRecord {
            timestamp,
            level,
            service,
            host,
            instance,
            seq,
            version,
            env,
            pid,
            target,
            module,
            file,
            line,
            thread,
            message,
            error,
            fields,
            span,
            spans,
            trace_id,
            span_id,
            truncated,
        })
    }

    /// Whether the next member opens like this; the cursor is behind that then.
    #[inline(always)]
    fn is_next(&mut self, opening: &str) -> bool {
        let is_next = self.cursor.pass_behind(self.separator, opening);
        if is_next {
            self.separator = b',';
        }
        is_next
    }

    #[inline(always)]
    fn quoted(&mut self, opening: &str) -> Option<Option<Quoted<'a>>> {
        if !self.is_next(opening) {
            return Some(None);
        }
        let quoted = self.cursor.quoted().ok()?;
        (!quoted.raw.is_empty()).then_some(Some(quoted))
    }

    #[inline(always)]
    fn text(&mut self, opening: &str) -> Option<Option<Cow<'a, str>>> {
        Some(self.quoted(opening)?.map(|quoted| quoted.text()))
    }

    #[inline(always)]
    fn number<T: FromStr>(&mut self, opening: &str) -> Option<Option<T>> {
        if !self.is_next(opening) {
            return Some(None);
        }
        self.cursor.number().ok()?.parse().ok().map(Some)
    }

    /// An id as W3C writes it: lower-case hex digits, not all of them zero.
    #[inline(always)]
    fn id(&mut self, opening: &str, digits: usize) -> Option<Option<Cow<'a, str>>> {
        let Some(Quoted { raw, .. }) = self.quoted(opening)? else {
            return Some(None);
        };
        // One pass without an early exit, which the compiler turns into vector operations.
        let (mut is_id, mut is_zero) = (raw.len() == digits, true);
        for byte in raw.bytes() {
            is_id &= matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            is_zero &= byte == b'0';
        }
        (is_id && !is_zero).then_some(Some(Cow::Borrowed(raw)))
    }

    /// JSON that is passed on as it is.
    #[inline(always)]
    fn raw(&mut self, opening: &str, bracket: char) -> Option<Option<RawJson<'a>>> {
        if !self.is_next(opening) {
            return Some(None);
        }
        match self.cursor.value().ok()? {
            Value::Nested(raw, true) if raw.starts_with(bracket) && raw.len() > 2 => {
                Some(Some(RawJson::from_trusted(raw)))
            }
            _ => None,
        }
    }

    fn error(&mut self) -> Option<Option<ErrorInfo<'a>>> {
        if !self.is_next(key!("error")) {
            return Some(None);
        }
        self.separator = b'{';
        let mut error = ErrorInfo {
            kind: self.text(string!("type"))?,
            message: self.text(string!("message"))?,
            chain: self.chain()?,
            stack: self.text(string!("stack"))?,
        };
        if error.is_empty() || !self.cursor.pass("}") {
            return None;
        }
        complete(&mut error);
        Some(Some(error))
    }

    fn chain(&mut self) -> Option<Vec<Cow<'a, str>>> {
        let mut chain = Vec::new();
        if self.is_next(key!("chain")) {
            self.cursor.open_array().ok()?;
            while self.cursor.next_item(chain.is_empty()).ok()? {
                match self.cursor.value().ok()? {
                    Value::Quoted(quoted) if !quoted.raw.is_empty() => chain.push(quoted.text()),
                    _ => return None,
                }
            }
        }
        Some(chain)
    }
}

/// A level by its name on the wire.
fn level(word: &str) -> Option<Severity> {
    Severity::ALL
        .into_iter()
        .find(|level| level.as_str() == word)
}
