//! Lines of text: what a container runtime, syslog or pairs of keys and values tell, or else the first words. The rules are
//! the decoder's own; where it would look further, there is no glance.

use super::Peek;
use super::members::Members;
use super::object::{conclude, read_line, told};
use super::walker::{Chars, Seen};
use crate::decode::keys::{self, Slot};
use crate::decode::logfmt::{self, Member, Pair, Pairs, Tally};
use crate::decode::wrapper::{CriLine, split_date};
use crate::decode::{Hints, syslog, text};
use crate::{Severity, Timestamp};

/// What a glance has made of a line.
enum Glance<'a> {
    /// It is of another format.
    Other,
    /// It is of this one; `None`: whoever wants to know more has to decode it.
    Told(Option<Peek<'a>>),
}

/// Reads a text of one line, whose level is `default` where it tells none.
pub(super) fn read(text: &str, default: Severity) -> Option<Peek<'_>> {
    let Some(CriLine { line, .. }) = CriLine::split(text) else {
        return read_plain(text, default);
    };
    // Its line counts, and may be of any format but its own.
    let line = line.trim();
    if line.starts_with('{') {
        let raw = line.as_bytes();
        let is_escaped = false;
        // Neither level nor service are told around it.
        return read_line(&mut Members::default(), Chars { raw, is_escaped });
    }
    let is_line = !line.is_empty() && CriLine::split(line).is_none();
    is_line.then(|| read_plain(line, default))?
}

/// Reads a text that no container runtime has wrapped, in the decoder's order.
fn read_plain(text: &str, default: Severity) -> Option<Peek<'_>> {
    if let Glance::Told(told) = read_syslog(text, default) {
        return told;
    }
    if let Glance::Told(told) = read_pairs(text) {
        return told;
    }
    if split_date(text).is_some() {
        return None;
    }
    told(text::level(text).unwrap_or(default), None)
}

/// A line of syslog.
fn read_syslog(text: &str, default: Severity) -> Glance<'_> {
    // Of any year: where that matters there is no glance.
    let hints = Hints::new(Timestamp::from_micros(0));
    let Some((header, message)) = syslog::split(text, &mut Vec::new(), &hints) else {
        return match syslog::depends_on_year(text) {
            true => Glance::Told(None),
            false => Glance::Other,
        };
    };
    if syslog::depends_on_year(text) {
        return Glance::Told(None);
    }
    let object = syslog::object(message);
    let app = header.app.filter(|app| !app.is_empty());
    let Some(priority) = header.priority else {
        // The words of the message count as well as what an object says.
        let is_plain = object.is_none() && !message.trim().is_empty();
        let level = text::level(message).unwrap_or(default);
        return Glance::Told(told(level, app).filter(|_| is_plain));
    };
    let code = priority % 8;
    let Some(object) = object else {
        let level = Severity::from_syslog_code(i64::from(code));
        return Glance::Told(level.and_then(|level| told(level, app)));
    };
    Glance::Told(read_object(app, code, object))
}

/// The record in a line of syslog. What it does not say is taken from around it.
fn read_object<'a>(app: Option<&'a str>, code: u16, object: &'a str) -> Option<Peek<'a>> {
    let plain = |text: &'a str| Chars {
        raw: text.as_bytes(),
        is_escaped: false,
    };
    let mut outer = Members::default();
    let digit = b"01234567".get(usize::from(code)..)?.get(..1)?;
    outer.add("", b"PRIORITY", Seen::Number(digit))?;
    if let Some(app) = app {
        outer.add("", b"appname", Seen::Text(plain(app)))?;
    }
    read_line(&mut outer, plain(object))
}

/// Pairs of keys and values.
fn read_pairs(text: &str) -> Glance<'_> {
    if !logfmt::may_be(text) {
        return Glance::Other;
    }
    // A level may be coloured.
    if memchr::memchr(0x1b, text.as_bytes()).is_some() {
        return Glance::Told(None);
    }
    let mut members = Members::default();
    let mut tally = Tally::default();
    for member in (Pairs { rest: text }) {
        let Some(member) = member else {
            return Glance::Other;
        };
        tally.count(&member);
        if add_pair(&mut members, member).is_none() {
            return Glance::Told(None);
        }
    }
    match tally.is_record(false) {
        true => Glance::Told(conclude(&mut members)),
        false => Glance::Other,
    }
}

/// Takes a pair as a member; `None` where it is not certain what it tells.
fn add_pair<'a>(members: &mut Members<'a>, (key, value): Member<'a>) -> Option<()> {
    let name = key.as_bytes();
    let Some(Pair { raw, is_escaped }) = value else {
        return members.add("", name, Seen::Bool);
    };
    let mut chars = Chars {
        raw: raw.as_bytes(),
        is_escaped,
    };
    match key {
        // Only in JSON it tells whose record it is.
        "version" => return Some(()),
        "service" if logfmt::is_duration(raw) => return Some(()),
        "at" if is_escaped => return None,
        "at" if Severity::from_text(raw).is_some() => {
            return members.offer(Slot::Level, logfmt::RANK_OF_AT, "", name, Seen::Text(chars));
        }
        _ => {}
    }
    if is_escaped && matches!(keys::slot(name), Some((Slot::Message, _))) {
        // Its escapes are not those of JSON. All that is to be known is whether it is an object.
        if raw.trim_start().starts_with(['{', '\\']) {
            return None;
        }
        chars.is_escaped = false;
    }
    members.add("", name, Seen::Text(chars))
}
