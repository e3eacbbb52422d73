//! All errors, wherever they are: what has left the memory is read from the archive, with the same filters, order and
//! cursors. A page may have some of both.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use log_record::{Severity, Timestamp};
use tracing::warn;

use crate::archive::{Archive, ArchiveError, BlockInfo, SummaryLine};
use crate::query::{Opener, Page, Query, QueryError, Source, run};
use crate::store::{
    Event, EventId, ServiceSummary, Stats, StatsQuery, Store, Tail, View, find_foreign, find_own,
    trim,
};

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

    /// All services seen, sorted by name, with what the archive has of each. Blocks until the disk has answered.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn services(&self, now: Timestamp) -> Result<Vec<ServiceSummary>, ReadError> {
        let snapshot = self.store.snapshot();
        let first = snapshot.first_arrival();
        let archived = self
            .archive
            .as_ref()
            .filter(|archive| archive.reaches(first));
        let Some(archive) = archived else {
            return Ok(self.store.services(now));
        };
        let floor = self.store.age_limit(now);
        let mut blocks = archive.blocks(first, floor, i64::MAX)?;
        blocks.sort_by_key(|block| Reverse(block.newest));
        let mut last_errors = LastErrors::default();
        last_errors.learn(self.store.services_of(snapshot.views(), now));
        let (mut opened, mut summed) = (Vec::new(), Vec::new());
        for block in blocks {
            let is_whole = block.oldest >= floor && block.arrival + block.records <= first;
            if is_whole && !last_errors.may_be_in(&block) {
                summed.push(block);
            } else if let Some(view) = open(archive, &block, first)? {
                last_errors.learn(self.store.services_of(std::iter::once(&view), now));
                opened.push(view);
            }
        }
        let views = opened.iter().chain(snapshot.views());
        let mut services = self.store.services_of(views, now);
        for line in summed.iter().flat_map(|block| &block.summary) {
            let at = services.binary_search_by(|service| service.name.cmp(&line.service));
            if let Some(service) = at.ok().and_then(|at| services.get_mut(at)) {
                service.errors += line.errors + line.criticals;
                service.criticals += line.criticals;
                let host = line.host.as_ref();
                if let Some((host, Err(at))) =
                    host.map(|host| (host, service.hosts.binary_search(host)))
                {
                    service.hosts.insert(at, host.clone());
                }
            }
        }
        Ok(services)
    }

    /// Whether every error since then is in memory.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub fn is_in_memory(&self, from: Timestamp) -> Result<bool, ReadError> {
        let first = self.store.snapshot().first_arrival();
        Ok(match &self.archive {
            Some(archive) if archive.reaches(first) => {
                !archive.has_blocks(first, from.as_micros())?
            }
            _ => true,
        })
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

    /// Up to `limit` events from this place on in the order they were stored, of those before `before`: what has left
    /// the memory. Blocks until the disk has answered.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub(crate) fn tail_archived(
        &self,
        from: u64,
        before: u64,
        limit: usize,
    ) -> Result<Tail, ArchiveError> {
        let nothing = |next: u64| Tail {
            next,
            skipped: next - from,
            ..Tail::default()
        };
        let Some(archive) = &self.archive else {
            return Ok(nothing(before));
        };
        for _ in 0..MAX_ATTEMPTS {
            let Some((arrival, records)) = archive.block_at(from)? else {
                break;
            };
            if arrival >= before {
                break;
            }
            let view = match archive.view((arrival, records)) {
                Ok(Some(view)) => view,
                // It has been merged with others meanwhile.
                Ok(None) => continue,
                Err(error @ ArchiveError::Damaged { .. }) => {
                    warn!(records, "{error}; it is passed over");
                    return Ok(nothing(before.min(arrival + records)));
                }
                Err(error) => return Err(error),
            };
            let first = from.max(arrival);
            let next = before.min(arrival + records).min(first + limit as u64);
            let rows = (first..next).filter_map(|arrival| view.segment.row_of(arrival));
            return Ok(Tail {
                events: rows.map(|row| view.event(row)).collect(),
                next,
                skipped: first - from,
            });
        }
        Ok(nothing(before))
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

/// When each service had its last error, as far as is known. Only the records of a block tell, so it has to be opened
/// where it may have a later one; for all other purposes its summary is enough.
#[derive(Default)]
struct LastErrors(HashMap<String, i64>);

impl LastErrors {
    fn learn(&mut self, services: Vec<ServiceSummary>) {
        for service in services {
            if let Some(last) = service.last_error_at {
                let known = self.0.entry(service.name).or_insert(i64::MIN);
                *known = last.as_micros().max(*known);
            }
        }
    }

    fn may_be_in(&self, block: &BlockInfo) -> bool {
        let known = |line: &SummaryLine| self.0.get(&line.service).copied();
        block
            .summary
            .iter()
            .any(|line| known(line).is_none_or(|known| known < block.newest))
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
