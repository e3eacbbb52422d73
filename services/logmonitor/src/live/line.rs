//! One line as readers share it: whoever shows it first encodes it for all.

use std::sync::OnceLock;

use axum::body::Bytes;

use crate::store::Event;

/// An event and, once somebody has asked for it, what is sent of it.
#[derive(Debug)]
pub(crate) struct Line {
    event: Event,
    encoded: OnceLock<Bytes>,
}

impl Line {
    pub(super) fn new(event: Event) -> Line {
        Line {
            event,
            encoded: OnceLock::new(),
        }
    }

    /// What it is a line of.
    pub(crate) fn event(&self) -> &Event {
        &self.event
    }

    /// What is sent of it; `encode` is called once for all readers and has to be the same for all.
    pub(crate) fn encoded(&self, encode: impl FnOnce(&Event) -> Bytes) -> Bytes {
        self.encoded.get_or_init(|| encode(&self.event)).clone()
    }
}

/// What a reader was given by one reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What had left before the lines of this reading.
    pub(crate) skipped: u64,
    /// Whether there is more to read already.
    pub(crate) has_more: bool,
}
