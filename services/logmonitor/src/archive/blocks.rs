//! Stored errors on disk: blocks of records, each a compressed segment of the store with a summary that answers
//! without opening it.

use std::sync::Arc;

use log_record::Instance;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};
use serde::{Deserialize, Serialize};

use super::compressed::decompress;
use super::encoded_block::EncodedBlock;
use super::{Archive, ArchiveError};
use crate::store::{self, StoredSegment, View};

/// What is known of a block without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlockInfo {
    /// The arrival number of its first record.
    pub(crate) arrival: u64,
    pub(crate) records: u64,
    /// Timestamps of its oldest and newest record.
    pub(crate) oldest: i64,
    pub(crate) newest: i64,
    pub(crate) summary: Vec<SummaryLine>,
}

/// The arrival number of a block's first record, and how many it has: merged with others it is another block.
pub(crate) type BlockKey = (u64, u64);

impl BlockInfo {
    pub(crate) fn key(&self) -> BlockKey {
        (self.arrival, self.records)
    }
}

/// Records of one service on one host within a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SummaryLine {
    pub(crate) service: String,
    pub(crate) host: Option<String>,
    pub(crate) errors: u64,
    pub(crate) criticals: u64,
}

/// Writes a block and what finds records in it.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    block: &EncodedBlock,
) -> Result<(), ArchiveError> {
    let arrival = key_of(block.arrival);
    let sql = "INSERT INTO blocks (arrival, records, oldest, newest, summary, issues, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    transaction.prepare_cached(sql)?.execute((
        arrival,
        block.records as i64,
        block.oldest,
        block.newest,
        &block.summary,
        &block.issues,
        &block.data,
    ))?;
    let sql = "INSERT INTO block_instances (instance, arrival, first_seq, last_seq) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = transaction.prepare_cached(sql)?;
    for (instance, &(first, last)) in &block.instances {
        let instance = instance.0.to_be_bytes();
        statement.execute((instance, arrival, ordered(first), ordered(last)))?;
    }
    let sql = "INSERT INTO block_partitions (topic, partition, arrival, first_offset, last_offset)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut statement = transaction.prepare_cached(sql)?;
    for ((topic, partition), (first, last)) in &block.partitions {
        statement.execute((topic, partition, arrival, first, last))?;
    }
    Ok(())
}

/// Removes a block and what finds records in it.
pub(super) fn delete(transaction: &Transaction<'_>, arrival: u64) -> Result<(), ArchiveError> {
    for table in [
        "DELETE FROM blocks WHERE arrival = ?1",
        "DELETE FROM block_instances WHERE arrival = ?1",
        "DELETE FROM block_partitions WHERE arrival = ?1",
    ] {
        transaction
            .prepare_cached(table)?
            .execute([key_of(arrival)])?;
    }
    Ok(())
}

impl Archive {
    /// The arrival number of the next record.
    pub(crate) fn next_arrival(&self) -> Result<u64, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT arrival + records FROM blocks ORDER BY arrival DESC LIMIT 1";
            let next: Option<i64> = connection.query_row(sql, (), |row| row.get(0)).optional()?;
            Ok(next.map_or(0, i64::unsigned_abs))
        })
    }

    /// All blocks with records before this arrival number whose time range touches `[from, to)`, newest arrival first.
    pub(crate) fn blocks(
        &self,
        before_arrival: u64,
        from: i64,
        to: i64,
    ) -> Result<Vec<BlockInfo>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT arrival, records, oldest, newest, summary FROM blocks
                WHERE arrival < ?1 AND newest >= ?2 AND oldest < ?3 ORDER BY arrival DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map((key_of(before_arrival), from, to), info)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The block with this arrival number; where it is gone, the next one.
    pub(crate) fn block_at(&self, arrival: u64) -> Result<Option<BlockKey>, ArchiveError> {
        self.read(|connection| {
            for sql in [
                "SELECT arrival, records FROM blocks
                    WHERE arrival = (SELECT max(arrival) FROM blocks WHERE arrival <= ?1) AND arrival + records > ?1",
                "SELECT arrival, records FROM blocks WHERE arrival > ?1 ORDER BY arrival LIMIT 1",
            ] {
                let mut statement = connection.prepare_cached(sql)?;
                let found = statement.query_row([key_of(arrival)], key_in).optional()?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            Ok(None)
        })
    }

    /// Whether there are blocks with records before this arrival number, and with one of that time or later.
    pub(crate) fn has_blocks(&self, before_arrival: u64, from: i64) -> Result<bool, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM blocks WHERE arrival < ?1 AND newest >= ?2)";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement.query_row((key_of(before_arrival), from), |row| row.get(0))?)
        })
    }

    /// A block, opened.
    pub(crate) fn open_block(&self, arrival: u64) -> Result<Option<StoredSegment>, ArchiveError> {
        let data = self.read(|connection| {
            let sql = "SELECT data FROM blocks WHERE arrival = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let data: Option<Vec<u8>> = statement
                .query_row([key_of(arrival)], |row| row.get(0))
                .optional()?;
            Ok(data)
        })?;
        data.map(|data| decode(&data, arrival)).transpose()
    }

    /// A block as queries read it. The last few stay open: a page is often followed by the next one. `None` when it has
    /// been merged with others meanwhile, or deleted.
    pub(crate) fn view(&self, block: BlockKey) -> Result<Option<Arc<View>>, ArchiveError> {
        if let Some(view) = self.cached_view(block) {
            return Ok(Some(view));
        }
        let (arrival, records) = block;
        let stored = self.open_block(arrival)?;
        let view = stored
            .and_then(|stored| View::of(stored.segment))
            .filter(|view| view.records as u64 == records)
            .map(Arc::new);
        if let Some(view) = &view {
            self.cache_view(view);
        }
        Ok(view)
    }

    /// The blocks that may hold a record of this identity, newest first.
    pub(crate) fn blocks_of_instance(
        &self,
        instance: Instance,
        seq: u64,
    ) -> Result<Vec<BlockKey>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT arrival, records FROM block_instances JOIN blocks USING (arrival)
                WHERE instance = ?1 AND first_seq <= ?2 AND last_seq >= ?2 ORDER BY arrival DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let key = (instance.0.to_be_bytes(), ordered(seq));
            let rows = statement.query_map(key, key_in)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The blocks that may hold a record without identity that was read at this offset, newest first.
    pub(crate) fn blocks_of_offset(
        &self,
        topic: &str,
        partition: i32,
        offset: i64,
    ) -> Result<Vec<BlockKey>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT arrival, records FROM block_partitions JOIN blocks USING (arrival)
                WHERE topic = ?1 AND partition = ?2 AND first_offset <= ?3 AND last_offset >= ?3
                ORDER BY arrival DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map((topic, partition, offset), key_in)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// What is said of a block and differs from what its records say, if anything does.
