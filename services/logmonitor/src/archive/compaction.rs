//! Small blocks become large ones: what came one by one is compressed together, and found faster.

use std::collections::HashMap;

use super::blocks::{delete, insert};
use super::encoded_block::EncodedBlock;
use super::{Archive, ArchiveError};
use crate::store::{PayloadHashes, StoredSegment, is_own, merge};

/// A block with fewer records is merged with its neighbours. Stands in the index `small_blocks` too.
const SMALL: u64 = 1_024;
/// No more records go into one block.
const MAX_RECORDS: u64 = 8_192;
/// The newest small blocks are left alone until there are so many.
const MIN_TAIL: usize = 64;

/// A block by arrival number and records.
type Piece = (u64, u64);

impl Archive {
    /// Merges the small blocks that are due. Returns how many blocks became fewer.
    pub(crate) fn compact(&self) -> Result<usize, ArchiveError> {
        let small = self.small_blocks()?;
        let mut saved = 0;
        for run in runs(&small) {
            let is_last = run.last() == small.last();
            let records: u64 = run.iter().map(|piece| piece.1).sum();
            let is_due = !is_last || run.len() >= MIN_TAIL || records >= SMALL;
            if run.len() > 1 && is_due {
                self.merge(&run)?;
                saved += run.len() - 1;
            }
        }
        Ok(saved)
    }

    fn small_blocks(&self) -> Result<Vec<Piece>, ArchiveError> {
        self.read(|connection| {
            let sql = format!(
                "SELECT arrival, records FROM blocks WHERE records < {SMALL} ORDER BY arrival"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let number = |row: &rusqlite::Row<'_>, column| -> rusqlite::Result<u64> {
                Ok(row.get::<_, i64>(column)?.unsigned_abs())
            };
            let rows = statement.query_map((), |row| Ok((number(row, 0)?, number(row, 1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    fn merge(&self, run: &[Piece]) -> Result<(), ArchiveError> {
        let mut parts = Vec::with_capacity(run.len());
        for &(arrival, _) in run {
            parts.extend(self.open_block(arrival)?);
        }
        let Some(block) =
            merge_stored(&parts).map(|merged| EncodedBlock::of(&merged.segment, &merged.payloads))
        else {
            return Ok(());
        };
        let block = block?;
        self.write(|transaction| {
            for &(arrival, _) in run {
                delete(transaction, arrival)?;
            }
            block
                .iter()
                .try_for_each(|block| insert(transaction, block))
        })?;
        Ok(())
    }
}

/// Neighbours without a gap between them, at most [`MAX_RECORDS`] together.
fn runs(pieces: &[Piece]) -> Vec<Vec<Piece>> {
    let mut runs: Vec<Vec<Piece>> = Vec::new();
    let mut end = None;
    let mut records = 0;
    for &(arrival, count) in pieces {
        match runs.last_mut() {
            Some(run) if end == Some(arrival) && records + count <= MAX_RECORDS => {
                run.push((arrival, count));
                records += count;
            }
            _ => {
                runs.push(vec![(arrival, count)]);
                records = count;
            }
        }
        end = Some(arrival + count);
    }
    runs
}

/// One segment of several, with the hashes of its rows without identity.
fn merge_stored(parts: &[StoredSegment]) -> Option<StoredSegment> {
    let mut hashes: HashMap<u64, PayloadHashes> = HashMap::new();
    for part in parts {
        let segment = &part.segment;
        let foreign = (0..segment.len()).filter(|&row| !is_own(segment, row));
        let arrivals = foreign.map(|row| segment.arrival(row));
        hashes.extend(arrivals.zip(part.payloads.iter().copied()));
    }
    let segment = merge(parts.iter().map(|part| &part.segment))?;
    let rows = 0..segment.len();
    let payloads = rows
        .filter_map(|row| hashes.get(&segment.arrival(row)).copied())
        .collect();
    Some(StoredSegment { segment, payloads })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_a_gap_and_where_it_would_become_too_large() {
        assert_eq!(runs(&[]), Vec::<Vec<Piece>>::new());
        assert_eq!(
            runs(&[(0, 3), (3, 1), (5, 1), (6, 1_000)]),
            [vec![(0, 3), (3, 1)], vec![(5, 1), (6, 1_000)]]
        );
        let many: Vec<Piece> = (0..9).map(|number| (number * 1_000, 1_000)).collect();
        let lengths: Vec<usize> = runs(&many).iter().map(Vec::len).collect();
        assert_eq!(lengths, [8, 1]);
    }
}
