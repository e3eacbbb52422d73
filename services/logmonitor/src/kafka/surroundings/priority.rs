//! Threads that come behind the consumers: whoever looks at an error can wait a little, what is logged cannot.

use tokio::sync::oneshot;
use tracing::debug;

/// The lower the priority, the higher the number. Where processors are short, a thread of this one gets a small part of
/// what a consumer gets; where they are not, all it needs.
#[cfg(target_os = "linux")]
const NICE: i32 = 15;

/// Runs `work` on a thread of its own with a low priority, and so do the threads that are started there, as librdkafka
/// does for each consumer. `None`: there is no thread, or it panicked.
///
/// A thread cannot raise its priority again, so that it can be none of the runtime's.
pub(super) async fn behind_the_consumers<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (done, result) = oneshot::channel();
    let thread = std::thread::Builder::new().name("context".to_owned());
    let started = thread.spawn(move || {
        step_back();
        // Whoever asked may have left.
        done.send(work()).ok();
    });
    if let Err(error) = started {
        debug!(%error, "no thread to read the lines around an error on");
        return None;
    }
    result.await.ok()
}

/// On Linux a priority is a thread's, elsewhere it is the whole process's.
#[cfg(target_os = "linux")]
fn step_back() {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        debug!(%error, "the lines around an error are read with the consumers' priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// The calling thread's, as the kernel shows it.
    fn priority() -> i32 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        let (_, members) = stat.rsplit_once(')').unwrap();
        members.split_whitespace().nth(16).unwrap().parse().unwrap()
    }

    #[tokio::test]
    async fn the_thread_and_those_it_starts_step_back_and_nobody_else() {
        let before = priority();
        let work = || (priority(), std::thread::spawn(priority).join().unwrap());
        assert_eq!(behind_the_consumers(work).await, Some((NICE, NICE)));
        assert_eq!(priority(), before);
        assert_ne!(before, NICE);
    }

    #[tokio::test]
    async fn a_panic_ends_the_request_and_not_the_process() {
        let found = behind_the_consumers(|| panic!("as a test wants it")).await;
        assert_eq!(found, None::<()>);
    }
}
