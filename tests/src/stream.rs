//! A live stream, read as a client would.

use std::io::{BufRead as _, BufReader};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::{Monitor, PATIENCE};

/// An open stream; closed when dropped.
#[derive(Debug)]
pub struct LiveStream {
    events: Receiver<LiveEvent>,
}

/// One event of a stream.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    /// `error`, `log` or `gap`.
    pub event: String,
    /// The id, where it has one.
    pub id: Option<String>,
    /// What it says.
    pub data: Value,
}

impl LiveStream {
    /// Opens one with these parameters, behind the event with this id if there is one, and waits until it begins.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn open(monitor: &Monitor, query: &str, last_id: Option<&str>) -> LiveStream {
        let mut request = ureq::get(monitor.url(&format!("/api/v1/logs/stream?{query}")));
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        let body = request.call().unwrap().into_body().into_reader();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            let (mut event, mut id) = (String::new(), None);
            // It ends with the monitor.
            for line in BufReader::new(body).lines().map_while(Result::ok) {
                match line.split_once(": ") {
                    Some(("event", value)) => value.clone_into(&mut event),
                    Some(("id", value)) => id = Some(value.to_owned()),
                    Some(("data", value)) => {
                        let data = serde_json::from_str(value).unwrap();
                        let (event, id) = (std::mem::take(&mut event), id.take());
                        // The test has seen enough.
                        if sender.send(LiveEvent { event, id, data }).is_err() {
                            return;
                        }
                    }
                    _ => {}
                }
            }
        });
        LiveStream { events }
    }

    /// The next event.
    ///
    /// # Panics
    /// When none comes for three minutes.
    #[must_use]
    pub fn next(&self) -> LiveEvent {
        self.events.recv_timeout(PATIENCE).unwrap()
    }

    /// The ids of so many events of this kind, one after the other.
    ///
    /// # Panics
    /// When another kind comes.
    #[must_use]
    pub fn ids(&self, kind: &str, count: usize) -> Vec<String> {
        let events = (0..count).map(|_| self.next());
        events
            .map(|event| {
                assert_eq!(event.event, kind, "{event:?}");
                event.id.unwrap()
            })
            .collect()
    }

    /// Whether nothing is there that was not taken.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.events.try_recv().is_err()
    }
}
