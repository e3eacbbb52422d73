//! What is too old or too much leaves: by age, by number and by bytes on disk, the oldest first, in steps that hold up
//! no writer. The space goes back to the file system.

use std::fs;
use std::sync::atomic::Ordering;

use log_record::Timestamp;
use rusqlite::Connection;

use super::blocks::delete;
use super::{Archive, ArchiveError, DATABASE, WAL_BYTES, counts, issues, twins};

/// Blocks deleted in one transaction.
const STEP_BLOCKS: usize = 16;
/// Pages given back in one transaction.
const STEP_PAGES: i64 = 512;
/// What is deleted to make room goes this far below the limit, so that it is not at the limit at once again.
const ROOM: f64 = 0.03;

/// How much the archive holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchiveSize {
    /// Stored errors.
    pub records: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Timestamp of the oldest stored error.
    pub oldest: Option<Timestamp>,
}

impl Archive {
    /// How much is held.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn size(&self) -> Result<ArchiveSize, ArchiveError> {
        let (records, oldest) = self.read(|connection| {
            let sql = "SELECT coalesce(sum(records), 0), min(oldest) FROM blocks";
            let row = connection.query_row(sql, (), |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
            })?;
            Ok(row)
        })?;
        Ok(ArchiveSize {
            records: records.unsigned_abs(),
            bytes: self.file_bytes(),
            oldest: oldest.map(Timestamp::from_micros),
        })
    }

    /// Bytes of the database and its write-ahead log.
    fn file_bytes(&self) -> u64 {
        let files = [
            DATABASE.to_owned(),
            format!("{DATABASE}-wal"),
            format!("{DATABASE}-shm"),
        ];
        let sizes = files.iter().filter_map(|name| {
            let metadata = fs::metadata(self.inner.directory.join(name)).ok()?;
            Some(metadata.len())
        });
        sizes.sum()
    }

    /// Deletes what is older than `floor` or beyond the limits. Returns the arrival number of the oldest record left.
    pub(crate) fn retain(&self, floor: i64) -> Result<u64, ArchiveError> {
        while self.delete_old(floor)? {}
        while self.make_room()? || self.delete_surplus()? {}
        self.write(|transaction| {
            counts::delete_before(transaction, floor)?;
            twins::delete_before(transaction, floor)
        })?;
        self.give_back()?;
        let first = self.read(first_arrival)?;
        self.inner.first_arrival.store(first, Ordering::Relaxed);
        Ok(first)
    }

    /// Whether there are records before this arrival number.
    pub(crate) fn reaches(&self, arrival: u64) -> bool {
        self.inner.first_arrival.load(Ordering::Relaxed) < arrival
    }

    /// Deletes some blocks that are past their age; whether there may be more. The newest block stays: the numbers of
    /// the records to come follow on its own.
    fn delete_old(&self, floor: i64) -> Result<bool, ArchiveError> {
        let old = self.read(|connection| {
            let sql = "SELECT arrival FROM blocks
                WHERE newest < ?1 AND arrival < (SELECT max(arrival) FROM blocks) LIMIT ?2";
            arrivals(connection, sql, (floor, STEP_BLOCKS as i64))
        })?;
        self.delete_blocks(&old)?;
        Ok(old.len() == STEP_BLOCKS)
    }

    /// Deletes some of the oldest blocks if there are too many records; whether there may still be.
    fn delete_surplus(&self) -> Result<bool, ArchiveError> {
        let Some(max) = self.inner.limits.max_records else {
            return Ok(false);
        };
        match self.size()?.records.saturating_sub(max) {
            0 => Ok(false),
            records => self.delete_oldest(records, 0),
        }
    }

    /// Deletes some of the oldest blocks if they take too many bytes; whether they may still do.
    pub(super) fn make_room(&self) -> Result<bool, ArchiveError> {
        let limits = self.inner.limits;
        let used = self.read(|connection| {
            let page_size = pragma(connection, "page_size")?;
            let pages = pragma(connection, "page_count")? - pragma(connection, "freelist_count")?;
            Ok((page_size * pages + WAL_BYTES).unsigned_abs())
        })?;
        let room = (limits.max_bytes as f64 * ROOM) as u64;
        let bytes = used.saturating_sub(limits.max_bytes - room);
        if bytes <= room {
            return Ok(false);
        }
        self.delete_oldest(0, bytes)
    }

    fn delete_oldest(&self, records: u64, bytes: u64) -> Result<bool, ArchiveError> {
        let going = self.oldest_blocks(records, bytes)?;
        self.delete_blocks(&going)?;
        Ok(going.len() == STEP_BLOCKS)
    }

    /// The oldest blocks that together hold so many records and bytes, but not all of them at once.
    fn oldest_blocks(&self, records: u64, bytes: u64) -> Result<Vec<u64>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT arrival, records, length(data) + length(summary) FROM blocks
                WHERE arrival < (SELECT max(arrival) FROM blocks) ORDER BY arrival LIMIT ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([STEP_BLOCKS as i64])?;
            let (mut going, mut gone_records, mut gone_bytes) = (Vec::new(), 0, 0);
            while let Some(row) = rows.next()? {
                // The limit on records is never passed by more than the block it falls into.
                let count = row.get::<_, i64>(1)?.unsigned_abs();
                let is_enough = gone_bytes >= bytes && gone_records + count > records;
                if is_enough {
                    break;
                }
                going.push(row.get::<_, i64>(0)?.unsigned_abs());
                gone_records += count;
                gone_bytes += row.get::<_, i64>(2)?.unsigned_abs();
            }
            Ok(going)
        })
    }

    fn delete_blocks(&self, blocks: &[u64]) -> Result<(), ArchiveError> {
        if blocks.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            issues::fold(transaction, blocks)?;
            blocks
                .iter()
                .try_for_each(|&arrival| delete(transaction, arrival))
        })?;
        Ok(())
    }

    /// Returns the space of deleted rows to the file system.
    fn give_back(&self) -> Result<(), ArchiveError> {
        while self.read(|connection| pragma(connection, "freelist_count"))? > 0 {
            let before = self.read(|connection| pragma(connection, "freelist_count"))?;
            let sql = format!("PRAGMA incremental_vacuum({STEP_PAGES})");
            self.write(|transaction| Ok(transaction.execute_batch(&sql)?))?;
            // A database of another kind cannot give anything back.
            if self.read(|connection| pragma(connection, "freelist_count"))? >= before {
                break;
            }
        }
        Ok(())
    }
}

/// The arrival number of the oldest record; where there is none, that of the first to come.
pub(super) fn first_arrival(connection: &Connection) -> Result<u64, ArchiveError> {
    let sql = "SELECT coalesce(min(arrival), 0) FROM blocks";
    let first: i64 = connection.query_row(sql, (), |row| row.get(0))?;
    Ok(first.unsigned_abs())
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, ArchiveError> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

fn arrivals(
    connection: &Connection,
    sql: &str,
    parameters: (i64, i64),
) -> Result<Vec<u64>, ArchiveError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(parameters, |row| Ok(row.get::<_, i64>(0)?.unsigned_abs()))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
