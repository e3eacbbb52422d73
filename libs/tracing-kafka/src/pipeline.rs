//! What the layer, the guard, the panic hook and the worker share: the register of queues, the books, the bell that
//! wakes the worker. It sends nothing itself.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::Duration;

use log_record::Severity;

use crate::control::Control;
use crate::counters::{Counters, PerLevel};
use crate::fork::Birth;
use crate::loss_report::Losses;
use crate::queue::{Entry, Offer, ThreadQueue};

/// Distinguishes the layers of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LayerId(usize);

impl LayerId {
    fn next() -> LayerId {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        LayerId(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Bounds of what one pipeline holds in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes of one thread's queue.
    pub(crate) thread_queue: usize,
    /// Bytes of a record's text (from `message` on); what is longer is cut.
    pub(crate) text: usize,
}

/// The shared state of one layer.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) id: LayerId,
    pub(crate) limits: Limits,
    pub(crate) control: Control,
    pub(crate) delivered: PerLevel,
    pub(crate) spooled: PerLevel,
    pub(crate) dropped: PerLevel,
    /// Of the dropped, those that had a number.
    dropped_with_seq: AtomicU64,
    /// Records of earlier processes that the spool has lost.
    pub(crate) torn: AtomicU64,
    register: Mutex<Register>,
    /// How many queues were ever registered; tells the worker to look.
    registered: AtomicU64,
    /// For threads whose thread-local storage is already gone. Not bound to one thread, so without a promise of order.
    orphans: Arc<ThreadQueue>,
    bell: Bell,
    birth: Birth,
}

#[derive(Debug, Default)]
struct Register {
    queues: Vec<Arc<ThreadQueue>>,
    /// What the queues of ended threads had counted.
    ended_emitted: PerLevel,
    ended_dropped: PerLevel,
    closed: bool,
}

impl Register {
    /// Sum of what the worker and the callers have dropped.
    fn dropped(&self, by_worker: &PerLevel) -> [u64; Severity::COUNT] {
        let mut dropped = by_worker.read();
        self.ended_dropped.add_to(&mut dropped);
        for queue in &self.queues {
            queue.dropped.add_to(&mut dropped);
        }
        dropped
    }
}

#[derive(Debug, Default)]
struct Bell {
    worker: OnceLock<Thread>,
    /// The worker sleeps for long: whoever brings a record wakes it.
    long_sleep: AtomicBool,
}

impl Pipeline {
    pub(crate) fn new(limits: Limits) -> Pipeline {
        let orphans = Arc::new(ThreadQueue::shared(limits.thread_queue));
        Pipeline {
            id: LayerId::next(),
            limits,
            control: Control::default(),
            delivered: PerLevel::default(),
            spooled: PerLevel::default(),
            dropped: PerLevel::default(),
            dropped_with_seq: AtomicU64::new(0),
            torn: AtomicU64::new(0),
            register: Mutex::new(Register {
                queues: vec![Arc::clone(&orphans)],
                ..Register::default()
            }),
            registered: AtomicU64::new(1),
            orphans,
            bell: Bell::default(),
            birth: Birth::here(),
        }
    }

    /// Counts a record and puts it into the queue, or counts it as dropped.
    #[inline]
    pub(crate) fn submit(&self, queue: &ThreadQueue, entry: Entry, parts: &[&[u8]]) {
        let severity = entry.severity;
        queue.count_emitted(severity);
        if self.is_orphaned_by_fork() {
            queue.dropped.add(severity, 1);
            return;
        }
        match queue.offer(entry, parts) {
            Offer::Taken => {
                if severity.is_error() || self.bell.long_sleep.load(Ordering::Relaxed) {
                    self.wake_worker();
                }
            }
            Offer::TakenHalfFull => self.wake_worker(),
            Offer::Refused => queue.dropped.add(severity, 1),
        }
    }

    /// Counts a record that could not be written: an event within an event, or a panic in the middle.
    pub(crate) fn refuse(&self, severity: Severity) {
        self.orphans.emitted.add(severity, 1);
        self.orphans.dropped.add(severity, 1);
    }

    /// The queue for threads without thread-local storage.
    pub(crate) fn orphans(&self) -> &ThreadQueue {
        &self.orphans
    }

