//! Lines of `key=value` pairs, as Go's programs and Heroku write them.

use std::borrow::Cow;

use super::candidates::{Candidates, Key};
use super::keys::{self, Rank, Slot};
use super::value::Value;
use super::{Decoded, Format, Hints};
use crate::Severity;

pub(super) fn decode<'a>(text: &'a str, hints: &Hints<'_>) -> Option<Decoded<'a>> {
    // The first word decides for nearly all text that is no such line.
    let first = text.split_ascii_whitespace().next()?;
    first.split_once('=').filter(|(key, _)| is_key(key))?;
    let mut pairs = 0_usize;
    let mut words = 0_usize;
    let mut is_record = hints.format == Some(Format::Logfmt);
    for member in (Pairs { rest: text }) {
        match member? {
            (key, Some(_)) => {
                pairs += 1;
                is_record |= matches!(
                    keys::slot(key),
                    Some((Slot::Level | Slot::Message | Slot::Timestamp, _))
                );
            }
            (_, None) => words += 1,
        }
    }
    // Prose may have a pair in it; a record has little else.
    let is_record = if is_record {
        words <= pairs
    } else {
        words == 0 && pairs >= 2
    };
    if !is_record {
        return None;
    }
    let mut candidates = Candidates::new(hints);
    for (key, value) in (Pairs { rest: text }).flatten() {
        let value = value.map_or(Value::Bool(true), Value::Text);
        let key = Key::new("", key);
        match key.name.as_ref() {
            // How long Heroku's router waited for whoever served the request.
            "service" if is_duration(&value) => candidates.extra.push((key, value)),
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

/// `at` tells the level where nothing else does.
const RANK_OF_AT: Rank = 19;

/// `30000ms`
fn is_duration(value: &Value<'_>) -> bool {
    let text = value.string().unwrap_or_default();
    let digits = text.strip_suffix("ms").unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The members of a line: keys with values, and words without. `None` where the line is no such line.
struct Pairs<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Option<(&'a str, Option<Cow<'a, str>>)>;

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
    fn member(&mut self) -> Option<(&'a str, Option<Cow<'a, str>>)> {
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
            && let Some((value, rest)) = unquote(&rest[1..], quote)
        {
            self.rest = rest;
            let is_end = rest.is_empty() || rest.starts_with([' ', '\t']);
            return is_end.then_some((key, Some(value)));
        }
        let end = rest.find([' ', '\t', '\n']).unwrap_or(rest.len());
        let (value, rest) = rest.split_at(end);
        if value.contains('"') || rest.starts_with('\n') {
            return None;
        }
        self.rest = rest;
        Some((key, Some(Cow::Borrowed(value))))
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
fn unquote(text: &str, quote: char) -> Option<(Cow<'_, str>, &str)> {
    let at = text.find([quote, '\\'])?;
    if text[at..].starts_with(quote) {
        return Some((Cow::Borrowed(&text[..at]), &text[at + 1..]));
    }
    let mut value = String::from(&text[..at]);
    let mut rest = &text[at..];
    loop {
        let at = rest.find([quote, '\\'])?;
        value.push_str(&rest[..at]);
        if rest[at..].starts_with(quote) {
            return Some((Cow::Owned(value), &rest[at + 1..]));
        }
        let escaped = rest[at + 1..].chars().next()?;
        rest = &rest[at + 1 + escaped.len_utf8()..];
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
}
