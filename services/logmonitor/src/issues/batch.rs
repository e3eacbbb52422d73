//! The errors of one batch on their way into issues: nothing of it is shown before it is kept.

use std::sync::{Arc, MutexGuard, RwLock};

use foldhash::{HashMap, HashMapExt as _};
use issue_grouping::{Change, Error, IssueKey, Rule, Scratch};
use log_record::{ErrorInfo, LogRecord, Timestamp};

use super::activity::{Activity, ActivityKind, IssueChanges};
use super::hits::Hits;
use super::issue::{About, Issue, Merged};
use super::ledger::Ledger;
use super::rules::{Outcome, Rules, texts};
use super::state::{Reopening, Status};
use super::{CATCH_ALL, Grouping, read, write};
use crate::halves::{LARGE_BATCH, in_halves};

/// See the module. While there is one, nobody else changes issues.
#[derive(Debug)]
pub struct IssueBatch<'i> {
    grouping: MutexGuard<'i, Grouping>,
    ledger: &'i RwLock<Ledger>,
    rules: Arc<Rules>,
    max_issues: usize,
    now: Timestamp,
    hits: Hits,
    deltas: HashMap<IssueKey, Delta>,
    /// How many of these are new.
    created: usize,
}

/// What a batch has of one issue.
#[derive(Debug)]
struct Delta {
    count: u64,
    /// It is new.
    created: Option<Box<About>>,
    /// The issue it is part of, as far as that is known already.
    root: IssueKey,
    /// That issue is not open, so that an error may open it. While there is a batch nobody else changes that.
    is_shut: bool,
    reopening: Option<Reopening>,
}

impl<'i> IssueBatch<'i> {
    pub(super) fn new(
        grouping: MutexGuard<'i, Grouping>,
        ledger: &'i RwLock<Ledger>,
        rules: Arc<Rules>,
        max_issues: usize,
        now: Timestamp,
    ) -> IssueBatch<'i> {
        IssueBatch {
            grouping,
            ledger,
            rules,
            max_issues,
            now,
            hits: Hits::new(),
            deltas: HashMap::new(),
            created: 0,
        }
    }

    /// The issues of a large batch's errors whose like was seen before, found on two threads; nothing of a small one,
    /// for which a thread would cost more than it saves. Nothing is counted, and nothing learned.
    #[must_use]
    pub fn foresee(&self, records: &[&LogRecord<'_>]) -> Vec<Option<IssueKey>> {
        if records.len() < LARGE_BATCH {
            return Vec::new();
        }
        let (grouper, rules) = (&self.grouping.grouper, &self.rules);
        let find_all = |part: &[&LogRecord<'_>]| -> Vec<Option<IssueKey>> {
            let mut scratch = Scratch::default();
            let mut find = |record: &LogRecord<'_>| {
                let outcome = rules.apply(record);
                with_error(record, &outcome, |error| grouper.find(error, &mut scratch))
            };
            part.iter().map(|record| find(record)).collect()
        };
        let (mut found, rest) = in_halves(records, find_all);
        found.extend(rest);
        found
    }

    /// Finds the issue of an error, and counts it there.
    pub fn add(&mut self, record: &LogRecord<'_>) -> IssueKey {
        self.add_known(record, None)
    }

    /// The same of an error whose issue may have been [foreseen](IssueBatch::foresee).
    pub fn add_known(&mut self, record: &LogRecord<'_>, known: Option<IssueKey>) -> IssueKey {
        let rules = Arc::clone(&self.rules);
        let grouped = known.unwrap_or_else(|| self.grouping.group(record, &rules.apply(record)));
        let key = self.within_limit(grouped);
        let (ledger, now) = (self.ledger, self.now);
        self.hits.add(key, record);
        let delta = self.deltas.entry(key).or_insert_with(|| {
            let delta = Delta::new(key, record, &rules.apply(record), &read(ledger), now);
            self.created += usize::from(delta.created.is_some());
            delta
        });
        delta.count += 1;
        if delta.is_shut && delta.reopening.is_none() {
            let ledger = read(ledger);
            if let Some(root) = ledger.get(delta.root) {
                delta.reopening = root.about.state.reopened_by(
                    record.timestamp,
                    record.version.as_deref(),
                    ledger.tally(root).count + delta.count,
                    now,
                );
            }
        }
        key
    }

    /// The key, or that of the catch-all where it would be of one issue too many.
    fn within_limit(&self, key: IssueKey) -> IssueKey {
        if self.deltas.contains_key(&key) {
            return key;
        }
        let ledger = read(self.ledger);
        let is_known = ledger.get(key).is_some();
        if is_known || ledger.len() + self.created < self.max_issues {
            key
        } else {
            CATCH_ALL
        }
    }

    /// What is to be kept of it, beside the errors themselves.
    #[must_use]
    pub fn changes(&self) -> IssueChanges {
        let ledger = read(self.ledger);
        let mut changes = IssueChanges::default();
        let mut changed: HashMap<IssueKey, About> = HashMap::new();
        for (&key, delta) in &self.deltas {
            if let Some(about) = &delta.created {
                changed.insert(key, About::clone(about));
                changes.note(key, ActivityKind::Created, self.now, None);
            }
        }
        for delta in self.deltas.values() {
            let Some(how) = delta.reopening else { continue };
            let about = changed.entry(delta.root).or_insert_with(|| {
                let root = ledger.get(delta.root);
                root.map(|issue| issue.about.clone()).unwrap_or_default()
            });
            // Two parts of an issue may both have opened it.
            if about.state.status != Status::Open {
                about.state.reopen(how, self.now);
                let kind = match how {
                    Reopening::Regressed => ActivityKind::Regressed,
                    Reopening::IgnoredLongEnough => ActivityKind::Reopened,
                };
                changes.note(delta.root, kind, self.now, None);
            }
        }
        self.take_learned(&ledger, &mut changed, &mut changes);
        changes.issues = changed.into_iter().collect();
        changes.issues.sort_by_key(|(key, _)| *key);
        changes
    }

    /// What the grouping has learned since it was last kept.
    fn take_learned(
        &self,
        ledger: &Ledger,
        changed: &mut HashMap<IssueKey, About>,
        changes: &mut IssueChanges,
    ) {
        for change in &self.grouping.pending {
            match change {
                Change::Learned(learned) => {
                    changes.learned.push((learned.key(), learned.to_bytes()));
                }
                Change::Forgotten(key) => changes.forgotten.push(*key),
                Change::Merged { from, into } => {
                    let known = || ledger.get(*from).map(|issue| issue.about.clone());
                    // Somebody may have merged them the other way round by hand.
                    let is_circle = ledger.root(*into) == *from;
                    let is_there = ledger.get(*into).is_some() || changed.contains_key(into);
                    if is_circle || !is_there {
                        continue;
                    }
                    let Some(mut about) = changed.remove(from).or_else(known) else {
                        continue;
                    };
                    about.merged.get_or_insert(Merged {
                        into: *into,
                        by_hand: false,
                    });
                    changed.insert(*from, about);
                    let detail = Some(from.to_string());
                    changes.note(*into, ActivityKind::Merged, self.now, detail);
                }
            }
        }
    }

    /// The batch is kept: shows it.
    pub fn apply(mut self, changes: &IssueChanges) {
        let mut ledger = write(self.ledger);
        apply(&mut ledger, changes);
        self.hits.count(&mut ledger);
        drop(ledger);
        self.grouping.pending.clear();
    }
}