    /// A new queue for the calling thread. The worker lets go of it when the thread has.
    pub(crate) fn register_thread(&self) -> Arc<ThreadQueue> {
        let queue = Arc::new(ThreadQueue::new(self.limits.thread_queue));
        if self.is_orphaned_by_fork() {
            // Another thread of the parent may have held the lock at the fork: never touch it in the child.
            return queue;
        }
        let mut register = self.register();
        if register.closed {
            queue.close();
        }
        register.queues.push(Arc::clone(&queue));
        self.registered.fetch_add(1, Ordering::Release);
        queue
    }

    /// Refuses what is logged from now on.
    pub(crate) fn close(&self) {
        let mut register = self.register();
        register.closed = true;
        for queue in &register.queues {
            queue.close();
        }
    }

    /// Brings the worker's own list of queues up to date. With `prune`, queues that are empty and whose thread has
    /// ended are forgotten.
    pub(crate) fn refresh(&self, known: &mut Vec<Arc<ThreadQueue>>, seen: &mut u64, prune: bool) {
        let registered = self.registered.load(Ordering::Acquire);
        if registered == *seen && !prune {
            return;
        }
        let mut register = self.register();
        if prune {
            known.clear();
            let Register {
                queues,
                ended_emitted,
                ended_dropped,
                ..
            } = &mut *register;
            queues.retain(|queue| {
                // Held by nobody but this list; only a thread's own storage could hold it besides.
                let alive = Arc::strong_count(queue) > 1 || !queue.is_empty();
                if !alive {
                    ended_emitted.absorb(&queue.emitted);
                    ended_dropped.absorb(&queue.dropped);
                }
                alive
            });
        }
        known.clone_from(&register.queues);
        *seen = registered;
    }

    /// Whether no queue holds a record.
    pub(crate) fn is_idle(&self) -> bool {
        self.register().queues.iter().all(|queue| queue.is_empty())
    }

    /// Counts a record as dropped that had a number. For the worker, which gives the numbers.
    pub(crate) fn drop_with_seq(&self, severity: Severity) {
        self.dropped_with_seq.fetch_add(1, Ordering::Relaxed);
        self.dropped.add(severity, 1);
    }

    /// What is lost so far. Asked by the worker.
    pub(crate) fn losses(&self) -> Losses {
        Losses {
            dropped_with_seq: self.dropped_with_seq.load(Ordering::Relaxed),
            dropped: self.register().dropped(&self.dropped),
            torn: self.torn.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn counters(&self) -> Counters {
        let register = if self.is_orphaned_by_fork() {
            match self.register.try_lock() {
                Ok(register) => register,
                Err(_) => return Counters::default(),
            }
        } else {
            self.register()
        };
        // Outcomes before emissions, and delivered before spooled: a record moves from spooled to delivered.
        let delivered = self.delivered.read();
        let spooled = self.spooled.read();
        let dropped = register.dropped(&self.dropped);
        let mut emitted = register.ended_emitted.read();
        for queue in &register.queues {
            queue.emitted.add_to(&mut emitted);
        }
        let torn = self.torn.load(Ordering::Relaxed);
        Counters::from_columns(emitted, delivered, spooled, dropped, torn)
    }

    /// Counts a record that did not come from a thread's queue: the worker's own report.
    pub(crate) fn count_own(&self, severity: Severity) {
        self.orphans.emitted.add(severity, 1);
    }

    /// Whether this process is a child of the one that built the layer: it has no worker.
    #[inline]
    pub(crate) fn is_orphaned_by_fork(&self) -> bool {
        !self.birth.is_here()
    }

    /// Ends the worker, which has `timeout` to deliver what is left. Whether it has ended.
    pub(crate) fn stop(&self, timeout: Duration) -> bool {
        self.control.stop(timeout, || self.wake_worker())
    }

    /// Names the thread to wake. The first call counts.
    pub(crate) fn set_worker(&self, worker: Thread) {
        self.bell.worker.get_or_init(|| worker);
    }

    pub(crate) fn wake_worker(&self) {
        if let Some(worker) = self.bell.worker.get() {
            worker.unpark();
        }
    }

    /// Announces a long sleep, or its end. A caller on a machine with a weak memory order may miss the announcement;
    /// its record then waits until the sleep ends by itself.
    pub(crate) fn announce_long_sleep(&self, asleep: bool) {
        self.bell.long_sleep.store(asleep, Ordering::SeqCst);
    }

    fn register(&self) -> MutexGuard<'_, Register> {
        self.register.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
