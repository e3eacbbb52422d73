//! The newest gaps, to be shown; the archive has all of them.

use std::collections::VecDeque;

use crate::archive::Gap;

/// Gaps that are shown, the newest ones.
pub const MAX_GAPS: usize = 20;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    /// The newest last.
    newest: VecDeque<Gap>,
}

impl Gaps {
    pub(super) fn add(&mut self, gap: Gap) {
        if self.newest.len() == MAX_GAPS {
            self.newest.pop_front();
        }
        self.newest.push_back(gap);
    }

    pub(super) fn newest_first(&self) -> Vec<Gap> {
        self.newest.iter().rev().cloned().collect()
    }
}
