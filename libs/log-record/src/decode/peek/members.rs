//! The members of a JSON object, walked over as the decoder does: held is nothing but what tells level and service.

use crate::Severity;
use crate::decode::cursor::{Cursor, Quoted};
use crate::decode::keys::{self, MESSAGE_IN_FIELDS, Rank, Slot};
use crate::decode::shape::Shape;
use crate::decode::value::Value;
use crate::decode::{json, level};

/// The first alias of a row, behind which no other counts.
const FIRST: Rank = 0;
/// How far behind the aliases of the table those stand that GELF writes with an underscore, and what is no text.
const BEHIND_GELF: Rank = 60;
const NOT_TEXT: Rank = 100;

/// The best candidate so far; the first of equal rank stays.
pub(super) type Best<T> = Option<(Rank, T)>;

pub(super) fn hold<T>(best: &mut Best<T>, rank: Rank, value: T) {
    if best.as_ref().is_none_or(|(held, _)| rank < *held) {
        *best = Some((rank, value));
    }
}

/// What the members have told.
#[derive(Default)]
pub(super) struct Members<'a> {
    pub(super) level: Best<Severity>,
    pub(super) number: Best<i64>,
    pub(super) has_unknown_level: bool,
    /// `None`: it is none that can be passed on as it is written.
    pub(super) service: Best<Option<&'a str>>,
    pub(super) name: Best<Option<&'a str>>,
    /// `None`: it is no text of the outermost object.
    pub(super) message: Best<Option<Message<'a>>>,
    /// There is one that is passed on as it stands: no template that may be filled in with whatever.
    pub(super) has_message: bool,
    pub(super) shape: Shape,
    /// The service, where the record turns out to be GELF; and whether that would change more.
    pub(super) gelf_service: Best<Option<&'a str>>,
    pub(super) has_gelf_doubt: bool,
    pub(super) has_text_time: bool,
    pub(super) has_instance: bool,
    pub(super) has_seq: bool,
    /// `L`, which is the level where there is no other.
    pub(super) has_short_level: bool,
    /// What follows our own names need not be looked at.
    may_stop: bool,
}

/// A text that may be a line of another program, whose record counts then.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) key: &'a str,
    pub(super) text: Quoted<'a>,
}

impl<'a> Members<'a> {
    /// Reads the members of the object that the text is. `may_stop`: only until they are settled.
    pub(super) fn read(text: &'a str, may_stop: bool) -> Option<Members<'a>> {
        if json::is_otlp(text) {
            return None;
        }
        let mut cursor = Cursor::new(text);
        let mut members = Members {
            may_stop,
            ..Members::default()
        };
        members.read_group(&mut cursor, "")?;
        // Behind the object something else may follow, which is malformed.
        (members.is_settled() || cursor.peek().is_none()).then_some(members)
    }

    /// Level and service stand under our own names: nothing that follows changes them.
    pub(super) fn is_settled(&self) -> bool {
        self.may_stop
            && matches!(self.level, Some((FIRST, _)))
            && matches!(self.service, Some((FIRST, Some(_))))
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
        name: &'a str,
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
    #[inline]
    fn add(&mut self, group: &'static str, name: &'a str, value: &Value<'a>) -> Option<()> {
        if matches!(value, Value::Null) {
            return Some(());
        }
        let found = keys::slot_in(group, name);
        if group.is_empty() {
            self.shape.note(name);
            if found.is_none() {
                self.add_unknown(name, value);
            }
        }
        let Some((slot, rank)) = found.filter(|_| !value.is_nothing()) else {
            return Some(());
        };
        match slot {
            Slot::Level => self.add_level(rank, value)?,
            Slot::Service => {
                // More than the name stands there.
                let is_whole = !matches!(name, "_SYSTEMD_UNIT" | "syslogtag");
                hold_text(&mut self.service, rank, value, is_whole);
            }
            Slot::Name => hold_text(&mut self.name, rank, value, true),
            Slot::Message => self.add_message(group, name, rank, value),
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
    fn add_unknown(&mut self, name: &str, value: &Value<'a>) {
        match name.as_bytes() {
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

    fn add_message(&mut self, group: &'static str, key: &'a str, rank: Rank, value: &Value<'a>) {
        match value {
            Value::Quoted(text) => {
                self.has_message |= rank < MESSAGE_IN_FIELDS;
                let message = Message { key, text: *text };
                hold(&mut self.message, rank, group.is_empty().then_some(message));
            }
            Value::Nested(..) => {}
            _ => hold(&mut self.message, rank.saturating_add(NOT_TEXT), None),
        }
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
