//! Searching the store: what is asked (`Query`, `Filter`, the language of `q`), and how it is answered from
//! segments. Pure; knows nothing of how segments come to be.

mod candidates;
mod cursor;
mod fields;
mod filter;
mod matcher;
mod needle;
mod page;
mod parse;
mod row_set;
mod term;
pub mod time;

pub use cursor::{Cursor, CursorError};
pub use filter::{Filter, Order, Query};
pub use matcher::Matcher;
#[cfg(test)]
pub(crate) use needle::fold;
pub(crate) use page::{Opener, Source, run};
pub use page::{Page, QueryError, SCAN_BUDGET_BYTES};
pub use parse::{ParseError, parse};
pub use term::{Key, Term, Wanted};
pub use time::TimeBound;
