//! Lists of issues: which, in which order, from where on.

use std::cmp::Reverse;

use issue_grouping::IssueKey;
use log_record::{Severity, Timestamp};

use super::issue::{About, Issue, Substatus};
use super::ledger::Ledger;
use super::state::Status;
use super::tally::Tally;
use super::{Issues, read};
use crate::query::{Key, Term, Wanted};

/// Hours of a trend.
const TREND_HOURS: usize = 24;

/// Which issues. An empty list is no condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IssueFilter {
    /// With this status; `None` is any.
    pub status: Option<Status>,
    /// Of these services.
    pub services: Vec<String>,
    /// With errors on one of these hosts.
    pub hosts: Vec<String>,
    /// Whose worst error has one of these levels.
    pub levels: Vec<Severity>,
    /// Whose title, type, logger and so on fit these terms. Fields of records are not known of issues, and do not fit.
    pub terms: Vec<Term>,
    /// With errors at this moment or later, in microseconds.
    pub from: Option<i64>,
    /// With errors before this moment.
    pub to: Option<i64>,
}

/// In which order; always the largest first, and equal ones by key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IssueSort {
    /// The newest last error first.
    #[default]
    LastSeen,
    /// The newest first error first.
    FirstSeen,
    /// The most errors first.
    Count,
    /// The most errors within the last hour beyond what is usual for an hour of the last day.
    Trend,
}

/// One issue of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueSummary {
    /// Names it.
    pub key: IssueKey,
    /// What it is about, and what was decided.
    pub about: About,
    /// How it came to be open.
    pub substatus: Substatus,
    /// Its worst level.
    pub level: Severity,
    /// Its errors.
    pub count: u64,
    /// Timestamp of its first error.
    pub first_seen: Timestamp,
    /// Timestamp of its last error.
    pub last_seen: Timestamp,
    /// On how many hosts it was seen.
    pub hosts: usize,
    /// Errors in each of the last 24 hours, oldest first.
    pub trend: Vec<u64>,
}

/// A page of issues.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueList {
    /// The issues.
    pub issues: Vec<IssueSummary>,
    /// How many there are on all pages.
    pub total: usize,
    /// The place after the last one, where there are more: its rank and its key.
    pub next: Option<(i64, IssueKey)>,
}

impl Issues {
    /// A page of at most `limit` issues behind the place `after`.
    #[must_use]
    pub fn list(
        &self,
        filter: &IssueFilter,
        sort: IssueSort,
        after: Option<(i64, IssueKey)>,
        limit: usize,
        now: Timestamp,
    ) -> IssueList {
        let ledger = read(&self.inner.ledger);
        let mut ranked: Vec<(Reverse<i64>, IssueKey)> = ledger
            .roots()
            .filter(|issue| filter.matches(issue, &ledger))
            .map(|issue| (Reverse(sort.rank(&ledger.tally(issue), now)), issue.key))
            .collect();
        let total = ranked.len();
        if let Some((rank, key)) = after {
            ranked.retain(|place| *place > (Reverse(rank), key));
        }
        let has_more = ranked.len() > limit;
        if has_more {
            // Only the page has to be in order.
            ranked.select_nth_unstable(limit);
            ranked.truncate(limit);
        }
        ranked.sort_unstable();
        let next = ranked
            .last()
            .filter(|_| has_more)
            .map(|&(Reverse(rank), key)| (rank, key));
        let page = ranked.iter().filter_map(|(_, key)| ledger.get(*key));
        IssueList {
            issues: page
                .map(|issue| IssueSummary::of(issue, &ledger.tally(issue), now))
                .collect(),
            total,
            next,
        }
    }
}

impl IssueSummary {
    /// What a list shows of an issue; `tally` is that of all its parts.
    #[must_use]
    pub fn of(issue: &Issue, tally: &Tally, now: Timestamp) -> IssueSummary {
        IssueSummary {
            key: issue.key,
            substatus: issue.about.substatus(tally, now),
            about: issue.about.clone(),
            level: tally.level(),
            count: tally.count,
            first_seen: Timestamp::from_micros(tally.first_seen),
            last_seen: Timestamp::from_micros(tally.last_seen),
            hosts: tally.hosts.len(),
            trend: tally.last_hours(TREND_HOURS, now.as_micros()),
        }
    }
}

