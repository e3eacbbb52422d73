//! Records without identity that came from both topics: which payloads have met their twin, so that after a restart a
//! further record of the same bytes is not taken for it.

use log_record::Timestamp;
use rusqlite::Transaction;

use super::{Archive, ArchiveError};
use crate::store::PayloadHashes;

/// A place that stands for "the message is the record".
const NO_PLACE: i64 = -1;

/// One record of the payload has met its twin.
pub(super) fn match_one(
    transaction: &Transaction<'_>,
    payload: PayloadHashes,
    index: Option<u32>,
    now: Timestamp,
) -> Result<(), ArchiveError> {
    let sql = "INSERT INTO matched_twins (hash, check_hash, place, matched, last_matched) VALUES (?1, ?2, ?3, 1, ?4)
        ON CONFLICT (hash, check_hash, place)
        DO UPDATE SET matched = matched + 1, last_matched = excluded.last_matched";
    transaction.prepare_cached(sql)?.execute((
        payload.hash.cast_signed(),
        payload.check.cast_signed(),
        index.map_or(NO_PLACE, i64::from),
        now.as_micros(),
    ))?;
    Ok(())
}

/// Forgets those whose records have left.
pub(super) fn delete_before(transaction: &Transaction<'_>, floor: i64) -> Result<(), ArchiveError> {
    let sql = "DELETE FROM matched_twins WHERE last_matched < ?1";
    transaction.prepare_cached(sql)?.execute([floor])?;
    Ok(())
}

impl Archive {
    /// All payloads that have met their twin, and how many times.
    pub(crate) fn matched_twins(
        &self,
    ) -> Result<Vec<(PayloadHashes, Option<u32>, u32)>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT hash, check_hash, place, matched FROM matched_twins";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map((), |row| {
                let payload = PayloadHashes {
                    hash: row.get::<_, i64>(0)?.cast_unsigned(),
                    check: row.get::<_, i64>(1)?.cast_unsigned(),
                };
                let place: i64 = row.get(2)?;
                Ok((payload, u32::try_from(place).ok(), row.get(3)?))
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
