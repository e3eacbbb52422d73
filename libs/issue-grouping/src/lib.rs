//! Which errors are the same issue.
//!
//! A [`Grouper`] takes an [`Error`] and says which issue it belongs to. Three things decide:
//!
//! 1. **The bucket**: service, and error type or, where there is none, target. Errors of different buckets are never one
//!    issue.
//! 2. **Frames**: where the error has a type and a stack with frames of the application's own code, the innermost of
//!    these decide, and the message does not count: the same type from the same place is the same problem, whatever its
//!    text says today.
//! 3. **The message** otherwise, with the messages of its causes: what varies is [masked](Mask), and words that turn out
//!    to be values are learned.
//!
//! # What holds for keys
//! - The key of an issue follows from service, type and frames, or from service, type and the masked message that made
//!   it. It is the same on every machine and after every restart.
//! - Words are learned to be values when enough different ones were seen. Issues that were apart until then become one,
//!   under the key of the oldest; [`Change::Merged`] says so. Which one is the oldest depends on the order of arrival;
//!   which errors are one issue in the end does not, as far as the tests can tell.
//! - A grouper that was restored from its [`Learned`] templates goes on exactly as the one that learned them.
//! - What is learned is bounded ([`Limits`]). Beyond the bounds errors are grouped by what is known and by their masked
//!   messages.
//!
//! Pure: no I/O, no clock, no threads.

mod change;
mod components;
mod error;
mod frames;
mod grouper;
mod identity;
mod key;
mod learn;
mod learned;
mod mask;

pub use change::{Change, Grouped, Limits};
pub use components::Component;
pub use error::{Error, Rule};
pub use grouper::{Grouper, Scratch};
pub use key::{IssueKey, VERSION};
pub use learned::Learned;
pub use mask::Mask;
