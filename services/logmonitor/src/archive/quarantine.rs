//! Records that could not be decoded, whole, until somebody looks at them: bounded in bytes, the oldest leave first.

use log_record::Timestamp;
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::{Archive, ArchiveError};
use crate::ingest::Message;

/// A message that could not be decoded, about to be kept.
#[derive(Debug)]
pub(crate) struct Quarantined<'a> {
    pub(crate) message: &'a Message<'a>,
    /// Why, as a short fixed word.
    pub(crate) reason: &'static str,
    pub(crate) received_at: Timestamp,
}

/// A record in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedRecord {
    /// Its number in the quarantine.
    pub id: i64,
    /// Where it was read.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its Kafka timestamp.
    pub timestamp: Timestamp,
    /// When it was read.
    pub received_at: Timestamp,
    /// Why it could not be decoded, as a short fixed word.
    pub reason: String,
    /// Its key, if it had one.
    pub key: Option<Vec<u8>>,
    /// Names and values of its headers; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, Option<String>)>,
    /// Its value.
    pub payload: Vec<u8>,
}

/// What a record takes beside its payload.
const ROW_BYTES: i64 = 256;

const COLUMNS: &str = "id, topic, partition, record_offset, timestamp, received_at, reason, record_key, headers, payload";

/// Keeps the records of a batch; those that were kept before are passed over. Returns how many older ones had to leave
/// so that all fit into `max_bytes`.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    quarantined: &[Quarantined<'_>],
    max_bytes: u64,
) -> Result<u64, ArchiveError> {
    if quarantined.is_empty() {
        return Ok(0);
    }
    let sql = "INSERT OR IGNORE INTO quarantine
        (topic, partition, record_offset, timestamp, received_at, reason, record_key, headers, payload)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut statement = transaction.prepare_cached(sql)?;
    for record in quarantined {
        let message = record.message;
        let headers: Vec<(&str, Option<String>)> = message
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    *name,
                    value.map(|value| String::from_utf8_lossy(value).into()),
                )
            })
            .collect();
        statement.execute((
            message.topic,
            message.partition,
            message.offset,
            message.timestamp.as_micros(),
            record.received_at.as_micros(),
            record.reason,
            message.key,
            serde_json::to_string(&headers).unwrap_or_default(),
            message.payload,
        ))?;
    }
    evict(transaction, i64::try_from(max_bytes).unwrap_or(i64::MAX))
}

fn evict(transaction: &Transaction<'_>, max_bytes: i64) -> Result<u64, ArchiveError> {
    // The sum from the newest record on; what lies beyond the limit leaves.
    let sql = "DELETE FROM quarantine WHERE id <= (
        SELECT max(id) FROM (
            SELECT id, sum(length(payload) + ?2) OVER (ORDER BY id DESC) AS bytes FROM quarantine
        ) WHERE bytes > ?1)";
    let evicted = transaction
        .prepare_cached(sql)?
        .execute((max_bytes, ROW_BYTES))?;
    Ok(evicted as u64)
}

/// Takes a record out. Whether it was there.
pub(super) fn delete(transaction: &Transaction<'_>, id: i64) -> Result<bool, ArchiveError> {
    let sql = "DELETE FROM quarantine WHERE id = ?1";
    Ok(transaction.prepare_cached(sql)?.execute([id])? > 0)
}

impl Archive {
    /// Records in quarantine below this number, newest first.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn quarantine(
        &self,
        below: i64,
        limit: usize,
    ) -> Result<Vec<QuarantinedRecord>, ArchiveError> {
        self.read(|connection| {
            let sql =
                format!("SELECT {COLUMNS} FROM quarantine WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
            let mut statement = connection.prepare_cached(&sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map([below, limit], record)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// One record in quarantine.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn quarantined(&self, id: i64) -> Result<Option<QuarantinedRecord>, ArchiveError> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM quarantine WHERE id = ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(statement.query_row([id], record).optional()?)
        })
    }

    /// How many records are in quarantine.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn quarantine_len(&self) -> Result<u64, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT count(*) FROM quarantine";
            let count: i64 = connection
                .prepare_cached(sql)?
                .query_row((), |row| row.get(0))?;
            Ok(count.unsigned_abs())
        })
    }

    /// Deletes a record from the quarantine. Whether it was there.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub fn delete_quarantined(&self, id: i64) -> Result<bool, ArchiveError> {
        self.write(|transaction| delete(transaction, id))
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<QuarantinedRecord> {
    let headers: String = row.get(8)?;
    Ok(QuarantinedRecord {
        id: row.get(0)?,
        topic: row.get(1)?,
        partition: row.get(2)?,
        offset: row.get(3)?,
        timestamp: Timestamp::from_micros(row.get(4)?),
        received_at: Timestamp::from_micros(row.get(5)?),
        reason: row.get(6)?,
        key: row.get(7)?,
        headers: serde_json::from_str(&headers).unwrap_or_default(),
        payload: row.get(9)?,
    })
}
