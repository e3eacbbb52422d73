//! Copies of the lines around an error, taken when its issue is new or has regressed: Kafka's retention deletes the
//! lines long before anybody asks how it began.

mod stored;

use std::time::Duration;

use log_record::Timestamp;
use tokio::task::JoinHandle;
use tracing::warn;

pub(crate) use stored::Snapshot;

use crate::api::push_event;
use crate::archive::{Archive, ArchiveError, NumberedActivity, StoredSnapshot};
use crate::issues::{ActivityKind, IssueKey, Issues};
use crate::kafka::{Ask, Scope, Surroundings, SurroundingsError};
use crate::query::Query;
use crate::reader::{ARCHIVE_BUDGET, ReadError, Reader};
use crate::store::Event;

/// Lines on each side of the error.
pub(crate) const LINES: usize = 50;
/// How long after an issue was new: some of the lines after the error have come by then.
const DELAY: Duration = Duration::from_secs(5);
/// How often the history of issues is looked at.
const INTERVAL: Duration = Duration::from_secs(1);
/// Between two snapshots: when thousands of issues are new at once, reading the topic goes first.
const PACE: Duration = Duration::from_millis(200);
/// After Kafka or the archive has refused.
const RETRY: Duration = Duration::from_secs(10);
/// Entries of the history read at a time.
const PORTION: usize = 500;
/// In the archive: up to which entry of the history snapshots were taken.
pub(crate) const TAKEN_TO: &str = "snapshots_taken_to";

/// Takes the snapshots of a running process.
#[derive(Debug)]
pub(crate) struct Snapshots {
    task: JoinHandle<()>,
}

/// What taking them needs.
#[derive(Clone, Debug)]
struct Taker {
    archive: Archive,
    reader: Reader,
    issues: Issues,
    surroundings: Surroundings,
}

#[derive(Debug, thiserror::Error)]
enum TakeError {
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Kafka(#[from] SurroundingsError),
    #[error("it cannot be compressed: {0}")]
    Compress(#[from] std::io::Error),
    #[error("a thread had panicked")]
    Panicked(#[from] tokio::task::JoinError),
}

impl Snapshots {
    /// Starts in the background. Must be called inside a tokio runtime.
    pub(crate) fn start(
        archive: Archive,
        reader: Reader,
        issues: Issues,
        surroundings: Surroundings,
    ) -> Snapshots {
        let taker = Taker {
            archive,
            reader,
            issues,
            surroundings,
        };
        Snapshots {
            task: tokio::spawn(taker.run()),
        }
    }

    /// Stops; what is left is done after the next start.
    pub(crate) async fn stop(self) {
        self.task.abort();
        // An error says that it was aborted, which is what was asked for.
        self.task.await.ok();
    }
}

impl Taker {
    async fn run(self) {
        let mut is_refused = false;
        loop {
            let pause = match self.take_portion().await {
                Ok(()) => {
                    is_refused = false;
                    INTERVAL
                }
                Err(error) => {
                    if !is_refused {
                        warn!(%error, "the lines around new issues are not copied; trying again");
                    }
                    is_refused = true;
                    RETRY
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Goes on in the history as far as it is old enough.
    async fn take_portion(&self) -> Result<(), TakeError> {
        if self.archive.is_loading() {
            return Ok(());
        }
        let archive = self.archive.clone();
        let read = move || {
            let from = archive.fact(TAKEN_TO)?;
            let from = from.and_then(|text| text.parse().ok()).unwrap_or_default();
            archive.issue_activities_after(from, PORTION)
        };
        let entries: Vec<NumberedActivity> = tokio::task::spawn_blocking(read).await??;
        let young = Timestamp::now().saturating_add_micros(-(DELAY.as_micros() as i64));
        let mut done = None;
        for entry in entries {
            if entry.activity.at > young.as_micros() {
                break;
            }
            let (number, kind) = (entry.number, entry.activity.kind);
            if matches!(kind, ActivityKind::Created | ActivityKind::Regressed) {
                self.take(&entry).await?;
                done = None;
                tokio::time::sleep(PACE).await;
            } else {
                done = Some(number);
            }
        }
        if let Some(number) = done {
            let archive = self.archive.clone();
            let note = move || archive.set_fact(TAKEN_TO, &number.to_string());
            tokio::task::spawn_blocking(note).await??;
        }
        Ok(())
    }

    /// Copies the lines around the newest error of the issue that the entry is about.
    async fn take(&self, entry: &NumberedActivity) -> Result<(), TakeError> {
        let snapshot = match self.newest(entry.issue).await? {
            Some(event) => self.copy(entry.issue, event).await?,
            None => None,
        };
        let (archive, number) = (self.archive.clone(), entry.number);
        let keep = move || archive.keep_snapshot(number, snapshot.as_ref());
        Ok(tokio::task::spawn_blocking(keep).await??)
    }

    async fn copy(
        &self,
        issue: IssueKey,
        event: Event,
    ) -> Result<Option<StoredSnapshot>, TakeError> {
        let ask = Ask {
            before: LINES,
            after: LINES,
            scope: Scope::Instance,
        };
        let around = self.surroundings.of(event.clone(), ask).await?;
        if around.before.is_empty() && around.after.is_empty() {
            return Ok(None);
        }
        let mut text = Vec::with_capacity(2_048);
        push_event(&mut text, &event, &self.issues);
        let snapshot = Snapshot {
            event: text,
            around,
        };
        Ok(Some(StoredSnapshot {
            event: event.id().to_string(),
            issue,
            taken_at: Timestamp::now(),
            bytes: snapshot.to_bytes()?,
        }))
    }

    async fn newest(&self, issue: IssueKey) -> Result<Option<Event>, TakeError> {
        let query = Query::newest_of(&self.issues.keys(issue));
        let reader = self.reader.clone();
        let find = move || reader.query(&query, Timestamp::now(), ARCHIVE_BUDGET);
        let page = tokio::task::spawn_blocking(find).await??;
        Ok(page.events.into_iter().next())
    }
}
