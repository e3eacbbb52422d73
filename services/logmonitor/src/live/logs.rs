//! Every line of the logs topic as it comes, for one reader. Each reader decodes for itself: the consumer does not.

use tokio::sync::watch;

use super::line::Progress;
use super::ring::Watcher;
use super::{Line, LiveTail, Seat, TooManyReaders};
use crate::store::EventId;

/// How many messages a reader decodes before others get their turn.
const STEP: usize = 128;

/// One reader of all lines.
#[derive(Debug)]
pub(crate) struct LogTail {
    newest: watch::Receiver<u64>,
    /// The number of the next message.
    place: u64,
    /// How many lines of that message were read before: it may hold several.
    read_of_it: usize,
    watcher: Watcher,
    seat: Seat,
}

impl LiveTail {
    /// A reader of the lines that come from now on.
    ///
    /// # Errors
    /// There are as many as may be.
    pub(crate) fn logs(&self) -> Result<LogTail, TooManyReaders> {
        let seat = self.admit()?;
        let most = self.inner.limits.all_readers;
        let watcher = self.inner.ring.watch(most);
        let watcher = watcher.ok_or(TooManyReaders::All(most))?;
        Ok(LogTail {
            newest: watcher.newest(),
            place: watcher.next(),
            read_of_it: 0,
            watcher,
            seat,
        })
    }
}

impl LogTail {
    /// Goes on right behind this line; whether it is still in the ring. Decodes all that is there.
    pub(crate) fn resume_after(&mut self, id: &EventId) -> bool {
        let Some((message, line)) = self.watcher.find(id) else {
            return false;
        };
        self.place = message;
        self.read_of_it = line + 1;
        true
    }

    /// Passes the next lines to `take`.
    pub(crate) fn read(&mut self, mut take: impl FnMut(&Line)) -> Progress {
        let end = *self.newest.borrow_and_update();
        if self.place >= end {
            return Progress::default();
        }
        let tail = self.watcher.tail(self.place, STEP);
        let read_before = std::mem::take(&mut self.read_of_it);
        // The message may have left meanwhile: what comes then was not read.
        let read_before = if tail.skipped == 0 { read_before } else { 0 };
        for event in tail.events.into_iter().skip(read_before) {
            take(&Line::new(event));
        }
        self.place = tail.next;
        self.seat.live.count_skipped(tail.skipped);
        Progress {
            skipped: tail.skipped,
            has_more: self.place < end,
        }
    }

    /// Waits until there may be more.
    pub(crate) async fn changed(&mut self) {
        if self.newest.changed().await.is_err() {
            // It cannot end before the reader, who holds it.
            std::future::pending::<()>().await;
        }
    }
}
