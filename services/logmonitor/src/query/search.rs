//! Answers a query: goes through the segments in the order of their best row, keeps the best rows seen, counts
//! all that match. Segments of the archive are opened only where the page or the count needs them.

use super::cursor::Cursor;
use super::filter::{Order, Query};
use super::hits::Hits;
use super::matcher::Matcher;
use super::page::{Page, QueryError};
use super::rank::{Rank, before, rank};
use super::rows::Rows;
use super::source::{Opener, Source};
use crate::archive::BlockInfo;
use crate::store::View;

/// How many bytes of text one query searches to count matches beyond its page. Past that the total is what was
/// counted so far, and marked as not exact. Twice the default size of the store.
pub const SCAN_BUDGET_BYTES: u64 = 1 << 30;

/// Answers from these sources; rows before `floor` are past the age limit. `memory_from` is the arrival number of the
/// first record in memory: a block of the archive may reach beyond it.
pub(crate) fn run<'a, E: From<QueryError>>(
    sources: impl Iterator<Item = Source<'a>>,
    memory_from: u64,
    query: &Query,
    floor: i64,
    opener: &mut Opener<'_, E>,
) -> Result<Page, E> {
    if !(1..=Query::MAX_LIMIT).contains(&query.limit) {
        return Err(QueryError::Limit { got: query.limit }.into());
    }
    let mut matcher = Matcher::new(&query.filter);
    if let Some(cursor) = &query.cursor {
        cursor.check(query).map_err(QueryError::Cursor)?;
        (matcher.from, matcher.to) = (cursor.from, cursor.to);
    }
    // What the cursor is to remember: the range asked for, not the part of it that the age limit leaves.
    let asked = (matcher.from, matcher.to);
    matcher.from = matcher.from.max(floor);
    let mut search = Search::new(query, matcher, memory_from);
    let mut sources: Vec<Source<'_>> = sources.filter(|source| search.concerns(source)).collect();
    sources.sort_by_key(|source| search.best_rank(source));
    search.run(&sources, opener)?;
    Ok(search.page(query, asked))
}

struct Search {
    matcher: Matcher,
    order: Order,
    hits: Hits,
    total: u64,
    is_exact: bool,
    scanned: u64,
    memory_from: u64,
    /// Where the search ended for want of time, if it did before the page was full.
    cut: Option<Rank>,
}

impl Search {
    fn new(query: &Query, matcher: Matcher, memory_from: u64) -> Search {
        Search {
            matcher,
            order: query.order,
            hits: Hits::new(query),
            total: 0,
            is_exact: true,
            scanned: 0,
            memory_from,
            cut: None,
        }
    }

    /// Whether the source may hold matching rows.
    fn concerns(&self, source: &Source<'_>) -> bool {
        let in_range = source.newest() >= self.matcher.from && source.oldest() < self.matcher.to;
        let services = &self.matcher.services;
        let has_service = match source {
            _ if services.is_empty() => true,
            Source::Memory(view) => services.iter().any(|service| service.may_be_in(view)),
            Source::Archived(block) => {
                let lines = &block.summary;
                let mut services = lines.iter().map(|line| &*line.service);
                lines.is_empty() || services.any(|name| self.matcher.has_service(name))
            }
        };
        in_range && has_service
    }

    /// A rank that none of the source's rows comes before.
    fn best_rank(&self, source: &Source<'_>) -> Rank {
        match self.order {
            Order::Ascending => rank(self.order, source.oldest(), 0),
            Order::Descending => rank(self.order, source.newest(), u64::MAX),
        }
    }

    /// A rank that none of the source's rows comes after.
    fn worst_rank(&self, source: &Source<'_>) -> Rank {
        match self.order {
            Order::Ascending => rank(self.order, source.newest(), u64::MAX),
            Order::Descending => rank(self.order, source.oldest(), 0),
        }
    }

    fn run<E>(&mut self, sources: &[Source<'_>], opener: &mut Opener<'_, E>) -> Result<(), E> {
        let mut is_first = true;
        for source in sources {
            let best = self.best_rank(source);
            let was_before = self.hits.were_before(self.worst_rank(source));
            // Nothing in it can be on the page: it only counts.
            let only_counts = was_before || self.cut.is_some() || self.hits.are_better_than(best);
            if only_counts && self.scanned >= SCAN_BUDGET_BYTES {
                self.is_exact = false;
                continue;
            }
            match source {
                Source::Memory(view) => self.take(view, only_counts),
                Source::Archived(block) => {
                    if only_counts && let Some(count) = self.count_by_summary(block) {
                        self.total += count;
                        continue;
                    }
                    if !is_first && !(opener.has_time)() {
                        self.is_exact = false;
                        if !only_counts {
                            self.cut = Some(best);
                        }
                        continue;
                    }
                    is_first &= only_counts;
                    match (opener.open)(block)? {
                        Some(view) => self.take(&view, only_counts),
                        None => self.is_exact = false,
                    }
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, view: &View, only_counts: bool) {
        let (rows, count) = Rows::matching(view, &self.matcher, self.order, &mut self.scanned);
        self.total += count;
        if count > 0 && !only_counts {
            self.hits.collect(view, &rows);
        }
    }

    /// How many rows of a block match, where its summary tells.
    fn count_by_summary(&self, block: &BlockInfo) -> Option<u64> {
        let is_whole = block.oldest >= self.matcher.from && block.newest < self.matcher.to;
        let is_archived_only = block.arrival + block.records <= self.memory_from;
        let lines = &block.summary;
        (is_whole && is_archived_only && !lines.is_empty())
            .then(|| self.matcher.count_lines(lines))?
    }

    fn page(self, query: &Query, (from, to): (i64, i64)) -> Page {
        let (events, last) = self.hits.into_events(query.limit, self.cut);
        // The next page begins where the time was up.
        let last = last.or_else(|| self.cut.map(|cut| before(self.order, cut)));
        Page {
            events,
            total: self.total,
            total_is_exact: self.is_exact,
            next: last.map(|(time, arrival)| Cursor {
                order: self.order,
                time,
                arrival,
                from,
                to,
                fingerprint: query.filter.fingerprint(),
            }),
        }
    }
}
