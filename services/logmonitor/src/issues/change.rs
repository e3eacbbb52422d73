//! What people change about issues.

use issue_grouping::IssueKey;
use log_record::Timestamp;

use super::activity::{ActivityKind, IssueChanges};
use super::issue::{About, Merged};
use super::state::Status;
use super::{Issues, batch, read, write};

/// What to change about an issue; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueUpdate {
    /// The new status.
    pub status: Option<Status>,
    /// With `Resolved`: errors of older versions than this do not open it again.
    pub resolved_in_version: Option<String>,
    /// With `Ignored`: until this moment, in microseconds.
    pub ignore_until: Option<i64>,
    /// With `Ignored`: until so many errors more have come.
    pub ignore_until_count: Option<u64>,
    /// Who cares; `Some(None)` is nobody.
    pub assignee: Option<Option<String>>,
    /// What there is to know; `Some(None)` is nothing.
    pub note: Option<Option<String>>,
}

/// A change cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<E> {
    /// There is no such issue.
    #[error("no issue has the id {0}")]
    Unknown(IssueKey),
    /// An issue cannot be merged with itself.
    #[error("issue {0} cannot be merged into itself or one of its parts")]
    Itself(IssueKey),
    /// It is not a part of another one, or was not merged by hand.
    #[error("issue {0} was not merged into another one by hand")]
    NotMerged(IssueKey),
    /// The change cannot be kept.
    #[error(transparent)]
    Keep(E),
}

impl Issues {
    /// Changes issues, all or none: `keep` is to keep the changes, and only when it does are they shown.
    ///
    /// # Errors
    /// One of them is unknown; those of `keep`.
    pub fn update<E>(
        &self,
        keys: &[IssueKey],
        update: &IssueUpdate,
        now: Timestamp,
        keep: impl FnOnce(&IssueChanges) -> Result<(), E>,
    ) -> Result<(), ChangeError<E>> {
        self.change(keep, |changes| {
            let ledger = read(&self.inner.ledger);
            for &key in keys {
                let root = ledger.root(key);
                let issue = ledger.get(root).ok_or(ChangeError::Unknown(key))?;
                let count = ledger.tally(issue).count;
                let mut about = issue.about.clone();
                update.apply(root, &mut about, count, now, changes);
                changes.issues.push((root, about));
            }
            Ok(())
        })
    }

    /// Makes an issue a part of another one.
    ///
    /// # Errors
    /// One of them is unknown, or they are one already; those of `keep`.
    pub fn merge<E>(
        &self,
        part: IssueKey,
        into: IssueKey,
        now: Timestamp,
        keep: impl FnOnce(&IssueChanges) -> Result<(), E>,
    ) -> Result<(), ChangeError<E>> {
        self.change(keep, |changes| {
            let ledger = read(&self.inner.ledger);
            let (part, into) = (ledger.root(part), ledger.root(into));
            let issue = ledger.get(part).ok_or(ChangeError::Unknown(part))?;
            ledger.get(into).ok_or(ChangeError::Unknown(into))?;
            if part == into {
                return Err(ChangeError::Itself(part));
            }
            let merged = Some(Merged {
                into,
                by_hand: true,
            });
            let about = About {
                merged,
                ..issue.about.clone()
            };
            changes.issues.push((part, about));
            changes.note(into, ActivityKind::Merged, now, Some(part.to_string()));
            changes.note(part, ActivityKind::Merged, now, Some(into.to_string()));
            Ok(())
        })
    }

    /// Makes a part that was merged by hand an issue again. `part` is the key it had.
    ///
    /// # Errors
    /// It is unknown, or no such part; those of `keep`.
    pub fn unmerge<E>(
        &self,
        part: IssueKey,
        now: Timestamp,
        keep: impl FnOnce(&IssueChanges) -> Result<(), E>,
    ) -> Result<(), ChangeError<E>> {
        self.change(keep, |changes| {
            let ledger = read(&self.inner.ledger);
            let issue = ledger.get(part).ok_or(ChangeError::Unknown(part))?;
            let merged = issue.about.merged.filter(|merged| merged.by_hand);
            let into = merged.ok_or(ChangeError::NotMerged(part))?.into;
            let about = About {
                merged: None,
                ..issue.about.clone()
            };
            changes.issues.push((part, about));
            changes.note(part, ActivityKind::Unmerged, now, Some(into.to_string()));
            changes.note(into, ActivityKind::Unmerged, now, Some(part.to_string()));
            Ok(())
        })
    }

    fn change<E>(
        &self,
        keep: impl FnOnce(&IssueChanges) -> Result<(), E>,
        make: impl FnOnce(&mut IssueChanges) -> Result<(), ChangeError<E>>,
    ) -> Result<(), ChangeError<E>> {
        // Held until the change is shown: a batch of errors must not change the same issue meanwhile.
        let _turn = self.grouping();
        let mut changes = IssueChanges::default();
        make(&mut changes)?;
        keep(&changes).map_err(ChangeError::Keep)?;
        batch::apply(&mut write(&self.inner.ledger), &changes);
        Ok(())
    }
}

impl IssueUpdate {
    fn apply(
        &self,
        key: IssueKey,
        about: &mut About,
        count: u64,
        now: Timestamp,
        changes: &mut IssueChanges,
    ) {
        let state = &mut about.state;
        if let Some(status) = self.status {
            let was_open = state.status == Status::Open;
            state.set_status(status, now);
            match status {
                Status::Open if was_open => {}
                Status::Open => changes.note(key, ActivityKind::Reopened, now, None),
                Status::Resolved => {
                    state
                        .resolved_in_version
                        .clone_from(&self.resolved_in_version);
                    let version = self.resolved_in_version.clone();
                    changes.note(key, ActivityKind::Resolved, now, version);
                }
                Status::Ignored => {
                    state.ignore_until = self.ignore_until;
                    state.ignore_until_count = self
                        .ignore_until_count
                        .map(|more| count.saturating_add(more));
                    changes.note(key, ActivityKind::Ignored, now, self.ignore_detail());
                }
            }
        }
        if let Some(assignee) = &self.assignee
            && state.assignee != *assignee
        {
            state.assignee.clone_from(assignee);
            changes.note(key, ActivityKind::Assigned, now, assignee.clone());
        }
        if let Some(note) = &self.note
            && state.note != *note
        {
            state.note.clone_from(note);
            changes.note(key, ActivityKind::Noted, now, note.clone());
        }
    }

    fn ignore_detail(&self) -> Option<String> {
        let until = self
            .ignore_until
            .map(|until| format!("until {}", Timestamp::from_micros(until)));
        let count = self
            .ignore_until_count
            .map(|count| format!("until {count} more"));
        match (until, count) {
            (Some(until), Some(count)) => Some(format!("{until} or {count}")),
            (until, count) => until.or(count),
        }
    }
}
