//! What can go wrong with the archive.

use std::io;
use std::path::PathBuf;

/// The archive cannot be opened; the process does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be created or written.
    #[error("cannot write the data directory {} (LOG_MONITOR_DATA_DIR): {source}", directory.display())]
    Directory {
        /// The directory.
        directory: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has it.
    #[error(
        "another logmonitor uses the data directory {} (LOG_MONITOR_DATA_DIR); give each its own",
        directory.display()
    )]
    InUse {
        /// The directory.
        directory: PathBuf,
    },
    /// A newer logmonitor wrote it.
    #[error(
        "the archive in LOG_MONITOR_DATA_DIR is of version {found}, and this logmonitor knows versions up to {known}; \
         start a newer logmonitor, or use another directory"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The newest this program knows.
        known: i64,
    },
    /// SQLite refuses.
    #[error("cannot open the archive in LOG_MONITOR_DATA_DIR: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// The archive cannot be read or written now. What was to be written was not, in whole.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// SQLite refuses: a full disk, a failing one, a damaged file.
    #[error("the archive fails: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A stored block cannot be read back.
    #[error("block {arrival} of the archive is damaged: {reason}")]
    Damaged {
        /// The block's number.
        arrival: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
}
