//! Reading level and service of a record without decoding it: what counting a stream of millions can afford. Our own
//! records are read by [`own`], the JSON of other loggers by [`object`], lines by [`text`].

mod members;
mod object;
mod own;
mod text;
mod walker;

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::otlp_protobuf;
use crate::Severity;

/// The two fields every record is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peek<'a> {
    /// The level [`crate::decode`] would give.
    pub level: Severity,
    /// The service [`crate::decode`] would give; `None` where the record names none, and the one of
    /// [`crate::Hints`] stands in.
    pub service: Option<&'a str>,
    /// Who has numbered the record, where that follows level and service as in our own records.
    pub identity: Option<Identity<'a>>,
}

/// The number a record was given by the process that wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The process start as it stands in the record; whether it is one, [`crate::Instance::parse`] tells.
    pub instance: &'a str,
    /// The number among the records of the instance.
    pub seq: u64,
}

/// Reads level and service of a message that is one JSON object, where walking over its members is enough to be
/// certain. Of the JSON of other loggers only what is no error is certain.
///
/// `None` says only that the record must be decoded to know. `Some` never contradicts [`crate::decode`], whatever the
/// hints, unless the record turns out to be malformed behind its `level` and `service`, which a glance does not look at.
#[must_use]
pub fn peek(payload: &[u8]) -> Option<Peek<'_>> {
    let payload = one_line(payload)?;
    own::read(payload).or_else(|| {
        let is_text = payload.is_ascii() || std::str::from_utf8(payload).is_ok();
        object::read(payload).filter(|_| is_text)
    })
}

/// Reads level and service of a message that is a line of text: of a container runtime, of syslog, of pairs, or of words.
/// Its level is `default`, which is the one of [`crate::Hints`], where it tells none. Only where nothing is known of the
/// message's format. As with [`peek`], `None` says that the record must be decoded to know, and errors always are.
#[must_use]
pub fn peek_text(payload: &[u8], default: Severity) -> Option<Peek<'_>> {
    let is_line = |line: &[u8]| match line {
        // JSON, or what may be it behind a byte order mark.
        [b'[', rest @ ..] => !rest.trim_ascii_start().starts_with(b"{"),
        [b'{' | b'"', ..] | [] => false,
        _ => !line.starts_with("\u{feff}".as_bytes()),
    };
    let line = payload.trim_ascii();
    let is_one = memchr::memchr(b'\n', line).is_none() && !otlp_protobuf::may_be(payload);
    if !is_line(line) || !is_one {
        return None;
    }
    // There is white space beyond ASCII's, and what stands behind it counts.
    let text = std::str::from_utf8(line).ok()?.trim();
    is_line(text.as_bytes()).then(|| text::read(text, default))?
}

/// What may be one whole record. One that was cut off is not worth a glance: it has to be looked at in full, and
/// quarantined. Nor is one of several lines, which may be several records.
fn one_line(payload: &[u8]) -> Option<&[u8]> {
    let payload = payload.trim_ascii_end();
    let is_whole = payload.last() == Some(&b'}') && memchr::memchr(b'\n', payload).is_none();
    is_whole.then_some(payload)
}

/// Whether a process start may be named somewhere in the record. Whoever numbers records wants all of the numbers to be
/// counted: one that a glance has not found must be decoded.
fn may_be_numbered(payload: &[u8]) -> bool {
    static KEY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"instance\""));
    KEY.find(payload).is_some()
}
