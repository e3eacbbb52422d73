//! The matching rows of one view, to be gone through in either order.

use super::candidates::evaluate;
use super::filter::Order;
use super::matcher::Matcher;
use super::rank::Rank;
use super::row_set::RowSet;
use crate::store::{NO_ROW, View};

/// The matching rows of one view.
pub(super) enum Rows {
    Range(usize, usize),
    /// All rows of one service, through its chain.
    Chain {
        newest: u16,
    },
    Set(RowSet),
}

impl Rows {
    /// The rows of a view that match, and how many they are. Adds the bytes of text it searched to `scanned`.
    pub(super) fn matching(
        view: &View,
        matcher: &Matcher,
        order: Order,
        scanned: &mut u64,
    ) -> (Rows, u64) {
        let segment = &*view.segment;
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
            && order == Order::Descending
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
        let set = evaluate(matcher, segment, from, to, scanned);
        let count = set.len() as u64;
        (Rows::Set(set), count)
    }

    /// The first row in the order asked for that may be after the cursor.
    pub(super) fn first(&self, view: &View, order: Order, after: Option<Rank>) -> Option<usize> {
        let segment = &*view.segment;
        match (order, after) {
            (Order::Ascending, after) => {
                let start = after.map_or(0, |(at, _)| segment.times.partition_point(|&t| t < at));
                self.at_or_after(start)
            }
            (Order::Descending, after) => {
                let end = after.map_or(segment.len(), |(at, _)| {
                    segment.times.partition_point(|&time| time <= !at)
                });
                match self {
                    Rows::Chain { newest } => chain(view, *newest).find(|&row| row < end),
                    _ => self.before(end),
                }
            }
        }
    }

    /// The row after this one, in the order asked for.
    pub(super) fn after(&self, view: &View, order: Order, row: usize) -> Option<usize> {
        match (order, self) {
            (Order::Ascending, _) => self.at_or_after(row + 1),
            (Order::Descending, Rows::Chain { .. }) => {
                chain(view, view.segment.previous[row]).next()
            }
            (Order::Descending, _) => self.before(row),
        }
    }

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
