//! What the producers that number their records have sent and dropped.

use log_record::{DropReport, Instance, Timestamp};
use rusqlite::{Row, Transaction};

use super::{Archive, ArchiveError};
use crate::pipeline::{Producer, ProducerChanges, ServiceProducers, Settled};

/// Open accounts, and the sums of the closed ones by service.
pub(crate) type Accounts = (Vec<Producer>, Vec<(Box<str>, ServiceProducers)>);

/// Keeps what a batch changes.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    changes: &ProducerChanges,
) -> Result<(), ArchiveError> {
    let sql = "INSERT OR REPLACE INTO producers (instance, service, partition, first_seq, last_seq, received,
            settled_received, settled_missing, dropped_with_seq, dropped_without_seq, last_seen)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let mut statement = transaction.prepare_cached(sql)?;
    for producer in &changes.changed {
        statement.execute((
            producer.instance.0.to_be_bytes(),
            &producer.service,
            producer.partition,
            producer.span.map(|(first, _)| first.cast_signed()),
            producer.span.map(|(_, last)| last.cast_signed()),
            producer.received.cast_signed(),
            producer.earlier.received.cast_signed(),
            producer.earlier.missing.cast_signed(),
            producer.reported.with_seq.cast_signed(),
            producer.reported.without_seq.cast_signed(),
            producer.last_seen.as_micros(),
        ))?;
    }
    let mut statement = transaction.prepare_cached("DELETE FROM producers WHERE instance = ?1")?;
    for instance in &changes.closed {
        statement.execute([instance.0.to_be_bytes()])?;
    }
    let sql = "INSERT OR REPLACE INTO closed_producers
            (service, instances, received, missing, reported_dropped, lost_in_transit)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut statement = transaction.prepare_cached(sql)?;
    for (service, sums) in &changes.sums {
        statement.execute((
            service,
            sums.instances.cast_signed(),
            sums.received.cast_signed(),
            sums.missing.cast_signed(),
            sums.reported_dropped.cast_signed(),
            sums.lost_in_transit.cast_signed(),
        ))?;
    }
    Ok(())
}

impl Archive {
    /// Everything that is kept of producers.
    pub(crate) fn producers(&self) -> Result<Accounts, ArchiveError> {
        self.read(|connection| {
            let sql = "SELECT instance, service, partition, first_seq, last_seq, received, settled_received,
                settled_missing, dropped_with_seq, dropped_without_seq, last_seen FROM producers";
            let mut statement = connection.prepare_cached(sql)?;
            let open = statement
                .query_map((), open_account)?
                .collect::<Result<_, _>>()?;
            let sql = "SELECT service, instances, received, missing, reported_dropped, lost_in_transit
                FROM closed_producers";
            let mut statement = connection.prepare_cached(sql)?;
            let closed = statement
                .query_map((), closed_accounts)?
                .collect::<Result<_, _>>()?;
            Ok((open, closed))
        })
    }
}

fn open_account(row: &Row<'_>) -> rusqlite::Result<Producer> {
    let first: Option<i64> = row.get(3)?;
    let last: Option<i64> = row.get(4)?;
    Ok(Producer {
        instance: Instance(u128::from_be_bytes(row.get(0)?)),
        service: row.get(1)?,
        partition: row.get(2)?,
        span: first
            .zip(last)
            .map(|(first, last)| (first.cast_unsigned(), last.cast_unsigned())),
        received: number(row, 5)?,
        earlier: Settled {
            received: number(row, 6)?,
            missing: number(row, 7)?,
        },
        reported: DropReport {
            with_seq: number(row, 8)?,
            without_seq: number(row, 9)?,
        },
        last_seen: Timestamp::from_micros(row.get(10)?),
    })
}

fn closed_accounts(row: &Row<'_>) -> rusqlite::Result<(Box<str>, ServiceProducers)> {
    let sums = ServiceProducers {
        instances: number(row, 1)?,
        received: number(row, 2)?,
        missing: number(row, 3)?,
        reported_dropped: number(row, 4)?,
        lost_in_transit: number(row, 5)?,
    };
    Ok((row.get(0)?, sums))
}

/// SQLite has no unsigned numbers: the bits are kept.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.cast_unsigned())
}
