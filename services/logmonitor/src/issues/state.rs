//! What people have decided about an issue, and when an error undoes it.

use std::cmp::Ordering;

use log_record::Timestamp;
use serde::{Deserialize, Serialize};

use super::version;

/// Whether somebody has to care.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Somebody has to.
    #[default]
    Open,
    /// It is said to be mended; another error opens it again.
    Resolved,
    /// It is known, and nobody wants to hear of it.
    Ignored,
}

impl Status {
    /// The word for it in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Resolved => "resolved",
            Status::Ignored => "ignored",
        }
    }

    /// The status of a word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Status> {
        [Status::Open, Status::Resolved, Status::Ignored]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

/// See the module. Times are in microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// Whether somebody has to care.
    pub status: Status,
    /// When the status was last set, by hand or by an error.
    pub since: i64,
    /// Resolved in this version: errors of older ones do not open it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_in_version: Option<String>,
    /// Ignored until this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_until: Option<i64>,
    /// Ignored until so many errors are counted in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_until_count: Option<u64>,
    /// When it last came back after it had been resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regressed_at: Option<i64>,
    /// Who cares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// What there is to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How an error opens an issue again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reopening {
    /// It was resolved.
    Regressed,
    /// It was ignored for a while, which is over.
    IgnoredLongEnough,
}

impl State {
    /// Whether an error opens it again. `count` is how many there are with it.
    pub(super) fn reopened_by(
        &self,
        timestamp: Timestamp,
        service_version: Option<&str>,
        count: u64,
        now: Timestamp,
    ) -> Option<Reopening> {
        match self.status {
            Status::Open => None,
            Status::Resolved => {
                let fixed_in = self.resolved_in_version.as_deref();
                let is_older = fixed_in
                    .zip(service_version)
                    .is_some_and(|(fixed, version)| {
                        version::compare(version, fixed) == Ordering::Less
                    });
                // What happened before and comes late says nothing about the fix.
                let is_new = timestamp.as_micros() > self.since;
                (is_new && !is_older).then_some(Reopening::Regressed)
            }
            Status::Ignored => {
                let is_due = self
                    .ignore_until
                    .is_some_and(|until| now.as_micros() >= until);
                let is_counted = self.ignore_until_count.is_some_and(|until| count >= until);
                (is_due || is_counted).then_some(Reopening::IgnoredLongEnough)
            }
        }
    }

    pub(super) fn reopen(&mut self, how: Reopening, now: Timestamp) {
        if how == Reopening::Regressed {
            self.regressed_at = Some(now.as_micros());
        }
        self.set_status(Status::Open, now);
    }

    /// Another status. What belonged to the last one is forgotten.
    pub(super) fn set_status(&mut self, status: Status, now: Timestamp) {
        self.status = status;
        self.since = now.as_micros();
        self.resolved_in_version = None;
        self.ignore_until = None;
        self.ignore_until_count = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_millis(43_200_000);

    fn later(seconds: i64) -> Timestamp {
        NOON.saturating_add_micros(seconds * 1_000_000)
    }

    fn state(status: Status) -> State {
        let mut state = State::default();
        state.set_status(status, NOON);
        state
    }

    #[test]
    fn a_resolved_issue_comes_back_with_an_error_that_is_newer_than_its_fix() {
        let resolved = state(Status::Resolved);
        let regressed = Some(Reopening::Regressed);
        assert_eq!(resolved.reopened_by(later(1), None, 5, later(2)), regressed);
        assert_eq!(resolved.reopened_by(later(-1), None, 5, later(2)), None);
        let mut in_version = resolved;
        in_version.resolved_in_version = Some("1.4.0".to_owned());
        let by = |version| in_version.reopened_by(later(1), version, 5, later(2));
        assert_eq!(by(Some("1.3.9")), None);
        assert_eq!(by(Some("1.4.0")), regressed);
        assert_eq!(by(Some("1.10.0")), regressed);
        assert_eq!(by(None), regressed);
    }

    #[test]
    fn an_ignored_issue_comes_back_when_that_was_said() {
        let ignored = state(Status::Ignored);
        assert_eq!(ignored.reopened_by(later(1), None, 500, later(9_999)), None);
        let enough = Some(Reopening::IgnoredLongEnough);
        let mut until = ignored.clone();
        until.ignore_until = Some(later(60).as_micros());
        assert_eq!(until.reopened_by(later(1), None, 5, later(59)), None);
        assert_eq!(until.reopened_by(later(1), None, 5, later(60)), enough);
        let mut counted = ignored;
        counted.ignore_until_count = Some(100);
        assert_eq!(counted.reopened_by(later(1), None, 99, later(1)), None);
        assert_eq!(counted.reopened_by(later(1), None, 100, later(1)), enough);
    }

    #[test]
    fn an_open_issue_stays_open() {
        assert_eq!(
            State::default().reopened_by(later(1), None, 1, later(1)),
            None
        );
    }
}
