//! One issue: what it is, what was decided about it, what was counted.

use issue_grouping::IssueKey;
use log_record::{LogRecord, Timestamp};
use serde::{Deserialize, Serialize};

use super::rules::Outcome;
use super::state::{State, Status};
use super::tally::{OTHERS, Tally};

/// A title is cut behind so many characters.
const MAX_TITLE: usize = 300;
/// An issue is new for so long after its first error.
const NEW_FOR: i64 = 24 * 3_600_000_000;
/// An issue that came back is called regressed for so long.
const REGRESSED_FOR: i64 = 7 * 24 * 3_600_000_000;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Names it, on every replica.
    pub key: IssueKey,
    /// What it is and what was decided about it.
    pub about: About,
    /// What was counted of it, without those it was merged with.
    pub tally: Tally,
}

/// What is kept of an issue beside its counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// The service its errors are of.
    pub service: String,
    /// The first error in a line.
    pub title: String,
    /// The type of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The logger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Names of the rules that had a say in what belongs to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// What decides by these rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Vec<String>>,
    /// When its first error came, in microseconds by our clock.
    pub created_at: i64,
    /// What was decided.
    pub state: State,
    /// The issue it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merged>,
}

/// An issue is a part of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// Of which.
    #[serde(with = "key_as_text")]
    pub into: IssueKey,
    /// Whether somebody said so; otherwise their messages turned out to differ by values only.
    pub by_hand: bool,
}

/// How an open issue came to be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Substatus {
    /// Its first error is of the last 24 hours.
    New,
    /// It has been there for longer.
    Ongoing,
    /// It had been resolved, and came back within the last 7 days.
    Regressed,
}

impl Substatus {
    /// The word for it in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Substatus::New => "new",
            Substatus::Ongoing => "ongoing",
            Substatus::Regressed => "regressed",
        }
    }
}

impl About {
    pub(super) fn of(record: &LogRecord<'_>, outcome: &Outcome<'_>, now: Timestamp) -> About {
        About {
            service: record.service.to_string(),
            title: title(record),
            kind: kind(record).map(str::to_owned),
            target: record.target.as_deref().map(str::to_owned),
            created_at: now.as_micros(),
            rules: outcome.rules.iter().map(|&name| name.to_owned()).collect(),
            fingerprint: outcome.fingerprint.clone(),
            state: State::default(),
            merged: None,
        }
    }

    /// What there is to say of errors that have no issue of their own.
    pub(super) fn catch_all(now: Timestamp) -> About {
        About {
            service: OTHERS.to_owned(),
            title: "errors beyond the largest number of issues".to_owned(),
            created_at: now.as_micros(),
            ..About::default()
        }
    }

    /// How it came to be open.
    #[must_use]
    pub fn substatus(&self, tally: &Tally, now: Timestamp) -> Substatus {
        let now = now.as_micros();
        let is_open = self.state.status == Status::Open;
        let came_back = self.state.regressed_at;
        if is_open && came_back.is_some_and(|at| now - at < REGRESSED_FOR) {
            Substatus::Regressed
        } else if now - tally.first_seen < NEW_FOR {
            Substatus::New
        } else {
            Substatus::Ongoing
        }
    }
}

fn kind<'a>(record: &'a LogRecord<'_>) -> Option<&'a str> {
    record.error.as_ref()?.kind.as_deref()
}

/// `Type: message`, or the message alone.
pub(crate) fn title(record: &LogRecord<'_>) -> String {
    let error = record.error.as_ref();
    let message = error
        .and_then(|error| error.message.as_deref())
        .filter(|_| kind(record).is_some())
        .unwrap_or(&record.message);
    let line = message.lines().next().unwrap_or_default().trim();
    let whole = match kind(record) {
        Some(kind) if line.is_empty() => kind.to_owned(),
        Some(kind) if !line.starts_with(kind) => format!("{kind}: {line}"),
        _ => line.to_owned(),
    };
    match whole.char_indices().nth(MAX_TITLE) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

/// Keys stand in JSON as 32 hex digits.
mod key_as_text {
    use issue_grouping::IssueKey;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(key: &IssueKey, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(key)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<IssueKey, D::Error> {
        let text = String::deserialize(from)?;
        IssueKey::parse(&text).ok_or_else(|| de::Error::custom("not the key of an issue"))
    }
}

#[cfg(test)]
mod tests {
    use log_record::{ErrorInfo, Severity};

    use super::*;

    #[test]
    fn a_title_is_one_line_with_the_type_of_the_error() {
        let mut record = LogRecord::new(
            Timestamp::from_millis(0),
            Severity::Error,
            "booking",
            "order 7 failed\nsecond line",
        );
        assert_eq!(title(&record), "order 7 failed");
        record.error = Some(ErrorInfo {
            kind: Some("PaymentError".into()),
            message: Some("card declined\nat x".into()),
            ..ErrorInfo::default()
        });
        assert_eq!(title(&record), "PaymentError: card declined");
        record.error = Some(ErrorInfo {
            kind: Some("panic".into()),
            ..ErrorInfo::default()
        });
        record.message = "é".repeat(MAX_TITLE).into();
        assert!(title(&record).ends_with("é…"));
    }
}
