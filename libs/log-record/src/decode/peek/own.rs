//! The beginning of our own records: time, level and service, who wrote it and its number.

use super::walker::{Seen, Walker};
use super::{Identity, Peek};
use crate::Severity;

/// Reads a record that has nothing but a time in front of `level` and `service`, both of them plain strings: they are
/// the first of their aliases, and of equal keys the first wins, so nothing later in the record can change them.
pub(super) fn read(payload: &[u8]) -> Option<Peek<'_>> {
    let mut walker = Walker::new(payload);
    walker.expect(b'{')?;
    let (mut level, mut service) = (None, None);
    let mut is_first = true;
    loop {
        let key = walker.key(is_first)??;
        is_first = false;
        match key.raw {
            b"level" if level.is_none() => level = Some(plain(&mut walker)?),
            b"service" if service.is_none() => service = Some(plain(&mut walker)?),
            b"timestamp" => pass_scalar(&mut walker)?,
            _ => return None,
        }
        if let (Some(level), Some(service)) = (level, service) {
            return finish(level, service, identity(walker));
        }
    }
}

fn finish<'a>(level: &[u8], service: &'a [u8], identity: Option<Identity<'a>>) -> Option<Peek<'a>> {
    let service = std::str::from_utf8(service)
        .ok()
        .filter(|service| !service.is_empty())?;
    let level = match level {
        b"INFO" => Severity::Info,
        b"DEBUG" => Severity::Debug,
        b"WARN" => Severity::Warn,
        b"ERROR" => Severity::Error,
        b"TRACE" => Severity::Trace,
        b"CRITICAL" => Severity::Critical,
        other => Severity::from_text(std::str::from_utf8(other).ok()?)?,
    };
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
    let mut key = walker.key(false)??.raw;
    if key == b"host" {
        pass_scalar(&mut walker)?;
        key = walker.key(false)??.raw;
    }
    if key != b"instance" {
        return None;
    }
    let instance = std::str::from_utf8(plain(&mut walker)?).ok()?;
    if walker.key(false)??.raw != b"seq" {
        return None;
    }
    let Seen::Number(digits) = walker.value()? else {
        return None;
    };
    let seq = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Identity { instance, seq })
}

/// The bytes of a string; `None` where an escape would have to be resolved.
#[inline(always)]
fn plain<'a>(walker: &mut Walker<'a, false>) -> Option<&'a [u8]> {
    let chars = walker.quoted()?;
    (!chars.is_escaped).then_some(chars.raw)
}

/// Passes over a string, number, boolean or null; `None` at an object or array.
#[inline(always)]
fn pass_scalar(walker: &mut Walker<'_, false>) -> Option<()> {
    (walker.value()? != Seen::Nested).then_some(())
}
