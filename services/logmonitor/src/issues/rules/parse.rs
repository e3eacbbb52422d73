//! Rules from JSON. Whatever is wrong is named with the number of the rule and the key.

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use super::condition::{Condition, set_of};
use super::fingerprint::Fingerprint;
use super::{MAX_MASKS, MAX_RULES, MAX_RULES_BYTES, Mask, Rule, Rules, RulesError};

/// The most memory of one compiled expression.
const MAX_REGEX_BYTES: usize = 1 << 20;
/// The most values of a fingerprint.
const MAX_VALUES: usize = 10;
/// The longest name, value or replacement, in bytes.
const MAX_TEXT: usize = 200;

type Object = Map<String, Value>;

/// What rules want, by property: the number of the rule and its expression.
#[derive(Default)]
struct Wanted {
    service: Vec<(usize, String)>,
    kind: Vec<(usize, String)>,
    target: Vec<(usize, String)>,
    message: Vec<(usize, String)>,
}

impl Rules {
    /// Reads rules from JSON: `{"rules": [{"name": .., "match": {..}, "fingerprint": [..], "mask": [..]}]}`.
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    pub fn parse(text: &[u8]) -> Result<Rules, RulesError> {
        if text.len() > MAX_RULES_BYTES {
            let reason = format!("at most {MAX_RULES_BYTES} bytes, got {}", text.len());
            return Err(RulesError::new("rules", reason));
        }
        let value: Value = serde_json::from_slice(text)
            .map_err(|error| RulesError::new("rules", format!("not JSON: {error}")))?;
        let mut file = object("rules", value)?;
        let list = list("rules", file.remove("rules").unwrap_or_default())?;
        known_only("", &file, "rules")?;
        if list.len() > MAX_RULES {
            let reason = format!("at most {MAX_RULES} rules, got {}", list.len());
            return Err(RulesError::new("rules", reason));
        }
        let mut wanted = Wanted::default();
        let mut rules = Vec::with_capacity(list.len());
        for (number, value) in list.into_iter().enumerate() {
            rules.push(rule(number, value, &mut wanted)?);
        }
        let masks: Vec<String> = rules
            .iter()
            .flat_map(|rule| &rule.masks)
            .map(|mask| mask.pattern.as_str().to_owned())
            .collect();
        if masks.len() > MAX_MASKS {
            let reason = format!("at most {MAX_MASKS} masks together, got {}", masks.len());
            return Err(RulesError::new("rules[*].mask", reason));
        }
        let has_masks = |(number, rule): (usize, &Rule)| (!rule.masks.is_empty()).then_some(number);
        Ok(Rules {
            service: Condition::new("service", &wanted.service)?,
            kind: Condition::new("type", &wanted.kind)?,
            target: Condition::new("target", &wanted.target)?,
            message: Condition::new("message", &wanted.message)?,
            masks: set_of("rules[*].mask", masks.iter())?,
            masking: rules
                .iter()
                .enumerate()
                .filter_map(has_masks)
                .fold(0, |bits, number| bits | 1 << number),
            rules,
            version: format!("{:016x}", xxh3_64(text)),
        })
    }
}

fn rule(number: usize, value: Value, wanted: &mut Wanted) -> Result<Rule, RulesError> {
    let place = format!("rules[{number}]");
    let key = |key: &str| format!("{place}.{key}");
    let mut rule = object(&place, value)?;
    let name = match rule.remove("name") {
        Some(name) => text(&key("name"), name)?,
        None => place.clone(),
    };
    let conditions = rule.remove("match");
    let message = conditions
        .map(|value| conditions_of(number, &key("match"), value, wanted))
        .transpose()?
        .flatten();
    let fingerprint = rule.remove("fingerprint");
    let fingerprint = fingerprint
        .map(|value| fingerprint_of(&key("fingerprint"), value, message.as_ref()))
        .transpose()?;
    let masks = rule.remove("mask");
    let masks = masks.map_or(Ok(Vec::new()), |value| masks_of(&key("mask"), value))?;
    known_only(&place, &rule, "name, match, fingerprint and mask")?;
    if fingerprint.is_none() && masks.is_empty() {
        return Err(RulesError::new(
            place,
            "the rule does nothing: it has neither fingerprint nor mask",
        ));
    }
    let has_groups = fingerprint.as_ref().is_some_and(Fingerprint::has_groups);
    Ok(Rule {
        name,
        captures: message.filter(|_| has_groups),
        fingerprint,
        masks,
    })
}

