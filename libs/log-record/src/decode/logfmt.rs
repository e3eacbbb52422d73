//! Lines of `key=value` pairs, as Go's programs and Heroku write them.

use std::borrow::Cow;

use super::candidates::{Candidates, Key};
use super::keys::{self, Slot};
use super::value::Value;
use super::{Decoded, Format, Hints};

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
        candidates.add(Key::new("", key), value);
    }
    Some(candidates.finish(text, Format::Logfmt, hints))
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
        if let Some(quoted) = rest.strip_prefix('"') {
            let (value, rest) = unquote(quoted)?;
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
fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let at = text.find(['"', '\\'])?;
    if text.as_bytes()[at] == b'"' {
        return Some((Cow::Borrowed(&text[..at]), &text[at + 1..]));
    }
    let mut value = String::from(&text[..at]);
    let mut rest = &text[at..];
    loop {
        let at = rest.find(['"', '\\'])?;
        value.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'"' {
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
