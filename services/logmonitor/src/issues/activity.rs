//! What happened to an issue, one entry each: kept for ever, and published for others.

use issue_grouping::IssueKey;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// What.
    pub kind: ActivityKind,
    /// When, in microseconds.
    pub at: i64,
    /// In which words: the new assignee or note, the version it is resolved in, the issue it was merged with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What can happen to an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActivityKind {
    /// Its first error came.
    Created,
    /// An error came after it had been resolved.
    Regressed,
    /// It was said to be mended.
    Resolved,
    /// Nobody wants to hear of it.
    Ignored,
    /// It is open again: by hand, or because it had been ignored for a while only.
    Reopened,
    /// Another issue became a part of it, or it of another.
    Merged,
    /// That was undone.
    Unmerged,
    /// Somebody else cares, or nobody.
    Assigned,
    /// There is another note.
    Noted,
}

impl ActivityKind {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ActivityKind::Created => "created",
            ActivityKind::Regressed => "regressed",
            ActivityKind::Resolved => "resolved",
            ActivityKind::Ignored => "ignored",
            ActivityKind::Reopened => "reopened",
            ActivityKind::Merged => "merged",
            ActivityKind::Unmerged => "unmerged",
            ActivityKind::Assigned => "assigned",
            ActivityKind::Noted => "noted",
        }
    }
}

/// What is to be kept of a change, in one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueChanges {
    /// Issues as they are from now on, without their counts.
    pub(crate) issues: Vec<(IssueKey, super::About)>,
    /// What happened to which.
    pub(crate) activities: Vec<(IssueKey, Activity)>,
    /// Templates that were learned, in their own form.
    pub(crate) learned: Vec<(IssueKey, Vec<u8>)>,
    /// Templates that are no longer needed.
    pub(crate) forgotten: Vec<IssueKey>,
}

impl IssueChanges {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.issues.is_empty()
            && self.activities.is_empty()
            && self.learned.is_empty()
            && self.forgotten.is_empty()
    }
}
