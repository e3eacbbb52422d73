//! logmonitor killed and started again shows what it showed.

use std::sync::Arc;

use pipeline_tests::{Home, Monitor, Topics, shared_bootstrap};
use serde_json::Value;
use tracing_subscriber::prelude::*;

use super::{FLUSH, layer};

#[test]
fn a_killed_monitor_shows_the_same_errors_when_it_is_back() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Arc::new(Home::new(&bootstrap, &topics));
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    let (layer, guard) = layer(&bootstrap, &topics, "booking");
    let dispatch = tracing::Dispatch::new(tracing_subscriber::registry().with(layer));
    let log = |from: u32, to: u32| {
        tracing::dispatcher::with_default(&dispatch, || {
            for number in from..to {
                tracing::error!(number, "no seats left");
                tracing::info!(number, "asked");
            }
        });
        guard.flush(FLUSH).unwrap();
    };
    log(0, 300);
    let before = seen(&monitor, 300);
    monitor.kill();

    // While it is away more is logged.
    log(300, 310);
    let monitor = Monitor::at(&home);
    let after = seen(&monitor, 310);
    assert_eq!(after[10..], before[..]);
    let status = monitor.terminate();
    assert!(status.success(), "{status}");
}

/// All errors, newest first, without the moment they were read at.
fn seen(monitor: &Monitor, count: usize) -> Vec<Value> {
    let mut errors = monitor.wait_for_errors("service=booking", count);
    for error in &mut errors {
        let error = error.as_object_mut().unwrap();
        error.remove("received_at").unwrap();
        // Where it was read first: either topic may be faster.
        for key in ["topic", "partition", "offset"] {
            error.remove(key).unwrap();
        }
    }
    errors
}
