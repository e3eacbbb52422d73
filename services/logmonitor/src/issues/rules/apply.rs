//! What the rules make of one error.

use std::borrow::Cow;

use log_record::LogRecord;
use regex::NoExpand;

use super::fingerprint::DEFAULT;
use super::{Rule, RuleBits, Rules};

/// What decides about an error in place of, or beside, what is in its record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::issues) struct Outcome<'r> {
    /// What the first rule with a fingerprint says. It decides alone, or with `{{ default }}` among it beside the rest.
    pub(in crate::issues) fingerprint: Option<Vec<String>>,
    /// Message and causes with what the rules mask in them, where they do.
    pub(in crate::issues) masked: Option<Vec<String>>,
    /// The names of the rules that did any of that.
    pub(in crate::issues) rules: Vec<&'r str>,
}

impl Outcome<'_> {
    /// Whether an error with this outcome and one with the other are grouped alike.
    pub(in crate::issues) fn is_like(&self, other: &Outcome<'_>) -> bool {
        self.fingerprint == other.fingerprint && self.masked == other.masked
    }

    /// The fingerprint as one text, and whether it decides alone.
    pub(in crate::issues) fn decisive(&self) -> Option<(String, bool)> {
        let fingerprint = self.fingerprint.as_ref()?;
        let is_extended = fingerprint.iter().any(|value| value == DEFAULT);
        // A list of texts always has a form in JSON; in that, no two different lists are equal.
        let text = serde_json::to_string(fingerprint).unwrap_or_default();
        Some((text, !is_extended))
    }
}

impl Rules {
    /// Applies the rules to an error.
    pub(in crate::issues) fn apply(&self, record: &LogRecord<'_>) -> Outcome<'_> {
        let mut outcome = Outcome::default();
        if self.is_empty() {
            return outcome;
        }
        let fitting = self.fitting(record);
        for rule in self.of(fitting) {
            if let Some(fingerprint) = &rule.fingerprint {
                let captures = rule.captures.as_ref().and_then(|regex| {
                    let mut texts = texts(record);
                    texts.find_map(|text| regex.captures(text))
                });
                outcome.fingerprint = fingerprint.of(record, captures.as_ref());
                outcome.rules.push(&rule.name);
                break;
            }
        }
        if fitting & self.masking != 0 && texts(record).any(|text| self.masks.is_match(text)) {
            self.mask(fitting & self.masking, record, &mut outcome);
        }
        outcome
    }

    /// The rules whose conditions the error meets. What is short is looked at first.
    fn fitting(&self, record: &LogRecord<'_>) -> RuleBits {
        let error = record.error.as_ref();
        let all = RuleBits::MAX >> (RuleBits::BITS as usize - self.len());
        let fitting = self.service.among(all, [&*record.service]);
        let fitting = self.target.among(fitting, record.target.as_deref());
        let kind = error.and_then(|error| error.kind.as_deref());
        let fitting = self.kind.among(fitting, kind);
        self.message.among(fitting, texts(record))
    }

    fn of(&self, bits: RuleBits) -> impl Iterator<Item = &Rule> {
        let is_in = move |&(number, _): &(usize, &Rule)| bits & (1 << number) != 0;
        self.rules
            .iter()
            .enumerate()
            .filter(is_in)
            .map(|(_, rule)| rule)
    }

    fn mask<'r>(&'r self, rules: RuleBits, record: &LogRecord<'_>, outcome: &mut Outcome<'r>) {
        let mut masked: Vec<Cow<'_, str>> = texts(record).map(Cow::Borrowed).collect();
        let mut has_changed = false;
        for rule in self.of(rules) {
            let mut has_masked = false;
            for mask in &rule.masks {
                for text in &mut masked {
                    let replacement = NoExpand(&mask.replacement);
                    let replaced = match mask.pattern.replace_all(text, replacement) {
                        Cow::Owned(replaced) => replaced,
                        Cow::Borrowed(_) => continue,
                    };
                    *text = Cow::Owned(replaced);
                    has_masked = true;
                }
            }
            if has_masked && !outcome.rules.contains(&&*rule.name) {
                outcome.rules.push(&rule.name);
            }
            has_changed |= has_masked;
        }
        if has_changed {
            outcome.masked = Some(masked.into_iter().map(Cow::into_owned).collect());
        }
    }
}

/// The texts of an error: its message, and those of the error it was logged with and its sources.
pub(in crate::issues) fn texts<'a>(record: &'a LogRecord<'_>) -> impl Iterator<Item = &'a str> {
    let error = record.error.as_ref();
    let message = error.and_then(|error| error.message.as_deref());
    let chain = error.into_iter().flat_map(|error| &error.chain);
    std::iter::once(&*record.message)
        .chain(message)
        .chain(chain.map(|cause| &**cause))
}
