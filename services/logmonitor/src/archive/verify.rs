//! Whether the archive is what it says: every block is opened, and what is said of it without opening it is made anew.

use std::collections::BTreeSet;

use super::blocks::{self, difference};
use super::encoded_block::EncodedBlock;
use super::{Archive, ArchiveError, issues};
use crate::issues::IssueKey;

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Blocks that were opened.
    pub blocks: u64,
    /// Errors in them.
    pub records: u64,
    /// Issues.
    pub issues: u64,
    /// A sentence each; none when all is well.
    pub problems: Vec<String>,
}

impl Archive {
    /// Opens every block and compares what it holds with what is said of it, the counts of issues included.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn verify(&self) -> Result<Verification, ArchiveError> {
        let mut found = Verification::default();
        let known: BTreeSet<IssueKey> = self.read(issues::keys)?;
        found.issues = known.len() as u64;
        let mut unknown: BTreeSet<IssueKey> = BTreeSet::new();
        let mut next = None;
        for arrival in self.read(blocks::arrivals)? {
            found.blocks += 1;
            if next.is_some_and(|next| next > arrival) {
                found
                    .problems
                    .push(format!("block {arrival} overlaps the one before it"));
            }
            let stored = match self.open_block(arrival) {
                Ok(Some(stored)) => stored,
                Ok(None) => continue,
                Err(error @ ArchiveError::Damaged { .. }) => {
                    found.problems.push(error.to_string());
                    continue;
                }
                Err(error) => return Err(error),
            };
            let segment = &stored.segment;
            found.records += segment.len() as u64;
            next = Some(segment.arrivals_end());
            let keys = segment.dictionary.issues.iter().copied();
            unknown.extend(keys.filter(|key| !known.contains(key)));
            let Some(made) = EncodedBlock::of(&stored.segment, &stored.payloads)? else {
                continue;
            };
            if let Some(what) = self.read(|connection| difference(connection, &made))? {
                let problem = format!("block {arrival}: its {what} are not those of its records");
                found.problems.push(problem);
            }
        }
        for key in unknown {
            let problem = format!("there are errors of issue {key}, which is not known");
            found.problems.push(problem);
        }
        Ok(found)
    }
}
