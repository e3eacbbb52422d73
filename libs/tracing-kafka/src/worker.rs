//! The worker thread: takes what the callers have queued, numbers it, sends it, and keeps the books on the answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use log_record::{Severity, Timestamp};

use crate::control::Order;
use crate::local;
use crate::loss_report::{LossReport, Losses};
use crate::pace::{Pace, Rest};
use crate::pipeline::Pipeline;
use crate::producer::{Answer, Flight, Outcome, Producer, Refusal, Topic};
use crate::queue::{Entry, share_in_eighths};
use crate::record::Frame;
use crate::round::Round;
use crate::spool::Spool;
use crate::window::{ReturnedRecord, Window};

/// What librdkafka may hold for one layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendLimits {
    /// Bytes not answered.
    pub(crate) bytes: usize,
    /// Messages not answered.
    pub(crate) messages: usize,
    /// Bytes of one message.
    pub(crate) record: usize,
}

/// All that the worker owns.
pub(crate) struct Worker {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) producer: Producer,
    pub(crate) frame: Frame,
    pub(crate) limits: SendLimits,
    pub(crate) spool: Option<Spool>,
    pub(crate) state: State,
}

/// What the worker remembers between rounds.
#[derive(Default)]
pub(crate) struct State {
    round: Round,
    window: Window,
    answers: Vec<Answer>,
    /// The record being written.
    record: Vec<u8>,
    report: LossReport,
    /// The flush that is under way: its number, and the record number below which all must be answered.
    flushing: Option<(u64, u64)>,
    /// When a broken client was last replaced.
    renewed: Option<Instant>,
}

/// A client that breaks again at once, for want of a permission say, is not replaced more often than this.
const RENEWAL_PAUSE: Duration = Duration::from_secs(2);

impl Worker {
    /// Works until it is told to stop.
    pub(crate) fn run(mut self) {
        local::become_worker();
        let pipeline = Arc::clone(&self.pipeline);
        let mut pace = Pace::default();
        loop {
            let taken = self.round();
            self.poll();
            self.renew_broken_producer();
            self.replay();
            self.report_losses();
            match pipeline.control.order() {
                Order::Stop { until } => {
                    self.wind_up(until);
                    break;
                }
                Order::Flush { number } => self.flush(number),
                Order::None => {
                    let replaying = self.spool.as_ref().is_some_and(Spool::is_replaying);
                    let unanswered = replaying || !self.state.window.is_empty();
                    if pace.rest(&pipeline, taken, unanswered) == Rest::Long {
                        self.state.round.release_memory();
                    }
                }
            }
        }
        // Closes the connections; nothing is left that could be lost by it.
        drop(self);
        pipeline.control.stopped();
    }

    /// Takes and sends everything that is queued. How many records that were.
    fn round(&mut self) -> usize {
        let mut round = std::mem::take(&mut self.state.round);
        round.take(&self.pipeline);
        let count = round.for_each(|entry, thread, text| self.accept(entry, thread, text));
        round.recycle();
        self.state.round = round;
        count
    }

    /// Sends one record, or finds out what else becomes of it.
    fn accept(&mut self, entry: &Entry, thread: &[u8], text: &[u8]) {
        let topics = Topic::of(entry.severity);
        let bytes = topics.len() * (text.len() + self.frame.len());
        if !self.has_room(entry.severity, bytes) {
            // Answers may have come that make room.
            self.poll();
            if !self.has_room(entry.severity, bytes) {
                self.turn_away(entry, thread, text);
                return;
            }
        }
        let seq = self.state.window.next_number();
        let mut record = std::mem::take(&mut self.state.record);
        self.frame
            .write(&mut record, seq, entry, thread, text, self.limits.record);
        self.state
            .window
            .enter(entry.severity, record.len(), topics.len() as u8);
        let flight = Flight::Live(seq);
        for &topic in topics {
            self.send(topic, flight, entry.severity, entry.timestamp, &record);
        }
        self.state.record = record;
    }

    fn has_room(&self, severity: Severity, bytes: usize) -> bool {
        let share = share_in_eighths(severity);
        let window = &self.state.window;
        window.bytes() + bytes <= self.limits.bytes / 8 * share
            && window.messages() + 2 <= self.limits.messages / 8 * share
    }

    fn send(
        &mut self,
        topic: Topic,
        flight: Flight,
        severity: Severity,
        timestamp: Timestamp,
        record: &[u8],
    ) {
        let comes_back = self.spool.is_some() && severity.is_error();
        let mut sent = self
            .producer
            .send(topic, flight, severity, timestamp, record, comes_back);
        if sent == Err(Refusal::Full) {
            // Answers that have not been fetched count as messages too.
            self.poll();
            sent = self
                .producer
                .send(topic, flight, severity, timestamp, record, comes_back);
        }
        if sent.is_err() {
            let returned = comes_back.then(|| {
                Box::new(ReturnedRecord {
                    timestamp,
                    payload: record.to_vec(),
                })
            });
            self.land(Answer {
                flight,
                outcome: Outcome::Failed,
                returned,
            });
        }
    }

    /// There is no room to send: an error goes to the spool, anything else is lost. Only what is kept gets a number,
    /// so the numbers stay without gaps.
    fn turn_away(&mut self, entry: &Entry, thread: &[u8], text: &[u8]) {
        if self.spool.is_some() && entry.severity.is_error() {
            self.keep(entry, thread, text);
        } else {
            self.pipeline.dropped.add(entry.severity, 1);
        }
    }

