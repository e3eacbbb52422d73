//! All issues by key, and which are parts of which.

use std::borrow::Cow;

use foldhash::HashMap;
use issue_grouping::IssueKey;

use super::issue::Issue;
use super::tally::Tally;

/// Issues refer to one another at most so many times; more would be a circle.
const MAX_DEPTH: usize = 32;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    issues: HashMap<IssueKey, Issue>,
    /// By issue: those that were merged into it, directly.
    parts: HashMap<IssueKey, Vec<IssueKey>>,
}

impl Ledger {
    pub(super) fn len(&self) -> usize {
        self.issues.len()
    }

    pub(super) fn get(&self, key: IssueKey) -> Option<&Issue> {
        self.issues.get(&key)
    }

    /// Those that are not part of another one.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Issue> {
        self.issues
            .values()
            .filter(|issue| issue.about.merged.is_none())
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Issue> {
        self.issues.values()
    }

    /// The issue that a key stands for now.
    pub(super) fn root(&self, key: IssueKey) -> IssueKey {
        let mut root = key;
        for _ in 0..MAX_DEPTH {
            match self.issues.get(&root).and_then(|issue| issue.about.merged) {
                Some(merged) => root = merged.into,
                None => break,
            }
        }
        root
    }

    /// The keys of an issue and of all its parts.
    pub(super) fn keys(&self, root: IssueKey) -> Vec<IssueKey> {
        let mut keys = vec![root];
        let mut at = 0;
        while let Some(&key) = keys.get(at) {
            for &part in self.parts.get(&key).into_iter().flatten() {
                if !keys.contains(&part) {
                    keys.push(part);
                }
            }
            at += 1;
        }
        keys
    }

    /// What is counted of an issue and all its parts.
    pub(super) fn tally<'a>(&'a self, issue: &'a Issue) -> Cow<'a, Tally> {
        if !self.parts.contains_key(&issue.key) {
            return Cow::Borrowed(&issue.tally);
        }
        let mut sum = Tally::default();
        for key in self.keys(issue.key) {
            if let Some(part) = self.issues.get(&key) {
                sum.absorb(&part.tally);
            }
        }
        Cow::Owned(sum)
    }

    /// Puts an issue in, or what is new about it.
    pub(super) fn put(&mut self, issue: Issue) {
        let key = issue.key;
        let before = self.issues.get(&key).and_then(|issue| issue.about.merged);
        let now = issue.about.merged;
        if before.map(|merged| merged.into) != now.map(|merged| merged.into) {
            if let Some(old) = before
                && let Some(parts) = self.parts.get_mut(&old.into)
            {
                parts.retain(|part| *part != key);
                if parts.is_empty() {
                    self.parts.remove(&old.into);
                }
            }
            if let Some(new) = now {
                self.parts.entry(new.into).or_default().push(key);
            }
        }
        self.issues.insert(key, issue);
    }

    pub(super) fn get_mut(&mut self, key: IssueKey) -> Option<&mut Issue> {
        self.issues.get_mut(&key)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Issue> {
        self.issues.values_mut()
    }
}
