//! Moves what was committed from the write-ahead log into the database, beside the writer: where much is written, whoever
//! writes would otherwise wait for the disk every few commits.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tracing::debug;

/// See the module. The thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Checkpoints {
    /// `None` once it is being dropped.
    wanted: Option<SyncSender<()>>,
    /// `None` where the system has refused one. The writer's own checkpoints have to do then.
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    pub(super) fn start(database: PathBuf) -> Checkpoints {
        // One that is under way may miss what is written meanwhile; one more is enough for that.
        let (wanted, asked) = sync_channel(1);
        let thread = thread::Builder::new().name("checkpoints".to_owned());
        Checkpoints {
            wanted: Some(wanted),
            thread: thread.spawn(move || run(&database, &asked)).ok(),
        }
    }

    /// Asks for a checkpoint, and does not wait for it.
    pub(super) fn ask(&self) {
        if let Some(wanted) = &self.wanted {
            wanted.try_send(()).ok();
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.wanted.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn run(database: &Path, asked: &Receiver<()>) {
    let mut connection = None;
    while asked.recv().is_ok() {
        // A disk that cannot be written shows with the next commit too, and there it is answered.
        if let Err(error) = checkpoint(&mut connection, database) {
            debug!(%error, "no checkpoint");
        }
    }
}

fn checkpoint(connection: &mut Option<Connection>, database: &Path) -> rusqlite::Result<()> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(Connection::open(database)?),
    };
    // Passive: neither readers nor the writer are waited for.
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))
}
