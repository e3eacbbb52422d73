//! All errors, wherever they are: what has left the memory is read from the archive, with the same filters, order and
//! cursors. A page may have some of both.

use std::sync::Arc;
use std::time::{Duration, Instant};

use log_record::{Severity, Timestamp};
use tracing::warn;

use crate::archive::{Archive, ArchiveError, BlockInfo, SummaryLine};
use crate::query::{Opener, Page, Query, QueryError, Source, run};
use crate::store::{Event, EventId, Stats, StatsQuery, Store, View, find_foreign, find_own, trim};

/// How long one request may open blocks of the archive. Past that a page has what was found, and says so.
pub const ARCHIVE_BUDGET: Duration = Duration::from_millis(500);

/// How often the list of blocks is read when blocks are merged at the same time.
const MAX_ATTEMPTS: u32 = 3;

/// A handle on all errors; clones share it.
#[derive(Clone, Debug)]
pub struct Reader {
    store: Store,
    archive: Option<Archive>,
}

/// A request cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It asks for what cannot be.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The archive cannot be read now.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl Reader {
    /// Reads what `store` has, and what has left it from `archive`.
    #[must_use]
    pub fn new(store: Store, archive: Option<Archive>) -> Reader {
        Reader { store, archive }
    }

    /// One page of the errors that match, those in the archive included. Blocks until the disk has answered.
    ///
    /// # Errors
    /// A limit out of range, a cursor of another query, an archive that cannot be read.
    pub fn query(
        &self,
        query: &Query,
        now: Timestamp,
        budget: Duration,
    ) -> Result<Page, ReadError> {
        let snapshot = self.store.snapshot();
        let first = snapshot.first_arrival();
        let Some(archive) = self
            .archive
            .as_ref()
            .filter(|archive| archive.reaches(first))
        else {
            return Ok(self.store.query(query, now)?);
        };
        let floor = self.store.age_limit(now);
        let (from, to) = query.range();
        let deadline = Instant::now() + budget;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let blocks = archive.blocks(first, from.max(floor), to)?;
            let mut has_changed = false;
            let mut opener = Opener {
                open: &mut |block| {
                    let opened = open(archive, block, first)?;
                    has_changed |= opened.is_none();
                    Ok::<_, ReadError>(opened)
                },
                has_time: &mut || Instant::now() < deadline,
            };
            let in_memory = snapshot.views().map(Source::Memory);
            let sources = in_memory.chain(blocks.iter().map(Source::Archived));
            let page = run(sources, first, query, floor, &mut opener)?;
            // Blocks that were merged meanwhile are listed anew; a damaged one stays as it is.
            if !has_changed || attempts == MAX_ATTEMPTS {
                return Ok(page);
            }
        }
    }

    /// Totals, breakdowns and a timeline, those of the archive included; and whether all blocks could be opened in
    /// time. The others are in the totals, and missing from the timeline. Blocks until the disk has answered.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn stats(
        &self,
        query: &StatsQuery,
        now: Timestamp,
        budget: Duration,
    ) -> Result<(Stats, bool), ReadError> {
        let snapshot = self.store.snapshot();
        let first = snapshot.first_arrival();
        let Some(archive) = self
            .archive
            .as_ref()
            .filter(|archive| archive.reaches(first))
        else {
            return Ok((self.store.stats(query, now), true));
        };
        let floor = self.store.age_limit(now);
        let from = query.from.map_or(floor, |from| from.as_micros().max(floor));
        let to = query.to.map_or(i64::MAX, Timestamp::as_micros);
        let deadline = Instant::now() + budget;
        let (mut older, mut unopened) = (Vec::new(), Vec::new());
        for block in archive.blocks(first, from, to)? {
            if Instant::now() < deadline {
                older.extend(open(archive, &block, first)?);
            } else {
                unopened.push(block);
            }
        }
        let views = older.iter().rev().chain(snapshot.views());
        let mut stats = self.store.stats_of(views, query, now);
        for block in &unopened {
            let is_whole = block.oldest >= from && block.newest < to;
            if is_whole && block.arrival + block.records <= first {
                add_summary(&mut stats, block, &query.services);
            }
        }
        Ok((stats, unopened.is_empty()))
    }

    /// The error of an id. Blocks until the disk has answered.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn find(&self, id: &EventId, now: Timestamp) -> Result<Option<Event>, ReadError> {
        let found = self.store.find(id).or(self.find_archived(id)?);
        let floor = self.store.age_limit(now);
        // What is past the age limit is not shown while it waits to be deleted.
        Ok(found.filter(|event| event.timestamp().as_micros() >= floor))
    }

    fn find_archived(&self, id: &EventId) -> Result<Option<Event>, ArchiveError> {
        let Some(archive) = &self.archive else {
            return Ok(None);
        };
        let blocks = match id {
            EventId::Own { instance, seq } => archive.blocks_of_instance(*instance, *seq)?,
            EventId::Foreign {
                topic,
                partition,
                offset,
                ..
            } => archive.blocks_of_offset(topic, *partition, *offset)?,
        };
        for block in blocks {
            let Some(view) = archive.view(block)? else {
                continue;
            };
            let row = match id {
                EventId::Own { instance, seq } => find_own(&view.segment, *instance, *seq),
                EventId::Foreign { .. } => find_foreign(&view, id),
            };
            if let Some(row) = row {
                return Ok(Some(view.event(row)));
            }
        }
        Ok(None)
    }
}

fn add_summary(stats: &mut Stats, block: &BlockInfo, services: &[String]) {
    let is_asked = |line: &&SummaryLine| services.is_empty() || services.contains(&line.service);
    for line in block.summary.iter().filter(is_asked) {
        let count = line.errors + line.criticals;
        stats.total_errors += count;
        stats.by_level[Severity::Error.index()] += line.errors;
        stats.by_level[Severity::Critical.index()] += line.criticals;
        *stats.by_service.entry(line.service.clone()).or_default() += count;
        if let Some(host) = &line.host {
            *stats.by_host.entry(host.clone()).or_default() += count;
        }
    }
}

/// The rows of a block that are not in memory. A damaged block is passed over; what it held is lost.
fn open(archive: &Archive, block: &BlockInfo, first: u64) -> Result<Option<View>, ArchiveError> {
    let view = match archive.view(block.key()) {
        Ok(Some(view)) => view,
        Ok(None) => return Ok(None),
        Err(error @ ArchiveError::Damaged { .. }) => {
            warn!(records = block.records, "{error}; it is passed over");
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    if view.segment.arrivals_end() <= first {
        return Ok(Some(Arc::unwrap_or_clone(view)));
    }
    Ok(View::of(trim(&view.segment, first)))
}
