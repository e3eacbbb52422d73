//! Answers a query: goes through the segments in the order of their best row, keeps the best rows seen, counts
//! all that match.

use std::collections::BinaryHeap;

use super::candidates::evaluate;
use super::cursor::{Cursor, CursorError};
use super::filter::{Order, Query};
use super::matcher::Matcher;
use super::row_set::RowSet;
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

/// Answers from these views; rows before `floor` are past the age limit.
pub(crate) fn run<'a>(
    views: impl Iterator<Item = &'a View>,
    query: &Query,
    floor: i64,
) -> Result<Page, QueryError> {
    if !(1..=Query::MAX_LIMIT).contains(&query.limit) {
        return Err(QueryError::Limit { got: query.limit });
    }
    let mut matcher = Matcher::new(&query.filter);
    if let Some(cursor) = &query.cursor {
        cursor.check(query)?;
        (matcher.from, matcher.to) = (cursor.from, cursor.to);
    }
    // What the cursor is to remember: the range asked for, not the part of it that the age limit leaves.
    let asked = (matcher.from, matcher.to);
    matcher.from = matcher.from.max(floor);
    let mut search = Search::new(query, matcher);
    let mut views: Vec<&View> = views.filter(|view| search.concerns(view)).collect();
    views.sort_by_key(|view| search.best_rank(view));
    search.run(&views, SCAN_BUDGET_BYTES);
    Ok(search.page(query, &views, asked))
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
    fn new(query: &Query, matcher: Matcher) -> Search {
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
        }
    }

    /// Whether the view may hold matching rows.
    fn concerns(&self, view: &View) -> bool {
        let services = &self.matcher.services;
        view.newest >= self.matcher.from
            && view.oldest < self.matcher.to
            && (services.is_empty() || services.iter().any(|service| service.may_be_in(view)))
    }

    /// A rank that none of the view's rows comes before.
    fn best_rank(&self, view: &View) -> Rank {
        match self.order {
            Order::Ascending => rank(self.order, view.oldest, 0),
            Order::Descending => rank(self.order, view.newest, u64::MAX),
        }
    }

    fn run(&mut self, views: &[&View], budget: u64) {
        for (number, view) in views.iter().enumerate() {
            let is_beyond_page = self.is_beyond_page(self.best_rank(view));
            if is_beyond_page && self.scanned >= budget {
                self.is_exact = false;
                return;
            }
            let (rows, count) = self.matching(view);
            self.total += count;
            if count > 0 && !is_beyond_page {
                self.collect(number, view, &rows);
            }
        }
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

    /// Takes rows, best first, until the rest is no better than what is there.
    fn collect(&mut self, number: usize, view: &View, rows: &Rows) {
        let segment = &*view.segment;
        let mut next = self.first_row(view, rows);
        while let Some(row) = next {
            let rank = rank(self.order, segment.times[row], segment.arrival(row));
            if self.is_beyond_page(rank) {
                return;
            }
            if self.after.is_none_or(|after| rank > after) {
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

    fn page(self, query: &Query, views: &[&View], (from, to): (i64, i64)) -> Page {
        let mut hits = self.hits.into_sorted_vec();
        let has_next = hits.len() > query.limit;
        hits.truncate(query.limit);
        let last = hits.last().filter(|_| has_next).map(|hit| {
            let segment = &*views[hit.view].segment;
            let row = usize::from(hit.row);
            (segment.times[row], segment.arrival(row))
        });
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
