//! What is kept on disk: stored errors, counts, the offsets they were read up to, and what could not be decoded. One
//! SQLite database; whatever belongs together is written in one transaction, so that a crash at any moment loses all
//! of a batch or nothing. Knows neither Kafka's client nor HTTP; no SQL stands outside this module.

mod blocks;
mod checkpoints;
mod commit;
mod compaction;
mod compressed;
mod counters;
mod counts;
mod encoded_block;
mod error;
mod gaps;
mod issue_lines;
mod issues;
mod known;
mod positions;
mod producers;
mod quarantine;
mod retention;
mod schema;
mod snapshots;
#[cfg(test)]
mod tests;
mod twins;
mod verify;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior};

pub(crate) use blocks::{BlockInfo, SummaryLine};
use checkpoints::Checkpoints;
pub(crate) use commit::Commit;
pub use error::{ArchiveError, OpenError};
pub use gaps::{Gap, GapCause};
pub use issues::NumberedActivity;
pub use positions::PartitionPosition;
pub(crate) use quarantine::Quarantined;
pub use quarantine::QuarantinedRecord;
pub use retention::ArchiveSize;
pub(crate) use snapshots::StoredSnapshot;
pub use verify::Verification;

/// The database, in the data directory.
const DATABASE: &str = "logmonitor.db";
/// Locked as long as a process uses the directory.
const LOCK: &str = "logmonitor.lock";
/// A statement that another process (a backup, `sqlite3`) holds up waits so long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What the write-ahead log is cut back to.
const WAL_BYTES: i64 = 4 << 20;
/// After so many bytes of blocks the log is moved into the database beside the writer. SQLite does it while committing when
/// the log has reached its 4 MiB.
const CHECKPOINT_BYTES: u64 = 1 << 20;
/// Connections kept for readers.
const MAX_IDLE_READERS: usize = 4;

/// What bounds the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Bytes of all its files.
    pub max_bytes: u64,
    /// Stored errors; `None` is without limit.
    pub max_records: Option<u64>,
    /// Bytes of the records in quarantine.
    pub quarantine_bytes: u64,
}

/// A handle on the archive; clones share it.
#[derive(Clone, Debug)]
pub struct Archive {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    directory: PathBuf,
    /// Facts that never change: read once.
    id: String,
    hash_seed: u64,
    known: known::Known,
    limits: ArchiveLimits,
    /// The arrival number of the oldest record, or a lower one.
    first_arrival: AtomicU64,
    /// Whether the store is still being filled from here.
    is_loading: AtomicBool,
    /// Why the last attempt to write failed, until one succeeds.
    problem: Mutex<Option<String>>,
    /// Bytes of blocks since a checkpoint was asked for.
    uncheckpointed: AtomicU64,
    /// Started when there is much to write. Ends before the writer's connection, which then is the last one and leaves no
    /// log behind.
    checkpoints: OnceLock<Checkpoints>,
    /// SQLite has one writer at a time; this queue is fairer than its busy timeout. Never held while a reader's lock
    /// is.
    writer: Mutex<Connection>,
    /// Idle connections of readers, which never wait for the writer.
    readers: Mutex<Vec<Connection>>,
    /// Holds the lock until the archive is closed.
    _lock: File,
}

impl Archive {
    /// Opens the archive of a directory, which is created when it is missing.
    ///
    /// # Errors
    /// The directory cannot be written, another process uses it, or what is there is of a newer version.
    pub fn open(directory: &Path, limits: ArchiveLimits) -> Result<Archive, OpenError> {
        let directory = directory.to_owned();
        let in_directory = |source| OpenError::Directory {
            directory: directory.clone(),
            source,
        };
        fs::create_dir_all(&directory).map_err(in_directory)?;
        let lock = lock(&directory)?;
        let mut writer = Connection::open(directory.join(DATABASE))?;
        prepare_writer(&writer)?;
        schema::migrate(&mut writer)?;
        let id = fact_or_insert(&writer, "archive_id", || format!("{:016x}", random()))?;
        // What is damaged shows when it is read.
        let first = retention::first_arrival(&writer).unwrap_or_default();
        let seed = fact_or_insert(&writer, "hash_seed", || random().to_string())?;
        Ok(Archive {
            inner: Arc::new(Inner {
                id,
                hash_seed: seed.parse().unwrap_or_default(),
                limits,
                first_arrival: AtomicU64::new(first),
                is_loading: AtomicBool::new(false),
                problem: Mutex::default(),
                known: known::Known::default(),
                uncheckpointed: AtomicU64::new(0),
                checkpoints: OnceLock::new(),
                writer: Mutex::new(writer),
                readers: Mutex::default(),
                _lock: lock,
                directory,
            }),
        })
    }

    /// Whether a directory has an archive.
    #[must_use]
    pub fn is_in(directory: &Path) -> bool {
        directory.join(DATABASE).is_file()
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.inner.directory
    }

