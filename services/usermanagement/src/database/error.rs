//! How a query fails: one error per layer, each with its cause.

use std::io;

/// A query did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    /// There was no connection to run it on.
    #[error("no connection for query {statement:?}")]
    NoConnection {
        statement: &'static str,
        source: PoolTimeout,
    },
    /// The connection broke while it ran.
    #[error("query {statement:?} was interrupted")]
    Interrupted {
        statement: &'static str,
        source: io::Error,
    },
    /// The server cancelled it.
    #[error("query {statement:?} was cancelled after {elapsed_ms} ms")]
    Cancelled {
        statement: &'static str,
        elapsed_ms: u64,
    },
    /// Two transactions waited for each other, and this one was chosen to give up.
    #[error("deadlock detected in {statement:?}: waited for transaction {blocked_by}")]
    Deadlock {
        statement: &'static str,
        blocked_by: u32,
    },
    /// Another row has this value.
    #[error("duplicate key value violates unique constraint {constraint:?}")]
    UniqueViolation { constraint: &'static str },
}

/// The pool had no connection to give.
#[derive(Debug, thiserror::Error)]
#[error("pool timed out after {waited_ms} ms: {in_use} of {size} connections in use")]
pub(crate) struct PoolTimeout {
    pub(crate) waited_ms: u64,
    pub(crate) in_use: u32,
    pub(crate) size: u32,
    /// Why no new one could be opened.
    pub(crate) source: io::Error,
}
