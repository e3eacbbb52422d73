//! Learned templates: messages that differ only in words which turn out to be values become one.
//!
//! Messages are compared by their **outline**: the words that have to be equal, with any value where a mask stands or a
//! word that is likely a value. For each place in an outline the distinct words seen there are weighed
//! ([`evidence`]). A place with enough of them is variable, and every template that differs from another one in that
//! place only is one with it. What was seen decides, not when: the rules only ever add evidence and only ever join
//! templates, so that the result does not depend on the order of arrival (where two ordinary words of one message are
//! both variable, it may, rarely).

mod bucket;
mod evidence;
mod piece;
mod slot;

pub(crate) use bucket::{Assigned, Bucket};
pub(crate) use piece::{Piece, key, key_of_tokens, pieces};
