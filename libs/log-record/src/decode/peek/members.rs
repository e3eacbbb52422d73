//! The members of a JSON object, walked over as the decoder does: held is nothing but what tells level and service.

use super::walker::{Chars, Seen, Walker};
use crate::Severity;
use crate::decode::cursor::Quoted;
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
    pub(super) key: &'a [u8],
    pub(super) text: Chars<'a>,
}

impl<'a> Members<'a> {
    /// Reads the members of the object that the text, which is UTF-8, is. `may_stop`: only until they are settled.
    /// `IN_STRING`: the text is written as the content of a string.
    pub(super) fn read<const IN_STRING: bool>(text: &'a [u8], may_stop: bool) -> Option<Self> {
        let mut members = Members {
            may_stop,
            ..Members::default()
        };
        let walker = Walker::<IN_STRING>::new(text);
        let mut walker = members.read_group(walker, "")?;
        // Behind the object something else may follow, which is malformed.
        (members.is_settled() || walker.peek().is_none()).then_some(members)
    }

    /// Level and service stand under our own names: nothing that follows changes them.
    #[inline]
    pub(super) fn is_settled(&self) -> bool {
        self.may_stop
            && matches!(self.level, Some((FIRST, _)))
            && matches!(self.service, Some((FIRST, Some(_))))
    }

    /// Reads the members of an object whose keys stand in a group, and returns what stands behind it. Groups are known
    /// ones, so this goes few levels deep.
    fn read_group<const IN_STRING: bool>(
        &mut self,
        mut walker: Walker<'a, IN_STRING>,
        group: &'static str,
    ) -> Option<Walker<'a, IN_STRING>> {
        walker.expect(b'{')?;
        let mut is_first = true;
        while let Some(name) = walker.key(is_first)? {
            let next = walker.peek()?;
            if name.is_escaped || (is_first && next == b'[' && json::is_request(name.raw)) {
                return None;
            }
            is_first = false;
            if next == b'{' {
                walker = self.read_object(walker, group, name.raw)?;
            } else {
                let seen = walker.value()?;
                self.add(group, name.raw, seen)?;
            }
            if self.is_settled() {
                return Some(walker);
            }
        }
        Some(walker)
    }

    /// A member that is an object: only those count that are groups.
    fn read_object<const IN_STRING: bool>(
        &mut self,
        walker: Walker<'a, IN_STRING>,
        group: &'static str,
        name: &'a [u8],
    ) -> Option<Walker<'a, IN_STRING>> {
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
                    return self.read_group(walker, inner);
                }
            }
        }
        walker.behind_nested()
    }

    /// Takes a member that is no object.
    #[inline]
    pub(super) fn add(
        &mut self,
        group: &'static str,
        name: &'a [u8],
        seen: Seen<'a>,
    ) -> Option<()> {
        if seen == Seen::Null {
            return Some(());
        }
        let found = keys::slot_in(group, name);
        if group.is_empty() {
            self.shape.note(name);
            if found.is_none() {
                self.add_unknown(name, seen);
            }
        }
        match found.filter(|_| !seen.is_nothing()) {
            Some((slot, rank)) => self.offer(slot, rank, group, name, seen),
            None => Some(()),
        }
    }

    /// A candidate for a slot.
    #[inline]
    pub(super) fn offer(
        &mut self,
        slot: Slot,
        rank: Rank,
        group: &'static str,
        name: &'a [u8],
        seen: Seen<'a>,
    ) -> Option<()> {
        match slot {
            Slot::Level => self.add_level(rank, seen)?,
            Slot::Service => {
                // More than the name stands there.
                let is_whole = !matches!(name, b"_SYSTEMD_UNIT" | b"syslogtag");
                hold_text(&mut self.service, rank, seen, is_whole);
            }
            Slot::Name => hold_text(&mut self.name, rank, seen, true),
            Slot::Message => self.add_message(group, name, rank, seen),
            Slot::Timestamp => {
                self.has_text_time |= name == b"time" && matches!(seen, Seen::Text(_));
            }
            Slot::Version if group.is_empty() => {
                if matches!(seen, Seen::Text(Chars { raw: b"1.1", .. })) {
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
    fn add_unknown(&mut self, name: &[u8], seen: Seen<'a>) {
        match name {
            b"L" => self.has_short_level = true,
            [b'_', name @ ..] => match keys::slot(name) {
                Some((Slot::Service, rank)) if !seen.is_nothing() => {
                    let rank = rank.saturating_add(BEHIND_GELF);
                    hold_text(&mut self.gelf_service, rank, seen, true);
                }
                Some((Slot::Level | Slot::Name | Slot::Instance | Slot::Seq, _)) => {
                    self.has_gelf_doubt = true;
                }
                _ => {}
            },
            _ => {}
        }
    }

    fn add_level(&mut self, rank: Rank, seen: Seen<'a>) -> Option<()> {
        let value = match seen {
            Seen::Text(chars) if chars.is_escaped => return None,
            Seen::Text(chars) => Value::Quoted(chars.quoted()?),
            Seen::Number(digits) => Value::Number(std::str::from_utf8(digits).ok()?),
            Seen::Null | Seen::Bool | Seen::Nested => return Some(()),
        };
        if let Some(number) = value.integer() {
            self.shape.has_numeric_level |= rank < keys::numeric_level::OTEL;
            hold(&mut self.number, rank, number);
            return Some(());
        }
        let Value::Quoted(quoted) = value else {
            return Some(());
        };
        let word = quoted.raw.trim();
        if word.is_empty() {
            return Some(());
        }
        match level::from_word(word) {
            // It may be the level: whoever wants to know has to decode the record anyway.
            Some(level) if level.is_error() => return None,
            Some(level) => hold(&mut self.level, rank, level),
            None => self.has_unknown_level = true,
        }
        Some(())
    }

    fn add_message(&mut self, group: &'static str, key: &'a [u8], rank: Rank, seen: Seen<'a>) {
        match seen {
            Seen::Text(chars) => {
                self.has_message |= rank < MESSAGE_IN_FIELDS;
                let message = Message { key, text: chars };
                hold(&mut self.message, rank, group.is_empty().then_some(message));
            }
            Seen::Nested => {}
            _ => hold(&mut self.message, rank.saturating_add(NOT_TEXT), None),
        }
    }
}

/// Holds a text, if it can be passed on as it is written; else that there is something.
fn hold_text<'a>(best: &mut Best<Option<&'a str>>, rank: Rank, seen: Seen<'a>, is_whole: bool) {
    match seen {
        Seen::Text(chars) => {
            let plain = chars
                .quoted()
                .filter(|quoted| is_whole && !quoted.is_escaped);
            hold(best, rank, plain.map(|quoted| quoted.raw));
        }
        Seen::Nested => {}
        _ => hold(best, rank.saturating_add(NOT_TEXT), None),
    }
}

impl Seen<'_> {
    /// Whether it says nothing: null, or an empty string.
    fn is_nothing(self) -> bool {
        match self {
            Seen::Null => true,
            Seen::Text(chars) => chars.raw.is_empty(),
            Seen::Bool | Seen::Number(_) | Seen::Nested => false,
        }
    }
}

impl<'a> Chars<'a> {
    pub(super) fn quoted(self) -> Option<Quoted<'a>> {
        let raw = std::str::from_utf8(self.raw).ok()?;
        let is_escaped = self.is_escaped;
        Some(Quoted { raw, is_escaped })
    }
}
