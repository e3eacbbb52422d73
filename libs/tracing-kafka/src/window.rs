//! The records the broker has not answered for, in the order they were sent: one window slides over the sequence
//! numbers. Knows when a record is answered on all its topics, and up to where everything is answered.

use std::collections::VecDeque;

use log_record::{Severity, Timestamp};

/// What an unanswered record holds on to.
#[derive(Debug)]
struct Unanswered {
    severity: Severity,
    /// Topics that have not answered.
    open: u8,
    /// Size of one copy of the record.
    bytes: u32,
    /// Whether a topic refused it.
    failed: bool,
    /// The record itself, given back by the first topic that refused it, if it may be spooled.
    returned: Option<Box<ReturnedRecord>>,
}

/// A record that came back from the producer.
#[derive(Debug)]
pub(crate) struct ReturnedRecord {
    pub(crate) timestamp: Timestamp,
    pub(crate) payload: Vec<u8>,
}

/// The end of a record's flight.
#[derive(Debug)]
pub(crate) struct Landing {
    pub(crate) severity: Severity,
    /// Acknowledged on every topic it was sent to.
    pub(crate) delivered: bool,
    pub(crate) returned: Option<Box<ReturnedRecord>>,
}

/// The window; numbers are consecutive from zero.
#[derive(Debug, Default)]
pub(crate) struct Window {
    first: u64,
    records: VecDeque<Unanswered>,
    /// Bytes of all copies that have not been answered.
    bytes: usize,
    /// Copies that have not been answered.
    messages: usize,
}

impl Window {
    /// The number the next record gets.
    pub(crate) fn next_number(&self) -> u64 {
        self.first + self.records.len() as u64
    }

    /// Whether every record below `number` is answered.
    pub(crate) fn is_answered_below(&self, number: u64) -> bool {
        self.first >= number
    }

    /// Whether every record is answered.
    pub(crate) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Bytes that have not been answered, over all topics.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Messages that have not been answered, over all topics.
    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    /// Enters the next record, sent `copies` times.
    pub(crate) fn enter(&mut self, severity: Severity, len: usize, copies: u8) {
        // A record is bounded far below 4 GiB.
        let bytes = u32::try_from(len).unwrap_or(u32::MAX);
        self.bytes += bytes as usize * usize::from(copies);
        self.messages += usize::from(copies);
        self.records.push_back(Unanswered {
            severity,
            open: copies,
            bytes,
            failed: false,
            returned: None,
        });
    }

    /// Takes one topic's answer for record `number`. The record's end, if that was the last one.
    pub(crate) fn answer(
        &mut self,
        number: u64,
        delivered: bool,
        returned: Option<Box<ReturnedRecord>>,
    ) -> Option<Landing> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let record = self.records.get_mut(at)?;
        // An answer to a record that has landed cannot come; if it did, it would change nothing.
        record.open = record.open.checked_sub(1)?;
        self.bytes -= record.bytes as usize;
        self.messages -= 1;
        record.failed |= !delivered;
        if record.returned.is_none() {
            record.returned = returned;
        }
        if record.open > 0 {
            return None;
        }
        let landing = Landing {
            severity: record.severity,
            delivered: !record.failed,
            returned: record.returned.take(),
        };
        while self.records.front().is_some_and(|first| first.open == 0) {
            self.records.pop_front();
            self.first += 1;
        }
        Some(landing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_lands_when_its_last_topic_answers() {
        let mut window = Window::default();
        window.enter(Severity::Error, 100, 2);
        assert_eq!((window.bytes(), window.messages()), (200, 2));
        assert!(window.answer(0, true, None).is_none());
        assert!(!window.is_answered_below(1));
        assert!(window.answer(0, true, None).unwrap().delivered);
        assert!(window.is_answered_below(1));
        assert_eq!((window.bytes(), window.messages()), (0, 0));
    }

    #[test]
    fn a_refusal_by_one_topic_is_a_refusal() {
        let mut window = Window::default();
        window.enter(Severity::Error, 100, 2);
        let returned = Box::new(ReturnedRecord {
            timestamp: Timestamp::default(),
            payload: b"{}".to_vec(),
        });
        assert!(window.answer(0, false, Some(returned)).is_none());
        let landing = window.answer(0, true, None).unwrap();
        assert!(!landing.delivered);
        assert_eq!(landing.returned.unwrap().payload, b"{}");
    }

    #[test]
    fn answers_out_of_order_hold_the_window_at_the_first_open_record() {
        let mut window = Window::default();
        for _ in 0..3 {
            window.enter(Severity::Info, 10, 1);
        }
        assert!(window.answer(1, true, None).is_some());
        assert!(window.answer(2, true, None).is_some());
        assert!(!window.is_answered_below(1));
        assert!(window.answer(0, true, None).is_some());
        assert!(window.is_answered_below(3) && window.is_empty());
        assert!(window.answer(1, true, None).is_none(), "answered twice");
    }
}
