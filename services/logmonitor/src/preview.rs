//! What rules for grouping would change: the errors in memory, grouped once more by them. Nothing is changed by it.

mod report;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use log_record::Timestamp;

use crate::issues::{IssueKey, Issues, Rules};
use crate::query::{Query, QueryError};
use crate::store::{Event, Store};

pub use report::{Merge, Preview, Side, Split};

/// The most errors that are looked at.
pub const MAX_EXAMINED: u64 = 100_000;
/// The longest time that is spent on it.
pub const MAX_TIME: Duration = Duration::from_secs(5);

/// Errors that go from one issue to one issue.
#[derive(Debug)]
struct Flow {
    count: u64,
    /// The newest of them.
    example: Event,
}

/// Groups the errors in memory, the newest first, by `rules` in place of those in force, and compares.
///
/// # Errors
/// The store cannot be searched.
pub fn preview(
    store: &Store,
    issues: &Issues,
    rules: &Rules,
    now: Timestamp,
) -> Result<Preview, QueryError> {
    let deadline = Instant::now() + MAX_TIME;
    let mut trial = issues.try_rules(rules);
    let mut flows: HashMap<(IssueKey, IssueKey), Flow> = HashMap::new();
    let mut examined = 0;
    let mut query = Query {
        limit: Query::MAX_LIMIT,
        ..Query::default()
    };
    let is_complete = loop {
        let page = store.query(&query, now)?;
        for event in page.events {
            // Those of a time without issues belong to none.
            let Some(stored) = event.issue() else {
                continue;
            };
            examined += 1;
            let wanted = trial.group(stored, &event.record());
            let flow = flows.entry((stored, wanted)).or_insert_with(|| Flow {
                count: 0,
                example: event,
            });
            flow.count += 1;
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            break true;
        }
        if examined >= MAX_EXAMINED || Instant::now() >= deadline {
            break false;
        }
    };
    let mut settled: HashMap<(IssueKey, IssueKey), Flow> = HashMap::new();
    let pairs = trial.outcome(flows.keys().copied());
    for (pair, flow) in pairs.into_iter().zip(flows.into_values()) {
        match settled.entry(pair) {
            std::collections::hash_map::Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.count += flow.count;
                if flow.example.timestamp() > known.example.timestamp() {
                    known.example = flow.example;
                }
            }
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(flow);
            }
        }
    }
    Ok(report::of(issues, &settled, examined, is_complete))
}
