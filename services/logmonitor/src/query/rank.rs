//! The order of rows on a page, and across pages.

use super::filter::Order;

/// Place in the order asked for; the smaller comes first, and no two rows have the same.
pub(super) type Rank = (i64, u64);

/// The complement turns an order round without an overflow at the ends.
pub(super) fn rank(order: Order, time: i64, arrival: u64) -> Rank {
    match order {
        Order::Ascending => (time, arrival),
        Order::Descending => (!time, !arrival),
    }
}

/// A place in time and arrivals just before a source's best rank.
pub(super) fn before(order: Order, best: Rank) -> (i64, u64) {
    match order {
        Order::Ascending => (best.0.saturating_sub(1), u64::MAX),
        Order::Descending => ((!best.0).saturating_add(1), 0),
    }
}
