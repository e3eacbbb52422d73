//! Searching the store: what is asked (`Query`, `Filter`, the language of `q`), and how it is answered from
//! segments. Pure; knows nothing of how segments come to be.

mod candidates;
mod cursor;
mod fields;
mod filter;
mod hits;
mod matcher;
mod needle;
mod page;
mod parse;
mod rank;
mod row_set;
mod rows;
mod search;
mod source;
mod term;
pub mod time;

pub use cursor::{Cursor, CursorError};
pub use filter::{Filter, Order, Query};
pub use matcher::Matcher;
#[cfg(test)]
pub(crate) use needle::fold;
pub use page::{Page, QueryError};
pub use parse::{ParseError, parse};
pub use search::SCAN_BUDGET_BYTES;
pub(crate) use search::run;
pub(crate) use source::{Opener, Source};
pub use term::{Key, Term, Wanted};
pub use time::TimeBound;
