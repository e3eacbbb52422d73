//! Threads that end together, and are not waited for without a limit.

use std::convert::Infallible;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing::{error, warn};

/// See the module.
#[derive(Debug)]
pub(super) struct Threads {
    handles: Vec<JoinHandle<()>>,
    /// Each thread holds a copy until it ends.
    running: Sender<Infallible>,
    ended: Receiver<Infallible>,
}

impl Threads {
    pub(super) fn new() -> Threads {
        let (running, ended) = mpsc::channel();
        Threads {
            handles: Vec::new(),
            running,
            ended,
        }
    }

    /// Starts one more.
    ///
    /// # Errors
    /// The operating system refuses a thread.
    pub(super) fn spawn(
        &mut self,
        name: &str,
        run: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let running = self.running.clone();
        let run = move || {
            run();
            drop(running);
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(run)?;
        self.handles.push(thread);
        Ok(())
    }

    /// Waits until all have ended, so long at most; whether they have. The others go on: they end with the process.
    pub(super) fn join(self, limit: Duration) -> bool {
        drop(self.running);
        let outcome = self.ended.recv_timeout(limit);
        let has_ended = matches!(outcome, Err(RecvTimeoutError::Disconnected));
        for handle in self.handles {
            let name = handle.thread().name().unwrap_or_default().to_owned();
            if !has_ended && !handle.is_finished() {
                warn!(
                    "{name} has not ended within {} s; the process ends without it",
                    limit.as_secs()
                );
            } else if handle.join().is_err() {
                error!("{name} had panicked");
            }
        }
        has_ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Longer than anything here takes.
    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn all_are_waited_for() {
        let mut threads = Threads::new();
        let (finish, finishes) = mpsc::channel::<()>();
        let (say, said) = mpsc::channel();
        threads.spawn("panics", || panic!("as it must")).unwrap();
        threads
            .spawn("works", move || {
                finishes.recv_timeout(LONG).unwrap_err();
                thread::sleep(Duration::from_millis(100));
                say.send("done").unwrap();
            })
            .unwrap();
        drop(finish);
        assert!(threads.join(LONG));
        assert_eq!(said.try_recv(), Ok("done"));
    }

    #[test]
    fn one_that_does_not_end_is_left_behind() {
        let mut threads = Threads::new();
        let (finish, finishes) = mpsc::channel::<()>();
        let (say, said) = mpsc::channel();
        threads.spawn("ends", || {}).unwrap();
        threads
            .spawn("hangs", move || {
                finishes.recv_timeout(LONG).unwrap_err();
                say.send("went on").unwrap();
            })
            .unwrap();
        assert!(!threads.join(Duration::from_millis(50)));
        drop(finish);
        assert_eq!(said.recv_timeout(LONG), Ok("went on"));
    }
}
