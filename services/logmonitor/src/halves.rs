//! Work on the items of a batch: that of a large one is shared by two threads.

use std::thread;

/// From so many items on a second thread helps; for fewer, starting it costs more than it saves.
pub(crate) const LARGE_BATCH: usize = 1_024;

/// What `work` makes of both halves of the items, at the same time.
pub(crate) fn in_halves<'i, T: Sync, R: Send>(
    items: &'i [T],
    work: impl Fn(&'i [T]) -> R + Sync,
) -> (R, R) {
    let (first, second) = items.split_at(items.len() / 2);
    thread::scope(|scope| {
        let helper = scope.spawn(|| work(second));
        let first = work(first);
        match helper.join() {
            Ok(second) => (first, second),
            // It goes on here as it would have without a second thread.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
