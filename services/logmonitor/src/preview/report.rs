//! What a preview says: which issues would become one, which several, and that in a sentence.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Flow;
use crate::issues::{IssueKey, Issues, title};
use crate::store::Event;

/// The most entries of a list.
const MAX_LISTED: usize = 20;

/// See the module. Counts are of the errors that were examined.
#[derive(Debug)]
pub struct Preview {
    /// How many errors were looked at.
    pub examined: u64,
    /// Whether these are all in memory.
    pub is_complete: bool,
    /// Issues that they belong to.
    pub issues_before: usize,
    /// Issues that they would belong to.
    pub issues_after: usize,
    /// Issues that would be in one with others.
    pub merged: usize,
    /// Issues that these would be in.
    pub merged_into: usize,
    /// Issues whose errors would be in several.
    pub split: usize,
    /// Issues that would be the same but for their id: they would begin anew.
    pub renamed: usize,
    /// The largest of those with several parts.
    pub merges: Vec<Merge>,
    /// The largest of those that come apart.
    pub splits: Vec<Split>,
}

/// Issues that would become one.
#[derive(Debug)]
pub struct Merge {
    /// The one.
    pub into: Side,
    /// The largest of them.
    pub issues: Vec<Side>,
    /// How many they are.
    pub total: usize,
}

/// An issue that would become several.
#[derive(Debug)]
pub struct Split {
    /// The issue.
    pub issue: Side,
    /// The largest of them.
    pub into: Vec<Side>,
    /// How many they are.
    pub total: usize,
}

/// An issue, with the errors in question.
#[derive(Debug)]
pub struct Side {
    /// Its key, where there is such an issue already.
    pub key: Option<IssueKey>,
    /// Its first error in a line, or the example.
    pub title: String,
    /// How many.
    pub count: u64,
    /// The newest.
    pub example: Event,
}

impl Preview {
    /// The whole in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let issues = |number: usize| match number {
            1 => "1 issue".to_owned(),
            _ => format!("{number} issues"),
        };
        let mut parts = Vec::new();
        if self.merged > 0 {
            parts.push(format!(
                "merges {} into {}",
                issues(self.merged),
                self.merged_into
            ));
        }
        if self.split > 0 {
            let number = match parts.is_empty() {
                true => issues(self.split),
                false => self.split.to_string(),
            };
            parts.push(format!("splits {number}"));
        }
        if self.renamed > 0 {
            parts.push(format!("begins {} anew", issues(self.renamed)));
        }
        if parts.is_empty() {
            parts.push("changes nothing".to_owned());
        }
        parts.join(", ")
    }
}

type Flows = HashMap<(IssueKey, IssueKey), Flow>;

/// What the errors that go from issue to issue come to.
pub(super) fn of(issues: &Issues, flows: &Flows, examined: u64, is_complete: bool) -> Preview {
    let mut from: BTreeMap<IssueKey, BTreeSet<IssueKey>> = BTreeMap::new();
    let mut into: BTreeMap<IssueKey, BTreeSet<IssueKey>> = BTreeMap::new();
    for &(before, after) in flows.keys() {
        from.entry(before).or_default().insert(after);
        into.entry(after).or_default().insert(before);
    }
    let side = |key, pairs: &[(IssueKey, IssueKey)]| side(issues, flows, key, pairs);
    let mut merges = Vec::new();
    let mut merged: BTreeSet<IssueKey> = BTreeSet::new();
    for (&after, befores) in into.iter().filter(|(_, befores)| befores.len() > 1) {
        merged.extend(befores);
        let pairs: Vec<_> = befores.iter().map(|&before| (before, after)).collect();
        merges.extend(side(after, &pairs).map(|into| Merge {
            into,
            total: befores.len(),
            issues: largest(pairs.iter().filter_map(|pair| side(pair.0, &[*pair]))),
        }));
    }
    let mut splits = Vec::new();
    for (&before, afters) in from.iter().filter(|(_, afters)| afters.len() > 1) {
        let pairs: Vec<_> = afters.iter().map(|&after| (before, after)).collect();
        splits.extend(side(before, &pairs).map(|issue| Split {
            issue,
            total: afters.len(),
            into: largest(pairs.iter().filter_map(|pair| side(pair.1, &[*pair]))),
        }));
    }
    let is_renamed = |&&(before, after): &&(IssueKey, IssueKey)| {
        before != after && from[&before].len() == 1 && into[&after].len() == 1
    };
    merges.sort_by_key(|merge| Reverse(merge.into.count));
    splits.sort_by_key(|split| Reverse(split.issue.count));
    let (merged_into, split) = (merges.len(), splits.len());
    merges.truncate(MAX_LISTED);
    splits.truncate(MAX_LISTED);
    Preview {
        examined,
        is_complete,
        issues_before: from.len(),
        issues_after: into.len(),
        merged: merged.len(),
        merged_into,
        split,
        renamed: flows.keys().filter(is_renamed).count(),
        merges,
        splits,
    }
}

/// The issue of a key, with the errors of these pairs.
fn side(
    issues: &Issues,
    flows: &Flows,
    key: IssueKey,
    pairs: &[(IssueKey, IssueKey)],
) -> Option<Side> {
    let of_pairs = pairs.iter().filter_map(|pair| flows.get(pair));
    let newest = of_pairs
        .clone()
        .max_by_key(|flow| flow.example.timestamp())?;
    let known = issues.title(key);
    Some(Side {
        key: known.is_some().then_some(key),
        title: known.unwrap_or_else(|| title(&newest.example.record())),
        count: of_pairs.map(|flow| flow.count).sum(),
        example: newest.example.clone(),
    })
}

fn largest(sides: impl Iterator<Item = Side>) -> Vec<Side> {
    let mut sides: Vec<Side> = sides.collect();
    sides.sort_by_key(|side| Reverse(side.count));
    sides.truncate(MAX_LISTED);
    sides
}