/// Shows what was decided or found about issues.
pub(super) fn apply(ledger: &mut Ledger, changes: &IssueChanges) {
    for (key, about) in &changes.issues {
        let tally = ledger
            .get(*key)
            .map(|issue| issue.tally.clone())
            .unwrap_or_default();
        ledger.put(Issue {
            key: *key,
            about: about.clone(),
            tally,
        });
    }
}

impl Delta {
    fn new(
        key: IssueKey,
        record: &LogRecord<'_>,
        outcome: &Outcome<'_>,
        ledger: &Ledger,
        now: Timestamp,
    ) -> Delta {
        let root = ledger.root(key);
        let is_open = |issue: &Issue| issue.about.state.status == Status::Open;
        let created = ledger.get(key).is_none().then(|| match key {
            CATCH_ALL => About::catch_all(now),
            _ => About::of(record, outcome, now),
        });
        Delta {
            count: 0,
            is_shut: !ledger.get(root).is_none_or(is_open),
            created: created.map(Box::new),
            root,
            reopening: None,
        }
    }
}

impl IssueChanges {
    pub(super) fn note(
        &mut self,
        key: IssueKey,
        kind: ActivityKind,
        now: Timestamp,
        detail: Option<String>,
    ) {
        let at = now.as_micros();
        self.activities.push((key, Activity { kind, at, detail }));
    }
}

impl Grouping {
    /// The issue of an error.
    pub(super) fn group(&mut self, record: &LogRecord<'_>, outcome: &Outcome<'_>) -> IssueKey {
        let grouper = &mut self.grouper;
        let grouped = with_error(record, outcome, |error| grouper.group(error));
        self.pending.extend(grouped.changes);
        grouped.issue
    }
}

/// What of a record, and of what rules made of it, decides about its issue.
pub(super) fn with_error<T>(
    record: &LogRecord<'_>,
    outcome: &Outcome<'_>,
    ask: impl FnOnce(&Error<'_>) -> T,
) -> T {
    let error = record.error.as_ref();
    let (message, causes): (&str, Vec<&str>) = match outcome.masked.as_deref() {
        Some([message, causes @ ..]) => (message, causes.iter().map(String::as_str).collect()),
        _ => (&record.message, texts(record).skip(1).collect()),
    };
    let decisive = outcome.decisive();
    let rule = match &decisive {
        None => Rule::None,
        Some((text, true)) => Rule::Replace(text),
        Some((text, false)) => Rule::Extend(text),
    };
    let frames = error.map(ErrorInfo::frames).unwrap_or_default();
    ask(&Error {
        service: &record.service,
        kind: error.and_then(|error| error.kind.as_deref()),
        target: record.target.as_deref(),
        message,
        causes: &causes,
        frames: &frames,
        rule,
    })
}
