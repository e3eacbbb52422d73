//! Issues: what they are about, what was decided, what happened, and the counts of what has left the archive. The
//! counts of what is still there follow from the blocks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, OptionalExtension as _, Transaction};

use super::{Archive, ArchiveError, issue_lines};
use crate::issues::{About, Activity, Issue, IssueChanges, IssueKey, Tally};

/// Hours of trends that outlive their errors.
const HOURS_KEPT: i64 = 48 * 3_600_000_000;

/// What happened to an issue, with its place in the order of everything that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedActivity {
    /// Its place.
    pub number: i64,
    /// To which.
    pub issue: IssueKey,
    /// What.
    pub activity: Activity,
}

/// Keeps what changes about issues.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    changes: &IssueChanges,
) -> Result<(), ArchiveError> {
    let sql = "INSERT INTO issues (issue, about, base) VALUES (?1, ?2, '')
        ON CONFLICT (issue) DO UPDATE SET about = excluded.about";
    let mut statement = transaction.prepare_cached(sql)?;
    for (key, about) in &changes.issues {
        statement.execute((bytes_of(*key), json(about)))?;
    }
    let sql = "INSERT INTO issue_activities (issue, activity) VALUES (?1, ?2)";
    let mut statement = transaction.prepare_cached(sql)?;
    for (key, activity) in &changes.activities {
        statement.execute((bytes_of(*key), json(activity)))?;
    }
    let sql = "INSERT OR REPLACE INTO templates (template, learned) VALUES (?1, ?2)";
    let mut statement = transaction.prepare_cached(sql)?;
    for (key, learned) in &changes.learned {
        statement.execute((bytes_of(*key), learned))?;
    }
    let mut statement = transaction.prepare_cached("DELETE FROM templates WHERE template = ?1")?;
    for key in &changes.forgotten {
        statement.execute([bytes_of(*key)])?;
    }
    Ok(())
}

/// Every issue there is.
pub(super) fn keys(connection: &Connection) -> Result<BTreeSet<IssueKey>, ArchiveError> {
    let mut statement = connection.prepare_cached("SELECT issue FROM issues")?;
    let rows = statement.query_map((), |row| Ok(IssueKey(u128::from_be_bytes(row.get(0)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Adds what blocks have counted, which are about to be deleted, to what is kept without them.
pub(super) fn fold(transaction: &Transaction<'_>, blocks: &[u64]) -> Result<(), ArchiveError> {
    let mut sums: HashMap<IssueKey, Tally> = HashMap::new();
    let mut statement =
        transaction.prepare_cached("SELECT issues FROM blocks WHERE arrival = ?1")?;
    for &block in blocks {
        let lines: Option<Vec<u8>> = statement
            .query_row([block.cast_signed()], |row| row.get(0))
            .optional()?;
        add_lines(&lines.unwrap_or_default(), &mut sums);
    }
    let mut select = transaction.prepare_cached("SELECT base FROM issues WHERE issue = ?1")?;
    let mut update = transaction.prepare_cached("UPDATE issues SET base = ?2 WHERE issue = ?1")?;
    for (key, gone) in sums {
        let base: Option<String> = select
            .query_row([bytes_of(key)], |row| row.get(0))
            .optional()?;
        let mut base: Tally = parsed(&base.unwrap_or_default());
        base.absorb(&gone);
        base.forget_hours_before(base.last_seen - HOURS_KEPT);
        update.execute((bytes_of(key), json(&base)))?;
    }
    Ok(())
}

impl Archive {
    /// Every issue with its counts.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub(crate) fn issues(&self) -> Result<Vec<Issue>, ArchiveError> {
        let mut issues: BTreeMap<IssueKey, Issue> = self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT issue, about, base FROM issues")?;
            let rows = statement.query_map((), |row| {
                let key = IssueKey(u128::from_be_bytes(row.get(0)?));
                let issue = Issue {
                    key,
                    about: parsed(&row.get::<_, String>(1)?),
                    tally: parsed(&row.get::<_, String>(2)?),
                };
                Ok((key, issue))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        let sums = self.read(|connection| {
            let mut sums: HashMap<IssueKey, Tally> = HashMap::new();
            let mut statement =
                connection.prepare_cached("SELECT issues FROM blocks ORDER BY arrival")?;
            let mut rows = statement.query(())?;
            while let Some(row) = rows.next()? {
                add_lines(row.get_ref(0)?.as_blob().unwrap_or_default(), &mut sums);
            }
            Ok(sums)
        })?;
        for (key, sum) in sums {
            let unknown = || Issue {
                key,
                about: About::default(),
                tally: Tally::default(),
            };
            issues.entry(key).or_insert_with(unknown).tally.absorb(&sum);
        }
        Ok(issues.into_values().collect())
    }

    /// The templates that were learned.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub(crate) fn templates(&self) -> Result<Vec<Vec<u8>>, ArchiveError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT learned FROM templates")?;
            let rows = statement.query_map((), |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps what people have changed about issues.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub(crate) fn change_issues(&self, changes: &IssueChanges) -> Result<(), ArchiveError> {
        self.write(|transaction| keep(transaction, changes))
    }

    /// What happened to an issue and its parts, the newest first.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn issue_activities(
        &self,
        keys: &[IssueKey],
        limit: usize,
    ) -> Result<Vec<NumberedActivity>, ArchiveError> {
        let mut activities = self.read(|connection| {
            let sql = "SELECT number, issue, activity FROM issue_activities WHERE issue = ?1
                ORDER BY number DESC LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let mut found = Vec::new();
            for &key in keys {
                let rows = statement.query_map((bytes_of(key), limit as i64), numbered)?;
                found.extend(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten());
            }
            Ok(found)
        })?;
        activities.sort_by_key(|activity| std::cmp::Reverse(activity.number));
        activities.truncate(limit);
        Ok(activities)
    }

    /// What happened after a place, in order.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub(crate) fn issue_activities_after(
        &self,
        number: i64,
        limit: usize,
    ) -> Result<Vec<NumberedActivity>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT number, issue, activity FROM issue_activities WHERE number > ?1
                ORDER BY number LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map((number, limit as i64), numbered)?;
            Ok(rows
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect())
        })
    }
}

fn numbered(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<NumberedActivity>> {
    let text: String = row.get(2)?;
    // What another version wrote and this one does not know is passed over.
    let activity = serde_json::from_str(&text).ok();
    let (number, issue) = (row.get(0)?, IssueKey(u128::from_be_bytes(row.get(1)?)));
    Ok(activity.map(|activity| NumberedActivity {
        number,
        issue,
        activity,
    }))
}

/// Lines that are damaged count for nothing: the block is damaged too.
fn add_lines(lines: &[u8], sums: &mut HashMap<IssueKey, Tally>) {
    let mut add = |issue, line: &crate::issues::Line<'_>| {
        sums.entry(issue).or_default().add_many(line);
    };
    if issue_lines::read(lines, &mut add).is_none() {
        tracing::warn!("what a block says of issues is damaged; it counts for nothing");
    }
}

fn bytes_of(key: IssueKey) -> [u8; 16] {
    key.0.to_be_bytes()
}

/// Plain structs of text and numbers always have a form in JSON.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What cannot be read is as if it had never been said.
fn parsed<T: serde::de::DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}
