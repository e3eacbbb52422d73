//! From start to stop of the reading side: first the store is filled from the archive, then the consumers run. The API
//! answers all the while.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use log_record::Timestamp;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tracing::{error, warn};

use crate::config::Config;
use crate::ingest::Ingest;
use crate::kafka::Consumers;
use crate::pipeline::Pipeline;
use crate::refill::refill;
use crate::store::Store;

/// Between two attempts to read an archive that cannot be read.
const RETRY: Duration = Duration::from_secs(5);

/// What reading needs.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) config: Config,
    pub(crate) bootstrap_servers: String,
    /// Names this process among the members of the group, across its restarts.
    pub(crate) member: String,
    pub(crate) is_embedded: bool,
    pub(crate) store: Store,
    pub(crate) pipeline: Pipeline,
    pub(crate) ingest: Ingest,
}

/// The reading side of a running process.
#[derive(Debug)]
pub(crate) struct Reading {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Option<Consumers>>,
}

impl Reading {
    /// Starts in the background. A thread that cannot be started is told to `failed`.
    pub(crate) fn start(reader: Reader, failed: oneshot::Sender<io::Error>) -> Reading {
        // Before the API answers: whoever asks early must not take what is loaded for new.
        if let Some(archive) = reader.ingest.archive() {
            archive.set_loading(true);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = Arc::clone(&stop);
        let task = tokio::task::spawn_blocking(move || {
            reader.fill_store(&stopping);
            if stopping.load(Ordering::Relaxed) {
                return None;
            }
            match reader.start_consumers() {
                Ok(consumers) => Some(consumers),
                Err(error) => {
                    // Nobody listens only when the process is stopping anyway.
                    failed.send(error).ok();
                    None
                }
            }
        });
        Reading { stop, task }
    }

    /// Stops reading; what was read is kept and committed.
    pub(crate) async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        let Ok(Some(consumers)) = self.task.await else {
            return;
        };
        // Joins threads: that takes as long as applying a batch and a commit, or up to its limit.
        if tokio::task::spawn_blocking(|| consumers.stop())
            .await
            .is_err()
        {
            warn!("the consumers did not stop cleanly");
        }
    }
}

impl Reader {
    /// Without what was stored before, records that come again would not be recognised: so this is tried until it
    /// succeeds.
    fn fill_store(&self, stop: &AtomicBool) {
        let Some(archive) = self.ingest.archive() else {
            return;
        };
        let topics = [
            &*self.config.kafka.topic_logs,
            &*self.config.kafka.topic_errors,
        ];
        let age = i64::try_from(self.config.retention.as_micros()).unwrap_or(i64::MAX);
        let floor = Timestamp::now().saturating_add_micros(-age);
        let issues = self.ingest.issues();
        while let Err(error) = refill(
            archive,
            &self.store,
            issues,
            &self.pipeline,
            &topics,
            floor,
            stop,
        ) {
            error!(%error, "the archive cannot be read; trying again");
            let until = Instant::now() + RETRY;
            while !stop.load(Ordering::Relaxed) && Instant::now() < until {
                thread::sleep(Duration::from_millis(50));
            }
            if stop.load(Ordering::Relaxed) {
                return;
            }
            self.store.clear();
        }
        archive.set_loading(false);
    }

    fn start_consumers(&self) -> io::Result<Consumers> {
        let replay = (!self.is_embedded).then_some(self.config.retention);
        Consumers::start(
            &self.config.kafka,
            &self.bootstrap_servers,
            &self.member,
            replay,
            &self.pipeline,
            &self.ingest,
        )
    }
}
