//! At start: from the archive to the store, newest first, so that what matters most is shown at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use log_record::Timestamp;
use tracing::{info, warn};

use crate::archive::{Archive, ArchiveError};
use crate::issues::Issues;
use crate::pipeline::{MAX_GAPS, Pipeline, Totals};
use crate::store::Store;

/// Fills the store up to its limit with what is archived and not older than `floor`. Stops early when it is told to.
///
/// # Errors
/// The archive cannot be read. Blocks that are damaged are passed over, with a warning.
pub fn refill(
    archive: &Archive,
    store: &Store,
    issues: &Issues,
    pipeline: &Pipeline,
    topics: &[&str],
    floor: Timestamp,
    stop: &AtomicBool,
) -> Result<(), ArchiveError> {
    let begun = Instant::now();
    let floor = floor.as_micros();
    let mut positions = Vec::new();
    for &topic in topics {
        let of_topic = archive.positions(topic)?;
        positions.extend(
            of_topic
                .into_iter()
                .map(|at| (topic, at.partition, at.position)),
        );
    }
    store.resume(archive.next_arrival()?, positions.into_iter());
    for block in archive.blocks(u64::MAX, floor, i64::MAX)? {
        if stop.load(Ordering::Relaxed) {
            return Ok(());
        }
        match archive.open_block(block.arrival) {
            Ok(Some(stored)) => {
                if !store.restore(stored) {
                    break;
                }
            }
            Ok(None) => {}
            Err(error @ ArchiveError::Damaged { .. }) => {
                warn!(records = block.records, "{error}; it is passed over");
            }
            Err(error) => return Err(error),
        }
    }
    store.restore_matched(&archive.matched_twins()?);
    let counts = archive.counts(floor)?;
    let totals = Totals::from_named(archive.counters()?);
    let gaps = archive.gaps(MAX_GAPS)?;
    let (open, closed) = archive.producers()?;
    let (known_issues, templates) = (archive.issues()?, archive.templates()?);
    // Nothing fails from here on: what is counted is counted once.
    store.restore_counts(&counts);
    issues.restore(known_issues, templates);
    pipeline.counters().add(&totals);
    pipeline.producers().restore(open, closed);
    for gap in gaps.into_iter().rev() {
        pipeline.add_gap(gap);
    }
    let (records, seconds) = (store.size().records, begun.elapsed().as_secs_f64());
    info!(
        records,
        seconds, "read {records} errors from the archive in {seconds:.1} s"
    );
    Ok(())
}