    /// Names this archive among all others, for ever: 16 hex digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Seeds the hashes of payloads that are kept in this archive.
    #[must_use]
    pub fn hash_seed(&self) -> u64 {
        self.inner.hash_seed
    }

    /// What is known of the archive or of what it was read from.
    ///
    /// # Errors
    /// The disk cannot be read.
    pub fn fact(&self, name: &str) -> Result<Option<String>, ArchiveError> {
        self.read(|connection| Ok(fact(connection, name)?))
    }

    /// Notes a fact.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub fn set_fact(&self, name: &str, value: &str) -> Result<(), ArchiveError> {
        self.write(|transaction| put_fact(transaction, name, value))
    }

    /// Forgets a fact.
    ///
    /// # Errors
    /// The disk cannot be written.
    pub fn forget_fact(&self, name: &str) -> Result<(), ArchiveError> {
        self.write(|transaction| {
            let sql = "DELETE FROM facts WHERE name = ?1";
            transaction.prepare_cached(sql)?.execute([name])?;
            Ok(())
        })
    }

    /// Runs `change` in one transaction: all of it is kept, or nothing.
    fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, ArchiveError>,
    ) -> Result<T, ArchiveError> {
        let mut writer = self.writer();
        let attempt = || {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = change(&transaction)?;
            transaction.commit()?;
            Ok(answer)
        };
        let answer: Result<T, ArchiveError> = attempt();
        let problem = answer.as_ref().err().map(ArchiveError::to_string);
        *self.problem_lock() = problem;
        answer
    }

    /// So many bytes of blocks were committed.
    fn note_written(&self, bytes: u64) {
        let written = &self.inner.uncheckpointed;
        if written.fetch_add(bytes, Ordering::Relaxed) + bytes < CHECKPOINT_BYTES {
            return;
        }
        written.store(0, Ordering::Relaxed);
        let database = || self.inner.directory.join(DATABASE);
        let checkpoints = self
            .inner
            .checkpoints
            .get_or_init(|| Checkpoints::start(database()));
        checkpoints.ask();
    }

    /// Why the archive could not be written the last time it was tried; `None` when it could.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.problem_lock().clone()
    }

    /// Whether the store is still being filled from here.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.inner.is_loading.load(Ordering::Relaxed)
    }

    pub(crate) fn set_loading(&self, is_loading: bool) {
        self.inner.is_loading.store(is_loading, Ordering::Relaxed);
    }

    fn problem_lock(&self) -> MutexGuard<'_, Option<String>> {
        let lock = self.inner.problem.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `ask` on a connection of its own, which sees one state of the archive if it is one statement.
    fn read<T>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, ArchiveError>,
    ) -> Result<T, ArchiveError> {
        let idle = self.readers().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open_reader()?,
        };
        let answer = ask(&connection);
        let mut readers = self.readers();
        if readers.len() < MAX_IDLE_READERS {
            readers.push(connection);
        }
        answer
    }

    fn open_reader(&self) -> Result<Connection, ArchiveError> {
        let path = self.inner.directory.join(DATABASE);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(connection)
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic while holding it rolled its transaction back.
        let lock = self.inner.writer.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        let lock = self.inner.readers.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }
}

/// One process a directory: two would each believe to have read what the other has.
fn lock(directory: &Path) -> Result<File, OpenError> {
    let in_directory = |source| OpenError::Directory {
        directory: directory.to_owned(),
        source,
    };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(directory.join(LOCK))
        .map_err(in_directory)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => OpenError::InUse {
            directory: directory.to_owned(),
        },
        TryLockError::Error(source) => in_directory(source),
    })?;
    Ok(file)
}

fn prepare_writer(connection: &Connection) -> Result<(), OpenError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Takes effect on a new database only: space of deleted rows can be given back in small steps.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A power cut may take back the last transactions, whole: records and the offsets they were read up to. They are
    // read again from Kafka.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn put_fact(transaction: &Transaction<'_>, name: &str, value: &str) -> Result<(), ArchiveError> {
    let sql = "INSERT OR REPLACE INTO facts (name, value) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute([name, value])?;
    Ok(())
}

fn fact(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    connection
        .prepare_cached("SELECT value FROM facts WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

fn fact_or_insert(
    connection: &Connection,
    name: &str,
    make: impl FnOnce() -> String,
) -> rusqlite::Result<String> {
    if let Some(value) = fact(connection, name)? {
        return Ok(value);
    }
    let value = make();
    let sql = "INSERT INTO facts (name, value) VALUES (?1, ?2)";
    connection.execute(sql, [name, value.as_str()])?;
    Ok(value)
}

/// Any number: it tells two archives apart and keeps payload hashes from being foreseen.
fn random() -> u64 {
    // Without the system's randomness the time has to do.
    getrandom::u64().unwrap_or_else(|_| {
        let now = log_record::Timestamp::now().as_micros();
        now.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}
