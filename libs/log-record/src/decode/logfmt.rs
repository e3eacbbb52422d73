//! Lines of `key=value` pairs, as Go's programs and Heroku write them.

use std::borrow::Cow;

use super::candidates::{Candidates, Key};
use super::keys::{self, Rank, Slot};
use super::value::Value;
use super::{Decoded, Format, Hints};
use crate::Severity;

pub(super) fn decode<'a>(text: &'a str, hints: &Hints<'_>) -> Option<Decoded<'a>> {
    if !may_be(text) {
        return None;
    }
    let mut tally = Tally::default();
    for member in (Pairs { rest: text }) {
        tally.count(&member?);
    }
    if !tally.is_record(hints.format == Some(Format::Logfmt)) {
        return None;
    }
    let mut candidates = Candidates::new(hints);
    for (key, value) in (Pairs { rest: text }).flatten() {
        let value = value.map_or(Value::Bool(true), |value| Value::Text(value.text()));
        let key = Key::new("", key);
        match key.name.as_ref() {
            // How long Heroku's router waited for whoever served the request.
            "service" if is_duration(&value.string().unwrap_or_default()) => {
                candidates.extra.push((key, value))
            }
            // And how it ended.
            "at" if value
                .string()
                .and_then(|at| Severity::from_text(&at))
                .is_some() =>
            {
                candidates.offer(Slot::Level, RANK_OF_AT, key, value);
            }
            _ => candidates.add(key, value),
        }
    }
    Some(candidates.finish(text, Format::Logfmt, hints))
}

/// Whether the text begins with a pair, which decides for nearly all text that is no such line.
pub(super) fn may_be(text: &str) -> bool {
    let first = text.split_ascii_whitespace().next();
    let pair = first.and_then(|first| first.split_once('='));
    pair.is_some_and(|(key, _)| is_key(key))
}

/// What a line consists of.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pairs: usize,
    words: usize,
    /// A key is one that only records have.
    is_telling: bool,
}

impl Tally {
    pub(super) fn count(&mut self, (key, value): &Member<'_>) {
        if value.is_none() {
            self.words += 1;
            return;
        }
        self.pairs += 1;
        self.is_telling |= matches!(
            keys::slot(key),
            Some((Slot::Level | Slot::Message | Slot::Timestamp, _))
        );
    }

    /// Prose may have a pair in it; a record has little else. `is_said`: something else says that it is one.
    pub(super) fn is_record(&self, is_said: bool) -> bool {
        if self.is_telling || is_said {
            self.words <= self.pairs
        } else {
            self.words == 0 && self.pairs >= 2
        }
    }
}

/// `at` tells the level where nothing else does.
pub(super) const RANK_OF_AT: Rank = 19;

/// `30000ms`
pub(super) fn is_duration(text: &str) -> bool {
    let digits = text.strip_suffix("ms").unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A key, and its value if it has one.
pub(super) type Member<'a> = (&'a str, Option<Pair<'a>>);

/// A value as it is written, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) raw: &'a str,
    pub(super) is_escaped: bool,
}

impl<'a> Pair<'a> {
    fn text(self) -> Cow<'a, str> {
        if self.is_escaped {
            Cow::Owned(unescape(self.raw))
        } else {
            Cow::Borrowed(self.raw)
        }
    }
}

/// The members of a line: keys with values, and words without. `None` where the line is no such line.
pub(super) struct Pairs<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Option<Member<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
        if self.rest.is_empty() {
            return None;
        }
        let member = self.member();
        if member.is_none() {
            self.rest = "";
        }
        Some(member)
    }
}

impl<'a> Pairs<'a> {
    fn member(&mut self) -> Option<Member<'a>> {
        let end = self
            .rest
            .find(['=', ' ', '\t', '"', '\n'])
            .unwrap_or(self.rest.len());
        let (key, rest) = self.rest.split_at(end);
        if !is_key(key) {
            return None;
        }
        let Some(rest) = rest.strip_prefix('=') else {
            self.rest = rest;
            let is_word = rest.is_empty() || rest.starts_with([' ', '\t']);
            return is_word.then_some((key, None));
        };
        // Single quotes are Python's.
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        if let Some(quote) = quote
            && let Some((value, rest)) = quoted(&rest[1..], quote)
        {
            self.rest = rest;
            let is_end = rest.is_empty() || rest.starts_with([' ', '\t']);
            return is_end.then_some((key, Some(value)));
        }
        let end = rest.find([' ', '\t', '\n']).unwrap_or(rest.len());
        let (raw, rest) = rest.split_at(end);
        if raw.contains('"') || rest.starts_with('\n') {
            return None;
        }
        self.rest = rest;
        let is_escaped = false;
        Some((key, Some(Pair { raw, is_escaped })))
    }
}

fn is_key(key: &str) -> bool {
    key.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '@'))
        && key.chars().all(|c| {
            c.is_alphanumeric()
                || matches!(c, '_' | '.' | '-' | '@' | '/' | '[' | ']' | '#' | '$' | ':')
        })
        && !key.contains("://")
}

/// The content of a quoted value whose opening quote is passed, and what stands behind its closing one.
fn quoted(text: &str, quote: char) -> Option<(Pair<'_>, &str)> {
    let mut at = 0;
    let mut is_escaped = false;
    loop {
        at += text.get(at..)?.find([quote, '\\'])?;
        if text[at..].starts_with(quote) {
            let raw = &text[..at];
            return Some((Pair { raw, is_escaped }, &text[at + 1..]));
        }
        is_escaped = true;
        let escaped = text[at + 1..].chars().next()?;
        at += 1 + escaped.len_utf8() + if escaped == 'u' { 4 } else { 0 };
    }
}

/// Resolves the escapes of a quoted value.
fn unescape(raw: &str) -> String {
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, behind)) = rest.split_once('\\') {
        value.push_str(plain);
        let mut escape = behind.chars();
        let escaped = escape.next().unwrap_or('\\');
        rest = escape.as_str();
        match escaped {
            'n' => value.push('\n'),
            't' => value.push('\t'),
            'r' => value.push('\r'),
            'u' => {
                let code = rest
                    .get(..4)
                    .and_then(|digits| u32::from_str_radix(digits, 16).ok());
                value.push(
                    code.and_then(char::from_u32)
                        .unwrap_or(char::REPLACEMENT_CHARACTER),
                );
                rest = rest.get(4..).unwrap_or_default();
            }
            other => value.push(other),
        }
    }
    value.push_str(rest);
    value
}
