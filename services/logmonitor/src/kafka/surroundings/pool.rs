//! A few consumers that all requests share: opened when they are needed, kept for the next request, closed when there
//! was none for a while.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use rdkafka::error::KafkaError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::SurroundingsError;
use super::settings::Settings;
use super::tape::Tape;

/// How many requests read at the same time; the others wait.
const MAX_CONSUMERS: usize = 4;
/// How long a request waits.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How long a consumer is kept without a request.
const MAX_IDLE: Duration = Duration::from_secs(60);

/// A cheap handle.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Arc<Settings>,
    turns: Arc<Semaphore>,
    /// Those nobody uses, the last used at the end. Held for a push or a pop.
    idle: Mutex<Vec<(Instant, Tape)>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The configuration may hold a password.
        f.debug_struct("Shared")
            .field("turns", &self.turns)
            .finish_non_exhaustive()
    }
}

/// The right to use one consumer, until it is dropped.
pub(super) struct Borrowed {
    shared: Arc<Shared>,
    _turn: OwnedSemaphorePermit,
}

impl Pool {
    /// An empty one. Must be called inside a tokio runtime.
    pub(super) fn new(settings: Settings) -> Pool {
        let shared = Arc::new(Shared {
            settings: Arc::new(settings),
            turns: Arc::new(Semaphore::new(MAX_CONSUMERS)),
            idle: Mutex::default(),
        });
        tokio::spawn(close_idle(Arc::downgrade(&shared)));
        Pool { shared }
    }

    /// Waits for a turn.
    pub(super) async fn borrow(&self) -> Result<Borrowed, SurroundingsError> {
        let turn = Arc::clone(&self.shared.turns).acquire_owned();
        match tokio::time::timeout(MAX_WAIT, turn).await {
            Ok(Ok(turn)) => Ok(Borrowed {
                shared: Arc::clone(&self.shared),
                _turn: turn,
            }),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(SurroundingsError::Busy),
        }
    }
}

impl Borrowed {
    /// A consumer: the one used last, or a new one.
    pub(super) fn tape(&self) -> Result<Tape, KafkaError> {
        match self.shared.idle().pop() {
            Some((_, tape)) => Ok(tape),
            None => Tape::new(Arc::clone(&self.shared.settings)),
        }
    }

    /// Keeps the consumer for the next request.
    pub(super) fn keep(&self, tape: Tape) {
        self.shared.idle().push((Instant::now(), tape));
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, Vec<(Instant, Tape)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs as long as the pool is there.
async fn close_idle(shared: Weak<Shared>) {
    loop {
        tokio::time::sleep(MAX_IDLE / 4).await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let old: Vec<(Instant, Tape)> = shared
            .idle()
            .extract_if(.., |(used, _)| used.elapsed() >= MAX_IDLE)
            .collect();
        if !old.is_empty() {
            // Closing waits for librdkafka's threads. A panic there leaves nothing to be done here.
            tokio::task::spawn_blocking(move || drop(old)).await.ok();
        }
    }
}
