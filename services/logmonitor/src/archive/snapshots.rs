//! The lines around the errors that began an issue: bounded in bytes, the oldest leave first.

use log_record::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction};

use super::{Archive, ArchiveError};
use crate::issues::IssueKey;
use crate::snapshots::TAKEN_TO;

/// The most bytes of all of them.
const MAX_BYTES: u64 = 64 << 20;
/// They take no more than this part of the archive.
const MAX_PART: u64 = 16;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredSnapshot {
    /// The id of the error.
    pub(crate) event: String,
    /// The issue that it began.
    pub(crate) issue: IssueKey,
    pub(crate) taken_at: Timestamp,
    /// Its stored form.
    pub(crate) bytes: Vec<u8>,
}

impl Archive {
    /// Keeps a snapshot, if there is one, and that the history of issues has been followed to this entry.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub(crate) fn keep_snapshot(
        &self,
        number: i64,
        snapshot: Option<&StoredSnapshot>,
    ) -> Result<(), ArchiveError> {
        let max_bytes = MAX_BYTES.min(self.inner.limits.max_bytes / MAX_PART);
        self.write(|transaction| {
            super::put_fact(transaction, TAKEN_TO, &number.to_string())?;
            if let Some(snapshot) = snapshot {
                insert(transaction, snapshot)?;
                evict(transaction, max_bytes)?;
            }
            Ok(())
        })
    }

    /// The stored form of the snapshot of an error, and when it was taken.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub(crate) fn snapshot(
        &self,
        event: &str,
    ) -> Result<Option<(Timestamp, Vec<u8>)>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT taken_at, bytes FROM snapshots WHERE event = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let found = statement.query_row([event], |row| {
                Ok((Timestamp::from_micros(row.get(0)?), row.get(1)?))
            });
            Ok(found.optional()?)
        })
    }

    /// The errors of these issues that have one, the newest first, with when it was taken.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub(crate) fn snapshots_of(
        &self,
        issues: &[IssueKey],
        limit: usize,
    ) -> Result<Vec<(String, Timestamp)>, ArchiveError> {
        let mut found = self.read(|connection| {
            let sql = "SELECT event, taken_at FROM snapshots WHERE issue = ?1
                ORDER BY number DESC LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let mut found = Vec::new();
            for issue in issues {
                let rows = statement.query_map((issue.0.to_be_bytes(), limit as i64), |row| {
                    Ok((row.get(0)?, Timestamp::from_micros(row.get(1)?)))
                })?;
                found.extend(rows.collect::<Result<Vec<(String, Timestamp)>, _>>()?);
            }
            Ok(found)
        })?;
        found.sort_by_key(|(_, taken_at)| std::cmp::Reverse(*taken_at));
        found.truncate(limit);
        Ok(found)
    }
}

fn insert(transaction: &Transaction<'_>, snapshot: &StoredSnapshot) -> Result<(), ArchiveError> {
    let sql =
        "INSERT OR REPLACE INTO snapshots (event, issue, taken_at, bytes) VALUES (?1, ?2, ?3, ?4)";
    transaction.prepare_cached(sql)?.execute((
        &snapshot.event,
        snapshot.issue.0.to_be_bytes(),
        snapshot.taken_at.as_micros(),
        &snapshot.bytes,
    ))?;
    Ok(())
}

fn evict(transaction: &Transaction<'_>, max_bytes: u64) -> Result<(), ArchiveError> {
    // The sum from the newest on; what lies beyond the limit leaves.
    let sql = "DELETE FROM snapshots WHERE number <= (
        SELECT max(number) FROM (
            SELECT number, sum(length(bytes)) OVER (ORDER BY number DESC) AS bytes FROM snapshots
        ) WHERE bytes > ?1)";
    let max_bytes = i64::try_from(max_bytes).unwrap_or(i64::MAX);
    transaction.prepare_cached(sql)?.execute([max_bytes])?;
    Ok(())
}