pub(super) fn difference(
    connection: &Connection,
    made: &EncodedBlock,
) -> Result<Option<&'static str>, ArchiveError> {
    let sql = "SELECT records, oldest, newest, summary, issues FROM blocks WHERE arrival = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([key_of(made.arrival)], |row| {
        let said = [
            (
                "number of records",
                row.get::<_, i64>(0)? == made.records as i64,
            ),
            ("oldest time", row.get::<_, i64>(1)? == made.oldest),
            ("newest time", row.get::<_, i64>(2)? == made.newest),
            (
                "counts by service and host",
                row.get::<_, Vec<u8>>(3)? == made.summary,
            ),
            ("counts by issue", row.get::<_, Vec<u8>>(4)? == made.issues),
        ];
        Ok(said.into_iter().find(|(_, is_same)| !is_same))
    })?;
    Ok(found.map(|(what, _)| what))
}

/// The arrival numbers of all blocks, ascending.
pub(super) fn arrivals(connection: &Connection) -> Result<Vec<u64>, ArchiveError> {
    let mut statement = connection.prepare_cached("SELECT arrival FROM blocks ORDER BY arrival")?;
    let rows = statement.query_map((), arrival_of)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The highest sequence number of an instance in any block.
pub(super) fn last_seq(
    connection: &Connection,
    instance: Instance,
) -> Result<Option<u64>, ArchiveError> {
    let sql = "SELECT max(last_seq) FROM block_instances WHERE instance = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let last: Option<i64> = statement.query_row([instance.0.to_be_bytes()], |row| row.get(0))?;
    Ok(last.map(unordered))
}

fn info(row: &Row<'_>) -> rusqlite::Result<BlockInfo> {
    let summary: Vec<u8> = row.get(4)?;
    Ok(BlockInfo {
        arrival: arrival_of(row)?,
        records: row.get::<_, i64>(1)?.unsigned_abs(),
        oldest: row.get(2)?,
        newest: row.get(3)?,
        // A summary that cannot be read makes the block count for nothing in statistics; its records are found.
        summary: serde_json::from_slice(&summary).unwrap_or_default(),
    })
}

fn key_in(row: &Row<'_>) -> rusqlite::Result<BlockKey> {
    Ok((arrival_of(row)?, row.get::<_, i64>(1)?.unsigned_abs()))
}

fn arrival_of(row: &Row<'_>) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(0)?.unsigned_abs())
}

fn decode(data: &[u8], arrival: u64) -> Result<StoredSegment, ArchiveError> {
    let damaged = |reason| ArchiveError::Damaged { arrival, reason };
    let bytes = decompress(data).map_err(|_| damaged("it cannot be decompressed"))?;
    store::decode(&bytes, arrival).map_err(|error| damaged(error.0))
}

/// The arrival number as a key. They start at 0 and grow by one.
fn key_of(arrival: u64) -> i64 {
    i64::try_from(arrival).unwrap_or(i64::MAX)
}

/// SQLite's numbers are signed; this keeps the order.
fn ordered(seq: u64) -> i64 {
    (seq ^ (1 << 63)).cast_signed()
}

/// The reverse of [`ordered`].
fn unordered(key: i64) -> u64 {
    key.cast_unsigned() ^ (1 << 63)
}