    /// Spools a record that is not sent.
    fn keep(&mut self, entry: &Entry, thread: &[u8], text: &[u8]) {
        let seq = self.state.window.next_number();
        let mut payload = Vec::new();
        self.frame
            .write(&mut payload, seq, entry, thread, text, self.limits.record);
        self.state.window.enter(entry.severity, payload.len(), 1);
        let returned = ReturnedRecord {
            timestamp: entry.timestamp,
            payload,
        };
        self.land(Answer {
            flight: Flight::Live(seq),
            outcome: Outcome::Failed,
            returned: Some(Box::new(returned)),
        });
    }

    /// Fetches the answers that have come.
    fn poll(&mut self) {
        let mut answers = std::mem::take(&mut self.state.answers);
        self.producer.poll(&mut answers);
        self.land_all(answers);
    }

    fn land_all(&mut self, mut answers: Vec<Answer>) {
        for answer in answers.drain(..) {
            self.land(answer);
        }
        self.state.answers = answers;
    }

    /// Books one answer.
    fn land(&mut self, answer: Answer) {
        let number = match answer.flight {
            Flight::Live(number) => number,
            Flight::Replay(number) => {
                if let Some(spool) = &mut self.spool {
                    spool.answer(number, answer.outcome, &self.pipeline);
                }
                if answer.outcome == Outcome::Delivered {
                    self.state.report.delivered();
                }
                return;
            }
        };
        let Some(landing) = self.state.window.answer(
            number,
            answer.outcome == Outcome::Delivered,
            answer.returned,
        ) else {
            return;
        };
        if landing.delivered {
            self.state.report.delivered();
            self.pipeline.delivered.add(landing.severity, 1);
            return;
        }
        let spooled = match (&mut self.spool, &landing.returned) {
            (Some(spool), Some(record)) => spool.append(landing.severity, record),
            _ => false,
        };
        if spooled {
            self.pipeline.spooled.add(landing.severity, 1);
        } else {
            self.pipeline.drop_with_seq(landing.severity);
        }
    }

    /// Takes a new client when librdkafka has given up on the old one; what that one still held comes back.
    fn renew_broken_producer(&mut self) {
        if !self.producer.is_broken() {
            return;
        }
        let now = Instant::now();
        if self
            .state
            .renewed
            .is_some_and(|last| now - last < RENEWAL_PAUSE)
        {
            return;
        }
        self.state.renewed = Some(now);
        self.give_up_unanswered();
        // Fails only for want of memory or threads; the next attempt may do better.
        let _try_again_later = self.producer.renew();
    }

    /// Gives up on every record that is not answered. Each comes back with its payload; this takes no network.
    fn give_up_unanswered(&mut self) {
        self.producer.purge();
        let last = Instant::now() + Duration::from_secs(1);
        while !self.state.window.is_empty() && Instant::now() < last {
            self.push_out(Duration::from_millis(5));
        }
    }

    /// Sends what waits in the spool, a portion at a time.
    fn replay(&mut self) {
        let Some(spool) = &mut self.spool else { return };
        spool.replay(&self.producer, &self.pipeline, Instant::now());
    }

    /// Says in-band how many records were lost, once the pressure is over.
    fn report_losses(&mut self) {
        let losses = self.pipeline.losses();
        if self.state.report.is_due(&losses, Instant::now()) {
            self.send_report(&losses);
        }
    }

    fn send_report(&mut self, losses: &Losses) {
        let (entry, text) = self.write_report(losses);
        self.accept(&entry, b"", &text);
    }

    /// What no report has said, or none that has arrived, waits in the spool for the next start of the service.
    fn spool_report(&mut self) {
        let losses = self.pipeline.losses();
        if self.spool.is_some() && self.state.report.is_incomplete(&losses) {
            let (entry, text) = self.write_report(&losses);
            self.keep(&entry, b"", &text);
        }
    }

    fn write_report(&mut self, losses: &Losses) -> (Entry, Vec<u8>) {
        let (text, source_len) = self.state.report.write(losses);
        let entry = Entry {
            metadata: None,
            timestamp: Timestamp::now(),
            severity: Severity::Warn,
            // A few dozen bytes.
            source_len: source_len as u32,
            len: text.len() as u32,
            stack: None,
        };
        self.pipeline.count_own(entry.severity);
        (entry, text)
    }

    /// One step of a flush: everything that was logged before it has to be answered.
    fn flush(&mut self, number: u64) {
        let below = match self.state.flushing {
            Some((under_way, below)) if under_way == number => below,
            _ => {
                // The order was given after the round began: take what was logged in between.
                self.round();
                let below = self.state.window.next_number();
                self.state.flushing = Some((number, below));
                below
            }
        };
        self.push_out(Duration::from_millis(5));
        if self.state.window.is_answered_below(below) {
            self.state.flushing = None;
            self.pipeline.control.flushed(number);
        }
    }

    /// Lets librdkafka send without waiting for batches to fill.
    fn push_out(&mut self, time: Duration) {
        let mut answers = std::mem::take(&mut self.state.answers);
        self.producer.flush(time, &mut answers);
        self.land_all(answers);
    }

    /// Delivers what can be delivered until the deadline, and says what was lost before; then spools what may be spooled, counts the rest as dropped.
    fn wind_up(&mut self, until: Instant) {
        self.pipeline.close();
        let mut has_reported = false;
        loop {
            self.round();
            if Instant::now() >= until {
                break;
            }
            let replaying = self.spool.as_ref().is_some_and(Spool::is_replaying);
            if self.state.window.is_empty() && !replaying {
                let losses = self.pipeline.losses();
                if has_reported || !self.state.report.is_incomplete(&losses) {
                    break;
                }
                // No later one will say it. Once only: if this one is lost too, there is no point in another.
                self.send_report(&losses);
                has_reported = true;
            }
            self.push_out(Duration::from_millis(5));
        }
        self.give_up_unanswered();
        self.spool_report();
        if let Some(spool) = &mut self.spool {
            spool.sync();
        }
    }
}
