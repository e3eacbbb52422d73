//! The JSON of other loggers: walks over the members as the decoder does, and holds nothing but what tells level and
//! service. Where anything else would have to be looked at, it gives up.

use super::Peek;
use crate::Severity;
use crate::decode::cursor::{Cursor, Quoted};
use crate::decode::keys::{self, Rank, Slot};
use crate::decode::level;
use crate::decode::shape::Shape;
use crate::decode::value::Value;

/// The first alias of a row, behind which no other counts.
const FIRST: Rank = 0;
/// How far behind the aliases of the table those stand that GELF writes with an underscore, and a service that is no
/// text; `name` stands between them.
const BEHIND_GELF: Rank = 60;
const NAME: Rank = 50;
const NOT_TEXT: Rank = 100;

/// Reads a record that is no error. `None` at whatever is not certain.
pub(super) fn read(text: &str) -> Option<Peek<'_>> {
    let mut cursor = Cursor::new(text);
    let mut members = Members::default();
    members.read_group(&mut cursor, "")?;
    if members.is_settled() {
        let level = members.level?.1;
        let service = members.service?.1;
        return Some(Peek {
            level,
            service,
            identity: None,
        });
    }
    // Behind the object something else may follow, which is malformed.
    if cursor.peek().is_some() {
        return None;
    }
    members.finish()
}

/// The best candidate so far; the first of equal rank stays.
type Best<T> = Option<(Rank, T)>;

fn hold<T>(best: &mut Best<T>, rank: Rank, value: T) {
    if best.as_ref().is_none_or(|(held, _)| rank < *held) {
        *best = Some((rank, value));
    }
}

/// What the members have told.
#[derive(Default)]
struct Members<'a> {
    level: Best<Severity>,
    number: Best<i64>,
    has_unknown_level: bool,
    /// `None`: it is none that can be passed on as it is written.
    service: Best<Option<&'a str>>,
    name: Best<Option<&'a str>>,
    shape: Shape,
    /// The service, where the record turns out to be GELF; and whether that would change more.
    gelf_service: Best<Option<&'a str>>,
    has_gelf_doubt: bool,
    has_text_time: bool,
    has_instance: bool,
    has_seq: bool,
    /// `L`, which is the level where there is no other.
    has_short_level: bool,
    lines: Lines,
}

/// The texts that may be lines of another program, whose record counts then.
#[derive(Default)]
struct Lines {
    has_any: bool,
    /// One that may be JSON, under a key that is always looked into.
    has_json_log: bool,
    /// And under one that is the message of a record with a level.
    has_json_message: bool,
}

impl<'a> Members<'a> {
    /// Level and service stand under our own names: nothing that follows changes them.
    fn is_settled(&self) -> bool {
        matches!(self.level, Some((FIRST, _))) && matches!(self.service, Some((FIRST, Some(_))))
    }

    /// Reads the members of an object whose keys stand in a group. Groups are known ones, so this goes few levels deep.
    fn read_group(&mut self, cursor: &mut Cursor<'a>, group: &'static str) -> Option<()> {
        cursor.open_object().ok()?;
        let mut is_first = true;
        while let Some(name) = cursor.next_key(is_first).ok()? {
            is_first = false;
            if name.is_escaped {
                return None;
            }
            let name = name.raw;
            if cursor.peek() == Some(b'{') {
                self.read_object(cursor, group, name)?;
            } else {
                let value = cursor.value().ok()?;
                self.add(group, name, &value)?;
            }
            if self.is_settled() {
                return Some(());
            }
        }
        Some(())
    }

    /// A member that is an object: only those count that are groups.
    fn read_object(
        &mut self,
        cursor: &mut Cursor<'a>,
        group: &'static str,
        name: &str,
    ) -> Option<()> {
        match keys::slot_in(group, name) {
            Some((Slot::Error | Slot::Fields, _)) => {}
            // Whether it tells the shape depends on whether it is a time.
            Some((Slot::Timestamp, _)) if Shape::is_telling(name) => return None,
            _ => {
                if group.is_empty() {
                    self.shape.note(name);
                }
                if let Some(inner) = keys::group_in(group, name) {
                    // Members of GELF have underscores wherever they stand.
                    self.has_gelf_doubt = true;
                    return self.read_group(cursor, inner);
                }
            }
        }
        cursor.value().ok().map(drop)
    }