/// Notes what a rule wants; returns its expression for the message.
fn conditions_of(
    number: usize,
    place: &str,
    value: Value,
    wanted: &mut Wanted,
) -> Result<Option<Regex>, RulesError> {
    let mut conditions = object(place, value)?;
    let mut message = None;
    for (key, wanted) in [
        ("service", &mut wanted.service),
        ("type", &mut wanted.kind),
        ("target", &mut wanted.target),
        ("message", &mut wanted.message),
    ] {
        let Some(value) = conditions.remove(key) else {
            continue;
        };
        let (pattern, regex) = regex(&format!("{place}.{key}"), value)?;
        wanted.push((number, pattern));
        if key == "message" {
            message = Some(regex);
        }
    }
    known_only(place, &conditions, "service, type, target and message")?;
    Ok(message)
}

fn fingerprint_of(
    place: &str,
    value: Value,
    message: Option<&Regex>,
) -> Result<Fingerprint, RulesError> {
    let values: Vec<String> = list(place, value)?
        .into_iter()
        .enumerate()
        .map(|(at, value)| text(&format!("{place}[{at}]"), value))
        .collect::<Result<_, _>>()?;
    if values.is_empty() || values.len() > MAX_VALUES {
        let reason = format!("1 to {MAX_VALUES} values, got {}", values.len());
        return Err(RulesError::new(place, reason));
    }
    Fingerprint::parse(place, &values, message)
}

fn masks_of(place: &str, value: Value) -> Result<Vec<Mask>, RulesError> {
    let masks = list(place, value)?.into_iter().enumerate();
    masks
        .map(|(at, value)| {
            let place = format!("{place}[{at}]");
            let mut mask = object(&place, value)?;
            let pattern = mask.remove("pattern").unwrap_or_default();
            let (_, pattern) = regex(&format!("{place}.pattern"), pattern)?;
            let replacement = mask.remove("as").unwrap_or_default();
            let replacement = text(&format!("{place}.as"), replacement)?;
            known_only(&place, &mask, "pattern and as")?;
            Ok(Mask {
                pattern,
                replacement,
            })
        })
        .collect()
}

fn regex(place: &str, value: Value) -> Result<(String, Regex), RulesError> {
    let Value::String(pattern) = value else {
        return Err(RulesError::new(place, "a regular expression is wanted"));
    };
    let regex = RegexBuilder::new(&pattern)
        .size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| {
            // It draws the expression and points into it; the last line says what is wrong.
            let reason = error.to_string();
            let last = reason.lines().last().unwrap_or_default();
            let reason = last.strip_prefix("error: ").unwrap_or(last);
            RulesError::new(place, format!("{pattern:?}: {reason}"))
        })?;
    Ok((pattern, regex))
}

fn text(place: &str, value: Value) -> Result<String, RulesError> {
    match value {
        Value::String(text) if !text.is_empty() && text.len() <= MAX_TEXT => Ok(text),
        Value::String(_) => Err(RulesError::new(
            place,
            format!("a text of 1 to {MAX_TEXT} bytes is wanted"),
        )),
        _ => Err(RulesError::new(place, "a text is wanted")),
    }
}

fn list(place: &str, value: Value) -> Result<Vec<Value>, RulesError> {
    match value {
        Value::Array(list) => Ok(list),
        _ => Err(RulesError::new(place, "a list is wanted")),
    }
}

fn object(place: &str, value: Value) -> Result<Object, RulesError> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(RulesError::new(place, "an object is wanted")),
    }
}

/// A typo must not silently make a rule fit more.
fn known_only(place: &str, rest: &Object, known: &str) -> Result<(), RulesError> {
    let Some(key) = rest.keys().next() else {
        return Ok(());
    };
    let dot = if place.is_empty() { "" } else { "." };
    Err(RulesError::new(
        format!("{place}{dot}{key}"),
        format!("unknown key; known are {known}"),
    ))
}
