//! What users say about grouping: rules that set or extend the fingerprint of errors, or mask more of their texts.
//! From JSON to compiled regular expressions ([`Rules::parse`]), and from an error to what they make of it. Where the
//! JSON comes from is the business of others.

mod apply;
mod condition;
mod error;
mod fingerprint;
mod parse;
#[cfg(test)]
mod tests;

use regex::{Regex, RegexSet};

pub(super) use apply::{Outcome, texts};
use condition::Condition;
pub use error::RulesError;
use fingerprint::Fingerprint;

/// The most rules there may be. Each is a bit of a number of 128.
pub const MAX_RULES: usize = 100;
/// The longest text of rules, in bytes.
pub const MAX_RULES_BYTES: usize = 256 * 1_024;
/// The most masks of all rules together.
const MAX_MASKS: usize = 100;

/// Rules, by their numbers.
type RuleBits = u128;

/// A list of rules, ready to be applied. Without any, applying them costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    service: Condition,
    kind: Condition,
    target: Condition,
    message: Condition,
    /// The patterns of all masks, in order: a text in which none of them is found has to be looked at once only.
    masks: RegexSet,
    /// Those that have masks.
    masking: RuleBits,
    version: String,
}

#[derive(Clone, Debug)]
struct Rule {
    name: String,
    /// Its condition on the message, where its fingerprint has parts of that.
    captures: Option<Regex>,
    fingerprint: Option<Fingerprint>,
    masks: Vec<Mask>,
}

#[derive(Clone, Debug)]
struct Mask {
    pattern: Regex,
    replacement: String,
}

impl Rules {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// 16 hex digits that follow from the text of the rules.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}
