//! Noticing a fork. A child inherits the memory of the layer but neither its worker nor librdkafka's threads: sending
//! would say Ok and deliver nothing. The handler costs the callers one load; asking for the process id would cost a
//! system call per event.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// How many forks lie between the first process and this one.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// The process in which something was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Birth(u32);

impl Birth {
    /// This process.
    pub(crate) fn here() -> Birth {
        watch();
        Birth(FORKS.load(Ordering::Relaxed))
    }

    /// Whether this is still the same process.
    #[inline]
    pub(crate) fn is_here(self) -> bool {
        FORKS.load(Ordering::Relaxed) == self.0
    }
}

#[cfg(unix)]
fn watch() {
    static INSTALLED: Once = Once::new();

    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }

    INSTALLED.call_once(|| {
        #[expect(
            unsafe_code,
            reason = "there is no safe way to learn of a fork without a system call per event"
        )]
        // SAFETY: the handler is a function of the program, which never goes away, and does one atomic addition, which
        // is allowed between fork and exec. Failure (out of memory) only leaves forks unnoticed.
        let _status = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

#[cfg(not(unix))]
fn watch() {}
