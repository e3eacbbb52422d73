//! What a rule says that decides: texts, properties of the error, parts of its message, and what would have decided
//! without the rule.

use log_record::LogRecord;
use regex::{Captures, Regex};

use super::RulesError;

/// Stands for what decides without the rule.
pub(super) const DEFAULT: &str = "{{ default }}";

/// The values of a fingerprint.
#[derive(Clone, Debug)]
pub(super) struct Fingerprint {
    values: Vec<Vec<Part>>,
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A group of the expression that the message fits.
    Group(usize),
    Service,
    Kind,
    Target,
    Default,
}

impl Fingerprint {
    /// Reads the values; `message` is the rule's condition on the message. The place of an error has the value's number
    /// to it.
    pub(super) fn parse(
        place: &str,
        values: &[String],
        message: Option<&Regex>,
    ) -> Result<Fingerprint, RulesError> {
        let parse = |(at, value): (usize, &String)| {
            parts(value, message)
                .map_err(|reason| RulesError::new(format!("{place}[{at}]"), reason))
        };
        let values = values.iter().enumerate().map(parse);
        Ok(Fingerprint {
            values: values.collect::<Result<_, _>>()?,
        })
    }

    /// Whether it has parts of the message.
    pub(super) fn has_groups(&self) -> bool {
        let is_group = |part: &Part| matches!(part, Part::Group(_));
        self.values.iter().flatten().any(is_group)
    }

    /// What decides about an error. `None` where that is what would have decided without a rule.
    pub(super) fn of(
        &self,
        record: &LogRecord<'_>,
        captures: Option<&Captures<'_>>,
    ) -> Option<Vec<String>> {
        let is_default = |value: &Vec<Part>| *value == [Part::Default];
        if self.values.iter().all(is_default) {
            return None;
        }
        let value = |parts: &Vec<Part>| {
            let texts = parts.iter().map(|part| part.of(record, captures));
            texts.collect()
        };
        Some(self.values.iter().map(value).collect())
    }
}

impl Part {
    fn of<'a>(&'a self, record: &'a LogRecord<'_>, captures: Option<&'a Captures<'_>>) -> &'a str {
        match self {
            Part::Text(text) => text,
            Part::Group(number) => captures
                .and_then(|captures| captures.get(*number))
                .map_or("", |group| group.as_str()),
            Part::Service => &record.service,
            Part::Kind => record
                .error
                .as_ref()
                .and_then(|error| error.kind.as_deref())
                .unwrap_or_default(),
            Part::Target => record.target.as_deref().unwrap_or_default(),
            Part::Default => DEFAULT,
        }
    }
}

/// `{{ name }}`, `$1`, `${name}`, `$$` for a `$`, and text.
fn parts(value: &str, message: Option<&Regex>) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let (part, after) = if let Some(inner) = rest.strip_prefix("{{") {
            let (name, after) = inner.split_once("}}").ok_or("{{ is not closed by }}")?;
            (property(name.trim())?, after)
        } else if let Some(after) = rest.strip_prefix("$$") {
            (Part::Text("$".to_owned()), after)
        } else if let Some((name, after)) = group_name(rest)? {
            (group(name, message)?, after)
        } else {
            // At least one character, up to where something else may begin.
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let end = rest[first..].find(['{', '$']);
            let (text, after) = rest.split_at(end.map_or(rest.len(), |end| first + end));
            (Part::Text(text.to_owned()), after)
        };
        parts.push(part);
        rest = after;
    }
    if parts.contains(&Part::Default) && parts.len() > 1 {
        return Err(format!("{DEFAULT} must be a value by itself"));
    }
    Ok(parts)
}

fn property(name: &str) -> Result<Part, String> {
    match name {
        "default" => Ok(Part::Default),
        "service" => Ok(Part::Service),
        "type" => Ok(Part::Kind),
        "target" => Ok(Part::Target),
        _ => Err(format!(
            "{{{{ {name} }}}} is unknown; known are default, service, type and target"
        )),
    }
}

/// The name or number behind a `$`, and what follows. A `$` before anything else is text.
fn group_name(rest: &str) -> Result<Option<(&str, &str)>, String> {
    let Some(name) = rest.strip_prefix('$') else {
        return Ok(None);
    };
    if let Some(braced) = name.strip_prefix('{') {
        return match braced.split_once('}') {
            Some(found) => Ok(Some(found)),
            None => Err("${ is not closed by }".to_owned()),
        };
    }
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    Ok((digits > 0).then(|| name.split_at(digits)))
}

fn group(name: &str, message: Option<&Regex>) -> Result<Part, String> {
    let Some(message) = message else {
        return Err(format!(
            "${name} is a group of match.message, which the rule does not have"
        ));
    };
    let number = match name.parse() {
        Ok(number) => (number < message.captures_len()).then_some(number),
        Err(_) => message
            .capture_names()
            .position(|known| known == Some(name)),
    };
    number
        .map(Part::Group)
        .ok_or_else(|| format!("${name} is no group of match.message"))
}
