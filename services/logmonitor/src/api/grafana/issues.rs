//! `issues`: the open issues that had errors in the range, as a table or as a line each.

use log_record::{Severity, Timestamp};
use serde_json::{Value, json};

use super::panel::{MAX_SERIES, Panel, Series};
use crate::issues::{IssueFilter, IssueList, IssueSort, IssueSummary, Status};

/// Rows of a table.
const MAX_ROWS: usize = 100;
const HOUR_MS: i64 = 3_600_000;

/// One table, the issues with the most errors first: a link to an issue is `/issues/` and its `id`.
pub(super) fn table(panel: &Panel<'_>) -> Value {
    let columns = [
        ("Time", "time"),
        ("title", "string"),
        ("service", "string"),
        ("level", "string"),
        ("substatus", "string"),
        ("count", "number"),
        ("hosts", "number"),
        ("first_seen", "time"),
        ("id", "string"),
    ];
    let columns = columns.map(|(text, kind)| json!({"text": text, "type": kind}));
    let list = list(panel, MAX_ROWS);
    let rows: Vec<Value> = list.issues.iter().map(row).collect();
    json!({"type": "table", "columns": columns, "rows": rows})
}

fn row(issue: &IssueSummary) -> Value {
    json!([
        issue.last_seen.as_millis(),
        issue.about.title,
        issue.about.service,
        issue.level.as_str(),
        issue.substatus.as_str(),
        issue.count,
        issue.hosts,
        issue.first_seen.as_millis(),
        issue.key.to_string(),
    ])
}

/// The hours of the last day that are in the range, of the issues with the most errors.
pub(super) fn series(panel: &Panel<'_>) -> Vec<Series> {
    let list = list(panel, MAX_SERIES);
    let notice = (list.total > MAX_SERIES)
        .then(|| format!("only the {MAX_SERIES} issues with the most errors are shown"));
    let line = |issue: IssueSummary| {
        let points = hours(panel, &issue.trend);
        Series {
            total: points.iter().map(|(_, value)| value).sum(),
            points,
            name: issue.about.title,
            label: None,
            notice: notice.clone(),
        }
    };
    list.issues.into_iter().map(line).collect()
}

fn hours(panel: &Panel<'_>, trend: &[u64]) -> Vec<(i64, f64)> {
    let this_hour = panel.now.as_millis().div_euclid(HOUR_MS) * HOUR_MS;
    let first = this_hour - (trend.len() as i64 - 1) * HOUR_MS;
    let is_in_range =
        |start: i64| start + HOUR_MS > panel.from.as_millis() && start < panel.to.as_millis();
    (0..)
        .zip(trend)
        .map(|(number, &count)| (first + number * HOUR_MS, count as f64))
        .filter(|(start, _)| is_in_range(*start))
        .collect()
}

fn list(panel: &Panel<'_>, limit: usize) -> IssueList {
    let none = IssueList {
        issues: Vec::new(),
        total: 0,
        next: None,
    };
    let errors = Severity::ALL.into_iter().filter(|level| level.is_error());
    let levels: Vec<Severity> = errors.filter(|level| panel.scope.accepts(*level)).collect();
    let services = panel.scope.services.clone();
    if levels.is_empty() || services.as_ref().is_some_and(Vec::is_empty) {
        return none;
    }
    let micros = |time: Timestamp| Some(time.as_micros());
    let filter = IssueFilter {
        status: Some(Status::Open),
        services: services.unwrap_or_default(),
        levels,
        from: micros(panel.from),
        to: micros(panel.to),
        ..IssueFilter::default()
    };
    panel
        .issues
        .list(&filter, IssueSort::Count, None, limit, panel.now)
}
