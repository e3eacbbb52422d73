//! What a grouper answers, and how much it may learn.

use crate::key::IssueKey;
use crate::learned::Learned;

/// How much a grouper learns. Beyond that, errors are still grouped, by what is known and by their masked messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Templates of one service and type. When there are more, the older half of those that are one with no other is
    /// forgotten.
    pub templates_per_bucket: usize,
    /// Pairs of service and type.
    pub buckets: usize,
    /// Templates of all of them. One of a dozen words takes about 2 kB.
    pub templates: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            templates_per_bucket: 1_000,
            buckets: 10_000,
            templates: 20_000,
        }
    }
}

/// The issue of an error, and what was learned from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouped {
    /// The issue.
    pub issue: IssueKey,
    /// What changed, in this order. Mostly nothing.
    pub changes: Vec<Change>,
}

/// What a grouper has learned from an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A template to be kept.
    Learned(Learned),
    /// Two issues turned out to be one. Errors of `from` belong to `into`, which is the older one, from now on.
    Merged {
        /// The issue that is no more.
        from: IssueKey,
        /// The issue it is part of.
        into: IssueKey,
    },
    /// The template with this [`Learned::key`] is no longer needed.
    Forgotten(IssueKey),
}
