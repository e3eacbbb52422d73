//! What a query is answered with.

use super::cursor::{Cursor, CursorError};
use super::filter::Query;
use crate::store::Event;

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
