//! `logmonitor verify`: whether the archive is what it says. For when no logmonitor uses it.

use std::io::{self, Write};
use std::path::Path;

use crate::archive::{Archive, ArchiveError, ArchiveLimits, OpenError};

/// The archive cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is none.
    #[error("{0} has no archive (LOG_MONITOR_DATA_DIR)")]
    Missing(String),
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ArchiveError),
    /// What was found cannot be told.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Opens every block of the archive in a directory, compares what it holds with what is said of it, and writes what
/// was found to `out`. Whether all is well.
///
/// # Errors
/// There is no archive, it is in use, it cannot be read.
pub fn verify(directory: &Path, out: &mut impl Write) -> Result<bool, VerifyError> {
    if !Archive::is_in(directory) {
        return Err(VerifyError::Missing(directory.display().to_string()));
    }
    // Nothing is written, so nothing is beyond a limit.
    let limits = ArchiveLimits {
        max_bytes: u64::MAX,
        max_records: None,
        quarantine_bytes: u64::MAX,
    };
    let found = Archive::open(directory, limits)?.verify()?;
    for problem in &found.problems {
        writeln!(out, "{problem}")?;
    }
    let (blocks, records, issues) = (found.blocks, found.records, found.issues);
    let problems = found.problems.len();
    writeln!(
        out,
        "{records} errors in {blocks} blocks, {issues} issues, {problems} problems"
    )?;
    Ok(found.problems.is_empty())
}
