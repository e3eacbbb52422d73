//! Answers a query: goes through the segments in the order of their best row, keeps the best rows seen, counts
//! all that match. Segments of the archive are opened only where the page or the count needs them.

use std::collections::BinaryHeap;

use super::candidates::evaluate;
use super::cursor::{Cursor, CursorError};
use super::filter::{Order, Query};
use super::matcher::Matcher;
use super::row_set::RowSet;
use crate::archive::BlockInfo;
use crate::store::{Event, NO_ROW, View};

/// How many bytes of text one query searches to count matches beyond its page. Past that the total is what was
/// counted so far, and marked as not exact. Twice the default size of the store.
pub const SCAN_BUDGET_BYTES: u64 = 1 << 30;

/// A page of events.
#[derive(Clone, Debug)]
pub struct Page {
    /// The events, in the order asked for.
    pub events: Vec<Event>,
    /// How many match on all pages together.
    pub total: u64,
    /// Whether `total` is all of them, or only those counted before the budget ran out.
    pub total_is_exact: bool,
    /// For the page that follows; `None` when this is the last.
    pub next: Option<Cursor>,
}

/// A query cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The limit is out of range.
    #[error("limit must be between 1 and {max}, got {got}", max = Query::MAX_LIMIT)]
    Limit {
        /// What was asked for.
        got: usize,
    },
    /// The cursor does not belong here.
    #[error(transparent)]
    Cursor(#[from] CursorError),
}

/// Place in the order asked for; the smaller comes first, and no two rows have the same.
type Rank = (i64, u64);

/// A row that may be on the page.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    rank: Rank,
    view: usize,
    row: u16,
}

/// Where rows are: in memory, or in a block of the archive that has to be opened first.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Memory(&'a View),
    Archived(&'a BlockInfo),
}

/// What opens blocks of the archive, within reason.
pub(crate) struct Opener<'a, E> {
    /// The rows of a block that are not in memory; `None` when there are none, or nobody can read them.
    pub(crate) open: &'a mut dyn FnMut(&BlockInfo) -> Result<Option<View>, E>,
    /// Whether there is time for another one. At least one is opened whatever it says.
    pub(crate) has_time: &'a mut dyn FnMut() -> bool,
}

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

impl Source<'_> {
    fn oldest(&self) -> i64 {
        match self {
            Source::Memory(view) => view.oldest,
            Source::Archived(block) => block.oldest,
        }
    }

    fn newest(&self) -> i64 {
        match self {
            Source::Memory(view) => view.newest,
            Source::Archived(block) => block.newest,
        }
    }
}

struct Search {
    matcher: Matcher,
    order: Order,
    /// Rows up to this rank were on the pages before.
    after: Option<Rank>,
    /// One more than the page holds: whether there is a next one.
    wanted: usize,
    /// The best rows so far, the worst of them on top.
    hits: BinaryHeap<Hit>,
    total: u64,
    is_exact: bool,
    scanned: u64,
    memory_from: u64,
    /// The views that hits are in.
    views: Vec<View>,
    /// Where the search ended for want of time, if it did before the page was full.
    cut: Option<Rank>,
}

/// The matching rows of one view.
enum Rows {
    Range(usize, usize),
    /// All rows of one service, through its chain.
    Chain {
        newest: u16,
    },
    Set(RowSet),
}

