//! Masking: one pass over a message into tokens. What varies becomes a mask, what is a word stays.

mod chunk;
mod class;
mod classify;
mod kind;
mod list;
mod measure;
mod network;
mod scan;
mod segment;
mod span;
mod token;
mod words;

pub use kind::Mask;
pub(crate) use scan::scan;
pub(crate) use segment::{MARK, write_masked};
pub(crate) use token::{Shape, Token};