    /// Takes a member that is no object.
    fn add(&mut self, group: &'static str, name: &'a str, value: &Value<'a>) -> Option<()> {
        if matches!(value, Value::Null) {
            return Some(());
        }
        let found = keys::slot_in(group, name);
        if group.is_empty() {
            self.shape.note(name);
            if found.is_none() {
                return self.add_unknown(name, value);
            }
        }
        let Some((slot, rank)) = found else {
            return Some(());
        };
        if value.is_nothing() {
            return Some(());
        }
        match slot {
            Slot::Level => self.add_level(rank, value)?,
            Slot::Service => {
                // More than the name stands there.
                let is_whole = !matches!(name, "_SYSTEMD_UNIT" | "syslogtag");
                hold_text(&mut self.service, rank, value, is_whole);
            }
            Slot::Name => hold_text(&mut self.name, rank, value, true),
            Slot::Message if group.is_empty() => self.lines.add(name, value),
            Slot::Timestamp => self.has_text_time |= name == "time" && value.is_text(),
            Slot::Version if group.is_empty() => {
                if matches!(value, Value::Quoted(Quoted { raw: "1.1", .. })) {
                    self.shape.note_gelf_version();
                }
            }
            Slot::Instance => self.has_instance = true,
            Slot::Seq => self.has_seq = true,
            _ => {}
        }
        Some(())
    }

    /// A key of the record that no row of the table has, and that may mean something to a certain logger.
    fn add_unknown(&mut self, name: &str, value: &Value<'a>) -> Option<()> {
        match name.as_bytes() {
            b"resourceLogs" | b"resource_logs" => return None,
            b"L" => self.has_short_level = true,
            [b'_', ..] => match keys::slot(&name[1..]) {
                Some((Slot::Service, rank)) if !value.is_nothing() => {
                    let rank = rank.saturating_add(BEHIND_GELF);
                    hold_text(&mut self.gelf_service, rank, value, true);
                }
                Some((Slot::Level | Slot::Name | Slot::Instance | Slot::Seq, _)) => {
                    self.has_gelf_doubt = true;
                }
                _ => {}
            },
            _ => {}
        }
        Some(())
    }

    fn add_level(&mut self, rank: Rank, value: &Value<'a>) -> Option<()> {
        let raw = match value {
            Value::Quoted(quoted) if quoted.is_escaped => return None,
            Value::Quoted(quoted) => Some(quoted.raw.trim()),
            _ => None,
        };
        if let Some(number) = value.integer() {
            self.shape.has_numeric_level |= rank < keys::numeric_level::OTEL;
            hold(&mut self.number, rank, number);
            return Some(());
        }
        let Some(word) = raw.filter(|word| !word.is_empty()) else {
            return Some(());
        };
        match level::from_word(word) {
            // It may be the level: whoever wants to know has to decode the record anyway.
            Some(level) if level.is_error() => return None,
            Some(level) => hold(&mut self.level, rank, level),
            None => self.has_unknown_level = true,
        }
        Some(())
    }

    /// Level and service, once all members are known.
    fn finish(mut self) -> Option<Peek<'a>> {
        // Whoever numbers records wants the numbers to be counted.
        if self.has_instance && self.has_seq {
            return None;
        }
        let knows_level = self.level.is_some() || self.number.is_some();
        if self.lines.may_count(self.shape.is_collected(), knows_level) {
            return None;
        }
        let level = self.read_level().filter(|level| !level.is_error())?;
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
        let service = match self.service {
            Some((_, service)) => Some(service?),
            None => None,
        };
        Some(Peek {
            level,
            service,
            identity: None,
        })
    }

    fn read_level(&mut self) -> Option<Severity> {
        if let Some((_, level)) = self.level {
            return Some(level);
        }
        if self.has_unknown_level {
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

/// Holds a text, if it can be passed on as it is written; else that there is something.
fn hold_text<'a>(best: &mut Best<Option<&'a str>>, rank: Rank, value: &Value<'a>, is_whole: bool) {
    match value {
        Value::Quoted(quoted) => {
            let is_plain = is_whole && !quoted.is_escaped;
            hold(best, rank, is_plain.then_some(quoted.raw));
        }
        Value::Nested(..) => {}
        _ => hold(best, rank.saturating_add(NOT_TEXT), None),
    }
}

impl Lines {
    fn add(&mut self, name: &str, value: &Value<'_>) {
        let Value::Quoted(Quoted { raw, .. }) = value else {
            return;
        };
        // An escape, or a character beyond ASCII, may be white space in front of it.
        let may_be_json = || {
            matches!(
                raw.as_bytes().trim_ascii_start(),
                [b'{' | b'\\' | 0x80.., ..]
            )
        };
        match name {
            "log" | "MESSAGE" => self.has_json_log |= may_be_json(),
            "message" | "msg" | "body" => self.has_json_message |= may_be_json(),
            _ => return,
        }
        self.has_any = true;
    }

    /// Whether there may be a line whose record counts. A collector's line counts whatever it is.
    fn may_count(&self, is_collected: bool, knows_level: bool) -> bool {
        (is_collected && self.has_any)
            || self.has_json_log
            || (self.has_json_message && !knows_level)
    }
}
