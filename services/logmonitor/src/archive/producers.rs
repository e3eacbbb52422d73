//! What the producers that number their records have sent and dropped.

use log_record::{DropReport, Instance, Timestamp};
use rusqlite::{Row, Transaction};

use super::{Archive, ArchiveError};
use crate::pipeline::{Holes, Producer, ProducerChanges, ServiceProducers, Settled};

/// Open accounts, and the sums of the closed ones by service.
pub(crate) type Accounts = (Vec<Producer>, Vec<(Box<str>, ServiceProducers)>);

/// Keeps what a batch changes.
pub(super) fn keep(
    transaction: &Transaction<'_>,
    changes: &ProducerChanges,
) -> Result<(), ArchiveError> {
    let sql = "INSERT OR REPLACE INTO producers (instance, service, partition, first_seq, last_seq, received,
            settled_received, settled_missing, dropped_with_seq, dropped_without_seq, last_seen, holes)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
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
            holes_to_bytes(&producer.holes),
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
                settled_missing, dropped_with_seq, dropped_without_seq, last_seen, holes FROM producers";
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
    let span = first.zip(last);
    let span = span.map(|(first, last)| (first.cast_unsigned(), last.cast_unsigned()));
    let holes: Option<Vec<u8>> = row.get(11)?;
    Ok(Producer {
        instance: Instance(u128::from_be_bytes(row.get(0)?)),
        service: row.get(1)?,
        partition: row.get(2)?,
        span,
        // Those of an account of before: any number may be missing.
        holes: holes.map_or_else(
            || Holes::of(span.into_iter().collect()),
            |bytes| holes_from_bytes(&bytes),
        ),
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

/// The first and the last number of each, in eight bytes each.
fn holes_to_bytes(holes: &Holes) -> Vec<u8> {
    let ranges = holes.ranges().iter();
    ranges
        .flat_map(|(first, last)| [first.to_be_bytes(), last.to_be_bytes()])
        .flatten()
        .collect()
}

fn holes_from_bytes(bytes: &[u8]) -> Holes {
    let (numbers, _) = bytes.as_chunks::<8>();
    let (ranges, _) = numbers.as_chunks::<2>();
    let number = |bytes: &[u8; 8]| u64::from_be_bytes(*bytes);
    let ranges = ranges.iter();
    Holes::of(
        ranges
            .map(|[first, last]| (number(first), number(last)))
            .collect(),
    )
}

/// SQLite has no unsigned numbers: the bits are kept.
fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.cast_unsigned())
}
