//! Offsets that were never read: noted when they are found, for ever.

use log_record::Timestamp;
use rusqlite::Transaction;

use super::positions::{PartitionPosition, set_position};
use super::{Archive, ArchiveError, counters, producers};
use crate::pipeline::{ProducerChanges, Totals};

/// Why offsets were not read one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapCause {
    /// Kafka deleted records before they were read. They are lost.
    Deleted,
    /// Kafka lost the end of the partition, which had been read here. What came after that is read.
    Truncated,
    /// The topic was deleted and created again.
    Recreated,
    /// It is another Kafka cluster.
    ClusterReplaced,
}

/// Offsets of one partition that were passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The topic.
    pub topic: String,
    /// The partition's number.
    pub partition: i32,
    /// Where reading should have gone on.
    pub from: i64,
    /// Where it went on.
    pub to: i64,
    /// Why.
    pub cause: GapCause,
    /// When it was noticed.
    pub found_at: Timestamp,
}

impl Gap {
    /// How many records were lost before they were read.
    #[must_use]
    pub fn lost(&self) -> u64 {
        match self.cause {
            GapCause::Deleted => u64::try_from(self.to - self.from).unwrap_or_default(),
            GapCause::Truncated | GapCause::Recreated | GapCause::ClusterReplaced => 0,
        }
    }
}

impl GapCause {
    const ALL: [GapCause; 4] = [
        GapCause::Deleted,
        GapCause::Truncated,
        GapCause::Recreated,
        GapCause::ClusterReplaced,
    ];

    /// The word for it in the archive and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            GapCause::Deleted => "deleted",
            GapCause::Truncated => "truncated",
            GapCause::Recreated => "recreated",
            GapCause::ClusterReplaced => "cluster_replaced",
        }
    }
}

impl Archive {
    /// Notes a gap, what it adds to the counters and changes of the accounts of producers, and where reading goes on, together.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub(crate) fn pass_gap(
        &self,
        gap: &Gap,
        totals: &Totals,
        changes: &ProducerChanges,
    ) -> Result<(), ArchiveError> {
        self.write(|transaction| {
            insert(transaction, gap)?;
            let at = PartitionPosition {
                partition: gap.partition,
                position: gap.to,
                timestamp: PartitionPosition::UNKNOWN,
            };
            set_position(transaction, &gap.topic, &at)?;
            producers::keep(transaction, changes)?;
            counters::add(transaction, &totals.to_named())
        })
    }

    /// The gaps found last, newest first.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn gaps(&self, limit: usize) -> Result<Vec<Gap>, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT topic, partition, first_offset, next_offset, cause, found_at
                FROM gaps ORDER BY id DESC LIMIT ?1";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                let cause: String = row.get(4)?;
                let known = GapCause::ALL.into_iter().find(|c| c.as_str() == cause);
                Ok(Gap {
                    topic: row.get(0)?,
                    partition: row.get(1)?,
                    from: row.get(2)?,
                    to: row.get(3)?,
                    cause: known.unwrap_or(GapCause::Deleted),
                    found_at: Timestamp::from_micros(row.get(5)?),
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn insert(transaction: &Transaction<'_>, gap: &Gap) -> Result<(), ArchiveError> {
    let sql = "INSERT INTO gaps (topic, partition, first_offset, next_offset, cause, found_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    transaction.prepare_cached(sql)?.execute((
        &gap.topic,
        gap.partition,
        gap.from,
        gap.to,
        gap.cause.as_str(),
        gap.found_at.as_micros(),
    ))?;
    Ok(())
}
