//! Which rules fit one property of an error: all their expressions are looked for in one pass.

use regex::{RegexSet, RegexSetBuilder};

use super::{RuleBits, RulesError};

/// The most memory of one set of compiled expressions.
const MAX_SET_BYTES: usize = 16 << 20;

/// What the rules want of one property.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    set: RegexSet,
    /// By expression: the rule it belongs to.
    rules: Vec<usize>,
    /// The rules that want something of it.
    picky: RuleBits,
}

impl Condition {
    /// `patterns` are those of rules, with their numbers.
    pub(super) fn new(key: &str, patterns: &[(usize, String)]) -> Result<Condition, RulesError> {
        let texts = patterns.iter().map(|(_, pattern)| pattern);
        Ok(Condition {
            set: set_of(&format!("rules[*].match.{key}"), texts)?,
            rules: patterns.iter().map(|&(rule, _)| rule).collect(),
            picky: patterns.iter().fold(0, |bits, &(rule, _)| bits | 1 << rule),
        })
    }

    /// Those of `candidates` that want nothing of the property, or are content with one of its texts.
    pub(super) fn among<'a>(
        &self,
        candidates: RuleBits,
        texts: impl IntoIterator<Item = &'a str>,
    ) -> RuleBits {
        if candidates & self.picky == 0 {
            return candidates;
        }
        let mut fitting = !self.picky;
        for text in texts {
            for expression in &self.set.matches(text) {
                fitting |= 1 << self.rules[expression];
            }
        }
        candidates & fitting
    }
}

/// Expressions that are looked for together. Each of them is known to be right by itself.
pub(super) fn set_of<'a>(
    place: &str,
    patterns: impl Iterator<Item = &'a String>,
) -> Result<RegexSet, RulesError> {
    let set = RegexSetBuilder::new(patterns)
        .size_limit(MAX_SET_BYTES)
        .build();
    set.map_err(|_| RulesError::new(place, "the expressions are too large together"))
}
