//! The beginning of our own records: time, level and service, who wrote it and its number.

use super::{Identity, Peek};
use crate::Severity;

/// Reads a record that has nothing but a time in front of `level` and `service`, both of them plain strings: they are
/// the first of their aliases, and of equal keys the first wins, so nothing later in the record can change them.
pub(super) fn read(payload: &[u8]) -> Option<Peek<'_>> {
    let mut scanner = Scanner { rest: payload };
    scanner.expect(b'{')?;
    let mut level = None;
    let mut service = None;
    loop {
        let key = scanner.string()?;
        scanner.expect(b':')?;
        match key {
            b"level" if level.is_none() => level = Some(scanner.string()?),
            b"service" if service.is_none() => service = Some(scanner.string()?),
            b"timestamp" => scanner.skip_scalar()?,
            _ => return None,
        }
        if let (Some(level), Some(service)) = (level, service) {
            return finish(level, service, scanner.identity());
        }
        scanner.expect(b',')?;
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

/// Walks over the members of a JSON object as long as they are scalars without escapes.
struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    fn skip_space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        self.skip_space();
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        (first == wanted).then_some(())
    }

    /// The bytes between two quotes; `None` where an escape would have to be resolved.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let end = memchr::memchr(b'"', self.rest)?;
        let (content, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..)?;
        (!content.contains(&b'\\')).then_some(content)
    }

    /// `instance` and `seq` where they come next, behind a `host` if there is one.
    fn identity(mut self) -> Option<Identity<'a>> {
        let mut key = self.key()?;
        if key == b"host" {
            self.skip_scalar()?;
            key = self.key()?;
        }
        if key != b"instance" {
            return None;
        }
        let instance = std::str::from_utf8(self.string()?).ok()?;
        if self.key()? != b"seq" {
            return None;
        }
        let end = memchr::memchr2(b',', b'}', self.rest)?;
        let seq = std::str::from_utf8(&self.rest[..end]).ok()?.trim();
        Some(Identity {
            instance,
            seq: seq.parse().ok()?,
        })
    }

    /// The key of the next member.
    fn key(&mut self) -> Option<&'a [u8]> {
        self.expect(b',')?;
        let key = self.string()?;
        self.expect(b':')?;
        Some(key)
    }

    /// Passes over a string, number, boolean or null; `None` at an object or array.
    fn skip_scalar(&mut self) -> Option<()> {
        self.skip_space();
        match self.rest.first()? {
            b'"' => self.string().map(|_| ()),
            b'{' | b'[' => None,
            _ => {
                let end = memchr::memchr2(b',', b'}', self.rest)?;
                self.rest = self.rest.get(end..)?;
                Some(())
            }
        }
    }
}
