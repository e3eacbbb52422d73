//! Issues: errors with one cause. Which errors belong together, how many there are, and what was decided about them.
//! Pure: knows neither Kafka nor HTTP nor SQL, and takes the time as an argument.
//!
//! The counts follow from the errors that are kept, so they are not kept themselves (see `archive`): what is kept of an
//! issue is what it is about, what was decided, and what happened.

mod activity;
mod batch;
mod change;
mod hits;
mod issue;
mod ledger;
mod list;
mod rules;
mod state;
mod tally;
#[cfg(test)]
mod tests;
mod trial;
mod version;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use arc_swap::ArcSwap;
use issue_grouping::{Change, Component, Error, Grouper, Learned, Limits};
use log_record::{LogRecord, Timestamp};

pub use activity::{Activity, ActivityKind, IssueChanges};
pub use batch::IssueBatch;
pub use change::{ChangeError, IssueUpdate};
pub(crate) use issue::title;
pub use issue::{About, Issue, Merged, Substatus};
pub use issue_grouping::IssueKey;
pub use list::{IssueFilter, IssueList, IssueSort, IssueSummary};
pub use rules::{MAX_RULES, MAX_RULES_BYTES, Rules, RulesError};
pub use state::{State, Status};
pub(crate) use tally::{Line, hour_of};
pub use tally::{OTHERS, Tally};
pub use trial::Trial;

use ledger::Ledger;
use rules::Outcome;

/// The most issues there are, parts of others included. Errors that would make one more are counted in [`CATCH_ALL`].
pub const MAX_ISSUES: usize = 100_000;
/// The issue of the errors beyond [`MAX_ISSUES`]. It is one more than these.
pub const CATCH_ALL: IssueKey = IssueKey(0);

/// A cheap handle on all issues; clones share it.
#[derive(Clone, Debug)]
pub struct Issues {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    max_issues: usize,
    /// What users say. A batch goes by the rules that there are at its beginning.
    rules: ArcSwap<Rules>,
    /// Held by whoever changes issues, until the change is kept.
    grouping: Mutex<Grouping>,
    /// What is shown. Held for moments only.
    ledger: RwLock<Ledger>,
}

/// What decides which errors belong together.
#[derive(Debug, Default)]
struct Grouping {
    grouper: Grouper,
    /// What it has learned and nobody has kept yet.
    pending: Vec<Change>,
}

impl Default for Issues {
    fn default() -> Self {
        Issues::with_limit(MAX_ISSUES)
    }
}

impl Issues {
    /// No issues, and nothing learned.
    #[must_use]
    pub fn new() -> Issues {
        Issues::default()
    }

    fn with_limit(max_issues: usize) -> Issues {
        Issues {
            inner: Arc::new(Inner {
                max_issues,
                rules: ArcSwap::default(),
                grouping: Mutex::default(),
                ledger: RwLock::default(),
            }),
        }
    }

    /// Takes over what was kept: issues with the counts of their errors, and templates in their own form. Those that
    /// cannot be read are left out; what they stood for is learned again.
    pub fn restore(&self, issues: Vec<Issue>, learned: impl IntoIterator<Item = Vec<u8>>) {
        let learned = learned
            .into_iter()
            .filter_map(|bytes| Learned::from_bytes(&bytes));
        let mut grouping = self.grouping();
        *grouping = Grouping {
            grouper: Grouper::restore(Limits::default(), learned),
            pending: Vec::new(),
        };
        let mut ledger = write(&self.inner.ledger);
        *ledger = Ledger::default();
        for issue in issues {
            ledger.put(issue);
        }
    }

    /// Begins a batch of errors.
    #[must_use]
    pub fn begin(&self, now: Timestamp) -> IssueBatch<'_> {
        IssueBatch::new(
            self.grouping(),
            &self.inner.ledger,
            self.inner.rules.load_full(),
            self.inner.max_issues,
            now,
        )
    }

    /// Groups by these rules from the next batch on. What was grouped before stays as it is.
    pub fn set_rules(&self, rules: Arc<Rules>) {
        self.inner.rules.store(rules);
    }

    /// How many there are, parts of others included.
    #[must_use]
    pub fn len(&self) -> usize {
        read(&self.inner.ledger).len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Errors that are counted in [`CATCH_ALL`], because there were too many issues already.
    #[must_use]
    pub fn beyond_limit(&self) -> u64 {
        let ledger = read(&self.inner.ledger);
        ledger.get(CATCH_ALL).map_or(0, |issue| issue.tally.count)
    }

    /// The issue that the key of an error stands for now.
    #[must_use]
    pub fn root(&self, key: IssueKey) -> IssueKey {
        read(&self.inner.ledger).root(key)
    }

    /// The keys that the errors of an issue may carry: its own, and those of its parts.
    #[must_use]
    pub fn keys(&self, key: IssueKey) -> Vec<IssueKey> {
        let ledger = read(&self.inner.ledger);
        ledger.keys(ledger.root(key))
    }

    /// An issue with the counts of all its parts; `None` when it is unknown. The key of a part stands for the whole.
    #[must_use]
    pub fn get(&self, key: IssueKey) -> Option<Issue> {
        let ledger = read(&self.inner.ledger);
        let issue = ledger.get(ledger.root(key))?;
        Some(Issue {
            tally: ledger.tally(issue).into_owned(),
            ..issue.clone()
        })
    }

    /// The title of an issue; `None` when it is unknown.
    #[must_use]
    pub fn title(&self, key: IssueKey) -> Option<String> {
        let ledger = read(&self.inner.ledger);
        ledger.get(key).map(|issue| issue.about.title.clone())
    }

    /// Every issue with its own counts, in the order of their keys.
    #[must_use]
    pub fn all(&self) -> Vec<Issue> {
        let mut all: Vec<Issue> = read(&self.inner.ledger).all().cloned().collect();
        all.sort_by_key(|issue| issue.key);
        all
    }

    /// Why an error belongs to this issue, which is the one it was counted in.
    #[must_use]
    pub fn explain(&self, issue: IssueKey, record: &LogRecord<'_>) -> Vec<Component> {
        if issue == CATCH_ALL {
            let max = self.inner.max_issues;
            return vec![Component {
                name: "limit",
                value: format!("there were {max} issues already"),
            }];
        }
        let about = read(&self.inner.ledger)
            .get(issue)
            .map(|issue| issue.about.clone())
            .unwrap_or_default();
        let rules = self.inner.rules.load();
        // The rules may be others by now; what they said when the issue was made is kept with it.
        let outcome = Outcome {
            fingerprint: about.fingerprint,
            ..rules.apply(record)
        };
        let grouping = self.grouping();
        let explain = |error: &Error<'_>| grouping.grouper.explain(error);
        let mut components = batch::with_error(record, &outcome, explain);
        let rules = about.rules.into_iter().map(|name| Component {
            name: "rule",
            value: name,
        });
        // Behind the service.
        components.splice(1..1, rules);
        components
    }

    /// Forgets the hours of trends before this moment.
    pub fn evict_hours_before(&self, micros: i64) {
        for issue in write(&self.inner.ledger).all_mut() {
            issue.tally.forget_hours_before(micros);
        }
    }

    fn grouping(&self) -> MutexGuard<'_, Grouping> {
        // What a panic left is at worst a template that was not kept.
        let lock = self.inner.grouping.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(ledger: &RwLock<Ledger>) -> RwLockReadGuard<'_, Ledger> {
    ledger.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(ledger: &RwLock<Ledger>) -> RwLockWriteGuard<'_, Ledger> {
    ledger.write().unwrap_or_else(PoisonError::into_inner)
}
