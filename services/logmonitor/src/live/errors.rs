//! The errors as they come, for one reader; and where it goes on when it comes back.

use std::sync::Arc;

use log_record::Timestamp;
use tokio::sync::watch;
use tracing::warn;

use super::line::Progress;
use super::newest::Newest;
use super::{Line, LiveTail, Seat, TooManyReaders};
use crate::reader::{ReadError, Reader};
use crate::store::{EventId, Tail};

/// How many lines a reader looks at before others get their turn.
const STEP: usize = 64;
/// The same where each step opens a block of the archive.
const ARCHIVE_STEP: usize = 512;
/// How far behind the memory a reader may come back.
const MAX_ARCHIVED: u64 = 100_000;

/// One reader of the errors.
#[derive(Debug)]
pub(crate) struct ErrorTail {
    newest: watch::Receiver<Arc<Newest>>,
    /// The arrival number of the next error.
    place: u64,
    /// Up to where it may read.
    end: u64,
    /// Whether it has come back and is behind the memory, so far.
    is_returning: bool,
    seat: Seat,
}

impl LiveTail {
    /// A reader of the errors that are stored from now on.
    ///
    /// # Errors
    /// There are as many as may be.
    pub(crate) fn errors(&self) -> Result<ErrorTail, TooManyReaders> {
        let seat = self.admit()?;
        let newest = self.inner.newest.subscribe();
        let end = self.inner.store.arrivals();
        Ok(ErrorTail {
            newest,
            place: end,
            end,
            is_returning: false,
            seat,
        })
    }
}

impl ErrorTail {
    /// Goes on right behind this event; whether it is still there. Blocks until the disk has answered.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub(crate) fn resume_after(&mut self, id: &EventId, now: Timestamp) -> Result<bool, ReadError> {
        let found = self.reader().find(id, now)?;
        if let Some(event) = &found {
            self.place = event.arrival() + 1;
            self.end = self.end.max(self.place);
            self.is_returning = true;
        }
        Ok(found.is_some())
    }

    /// While the store is being filled it does not know yet what is new. Blocks until the disk has answered.
    ///
    /// # Errors
    /// The archive cannot be read.
    pub(crate) fn skip_loading(&mut self) -> Result<(), ReadError> {
        if let Some(archive) = &self.seat.live.inner.archive
            && archive.is_loading()
        {
            self.place = self.place.max(archive.next_arrival()?);
            self.end = self.end.max(self.place);
        }
        Ok(())
    }

    /// Passes the next lines to `take`.
    pub(crate) async fn read(&mut self, mut take: impl FnMut(&Line)) -> Progress {
        let newest = Arc::clone(&self.newest.borrow_and_update());
        self.end = self.end.max(newest.end);
        if self.place >= self.end {
            return Progress::default();
        }
        let begun_at = self.place;
        let mut taken = 0;
        if let Some(lines) = newest.from(self.place) {
            let step = lines.get(..STEP).unwrap_or(lines);
            for line in step {
                take(line);
                self.place = line.event().arrival() + 1;
            }
            taken = step.len();
            if taken == lines.len() {
                self.place = newest.end;
            }
        } else {
            let tail = self.read_alone().await;
            // It is further back only while the store begins anew.
            if tail.next > self.place {
                self.place = tail.next;
                taken = tail.events.len();
                for event in tail.events {
                    take(&Line::new(event));
                }
            }
        }
        let skipped = self.place - begun_at - taken as u64;
        self.seat.live.count_skipped(skipped);
        Progress {
            skipped,
            has_more: self.place < self.end && self.place > begun_at,
        }
    }

    /// Waits until there may be more.
    pub(crate) async fn changed(&mut self) {
        if self.newest.changed().await.is_err() {
            // It cannot end before the reader, who holds it.
            std::future::pending::<()>().await;
        }
    }

    /// What is not among the newest: in memory, or for who comes back in the archive.
    async fn read_alone(&mut self) -> Tail {
        let store = &self.seat.live.inner.store;
        let first = store.snapshot().first_arrival();
        if !self.is_returning || self.place >= first {
            self.is_returning = false;
            return store.tail(self.place, STEP);
        }
        let from = self.place.max(first.saturating_sub(MAX_ARCHIVED));
        let turns = Arc::clone(&self.seat.live.inner.archive_turns);
        let reader = self.reader();
        let read = async {
            let _turn = turns.acquire().await.ok();
            let read = move || reader.tail_archived(from, first, ARCHIVE_STEP);
            tokio::task::spawn_blocking(read).await
        };
        match read.await {
            Ok(Ok(tail)) => tail,
            Ok(Err(error)) => {
                warn!("{error}; a live tail goes on with what is in memory");
                self.give_up(first)
            }
            // The process is ending, or reading panicked, which has been reported.
            Err(_) => self.give_up(first),
        }
    }

    fn give_up(&self, first: u64) -> Tail {
        Tail {
            next: first.max(self.place),
            ..Tail::default()
        }
    }

    fn reader(&self) -> Reader {
        let inner = &self.seat.live.inner;
        Reader::new(inner.store.clone(), inner.archive.clone())
    }
}
