//! Rules on trial: what they would make of errors, without anything being changed.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _};
use issue_grouping::{Grouper, IssueKey};
use log_record::LogRecord;

use super::rules::Rules;
use super::{Issues, batch, read};

/// Groups errors by rules on trial, with all that the grouping has learned so far.
#[derive(Debug)]
pub struct Trial<'i> {
    issues: &'i Issues,
    grouper: Grouper,
    current: Arc<Rules>,
    proposed: &'i Rules,
}

impl Issues {
    /// Begins a trial of rules in place of those that are applied.
    #[must_use]
    pub fn try_rules<'i>(&'i self, proposed: &'i Rules) -> Trial<'i> {
        Trial {
            issues: self,
            grouper: self.grouping().grouper.clone(),
            current: self.inner.rules.load_full(),
            proposed,
        }
    }
}

impl Trial<'_> {
    /// The key that an error would get which has the key `stored`; that one where the rules on trial make of it what
    /// those in force do. Keys are to be compared after [`Trial::outcome`].
    pub fn group(&mut self, stored: IssueKey, record: &LogRecord<'_>) -> IssueKey {
        let outcome = self.proposed.apply(record);
        if outcome.is_like(&self.current.apply(record)) {
            return stored;
        }
        let grouper = &mut self.grouper;
        batch::with_error(record, &outcome, |error| grouper.group(error).issue)
    }

    /// For pairs of the key an error has and the one it would get: the issues that these stand for.
    #[must_use]
    pub fn outcome(
        &self,
        pairs: impl Iterator<Item = (IssueKey, IssueKey)>,
    ) -> Vec<(IssueKey, IssueKey)> {
        let mut redirects: HashMap<IssueKey, IssueKey> = HashMap::new();
        redirects.extend(self.grouper.redirects());
        let ledger = read(&self.issues.inner.ledger);
        pairs
            .map(|(before, after)| {
                let after = redirects.get(&after).copied().unwrap_or(after);
                (ledger.root(before), ledger.root(after))
            })
            .collect()
    }
}
