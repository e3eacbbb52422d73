//! The short way for our own records: the keys of the wire in their order, each with a value of its kind. Whatever differs
//! goes the long way, which reads the same record out of it.

use std::borrow::Cow;

use super::cursor::{Cursor, Quoted};
use super::error::complete;
use super::read::read_id;
use super::value::Value;
use crate::{ErrorInfo, Instance, LogRecord, RawJson, Severity, Timestamp};

/// How our records begin.
const BEGINNING: &[u8] = b"{\"timestamp\":\"";

/// Reads the message into `record`, if it is one of ours; otherwise it is left in whatever state.
#[inline]
pub(super) fn read<'a>(message: &'a str, record: &mut LogRecord<'a>) -> Option<()> {
    let mut reader = Reader {
        cursor: Cursor::new(message),
        key: None,
    };
    reader.cursor.open_object().ok()?;
    reader.advance(true)?;
    reader.read(record)?;
    reader.cursor.rest().is_empty().then_some(())
}

/// Whether a message starts as ours do.
pub(super) fn may_be(payload: &[u8]) -> bool {
    payload.starts_with(BEGINNING)
}

/// At a member, whose key has been read. `None` from any method: this is not our own format.
struct Reader<'a> {
    cursor: Cursor<'a>,
    key: Option<&'a str>,
}

impl<'a> Reader<'a> {
    #[inline]
    fn advance(&mut self, is_first: bool) -> Option<()> {
        self.key = self.cursor.next_key(is_first).ok()?.map(|key| key.raw);
        Some(())
    }

    /// The value of the key, if it is next.
    #[inline]
    fn value(&mut self, key: &str) -> Option<Option<Value<'a>>> {
        if self.key != Some(key) {
            return Some(None);
        }
        let value = self.cursor.value().ok()?;
        self.advance(false)?;
        Some(Some(value))
    }

    #[inline]
    fn quoted(&mut self, key: &str) -> Option<Option<Quoted<'a>>> {
        match self.value(key)? {
            Some(Value::Quoted(quoted)) if !quoted.raw.is_empty() => Some(Some(quoted)),
            Some(_) => None,
            None => Some(None),
        }
    }

    #[inline]
    fn text(&mut self, key: &str) -> Option<Option<Cow<'a, str>>> {
        Some(self.quoted(key)?.map(|quoted| quoted.text()))
    }

    #[inline]
    fn number<T: std::str::FromStr>(&mut self, key: &str) -> Option<Option<T>> {
        match self.value(key)? {
            Some(Value::Number(digits)) => digits.parse().ok().map(Some),
            Some(_) => None,
            None => Some(None),
        }
    }

    fn id(&mut self, key: &str, digits: usize) -> Option<Option<Cow<'a, str>>> {
        let Some(quoted) = self.quoted(key)? else {
            return Some(None);
        };
        let is_zero = quoted.raw.bytes().all(|byte| byte == b'0');
        read_id(&Value::Quoted(quoted), digits)
            .filter(|_| !is_zero)
            .map(Some)
    }

    /// JSON that is passed on as it is.
    fn raw(&mut self, key: &str, open: char) -> Option<Option<RawJson<'a>>> {
        match self.value(key)? {
            Some(Value::Nested(raw, true)) if raw.starts_with(open) && raw.len() > 2 => {
                Some(Some(RawJson::from_trusted(raw)))
            }
            Some(_) => None,
            None => Some(None),
        }
    }

    fn read(&mut self, record: &mut LogRecord<'a>) -> Option<()> {
        record.timestamp = Timestamp::parse(self.quoted("timestamp")??.raw)?;
        record.level = level(self.quoted("level")??.raw)?;
        record.service = self.text("service")??;
        record.host = self.text("host")?;
        if let Some(instance) = self.quoted("instance")? {
            record.instance = Some(Instance::parse(instance.raw)?);
        }
        record.seq = self.number("seq")?;
        self.number::<u64>("schema")??;
        record.version = self.text("version")?;
        record.env = self.text("env")?;
        record.pid = self.number("pid")?;
        record.target = self.text("target")?;
        record.module = self.text("module")?;
        record.file = self.text("file")?;
        record.line = self.number("line")?;
        record.thread = self.text("thread")?;
        record.message = self.text("message")??;
        if self.key == Some("error") {
            record.error = Some(self.error()?);
        }
        record.fields = self.raw("fields", '{')?;
        record.span = self.text("span")?;
        record.spans = self.raw("spans", '[')?;
        record.trace_id = self.id("trace_id", 32)?;
        record.span_id = self.id("span_id", 16)?;
        if let Some(truncated) = self.value("truncated")? {
            record.truncated = matches!(truncated, Value::Bool(true)).then_some(true)?;
        }
        self.key.is_none().then_some(())
    }

    fn error(&mut self) -> Option<ErrorInfo<'a>> {
        self.cursor.open_object().ok()?;
        self.advance(true)?;
        let kind = self.text("type")?;
        let message = self.text("message")?;
        let mut chain = Vec::new();
        if self.key == Some("chain") {
            self.cursor.open_array().ok()?;
            while self.cursor.next_item(chain.is_empty()).ok()? {
                match self.cursor.value().ok()? {
                    Value::Quoted(quoted) if !quoted.raw.is_empty() => chain.push(quoted.text()),
                    _ => return None,
                }
            }
            self.advance(false)?;
        }
        let mut error = ErrorInfo {
            kind,
            message,
            chain,
            stack: self.text("stack")?,
        };
        if self.key.is_some() || error.is_empty() {
            return None;
        }
        self.advance(false)?;
        complete(&mut error);
        Some(error)
    }
}

/// A level by its name on the wire.
fn level(word: &str) -> Option<Severity> {
    Severity::ALL
        .into_iter()
        .find(|level| level.as_str() == word)
}
