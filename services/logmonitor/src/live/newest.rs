//! The newest errors, the same for all readers: one task collects them after a publication of the store and wakes
//! everybody once, at most twenty times a second. The writer wakes only this task, however many are watching.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Inner, Line};
use crate::store::Event;

/// A reader that is further behind reads the store by itself.
const MAX_LINES: usize = 2_048;
/// The least time between two wake-ups of all readers; the first error after a pause is passed on at once.
const INTERVAL: Duration = Duration::from_millis(50);

/// The newest lines in order of arrival.
#[derive(Debug, Default)]
pub(super) struct Newest {
    lines: Vec<Arc<Line>>,
    /// The arrival number that readers may read up to.
    pub(super) end: u64,
}

impl Newest {
    /// The lines from this arrival number on; `None` where they begin later.
    pub(super) fn from(&self, place: u64) -> Option<&[Arc<Line>]> {
        let first = self.lines.first()?.event().arrival();
        if place < first || place >= self.end {
            return None;
        }
        let start = self
            .lines
            .partition_point(|line| line.event().arrival() < place);
        self.lines.get(start..)
    }

    fn followed_by(&self, events: Vec<Event>, end: u64) -> Newest {
        let kept = MAX_LINES.saturating_sub(events.len());
        let known = self.lines.len().saturating_sub(kept);
        let new = events.into_iter().map(|event| Arc::new(Line::new(event)));
        Newest {
            lines: self.lines[known..].iter().cloned().chain(new).collect(),
            end,
        }
    }
}

/// Runs as long as the process.
pub(super) async fn follow(inner: Arc<Inner>) {
    let published = inner.store.published();
    loop {
        published.notified().await;
        let known = inner.newest.borrow().clone();
        let end = inner.store.arrivals();
        if end > known.end {
            let newest = if inner.readers.load(Ordering::Relaxed) == 0 {
                Newest {
                    lines: Vec::new(),
                    end,
                }
            } else {
                let from = known.end.max(end.saturating_sub(MAX_LINES as u64));
                let tail = inner.store.tail(from, MAX_LINES);
                known.followed_by(tail.events, tail.next)
            };
            inner.newest.send_replace(Arc::new(newest));
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use log_record::{LogRecord, Severity, Timestamp};

    use super::*;
    use crate::store::{Arrival, Coordinates, Store, StoreLimits};

    fn store_of(events: i64) -> Store {
        let store = Store::new(StoreLimits::default());
        let now = Timestamp::from_millis(1_000_000);
        let arrivals: Vec<Arrival<'_>> = (0..events)
            .map(|offset| Arrival {
                record: LogRecord::new(now, Severity::Error, "shop", "failed"),
                coordinates: Coordinates {
                    topic: "errors",
                    partition: 0,
                    offset,
                    index: None,
                },
                received_at: now,
                payload: b"",
            })
            .collect();
        store.append(&arrivals, now);
        store
    }

    #[test]
    fn the_newest_lines_are_those_before_the_end_and_no_more_than_so_many() {
        let store = store_of(5_000);
        let mut newest = Newest::default();
        for end in (100..=5_000).step_by(100) {
            let tail = store.tail(newest.end, 100);
            newest = newest.followed_by(tail.events, tail.next);
            assert_eq!(newest.end, end);
            let held = end.min(MAX_LINES as u64);
            for (place, expected) in [
                (end - held, Some(held)),
                (end - 1, Some(1)),
                (end - held / 2, Some(held / 2)),
                (end, None),
                (end + 1, None),
            ] {
                let found = newest.from(place);
                assert_eq!(found.map(|lines| lines.len() as u64), expected, "{place}");
                let first = found.and_then(|lines| lines.first());
                assert_eq!(
                    first.map(|line| line.event().arrival()),
                    expected.map(|_| place)
                );
            }
            let before = (end - held).checked_sub(1);
            assert!(before.is_none_or(|place| newest.from(place).is_none()));
        }
    }
}
