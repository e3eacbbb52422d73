//! What the tests of the whole pipeline are made of: a broker of their own, the programs under test as processes,
//! and waiting with a deadline.
//!
//! Everything here panics where something is wrong: it is used by tests only.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why"
)]

mod broker;
mod load;
mod monitor;
mod process;
mod stream;
mod topics;

use std::time::{Duration, Instant};

pub use broker::{Broker, shared_bootstrap};
pub use load::{Load, Sent};
pub use monitor::{Home, Monitor, free_port};
pub use process::{Process, program};
pub use stream::{LiveEvent, LiveStream};
pub use topics::{Topics, create_topic, produce};

/// How long a test waits for anything. Kafka alone needs more than a minute to start again where other work keeps the
/// machine busy.
const PATIENCE: Duration = Duration::from_mins(3);

/// Tries until `probe` has something to show, and returns it.
///
/// # Panics
/// When it had nothing for three minutes; `what` says what was waited for.
pub fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "waited {PATIENCE:?} in vain: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
