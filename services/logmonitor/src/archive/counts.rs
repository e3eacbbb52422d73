//! Records of every level by service and minute: the same counts as in memory, so that they survive a restart.

use rusqlite::Transaction;

use super::{Archive, ArchiveError};
use crate::store::CountCell;

/// Adds the cells of a batch.
pub(super) fn add(transaction: &Transaction<'_>, cells: &[CountCell]) -> Result<(), ArchiveError> {
    let sql = "INSERT INTO counts (service, minute, trace, debug, info, warn, error, critical, last_seen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (service, minute) DO UPDATE SET
            trace = trace + excluded.trace, debug = debug + excluded.debug, info = info + excluded.info,
            warn = warn + excluded.warn, error = error + excluded.error, critical = critical + excluded.critical,
            last_seen = max(last_seen, excluded.last_seen)";
    let mut statement = transaction.prepare_cached(sql)?;
    for cell in cells {
        let [trace, debug, info, warn, error, critical] = cell.by_level;
        statement.execute((
            &*cell.service,
            cell.start,
            trace,
            debug,
            info,
            warn,
            error,
            critical,
            cell.last_seen,
        ))?;
    }
    Ok(())
}

/// Forgets the minutes before `floor`.
pub(super) fn delete_before(transaction: &Transaction<'_>, floor: i64) -> Result<(), ArchiveError> {
    let sql = "DELETE FROM counts WHERE minute < ?1";
    transaction.prepare_cached(sql)?.execute([floor])?;
    Ok(())
}

impl Archive {
    /// All counts since `floor`, in the order of minutes.
    pub(crate) fn counts(&self, floor: i64) -> Result<Vec<CountCell>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT service, minute, trace, debug, info, warn, error, critical, last_seen
                FROM counts WHERE minute >= ?1 ORDER BY minute";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([floor], |row| {
                let mut by_level = [0; log_record::Severity::COUNT];
                for (column, count) in by_level.iter_mut().enumerate() {
                    *count = row.get(2 + column)?;
                }
                let service: String = row.get(0)?;
                Ok(CountCell {
                    service: service.into(),
                    start: row.get(1)?,
                    by_level,
                    last_seen: row.get(8)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
