//! The best rows of a search so far: what will be on the page.

use std::collections::BinaryHeap;

use super::filter::{Order, Query};
use super::rank::{Rank, rank};
use super::rows::Rows;
use crate::store::{Event, View};

/// A row that may be on the page.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Hit {
    rank: Rank,
    view: usize,
    row: u16,
}

/// See the module.
pub(super) struct Hits {
    order: Order,
    /// Rows up to this rank were on the pages before.
    after: Option<Rank>,
    /// One more than the page holds: whether there is a next one.
    wanted: usize,
    /// The worst of them on top.
    best: BinaryHeap<Hit>,
    /// The views that they are in.
    views: Vec<View>,
}

impl Hits {
    pub(super) fn new(query: &Query) -> Hits {
        let order = query.order;
        Hits {
            order,
            after: query
                .cursor
                .map(|cursor| rank(order, cursor.time, cursor.arrival)),
            wanted: query.limit + 1,
            best: BinaryHeap::with_capacity(query.limit + 2),
            views: Vec::new(),
        }
    }

    /// Whether rows up to this rank were on the pages before.
    pub(super) fn were_before(&self, rank: Rank) -> bool {
        self.after.is_some_and(|after| rank <= after)
    }

    /// Whether the page is full with rows before this rank.
    pub(super) fn are_better_than(&self, rank: Rank) -> bool {
        self.best.len() >= self.wanted && self.best.peek().is_some_and(|worst| rank > worst.rank)
    }

    /// Takes rows, best first, until the rest is no better than what is there.
    pub(super) fn collect(&mut self, view: &View, rows: &Rows) {
        let segment = &*view.segment;
        let mut has_taken = false;
        let mut next = rows.first(view, self.order, self.after);
        while let Some(row) = next {
            let rank = rank(self.order, segment.times[row], segment.arrival(row));
            if self.are_better_than(rank) {
                break;
            }
            if !self.were_before(rank) {
                has_taken = true;
                self.best.push(Hit {
                    rank,
                    view: self.views.len(),
                    // A segment has at most 8,192 rows.
                    row: row as u16,
                });
                if self.best.len() > self.wanted {
                    self.best.pop();
                }
            }
            next = rows.after(view, self.order, row);
        }
        if has_taken {
            self.views.push(view.clone());
        }
    }

    /// The events of the page, and time and arrival number of the last one when more follow. Only rows before `cut`
    /// are of use: what was not looked at may come before the others.
    pub(super) fn into_events(
        self,
        limit: usize,
        cut: Option<Rank>,
    ) -> (Vec<Event>, Option<(i64, u64)>) {
        let mut hits = self.best.into_sorted_vec();
        if let Some(cut) = cut {
            hits.retain(|hit| hit.rank < cut);
        }
        let has_next = hits.len() > limit;
        hits.truncate(limit);
        let views = &self.views;
        let last = hits.last().filter(|_| has_next).map(|hit| {
            let segment = &*views[hit.view].segment;
            let row = usize::from(hit.row);
            (segment.times[row], segment.arrival(row))
        });
        let events = hits
            .iter()
            .map(|hit| views[hit.view].event(usize::from(hit.row)))
            .collect();
        (events, last)
    }
}
