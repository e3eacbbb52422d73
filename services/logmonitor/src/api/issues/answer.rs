//! Issues as the API shows them.

use std::collections::BTreeMap;

use axum::response::Response;
use log_record::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::api::ApiState;
use crate::api::answer::{json, push_event};
use crate::api::error::ApiError;
use crate::api::logs::ask;
use crate::issues::{Issue, IssueKey, IssueSummary, Status};
use crate::query::Query;
use crate::reader::{ARCHIVE_BUDGET, ReadError};

/// Snapshots that are named.
const MAX_SNAPSHOTS: usize = 10;

/// An issue in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = Issue)]
pub(super) struct IssueBody {
    /// 32 hex digits, the same on every replica.
    id: String,
    service: String,
    /// Its first error, in a line.
    title: String,
    /// Its worst: `ERROR` or `CRITICAL`.
    level: &'static str,
    /// `open`, `resolved` or `ignored`.
    status: &'static str,
    /// `new` (for a day), `ongoing`, or `regressed` (for a week after it came back).
    substatus: &'static str,
    /// Timestamp of its first error, ever.
    first_seen: String,
    last_seen: String,
    /// All errors, ever.
    count: u64,
    /// On how many hosts.
    hosts: usize,
    trend: Trend,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<String>,
}

/// Errors over time.
#[derive(Serialize, ToSchema)]
struct Trend {
    /// An hour.
    interval_ms: u64,
    /// Of the last 24 hours, the current one last.
    counts: Vec<u64>,
}

/// An issue by itself.
#[derive(Serialize, ToSchema)]
pub(super) struct IssueDetail {
    #[serde(flatten)]
    issue: IssueBody,
    /// The type of its errors.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// Errors of older versions do not open it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_in_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_until: Option<String>,
    /// It opens again when `count` has come to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore_until_count: Option<u64>,
    /// Errors by host; those beyond the first hundred under `(other)`.
    by_host: BTreeMap<String, u64>,
    /// Errors by version of the service.
    by_version: BTreeMap<String, u64>,
    /// The ids of those that are part of it.
    merged: Vec<String>,
    /// Its errors around which the lines were kept when it was new or had regressed, the newest first, ten at most.
    snapshots: Vec<SnapshotBody>,
    grouping: Grouping,
    /// Its newest error that is still kept.
    #[schema(value_type = Option<serde_json::Value>)]
    latest: Option<Box<RawValue>>,
}

/// The lines around an error, which Kafka may have deleted since.
#[derive(Serialize, ToSchema)]
struct SnapshotBody {
    /// The id of the error: `/api/v1/logs/events/{event_id}/context`.
    event_id: String,
    taken_at: String,
}

/// Why its errors belong together.
#[derive(Serialize, ToSchema)]
struct Grouping {
    /// Of the method.
    version: u8,
    /// Empty when none of its errors is kept any more.
    components: Vec<Component>,
}

#[derive(Serialize, ToSchema)]
struct Component {
    /// `service`, `rule` (the name of a user's rule), `fingerprint` (what it says), `type`, `target`, `frame` (innermost
    /// first) or `message`; `limit` alone where there were too many issues for one more.
    name: &'static str,
    /// What is equal in all of them; a message with its varying parts masked.
    value: String,
}

impl IssueBody {
    pub(super) fn of(summary: IssueSummary) -> IssueBody {
        IssueBody {
            id: summary.key.to_string(),
            service: summary.about.service,
            title: summary.about.title,
            level: summary.level.as_str(),
            status: summary.about.state.status.as_str(),
            substatus: summary.substatus.as_str(),
            first_seen: summary.first_seen.to_string(),
            last_seen: summary.last_seen.to_string(),
            count: summary.count,
            hosts: summary.hosts,
            trend: Trend {
                interval_ms: 3_600_000,
                counts: summary.trend,
            },
            assignee: summary.about.state.assignee,
        }
    }
}

/// The answer about one issue.
pub(super) async fn detail(
    state: &ApiState,
    issue: Issue,
    now: Timestamp,
) -> Result<Response, ApiError> {
    let keys = state.ingest.issues().keys(issue.key);
    let reader = state.reader();
    let latest = Query::newest_of(&keys);
    let page = ask(move || reader.query(&latest, now, ARCHIVE_BUDGET)).await?;
    let event = page.events.first();
    let issues = state.ingest.issues();
    let components = event.map_or_else(Vec::new, |event| {
        // It may be of a part.
        issues.explain(event.issue().unwrap_or(issue.key), &event.record())
    });
    let latest = event.and_then(|event| {
        let mut text = Vec::with_capacity(2_048);
        push_event(&mut text, event, issues);
        RawValue::from_string(String::from_utf8(text).ok()?).ok()
    });
    let snapshots = snapshots_of(state, &keys).await?;
    let about = issue.about.clone();
    let tally = issue.tally.clone();
    let named = |names: Vec<(Box<str>, u64)>| {
        let names = names.into_iter();
        names.map(|(name, count)| (name.into(), count)).collect()
    };
    let is_ignored = about.state.status == Status::Ignored;
    let body = IssueDetail {
        issue: IssueBody::of(IssueSummary::of(&issue, &issue.tally, now)),
        kind: about.kind,
        target: about.target,
        note: about.state.note,
        resolved_in_version: about.state.resolved_in_version,
        ignore_until: about
            .state
            .ignore_until
            .filter(|_| is_ignored)
            .map(|until| Timestamp::from_micros(until).to_string()),
        ignore_until_count: about.state.ignore_until_count,
        by_host: named(tally.hosts),
        by_version: named(tally.versions),
        merged: keys.iter().skip(1).map(IssueKey::to_string).collect(),
        snapshots,
        grouping: Grouping {
            version: issue_grouping::VERSION,
            components: components
                .into_iter()
                .map(|component| Component {
                    name: component.name,
                    value: component.value,
                })
                .collect(),
        },
        latest,
    };
    let text = serde_json::to_vec(&body).map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(json(text))
}

async fn snapshots_of(state: &ApiState, keys: &[IssueKey]) -> Result<Vec<SnapshotBody>, ApiError> {
    let Some(archive) = state.ingest.archive().cloned() else {
        return Ok(Vec::new());
    };
    let keys = keys.to_vec();
    let found =
        ask(move || Ok::<_, ReadError>(archive.snapshots_of(&keys, MAX_SNAPSHOTS)?)).await?;
    let bodies = found.into_iter().map(|(event_id, taken_at)| SnapshotBody {
        event_id,
        taken_at: taken_at.to_string(),
    });
    Ok(bodies.collect())
}
