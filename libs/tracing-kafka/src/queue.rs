//! What stands between the callers and the worker: one bounded queue per thread, emptied by the worker.
//!
//! A queue is two batches, each behind a mutex that nobody ever waits for. The caller appends under `try_lock`;
//! when that fails the worker is swapping this very batch out, and since the worker holds one batch at a time the
//! caller turns to the other one. So the caller neither blocks nor spins, the worker's part is a `mem::swap`, and
//! all of it is safe code.
//!
//! **Order.** The caller stays with a batch until it finds it locked, and the worker empties whatever it locks, so
//! the batch the caller left is empty from then on. The worker takes batch 0 before batch 1 in every round, which
//! therefore yields a thread's records in the order they were logged.

use std::backtrace::Backtrace;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use log_record::{Severity, Timestamp, json};
use tracing::Metadata;

use crate::counters::PerLevel;

/// What a queued record costs beside its text.
const ENTRY_BYTES: usize = size_of::<Entry>();

/// How often a caller changes batches before it gives a record up. The worker would have to lock both batches in
/// turn, each time just before the caller, this many times.
const ATTEMPTS: usize = 16;

/// One event as it waits for the worker: all but the text, which stands in [`Batch::bytes`].
#[derive(Debug)]
pub(crate) struct Entry {
    /// The callsite, where the text does not itself begin with the source's keys.
    pub(crate) metadata: Option<&'static Metadata<'static>>,
    pub(crate) timestamp: Timestamp,
    pub(crate) severity: Severity,
    /// How much of the text, from its start, is the source (`"target":…,`): zero with `metadata`.
    pub(crate) source_len: u32,
    /// Length of the text in bytes.
    pub(crate) len: u32,
    /// A backtrace whose symbols the worker resolves.
    pub(crate) stack: Option<Box<UnresolvedStack>>,
}

/// A captured backtrace and the place in the record's text where its JSON belongs.
#[derive(Debug)]
pub(crate) struct UnresolvedStack {
    pub(crate) backtrace: Backtrace,
    /// Offset in the text, right behind the last member of the `error` object.
    pub(crate) at: usize,
}

/// Records of one thread, in order, that the worker takes as a whole.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Entry>,
    pub(crate) bytes: Vec<u8>,
    /// Set when the pipeline has ended: nobody will come for what is put here.
    closed: bool,
}

impl Batch {
    fn size(&self) -> usize {
        self.bytes.len() + self.entries.len() * ENTRY_BYTES
    }

    /// Empties the batch and keeps its memory.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }
}

/// What became of a record that was offered to a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// It waits for the worker, who will come by itself.
    Taken,
    /// It waits for the worker, and the queue has just become half full.
    TakenHalfFull,
    /// There is no room left for its severity, or the pipeline has ended.
    Refused,
}

/// What the worker found in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// Records, which it has now.
    Records,
    /// None.
    Nothing,
    /// A caller is writing there.
    Busy,
}

/// The queue of one thread. Aligned so that no two threads' queues share a cache line.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct ThreadQueue {
    batches: [Mutex<Batch>; 2],
    /// Index of the batch the caller uses.
    current: AtomicUsize,
    capacity: usize,
    /// `"thread":"name",`, or nothing for a thread without a name.
    pub(crate) thread: Box<[u8]>,
    pub(crate) emitted: PerLevel,
    pub(crate) dropped: PerLevel,
    /// More than one thread may use it.
    is_shared: bool,
}

impl ThreadQueue {
    /// A queue of `capacity` bytes for the calling thread.
    pub(crate) fn new(capacity: usize) -> ThreadQueue {
        let mut thread = Vec::new();
        if let Some(name) = std::thread::current().name() {
            thread.extend_from_slice(b"\"thread\":");
            json::push_str(&mut thread, name);
            thread.push(b',');
        }
        ThreadQueue {
            batches: Default::default(),
            current: AtomicUsize::new(0),
            capacity,
            thread: thread.into_boxed_slice(),
            emitted: PerLevel::default(),
            dropped: PerLevel::default(),
            is_shared: false,
        }
    }

