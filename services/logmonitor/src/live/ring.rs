//! The newest messages of the logs topic, for those who watch all of them: bounded in bytes, the oldest leave first,
//! and empty while nobody watches.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::log_chunk::LogChunk;
use crate::config::DecodeConfig;
use crate::store::{EventId, Tail};

/// The most bytes of messages that are held.
pub(super) const RING_BYTES: usize = 16 << 20;

/// A handle on the ring; clones share it.
#[derive(Clone, Debug)]
pub struct LogRing {
    inner: Arc<Ring>,
}

#[derive(Debug)]
struct Ring {
    watchers: AtomicUsize,
    decode: DecodeConfig,
    /// Taken once a batch by the consumer, and for a moment by each of the few readers: nobody decodes under it.
    held: Mutex<Held>,
    /// The number of the next message.
    newest: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Held {
    chunks: VecDeque<Arc<LogChunk>>,
    bytes: usize,
    /// The number of the next message.
    next: u64,
}

impl LogRing {
    /// An empty one. `decode` says how messages are read.
    #[must_use]
    pub fn new(decode: DecodeConfig) -> LogRing {
        LogRing {
            inner: Arc::new(Ring {
                watchers: AtomicUsize::new(0),
                decode,
                held: Mutex::default(),
                newest: watch::Sender::new(0),
            }),
        }
    }

    /// Whether somebody wants the messages.
    pub(super) fn is_watched(&self) -> bool {
        self.inner.watchers.load(Ordering::Relaxed) > 0
    }

    /// Takes the messages of a batch, before which so many were left out.
    pub(super) fn append(
        &self,
        topic: &str,
        left_out: u64,
        chunks: impl Iterator<Item = LogChunk>,
    ) {
        let mut held = self.inner.held();
        held.next += left_out;
        for mut chunk in chunks.filter(|chunk| chunk.len() > 0) {
            topic.clone_into(&mut chunk.topic);
            chunk.from = held.next;
            held.next = chunk.end();
            held.bytes += chunk.bytes();
            held.chunks.push_back(Arc::new(chunk));
        }
        // The newest chunk stays even when it alone is larger.
        while held.bytes > RING_BYTES && held.chunks.len() > 1 {
            if let Some(oldest) = held.chunks.pop_front() {
                held.bytes -= oldest.bytes();
            }
        }
        // The last watcher may have gone meanwhile.
        if !self.is_watched() {
            held.clear();
        }
        let next = held.next;
        drop(held);
        self.inner.newest.send_replace(next);
    }

    /// Bytes of the messages that are held.
    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.inner.held().bytes
    }

    /// One more watcher; `None` when there are `most`.
    pub(super) fn watch(&self, most: usize) -> Option<Watcher> {
        let one_more = |count: usize| (count < most).then_some(count + 1);
        let watchers = &self.inner.watchers;
        let counted = watchers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        counted.ok().map(|_| Watcher { ring: self.clone() })
    }
}

impl Ring {
    fn held(&self) -> MutexGuard<'_, Held> {
        // Every statement that could panic under the lock leaves a ring that is right.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn clear(&mut self) {
        self.chunks = VecDeque::new();
        self.bytes = 0;
    }
}

/// One of those who watch. As long as there is one, messages are copied.
#[derive(Debug)]
pub(super) struct Watcher {
    ring: LogRing,
}

impl Watcher {
    pub(super) fn newest(&self) -> watch::Receiver<u64> {
        self.ring.inner.newest.subscribe()
    }

    /// The number of the next message.
    pub(super) fn next(&self) -> u64 {
        self.ring.inner.held().next
    }

    /// The lines from this number on, of up to `limit` messages.
    pub(super) fn tail(&self, from: u64, limit: usize) -> Tail {
        let held = self.ring.inner.held();
        let at = held.chunks.partition_point(|chunk| chunk.end() <= from);
        let chunk = held.chunks.get(at).cloned();
        let next = held.next;
        // Decoding takes its time.
        drop(held);
        let Some(chunk) = chunk else {
            return Tail {
                events: Vec::new(),
                next: next.max(from),
                skipped: next.saturating_sub(from),
            };
        };
        let first = from.max(chunk.from);
        let start = (first - chunk.from) as usize;
        let end = (start + limit).min(chunk.len());
        Tail {
            events: chunk.decode(start..end, &self.ring.inner.decode),
            next: chunk.from + end as u64,
            skipped: first - from,
        }
    }

    /// The number of the message with this line, and which of its lines it is.
    pub(super) fn find(&self, id: &EventId) -> Option<(u64, usize)> {
        let chunks = self.ring.inner.held().chunks.clone();
        let config = &self.ring.inner.decode;
        chunks.iter().rev().find_map(|chunk| {
            (0..chunk.len()).rev().find_map(|at| {
                let events = chunk.decode(at..at + 1, config);
                let line = events.iter().position(|event| event.id() == *id)?;
                Some((chunk.from + at as u64, line))
            })
        })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let inner = &self.ring.inner;
        // Under the lock, so that it is empty when nobody watches.
        let mut held = inner.held();
        if inner.watchers.fetch_sub(1, Ordering::Relaxed) == 1 {
            held.clear();
        }
    }
}
