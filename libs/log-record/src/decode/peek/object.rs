//! The JSON of other loggers: level and service, once the members have told what they know, and the record in the line
//! that a collector has put into one of its own.

use super::members::{Members, hold};
use super::walker::Chars;
use super::{Peek, may_be_numbered};
use crate::Severity;
use crate::decode::keys::Rank;
use crate::decode::level;

/// `name`, where it is the service: behind the aliases of the table.
const NAME: Rank = 50;

/// Reads a record that is no error. `None` at whatever is not certain.
pub(super) fn read(text: &[u8]) -> Option<Peek<'_>> {
    let mut members = Members::read::<false>(text, true)?;
    if !members.is_settled() {
        return conclude(&mut members);
    }
    // Not all members have been looked at.
    if may_be_numbered(text) {
        return None;
    }
    told(members.level?.1, members.service?.1)
}

/// What all members of a record tell together.
pub(super) fn conclude<'a>(members: &mut Members<'a>) -> Option<Peek<'a>> {
    if members.has_instance && members.has_seq {
        return None;
    }
    match members.line() {
        Line::None => {
            let level = members.read_level()?;
            told(level, members.read_service()?)
        }
        Line::Of(line) => read_line(members, line),
        Line::Unknown => None,
    }
}

/// What is certain of a record that is no error.
pub(super) fn told(level: Severity, service: Option<&str>) -> Option<Peek<'_>> {
    (!level.is_error()).then_some(Peek {
        level,
        service,
        identity: None,
    })
}

/// The record in the line of another one. What it does not say is taken from around it.
pub(super) fn read_line<'a>(outer: &mut Members<'a>, line: Chars<'a>) -> Option<Peek<'a>> {
    if let Some(raw) = as_object(line) {
        let inner = match line.is_escaped {
            true => Members::read::<true>(raw, false),
            false => Members::read::<false>(raw, false),
        };
        if let Some(mut inner) = inner {
            let level = inner.read_inner_level(outer)?;
            let service = match inner.read_service()? {
                Some(service) => Some(service),
                None => outer.read_service()?,
            };
            return told(level, service);
        }
    }
    let line = line.quoted()?;
    let text = line.text();
    let text = text.trim();
    if !text.starts_with('{') {
        // Not of a collector, it is the message as it is.
        let level = outer.read_level().filter(|_| !outer.shape.is_collected())?;
        return told(level, outer.read_service()?);
    }
    let mut inner = Members::read::<false>(text.as_bytes(), false)?;
    let level = inner.read_inner_level(outer)?;
    let service = match inner.read_service()? {
        // The same text, where the message has it.
        Some(service) => {
            let at = memchr::memmem::find(line.raw.as_bytes(), service.as_bytes())?;
            Some(line.raw.get(at..at + service.len())?)
        }
        None => outer.read_service()?,
    };
    told(level, service)
}

/// The line as it is written, where that looks like an object: collectors leave the line feed behind it.
fn as_object(line: Chars<'_>) -> Option<&[u8]> {
    let raw = match line.is_escaped {
        true => line.raw.strip_suffix(b"\\n").unwrap_or(line.raw),
        false => line.raw,
    };
    let is_object = raw.starts_with(b"{") && raw.ends_with(b"}");
    is_object.then_some(raw)
}

/// The line of another program inside a record.
enum Line<'a> {
    None,
    Of(Chars<'a>),
    /// There may be one.
    Unknown,
}

impl<'a> Members<'a> {
    /// The line whose record may count, as the decoder finds it.
    fn line(&self) -> Line<'a> {
        let Some((_, Some(message))) = self.message else {
            return Line::None;
        };
        let is_line = match message.key {
            b"log" | b"MESSAGE" => true,
            b"message" | b"msg" | b"body" => self.shape.is_collected() || !self.knows_level(),
            _ => false,
        };
        if !is_line {
            Line::None
        } else if self.shape.is_gelf() {
            // Keys with underscores may be better ones.
            Line::Unknown
        } else {
            Line::Of(message.text)
        }
    }

    /// The level, if these are the members of a record in the line of another one.
    fn read_inner_level(&mut self, outer: &Members<'_>) -> Option<Severity> {
        let is_record = self.has_message && matches!(self.line(), Line::None);
        let is_numbered = self.has_instance || self.has_seq;
        let is_certain = is_record && !is_numbered && !outer.has_unknown_level;
        is_certain.then(|| self.read_level())?
    }

    fn knows_level(&self) -> bool {
        self.level.is_some() || self.number.is_some()
    }

    /// `None`: not certain; `Some(None)`: nobody names one.
    fn read_service(&mut self) -> Option<Option<&'a str>> {
        if self.shape.is_gelf() {
            if self.has_gelf_doubt {
                return None;
            }
            if let Some((rank, service)) = self.gelf_service {
                hold(&mut self.service, rank, service);
            }
        }
        if let Some((_, name)) = self.name
            && self.shape.is_pino()
        {
            hold(&mut self.service, NAME, name);
        }
        match self.service {
            Some((_, service)) => service.map(Some),
            None => Some(None),
        }
    }

    fn read_level(&mut self) -> Option<Severity> {
        if let Some((_, level)) = self.level {
            return Some(level);
        }
        // GELF may say it with an underscore.
        if self.has_unknown_level || (self.shape.is_gelf() && self.has_gelf_doubt) {
            return None;
        }
        let Some((rank, number)) = self.number else {
            // Serilog leaves INFO out.
            let is_left_out = self.shape.is_clef() && !self.has_short_level;
            return is_left_out.then_some(Severity::Info);
        };
        let level = level::from_number(rank, number, &self.shape);
        if self.has_text_time {
            // Whether the text is a time decides whether it is slog.
            self.shape.has_text_time = true;
            if level::from_number(rank, number, &self.shape) != level {
                return None;
            }
        }
        level
    }
}
