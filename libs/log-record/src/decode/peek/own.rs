//! The beginning of our own records, as they are written: time, level and service, who wrote it and its number.

use super::walker::Walker;
use super::{Identity, Peek, may_be_numbered};
use crate::Severity;

/// Reads a record whose `level` and `service` are plain strings behind its `timestamp`: they are the first of their aliases,
/// and of equal keys the first wins, so nothing later in the record can change them.
pub(super) fn read(payload: &[u8]) -> Option<Peek<'_>> {
    let mut walker = Walker::new(payload);
    walker.string_behind(b"{\"timestamp\":\"")?;
    let level = walker.string_behind(b",\"level\":\"")?;
    let service = walker.string_behind(b",\"service\":\"")?;
    let service = std::str::from_utf8(service).ok()?;
    if service.is_empty() {
        return None;
    }
    let level = match level {
        b"INFO" => Severity::Info,
        b"DEBUG" => Severity::Debug,
        b"WARN" => Severity::Warn,
        b"ERROR" => Severity::Error,
        b"TRACE" => Severity::Trace,
        b"CRITICAL" => Severity::Critical,
        other => Severity::from_text(std::str::from_utf8(other).ok()?)?,
    };
    let identity = identity(walker);
    if identity.is_none() && may_be_numbered(payload) {
        return None;
    }
    // An ERROR that is not ours may have something further on that raises it.
    let is_certain = level != Severity::Error || identity.is_some();
    is_certain.then_some(Peek {
        level,
        service: Some(service),
        identity,
    })
}

/// `instance` and `seq` where they come next, behind a `host` if there is one.
fn identity(mut walker: Walker<'_, false>) -> Option<Identity<'_>> {
    walker.string_behind(b",\"host\":\"");
    let instance = walker.string_behind(b",\"instance\":\"")?;
    if instance.is_empty() {
        // One that says nothing: another may follow.
        return None;
    }
    let seq = walker.number_behind(b",\"seq\":")?;
    Some(Identity {
        instance: std::str::from_utf8(instance).ok()?,
        seq: std::str::from_utf8(seq).ok()?.parse().ok()?,
    })
}
