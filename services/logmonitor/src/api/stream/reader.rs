//! One open stream: reads, filters, and waits. Holds a few frames at most, and no records.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::sse;
use crate::issues::Issues;
use crate::live::{ErrorTail, Line, LogTail, Progress};
use crate::query::Matcher;
use crate::store::Event;

/// How often a comment is sent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a stream is read from.
#[derive(Debug)]
pub(super) enum Tail {
    Errors(ErrorTail),
    Logs(LogTail),
}

impl Tail {
    async fn read(&mut self, take: impl FnMut(&Line)) -> Progress {
        match self {
            Tail::Errors(tail) => tail.read(take).await,
            Tail::Logs(tail) => tail.read(take),
        }
    }

    async fn changed(&mut self) {
        match self {
            Tail::Errors(tail) => tail.changed().await,
            Tail::Logs(tail) => tail.changed().await,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct StreamReader {
    tail: Tail,
    matcher: Matcher,
    issues: Issues,
    frames: VecDeque<Bytes>,
    closing: watch::Receiver<bool>,
    keep_alive: Interval,
}

impl StreamReader {
    /// `is_complete` says whether it goes on where the client was.
    pub(super) fn new(
        tail: Tail,
        matcher: Matcher,
        is_complete: bool,
        issues: Issues,
        closing: watch::Receiver<bool>,
    ) -> StreamReader {
        let mut frames = VecDeque::from([sse::BEGIN]);
        if !is_complete {
            frames.push_back(sse::UNKNOWN_ID);
        }
        let mut keep_alive = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        StreamReader {
            issues,
            tail,
            matcher,
            frames,
            closing,
            keep_alive,
        }
    }

    /// The next frame; `None` when the stream is to end.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            if *self.closing.borrow_and_update() {
                return None;
            }
            if let Some(frame) = self.frames.pop_front() {
                return Some(frame);
            }
            let has_more = self.read().await;
            if !self.frames.is_empty() {
                continue;
            }
            if has_more {
                // Nothing of it matched, and a client that hears nothing does not slow us down.
                tokio::task::yield_now().await;
                continue;
            }
            tokio::select! {
                // Without a sender the process is ending too.
                _ = self.closing.changed() => {}
                () = self.tail.changed() => {}
                _ = self.keep_alive.tick() => return Some(sse::KEEP_ALIVE),
            }
        }
    }

    /// Reads a step further; whether there is more.
    async fn read(&mut self) -> bool {
        let StreamReader {
            tail,
            matcher,
            issues,
            frames,
            ..
        } = self;
        let encode = match tail {
            Tail::Errors(_) => |event: &Event, issues: &Issues| sse::error(event, issues),
            Tail::Logs(_) => |event: &Event, _: &Issues| sse::log(event),
        };
        let progress = tail
            .read(|line| {
                if matcher.matches(line.event()) {
                    frames.push_back(line.encoded(|event| encode(event, issues)));
                }
            })
            .await;
        if progress.skipped > 0 {
            frames.push_front(sse::skipped(progress.skipped));
        }
        progress.has_more
    }
}
