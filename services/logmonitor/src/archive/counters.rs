//! Counters that only grow, for as long as the archive lives.

use std::collections::BTreeMap;

use rusqlite::Transaction;

use super::{Archive, ArchiveError};

/// Adds to counters by name; one that is new starts at 0.
pub(super) fn add(
    transaction: &Transaction<'_>,
    additions: &[(String, u64)],
) -> Result<(), ArchiveError> {
    let sql = "INSERT INTO counters (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = value + excluded.value";
    let mut statement = transaction.prepare_cached(sql)?;
    for (name, value) in additions {
        statement.execute((name, i64::try_from(*value).unwrap_or(i64::MAX)))?;
    }
    Ok(())
}

impl Archive {
    /// All counters by name.
    pub(crate) fn counters(&self) -> Result<BTreeMap<String, u64>, ArchiveError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT name, value FROM counters")?;
            let rows = statement.query_map((), |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
