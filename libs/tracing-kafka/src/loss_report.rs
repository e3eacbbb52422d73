//! The worker's own record about lost records: when it is due, and what it says. The books themselves are elsewhere.

use std::time::{Duration, Instant};

use log_record::{Severity, json};

use crate::source;

/// Losses are reported once there has been none for this long.
const CALM: Duration = Duration::from_secs(1);

/// What is lost for good, since the start of this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Losses {
    /// Records of this process, by severity.
    pub(crate) dropped: [u64; Severity::COUNT],
    /// Of these, those that had a number.
    pub(crate) dropped_with_seq: u64,
    /// Records of earlier processes that the spool has lost.
    pub(crate) torn: u64,
}

/// What was lost, what of it is reported, and whether this is a good moment to report the rest.
#[derive(Debug, Default)]
pub(crate) struct LossReport {
    known: Losses,
    reported: Losses,
    last_loss: Option<Instant>,
    /// Whether a message has been acknowledged since the last loss: sending works.
    delivered_since: bool,
}

impl LossReport {
    /// Notes that the broker has taken a record.
    pub(crate) fn delivered(&mut self) {
        self.delivered_since = true;
    }

    /// Whether a report should be sent now: something is lost, and the pressure is over.
    pub(crate) fn is_due(&mut self, losses: &Losses, now: Instant) -> bool {
        if *losses != self.known {
            self.known = *losses;
            self.last_loss = Some(now);
            self.delivered_since = false;
            return false;
        }
        self.delivered_since && self.last_loss.is_some_and(|last| now - last >= CALM)
    }

    /// Whether there is something that no report has said.
    pub(crate) fn is_incomplete(&self, losses: &Losses) -> bool {
        *losses != self.reported
    }

    /// The text of the report, and how much of it is the source. From then on it counts as sent.
    pub(crate) fn write(&mut self, losses: &Losses) -> (Vec<u8>, usize) {
        let mut dropped = losses.dropped;
        for (count, reported) in dropped.iter_mut().zip(self.reported.dropped) {
            *count -= reported;
        }
        let torn = losses.torn - self.reported.torn;
        self.reported = *losses;
        self.last_loss = None;

        let mut text = Vec::new();
        source::push_target(&mut text, "tracing_kafka");
        let source_len = text.len();
        text.extend_from_slice(b"\"message\":");
        json::push_str(&mut text, &message(dropped.iter().sum(), torn));
        text.extend_from_slice(b",\"fields\":{\"dropped\":");
        json::push_u64(&mut text, dropped.iter().sum());
        for severity in Severity::ALL {
            let count = dropped[severity.index()];
            if count > 0 {
                let name = format!("dropped_{}", severity.as_str().to_ascii_lowercase());
                push_field(&mut text, &name, count);
            }
        }
        let all: u64 = losses.dropped.iter().sum();
        push_field(&mut text, "dropped_with_seq", losses.dropped_with_seq);
        push_field(
            &mut text,
            "dropped_without_seq",
            all.saturating_sub(losses.dropped_with_seq),
        );
        push_field(&mut text, "torn", losses.torn);
        text.extend_from_slice(b"},");
        (text, source_len)
    }
}

fn push_field(text: &mut Vec<u8>, name: &str, value: u64) {
    text.push(b',');
    json::push_str(text, name);
    text.push(b':');
    json::push_u64(text, value);
}

/// The report in words.
fn message(dropped: u64, torn: u64) -> String {
    let dropped_text = format!("{} records dropped", grouped(dropped));
    let torn_text = format!("{} torn in the spool by earlier crashes", grouped(torn));
    match (dropped, torn) {
        (_, 0) => dropped_text,
        (0, _) => torn_text,
        (_, _) => format!("{dropped_text}, {torn_text}"),
    }
}

/// A number with a comma between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(report: &(Vec<u8>, usize)) -> serde_json::Value {
        let text = std::str::from_utf8(&report.0[report.1..]).unwrap();
        let record: serde_json::Value =
            serde_json::from_str(&format!("{{{}}}", text.trim_end_matches(','))).unwrap();
        record["fields"].clone()
    }

    #[test]
    fn a_report_says_what_is_new_by_level_and_what_there_is_in_all_by_number() {
        let mut report = LossReport::default();
        let mut losses = Losses {
            torn: 1,
            ..Losses::default()
        };
        losses.dropped[Severity::Info.index()] = 10;
        losses.dropped[Severity::Error.index()] = 3;
        losses.dropped_with_seq = 4;
        assert!(report.is_incomplete(&losses));
        assert_eq!(
            fields(&report.write(&losses)),
            serde_json::json!({
                "dropped": 13, "dropped_info": 10, "dropped_error": 3,
                "dropped_with_seq": 4, "dropped_without_seq": 9, "torn": 1,
            })
        );
        assert!(!report.is_incomplete(&losses));

        losses.dropped[Severity::Info.index()] = 15;
        losses.dropped_with_seq = 5;
        assert_eq!(
            fields(&report.write(&losses)),
            serde_json::json!({
                "dropped": 5, "dropped_info": 5,
                "dropped_with_seq": 5, "dropped_without_seq": 13, "torn": 1,
            })
        );
    }

    #[test]
    fn a_report_is_due_when_nothing_more_is_lost_and_the_broker_takes_records_again() {
        let mut report = LossReport::default();
        let start = Instant::now();
        let losses = Losses {
            torn: 1,
            ..Losses::default()
        };
        report.delivered();
        assert!(!report.is_due(&Losses::default(), start + 9 * CALM), "none");
        assert!(!report.is_due(&losses, start), "just now");
        assert!(!report.is_due(&losses, start + CALM), "nothing delivered");
        report.delivered();
        assert!(!report.is_due(&losses, start + CALM / 2), "no calm yet");
        assert!(report.is_due(&losses, start + CALM));
        report.write(&losses);
        assert!(!report.is_due(&losses, start + 2 * CALM), "twice");
    }

    #[test]
    fn the_message_is_for_people() {
        assert_eq!(message(12_345, 0), "12,345 records dropped");
        assert_eq!(message(0, 1), "1 torn in the spool by earlier crashes");
        assert_eq!(
            message(2, 1),
            "2 records dropped, 1 torn in the spool by earlier crashes"
        );
    }

    #[test]
    fn numbers_are_grouped_for_people() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(123), "123");
        assert_eq!(grouped(12_345), "12,345");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