impl IssueSort {
    fn rank(self, tally: &Tally, now: Timestamp) -> i64 {
        match self {
            IssueSort::LastSeen => tally.last_seen,
            IssueSort::FirstSeen => tally.first_seen,
            IssueSort::Count => i64::try_from(tally.count).unwrap_or(i64::MAX),
            IssueSort::Trend => {
                let hours = tally.last_hours(TREND_HOURS, now.as_micros());
                let (before, current) = hours.split_at(TREND_HOURS - 1);
                let current = current.iter().sum::<u64>().cast_signed();
                let usual = before.iter().sum::<u64>().cast_signed();
                current * (TREND_HOURS as i64 - 1) - usual
            }
        }
    }
}

impl IssueFilter {
    fn matches(&self, issue: &Issue, ledger: &Ledger) -> bool {
        let about = &issue.about;
        let is_any =
            |list: &[String], name: &str| list.is_empty() || list.iter().any(|n| n == name);
        if self
            .status
            .is_some_and(|status| about.state.status != status)
            || !is_any(&self.services, &about.service)
        {
            return false;
        }
        let tally = ledger.tally(issue);
        let on_host = |host: &String| tally.hosts.iter().any(|(name, _)| **name == **host);
        (self.hosts.is_empty() || self.hosts.iter().any(on_host))
            && (self.levels.is_empty() || self.levels.contains(&tally.level()))
            && self.from.is_none_or(|from| tally.last_seen >= from)
            && self.to.is_none_or(|to| tally.first_seen < to)
            && self.terms.iter().all(|term| fits(term, issue, &tally))
    }
}

fn fits(term: &Term, issue: &Issue, tally: &Tally) -> bool {
    let about = &issue.about;
    match term {
        Term::Text { text, negated } => {
            let texts = [
                Some(about.title.as_str()),
                Some(about.service.as_str()),
                about.kind.as_deref(),
                about.target.as_deref(),
                about.state.assignee.as_deref(),
                about.state.note.as_deref(),
            ];
            let wanted = text.to_lowercase();
            let has = |text: &str| text.to_lowercase().contains(&wanted);
            texts.into_iter().flatten().any(has) != *negated
        }
        Term::Key {
            key,
            wanted,
            negated,
        } => has_value(key, wanted, issue, tally) != *negated,
    }
}

fn has_value(key: &Key, wanted: &Wanted, issue: &Issue, tally: &Tally) -> bool {
    let about = &issue.about;
    let is = |value: &str| match wanted {
        Wanted::Present => true,
        Wanted::Value(text) => value.eq_ignore_ascii_case(text),
    };
    let is_among = |names: &[(Box<str>, u64)]| names.iter().any(|(name, _)| is(name));
    let has = |value: &str| match wanted {
        Wanted::Present => true,
        Wanted::Value(text) => value.to_lowercase().contains(&text.to_lowercase()),
    };
    match key {
        Key::Service => is(&about.service),
        Key::Host => is_among(&tally.hosts),
        Key::Version => is_among(&tally.versions),
        Key::Target => about.target.as_deref().is_some_and(has),
        Key::Error => about.kind.as_deref().is_some_and(has) || has(&about.title),
        Key::Level => match wanted {
            Wanted::Present => true,
            Wanted::Value(text) => Severity::from_text(text) == Some(tally.level()),
        },
        Key::Issue => match wanted {
            Wanted::Present => true,
            Wanted::Value(ids) => {
                let keys: Vec<IssueKey> = ids.split(',').filter_map(IssueKey::parse).collect();
                keys.contains(&issue.key)
            }
        },
        Key::TraceId | Key::SpanId | Key::Env | Key::File | Key::Field(_) => false,
    }
}
