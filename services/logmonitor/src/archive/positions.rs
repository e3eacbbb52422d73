//! Up to where each partition was read: written with the records it covers, and what reading resumes from.

use log_record::Timestamp;
use rusqlite::Transaction;

use super::{Archive, ArchiveError};

/// Where one partition goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionPosition {
    /// The partition's number.
    pub partition: i32,
    /// Offset of the next record to read.
    pub position: i64,
    /// Kafka timestamp of the last record read, or [`PartitionPosition::UNKNOWN`].
    pub timestamp: Timestamp,
}

impl PartitionPosition {
    /// Stands for a record that was not read: the position follows on a gap.
    pub const UNKNOWN: Timestamp = Timestamp::from_millis(0);
}

impl Archive {
    /// Where the partitions of a topic go on; those never read are missing.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn positions(&self, topic: &str) -> Result<Vec<PartitionPosition>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT partition, position, timestamp FROM positions WHERE topic = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([topic], |row| {
                Ok(PartitionPosition {
                    partition: row.get(0)?,
                    position: row.get(1)?,
                    timestamp: Timestamp::from_micros(row.get(2)?),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

impl Archive {
    /// Notes from where partitions are read of which nothing was read yet.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub fn begin_at(&self, topic: &str, begun: &[PartitionPosition]) -> Result<(), ArchiveError> {
        self.write(|transaction| {
            begun
                .iter()
                .try_for_each(|at| set_position(transaction, topic, at))
        })
    }

    /// Forgets where the partitions of a topic go on.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub fn forget_positions(&self, topic: &str) -> Result<(), ArchiveError> {
        self.write(|transaction| {
            let sql = "DELETE FROM positions WHERE topic = ?1";
            transaction.prepare_cached(sql)?.execute([topic])?;
            Ok(())
        })
    }
}

/// Moves a partition's position, within the transaction of what was read.
pub(super) fn set_position(
    transaction: &Transaction<'_>,
    topic: &str,
    at: &PartitionPosition,
) -> Result<(), ArchiveError> {
    let sql = "INSERT OR REPLACE INTO positions (topic, partition, position, timestamp) VALUES (?1, ?2, ?3, ?4)";
    transaction.prepare_cached(sql)?.execute((
        topic,
        at.partition,
        at.position,
        at.timestamp.as_micros(),
    ))?;
    Ok(())
}
