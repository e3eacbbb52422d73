//! What is done now and then beside reading: what is too old leaves, small blocks of the archive become large ones,
//! and rules for grouping that have changed are applied.

use std::time::Duration;

use log_record::Timestamp;
use tokio::task::JoinHandle;
use tracing::warn;

use crate::archive::{Archive, ArchiveError};
use crate::issues::Issues;
use crate::rules_file::RulesFile;
use crate::store::Store;

/// How often the archive is tidied. Under full load some hundred megabytes may come in between.
const EVERY: Duration = Duration::from_secs(1);
/// The store hides what is too old; that it also leaves is less urgent.
const EVICT_EVERY: u32 = 60;
/// Hours of trends that are kept of an issue; a day of them is shown.
const TREND_MICROS: i64 = 48 * 3_600_000_000;

/// The background work of a running process.
#[derive(Debug)]
pub(crate) struct Upkeep {
    task: JoinHandle<()>,
}

impl Upkeep {
    /// Starts it.
    pub(crate) fn start(
        store: Store,
        issues: Issues,
        rules: Option<RulesFile>,
        archive: Option<Archive>,
        retention: Duration,
    ) -> Upkeep {
        let age = i64::try_from(retention.as_micros()).unwrap_or(i64::MAX);
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            for round in 0_u32.. {
                ticks.tick().await;
                let (store, issues, archive) = (store.clone(), issues.clone(), archive.clone());
                let rules = rules.clone();
                let done = tokio::task::spawn_blocking(move || {
                    let now = Timestamp::now();
                    if round.is_multiple_of(EVICT_EVERY) {
                        store.evict(now);
                        issues.evict_hours_before(now.as_micros() - TREND_MICROS);
                    }
                    if let Some(changed) = rules.and_then(|rules| rules.reload(now)) {
                        issues.set_rules(changed);
                    }
                    if let Some(archive) = archive.filter(|archive| !archive.is_loading()) {
                        let floor = now.saturating_add_micros(-age).as_micros();
                        if let Err(error) = tidy(&archive, &store, floor) {
                            warn!(%error, "the archive cannot be tidied; trying again");
                        }
                    }
                });
                if done.await.is_err() {
                    warn!("a round of upkeep had panicked");
                }
            }
        });
        Upkeep { task }
    }

    /// Stops it. A round that has begun is finished first.
    pub(crate) async fn stop(self) {
        self.task.abort();
        // An error says that it was aborted, which is what was asked for.
        self.task.await.ok();
    }
}

fn tidy(archive: &Archive, store: &Store, floor: i64) -> Result<(), ArchiveError> {
    let first = archive.retain(floor)?;
    store.evict_before(first);
    archive.compact()?;
    Ok(())
}
