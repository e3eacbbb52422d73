//! One round of the worker: the records of all threads since the last one, in the order of their clocks.

use std::sync::Arc;

use log_record::Timestamp;

use crate::pipeline::Pipeline;
use crate::queue::{Batch, Entry, Take, ThreadQueue};

/// The queues the worker knows, and what it has taken from them.
#[derive(Debug, Default)]
pub(crate) struct Round {
    queues: Vec<Arc<ThreadQueue>>,
    /// How many queues had been registered when the list was made.
    seen: u64,
    taken: Vec<Taken>,
    order: Vec<Place>,
    /// Empty batches with memory, to be exchanged for full ones.
    spare: Vec<Batch>,
    rounds_without_records: u32,
    /// At this many queues it is time to look for those whose thread has ended, however much there is to do.
    prune_at: usize,
}

/// A process with fewer threads than this has no list worth pruning under load.
const FEW_QUEUES: usize = 64;

#[derive(Debug)]
struct Taken {
    queue: usize,
    batch: Batch,
}

/// Where a record stands, ordered as it is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    timestamp: Timestamp,
    taken: u32,
    entry: u32,
    offset: u32,
}

impl Round {
    /// Takes everything that is queued.
    pub(crate) fn take(&mut self, pipeline: &Pipeline) {
        let prune = self.rounds_without_records.is_multiple_of(64)
            || self.queues.len() >= self.prune_at.max(FEW_QUEUES);
        pipeline.refresh(&mut self.queues, &mut self.seen, prune);
        if prune {
            self.prune_at = 2 * self.queues.len();
        }
        for (at, queue) in self.queues.iter().enumerate() {
            for index in 0..2 {
                // The one emptied last is the one that is still in the caches.
                let mut batch = self.spare.pop().unwrap_or_default();
                match queue.take(index, &mut batch) {
                    Take::Records => self.taken.push(Taken { queue: at, batch }),
                    Take::Nothing => self.spare.push(batch),
                    Take::Busy => {
                        self.spare.push(batch);
                        // The next batch may hold later records; leave both for the next round.
                        break;
                    }
                }
            }
        }
        if self.taken.is_empty() {
            self.rounds_without_records = self.rounds_without_records.wrapping_add(1);
        } else {
            self.rounds_without_records = 1;
        }
    }

    /// Shows every record taken, merged by time; the order within a thread is kept even if its clock went back. How
    /// many there were.
    pub(crate) fn for_each(&mut self, mut show: impl FnMut(&Entry, &[u8], &[u8])) -> usize {
        self.order.clear();
        let mut latest = Timestamp::MIN;
        let mut queue = None;
        for (at, taken) in self.taken.iter().enumerate() {
            if queue != Some(taken.queue) {
                queue = Some(taken.queue);
                latest = Timestamp::MIN;
            }
            let mut offset = 0;
            for (position, entry) in taken.batch.entries.iter().enumerate() {
                latest = latest.max(entry.timestamp);
                // A batch is bounded by its queue's capacity, far below 4 GiB.
                self.order.push(Place {
                    timestamp: latest,
                    taken: at as u32,
                    entry: position as u32,
                    offset,
                });
                offset += entry.len;
            }
        }
        self.order.sort_unstable();
        for place in &self.order {
            let taken = &self.taken[place.taken as usize];
            let entry = &taken.batch.entries[place.entry as usize];
            let start = place.offset as usize;
            let text = &taken.batch.bytes[start..start + entry.len as usize];
            show(entry, &self.queues[taken.queue].thread, text);
        }
        self.order.len()
    }

    /// Keeps the memory of what was taken for the next round.
    pub(crate) fn recycle(&mut self) {
        for taken in self.taken.drain(..) {
            let mut batch = taken.batch;
            batch.clear();
            self.spare.push(batch);
        }
    }

    /// Gives back the memory that bursts have left.
    pub(crate) fn release_memory(&mut self) {
        self.spare = Vec::new();
        self.order = Vec::new();
        for queue in &self.queues {
            queue.release_memory();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Limits;
    use log_record::Severity;

    #[test]
    fn queues_of_ended_threads_do_not_pile_up_under_load() {
        let pipeline = Pipeline::new(Limits {
            thread_queue: 10_000,
            text: 1_000,
        });
        let mut round = Round::default();
        let mut shown = 0;
        for _ in 0..1_000 {
            // As a thread would: a queue, a record, and away.
            let queue = pipeline.register_thread();
            let entry = Entry {
                metadata: None,
                timestamp: Timestamp::MIN,
                severity: Severity::Info,
                source_len: 0,
                len: 0,
                stack: None,
            };
            pipeline.submit(&queue, entry, &[b"text"]);
            drop(queue);
            round.take(&pipeline);
            shown += round.for_each(|_, _, text| assert_eq!(text, b"text"));
            round.recycle();
        }
        assert_eq!(shown, 1_000);
        assert_eq!(pipeline.counters().emitted(), 1_000);
        assert!(
            round.queues.len() <= FEW_QUEUES + 2,
            "{}",
            round.queues.len()
        );
    }
}