    /// A queue of `capacity` bytes for any thread, which promises no order.
    pub(crate) fn shared(capacity: usize) -> ThreadQueue {
        ThreadQueue {
            thread: Box::default(),
            is_shared: true,
            ..ThreadQueue::new(capacity)
        }
    }

    /// Counts a record as emitted by this queue's thread.
    #[inline]
    pub(crate) fn count_emitted(&self, severity: Severity) {
        if self.is_shared {
            self.emitted.add(severity, 1);
        } else {
            self.emitted.bump(severity);
        }
    }

    /// Appends a record whose text is the concatenation of `parts`; `entry.len` is set here.
    #[inline]
    pub(crate) fn offer(&self, mut entry: Entry, parts: &[&[u8]]) -> Offer {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        let Ok(text_len) = u32::try_from(len) else {
            return Offer::Refused;
        };
        entry.len = text_len;
        // Only this thread writes `current`; the slot's mutex orders everything else.
        let mut current = self.current.load(Ordering::Relaxed);
        for _ in 0..ATTEMPTS {
            if let Some(mut batch) = lock_if_free(&self.batches[current]) {
                return append(&mut batch, self.capacity, entry, len, parts);
            }
            current ^= 1;
            self.current.store(current, Ordering::Relaxed);
        }
        Offer::Refused
    }

    /// Swaps the records of batch `index` (0, then 1) for `empty`, if there are any.
    pub(crate) fn take(&self, index: usize, empty: &mut Batch) -> Take {
        let mut take = Take::Nothing;
        let reached = self.with_batch(index, |batch| {
            if !batch.entries.is_empty() {
                empty.closed = batch.closed;
                std::mem::swap(batch, empty);
                take = Take::Records;
            }
        });
        if reached { take } else { Take::Busy }
    }

    /// Gives back the memory of batches that are empty.
    pub(crate) fn release_memory(&self) {
        for index in 0..self.batches.len() {
            // A batch that is in use keeps its memory.
            let _reached = self.with_batch(index, |batch| {
                if batch.entries.is_empty() {
                    *batch = Batch {
                        closed: batch.closed,
                        ..Batch::default()
                    };
                }
            });
        }
    }

    /// Whether nothing waits here. While a caller is writing, it is not.
    pub(crate) fn is_empty(&self) -> bool {
        self.batches
            .iter()
            .all(|batch| lock_if_free(batch).is_some_and(|batch| batch.entries.is_empty()))
    }

    /// Refuses every record from now on.
    pub(crate) fn close(&self) {
        for batch in &self.batches {
            // Waits, at most for one memcpy: no record may come later.
            batch.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        }
    }

