//! The live tail: errors, or all lines of the logs topic, as they come. Readers are woken together and read at their
//! own pace from what is there anyway (the store, or for all lines a bounded ring), so that a slow one holds up nobody;
//! what has left before it was read is counted. Knows neither Kafka nor HTTP.

mod errors;
mod line;
mod log_chunk;
mod log_copies;
mod logs;
mod newest;
mod ring;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{Semaphore, watch};

use crate::archive::Archive;
use crate::store::Store;
pub(crate) use errors::ErrorTail;
pub(crate) use line::{Line, Progress};
pub(crate) use log_copies::LogCopies;
pub(crate) use logs::LogTail;
use newest::Newest;
pub use ring::LogRing;

/// How many readers may go through the archive at a time; the others wait for their turn.
const ARCHIVE_READERS: usize = 4;

/// How many may watch at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveLimits {
    /// All readers.
    pub readers: usize,
    /// Those among them that watch every line of the logs topic.
    pub all_readers: usize,
}

impl Default for LiveLimits {
    fn default() -> Self {
        LiveLimits {
            readers: 1_000,
            all_readers: 4,
        }
    }
}

/// A handle on the live tail; clones share it.
#[derive(Clone, Debug)]
pub struct LiveTail {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    archive: Option<Archive>,
    ring: LogRing,
    limits: LiveLimits,
    readers: AtomicUsize,
    skipped: AtomicU64,
    newest: watch::Sender<Arc<Newest>>,
    is_followed: AtomicBool,
    closing: watch::Sender<bool>,
    archive_turns: Arc<Semaphore>,
}

/// As many readers as may watch are watching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooManyReaders {
    #[error("{0} readers watch live already, which is as many as may (LOG_MONITOR_LIVE_READERS)")]
    Any(usize),
    #[error(
        "{0} readers watch all levels already, which is as many as may (LOG_MONITOR_LIVE_ALL_READERS)"
    )]
    All(usize),
}

impl LiveTail {
    /// Shows what comes into `store`, and into `ring`; who comes back may also go on from `archive`.
    #[must_use]
    pub fn new(
        store: Store,
        archive: Option<Archive>,
        ring: LogRing,
        limits: LiveLimits,
    ) -> LiveTail {
        LiveTail {
            inner: Arc::new(Inner {
                store,
                archive,
                ring,
                limits,
                readers: AtomicUsize::new(0),
                skipped: AtomicU64::new(0),
                newest: watch::Sender::default(),
                is_followed: AtomicBool::new(false),
                closing: watch::Sender::new(false),
                archive_turns: Arc::new(Semaphore::new(ARCHIVE_READERS)),
            }),
        }
    }

    /// How many are watching.
    #[must_use]
    pub fn readers(&self) -> usize {
        self.inner.readers.load(Ordering::Relaxed)
    }

    /// What readers missed since the start of the process, each counted for itself.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.inner.skipped.load(Ordering::Relaxed)
    }

    /// Ends all streams, now and for good.
    pub fn close(&self) {
        self.inner.closing.send_replace(true);
    }

    /// Becomes true when streams are to end.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.inner.closing.subscribe()
    }

    /// Lets one more reader in. Must be called inside a tokio runtime.
    fn admit(&self) -> Result<Seat, TooManyReaders> {
        let (readers, most) = (&self.inner.readers, self.inner.limits.readers);
        let one_more = |count: usize| (count < most).then_some(count + 1);
        if readers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .is_err()
        {
            return Err(TooManyReaders::Any(most));
        }
        let seat = Seat { live: self.clone() };
        if !self.inner.is_followed.swap(true, Ordering::Relaxed) {
            tokio::spawn(newest::follow(Arc::clone(&self.inner)));
        }
        Ok(seat)
    }

    fn count_skipped(&self, skipped: u64) {
        self.inner.skipped.fetch_add(skipped, Ordering::Relaxed);
    }
}

/// A reader's place among all readers, given back when it is dropped.
#[derive(Debug)]
struct Seat {
    live: LiveTail,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.live.inner.readers.fetch_sub(1, Ordering::Relaxed);
    }
}
