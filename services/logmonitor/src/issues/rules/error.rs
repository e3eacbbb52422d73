//! Why rules cannot be used.

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct RulesError {
    /// The key, as `rules[2].match.message`: the number of a rule counts from 0.
    pub place: String,
    /// In a line.
    pub reason: String,
}

impl RulesError {
    pub(super) fn new(place: impl Into<String>, reason: impl Into<String>) -> RulesError {
        RulesError {
            place: place.into(),
            reason: reason.into(),
        }
    }
}