    /// Works on a batch. `false` when a caller is just writing there and did not finish in all the time that takes.
    fn with_batch(&self, index: usize, work: impl FnOnce(&mut Batch)) -> bool {
        for attempt in 0..4_096 {
            if let Some(mut batch) = lock_if_free(&self.batches[index]) {
                work(&mut batch);
                return true;
            }
            // A caller holds the lock for one memcpy. Waiting on the mutex would make its unlock a syscall.
            if attempt < 64 {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
        false
    }
}

/// The part of a queue that records of this severity may fill, in eighths: what is dropped is least severe first.
#[inline]
pub(crate) const fn share_in_eighths(severity: Severity) -> usize {
    match severity {
        Severity::Trace | Severity::Debug => 5,
        Severity::Info => 6,
        Severity::Warn => 7,
        Severity::Error | Severity::Critical => 8,
    }
}

#[inline]
fn append(batch: &mut Batch, capacity: usize, entry: Entry, len: usize, parts: &[&[u8]]) -> Offer {
    let before = batch.size();
    let after = before + len + ENTRY_BYTES;
    if batch.closed || after > capacity / 8 * share_in_eighths(entry.severity) {
        return Offer::Refused;
    }
    batch.bytes.reserve(len);
    for part in parts {
        batch.bytes.extend_from_slice(part);
    }
    batch.entries.push(entry);
    if before < capacity / 2 && after >= capacity / 2 {
        Offer::TakenHalfFull
    } else {
        Offer::Taken
    }
}

/// The lock, unless another thread holds it. Nothing panics under these locks, so poison carries no meaning.
#[inline]
fn lock_if_free(batch: &Mutex<Batch>) -> Option<MutexGuard<'_, Batch>> {
    match batch.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    fn entry(severity: Severity, number: i64) -> Entry {
        Entry {
            metadata: None,
            timestamp: Timestamp::from_micros(number),
            severity,
            source_len: 0,
            len: 0,
            stack: None,
        }
    }

    #[test]
    fn records_come_out_whole_and_in_order_while_the_worker_takes_them() {
        const COUNT: i64 = 300_000;
        let queue = ThreadQueue::new(1 << 30);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..COUNT {
                    let text = number.to_le_bytes();
                    let offer =
                        queue.offer(entry(Severity::Info, number), &[&text[..3], &text[3..]]);
                    assert_ne!(offer, Offer::Refused);
                }
                done.store(true, Ordering::Release);
            });
            let mut next = 0;
            let mut batch = Batch::default();
            loop {
                let is_last = done.load(Ordering::Acquire);
                for index in 0..2 {
                    match queue.take(index, &mut batch) {
                        Take::Busy => break,
                        Take::Nothing => {}
                        Take::Records => {
                            for (entry, text) in batch.entries.iter().zip(batch.bytes.chunks(8)) {
                                assert_eq!(entry.timestamp.as_micros(), next);
                                assert_eq!(text, next.to_le_bytes());
                                next += 1;
                            }
                            batch.clear();
                        }
                    }
                }
                if is_last {
                    break;
                }
            }
            assert_eq!(next, COUNT);
        });
    }

    #[test]
    fn each_severity_has_its_share_of_the_room() {
        let queue = ThreadQueue::new(80_000);
        let mut taken = Vec::new();
        for severity in Severity::ALL {
            let mut count = 0;
            while queue.offer(entry(severity, 0), &[&[0; 100]]) != Offer::Refused {
                count += 1;
            }
            taken.push(count * (100 + ENTRY_BYTES));
        }
        // Trace and debug share 5/8, info and warn get 1/8 each on top, error and critical share the last.
        for (taken, eighths) in taken.iter().zip([5, 0, 1, 1, 1, 0]) {
            assert!(
                taken.abs_diff(eighths * 10_000) <= 200,
                "{taken} of {eighths}/8"
            );
        }
    }

    #[test]
    fn the_half_full_queue_is_announced_once() {
        let queue = ThreadQueue::new(80_000);
        let offers: Vec<Offer> = (0..300)
            .map(|_| queue.offer(entry(Severity::Info, 0), &[&[0; 100]]))
            .collect();
        let announced = offers
            .iter()
            .filter(|offer| **offer == Offer::TakenHalfFull)
            .count();
        assert_eq!(announced, 1);
    }

    #[test]
    fn a_closed_queue_refuses_and_still_gives_what_it_holds() {
        let queue = ThreadQueue::new(80_000);
        queue.offer(entry(Severity::Error, 1), &[b"kept"]);
        queue.close();
        assert_eq!(
            queue.offer(entry(Severity::Error, 2), &[b"late"]),
            Offer::Refused
        );
        let mut batch = Batch::default();
        assert_eq!(queue.take(0, &mut batch), Take::Records);
        assert_eq!(batch.bytes, b"kept");
        assert_eq!(
            queue.offer(entry(Severity::Error, 3), &[b"later"]),
            Offer::Refused
        );
    }
}
