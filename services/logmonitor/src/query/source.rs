//! Where rows come from: memory, or blocks of the archive that have to be opened first.

use crate::archive::BlockInfo;
use crate::store::View;

/// Where rows are: in memory, or in a block of the archive that has to be opened first.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Memory(&'a View),
    Archived(&'a BlockInfo),
}

/// What opens blocks of the archive, within reason.
pub(crate) struct Opener<'a, E> {
    /// The rows of a block that are not in memory; `None` when there are none, or nobody can read them.
    pub(crate) open: &'a mut dyn FnMut(&BlockInfo) -> Result<Option<View>, E>,
    /// Whether there is time for another one. At least one is opened whatever it says.
    pub(crate) has_time: &'a mut dyn FnMut() -> bool,
}

impl Source<'_> {
    /// Timestamp of the oldest row.
    pub(super) fn oldest(&self) -> i64 {
        match self {
            Source::Memory(view) => view.oldest,
            Source::Archived(block) => block.oldest,
        }
    }

    /// Timestamp of the newest row.
    pub(super) fn newest(&self) -> i64 {
        match self {
            Source::Memory(view) => view.newest,
            Source::Archived(block) => block.newest,
        }
    }
}