impl Search {
    fn new(query: &Query, matcher: Matcher, memory_from: u64) -> Search {
        let order = query.order;
        let after = query
            .cursor
            .map(|cursor| rank(order, cursor.time, cursor.arrival));
        Search {
            matcher,
            order,
            after,
            wanted: query.limit + 1,
            hits: BinaryHeap::with_capacity(query.limit + 2),
            total: 0,
            is_exact: true,
            scanned: 0,
            memory_from,
            views: Vec::new(),
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
                let lines = block.summary.iter();
                lines.clone().next().is_none()
                    || lines
                        .clone()
                        .any(|line| self.matcher.has_service(&line.service))
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
            let was_before = self
                .after
                .is_some_and(|after| self.worst_rank(source) <= after);
            // Nothing in it can be on the page: it only counts.
            let only_counts = was_before || self.cut.is_some() || self.is_beyond_page(best);
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
        let (rows, count) = self.matching(view);
        self.total += count;
        if count > 0 && !only_counts {
            let number = self.views.len();
            if self.collect(number, view, &rows) {
                self.views.push(view.clone());
            }
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

    /// Whether the page is full with rows before this rank.
    fn is_beyond_page(&self, rank: Rank) -> bool {
        self.hits.len() >= self.wanted && self.hits.peek().is_some_and(|worst| rank > worst.rank)
    }

    /// The matching rows of a view, and how many they are.
    fn matching(&mut self, view: &View) -> (Rows, u64) {
        let segment = &*view.segment;
        let matcher = &self.matcher;
        let from = if view.oldest >= matcher.from {
            0
        } else {
            segment.times.partition_point(|&time| time < matcher.from)
        };
        let to = if view.newest < matcher.to {
            segment.len()
        } else {
            segment.times.partition_point(|&time| time < matcher.to)
        };
        if matcher.takes_all() {
            return (Rows::Range(from, to), to.saturating_sub(from) as u64);
        }
        let is_whole = from == 0 && to == segment.len();
        if is_whole
            && self.order == Order::Descending
            && let Some(service) = matcher.only_service()
        {
            let Some(id) = service.id_in(segment) else {
                return (Rows::Chain { newest: NO_ROW }, 0);
            };
            let entry = &segment.service_entries[usize::from(id)];
            let count = entry.by_level.iter().map(|&count| u64::from(count)).sum();
            let newest = entry.newest;
            return (Rows::Chain { newest }, count);
        }
        let set = evaluate(matcher, segment, from, to, &mut self.scanned);
        let count = set.len() as u64;
        (Rows::Set(set), count)
    }

    /// Takes rows, best first, until the rest is no better than what is there. Whether it took any.
    fn collect(&mut self, number: usize, view: &View, rows: &Rows) -> bool {
        let segment = &*view.segment;
        let mut has_taken = false;
        let mut next = self.first_row(view, rows);
        while let Some(row) = next {
            let rank = rank(self.order, segment.times[row], segment.arrival(row));
            if self.is_beyond_page(rank) {
                return has_taken;
            }
            if self.after.is_none_or(|after| rank > after) {
                has_taken = true;
                self.hits.push(Hit {
                    rank,
                    view: number,
                    // A segment has at most 8,192 rows.
                    row: row as u16,
                });
                if self.hits.len() > self.wanted {
                    self.hits.pop();
                }
            }
            next = self.row_after(view, rows, row);
        }
        has_taken
    }

    /// The first row in the order asked for that may be after the cursor.
    fn first_row(&self, view: &View, rows: &Rows) -> Option<usize> {
        let segment = &*view.segment;
        match (self.order, self.after) {
            (Order::Ascending, after) => {
                let start = after.map_or(0, |(at, _)| segment.times.partition_point(|&t| t < at));
                rows.at_or_after(start)
            }
            (Order::Descending, after) => {
                let end = after.map_or(segment.len(), |(at, _)| {
                    segment.times.partition_point(|&time| time <= !at)
                });
                match rows {
                    Rows::Chain { newest } => chain(view, *newest).find(|&row| row < end),
                    _ => rows.before(end),
                }
            }
        }
    }

    fn row_after(&self, view: &View, rows: &Rows, row: usize) -> Option<usize> {
        match (self.order, rows) {
            (Order::Ascending, _) => rows.at_or_after(row + 1),
            (Order::Descending, Rows::Chain { .. }) => {
                chain(view, view.segment.previous[row]).next()
            }
            (Order::Descending, _) => rows.before(row),
        }
    }

    fn page(self, query: &Query, (from, to): (i64, i64)) -> Page {
        let mut hits = self.hits.into_sorted_vec();
        if let Some(cut) = self.cut {
            // What was not looked at may come before these.
            hits.retain(|hit| hit.rank < cut);
        }
        let has_next = hits.len() > query.limit;
        hits.truncate(query.limit);
        let views = &self.views;
        let last = hits.last().filter(|_| has_next).map(|hit| {
            let segment = &*views[hit.view].segment;
            let row = usize::from(hit.row);
            (segment.times[row], segment.arrival(row))
        });
        // The next page begins where the time was up.
        let last = last.or_else(|| self.cut.map(|cut| before(self.order, cut)));
        Page {
            events: hits
                .iter()
                .map(|hit| views[hit.view].event(usize::from(hit.row)))
                .collect(),
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

impl Rows {
    fn at_or_after(&self, row: usize) -> Option<usize> {
        match self {
            Rows::Range(from, to) => Some(row.max(*from)).filter(|row| row < to),
            Rows::Set(set) => set.at_or_after(row),
            // Chains lead backwards only and are made for descending order only.
            Rows::Chain { .. } => None,
        }
    }

    fn before(&self, row: usize) -> Option<usize> {
        match self {
            Rows::Range(from, to) => row.min(*to).checked_sub(1).filter(|row| row >= from),
            Rows::Set(set) => set.before(row),
            Rows::Chain { .. } => None,
        }
    }
}

/// The rows of one service from this one on, newest first.
fn chain(view: &View, newest: u16) -> impl Iterator<Item = usize> {
    let existing = |row: u16| (row != NO_ROW).then_some(row);
    std::iter::successors(existing(newest), move |&row| {
        existing(view.segment.previous[usize::from(row)])
    })
    .map(usize::from)
}

/// The complement turns an order round without an overflow at the ends.
fn rank(order: Order, time: i64, arrival: u64) -> Rank {
    match order {
        Order::Ascending => (time, arrival),
        Order::Descending => (!time, !arrival),
    }
}

/// A place in time and arrivals just before a source's best rank.
fn before(order: Order, best: Rank) -> (i64, u64) {
    match order {
        Order::Ascending => (best.0.saturating_sub(1), u64::MAX),
        Order::Descending => ((!best.0).saturating_add(1), 0),
    }
}
