//! The answer: lines on both sides, and what is missing.

use log_record::json::{push_str, push_u64};

use super::side::Side;

/// The lines around an error.
#[derive(Debug, Default)]
pub struct Around {
    /// The lines before it, in order: records in the canonical form of the wire, each with the partition and the offset
    /// it was read at.
    pub before: Vec<Vec<u8>>,
    /// The lines after it.
    pub after: Vec<Vec<u8>>,
    /// Why there may have been more lines before; `None` when there are as many as asked for, or no more.
    pub missing_before: Option<Missing>,
    /// Why there may be more lines after. Nothing is missing at the end of the topic: more may come.
    pub missing_after: Option<Missing>,
    /// How many messages were read.
    pub scanned: u64,
}

/// What is not in the answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Why.
    pub reason: Reason,
    /// How many lines, where the numbers of the lines tell it.
    pub lines: Option<u64>,
    /// The same for people.
    pub message: String,
}

/// Why lines are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Kafka has deleted the records that may have been among them.
    Deleted,
    /// So many records were read that reading stopped.
    Records,
    /// So many bytes.
    Bytes,
    /// Reading took too long.
    Time,
    /// The lines were too many bytes.
    Size,
    /// What is further away in time is not looked at.
    Span,
}

impl Reason {
    /// The word in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Deleted => "deleted",
            Reason::Records => "records",
            Reason::Bytes => "bytes",
            Reason::Time => "time",
            Reason::Size => "size",
            Reason::Span => "span",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Reason::Deleted => "Kafka has deleted the records",
            Reason::Records => "so many records were read that reading stopped",
            Reason::Bytes => "so many bytes were read that reading stopped",
            Reason::Time => "reading took too long",
            Reason::Size => "the lines are too large to show more of them",
            Reason::Span => "what is further away in time is not looked at",
        }
    }
}

impl From<Reason> for Missing {
    fn from(reason: Reason) -> Missing {
        Missing {
            reason,
            lines: None,
            message: reason.sentence().to_owned(),
        }
    }
}

impl Missing {
    /// Kafka's retention, or somebody, has deleted what was before `low`.
    pub(super) fn deleted(topic: &str, partition: i32, low: i64) -> Missing {
        Missing {
            reason: Reason::Deleted,
            lines: None,
            message: format!(
                "Kafka has deleted the records of partition {partition} of {topic} before offset {low}"
            ),
        }
    }

    fn push_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"reason\":");
        push_str(out, self.reason.as_str());
        if let Some(lines) = self.lines {
            out.extend_from_slice(b",\"lines\":");
            push_u64(out, lines);
        }
        out.extend_from_slice(b",\"message\":");
        push_str(out, &self.message);
        out.push(b'}');
    }
}

impl Around {
    /// The error's own place was deleted, so nothing is known to be next to it.
    pub(super) fn deleted(topic: &str, partition: i32, low: i64) -> Around {
        let missing = Missing::deleted(topic, partition, low);
        Around {
            missing_before: Some(missing.clone()),
            missing_after: Some(missing),
            ..Around::default()
        }
    }

    /// How many lines there are.
    pub(crate) fn lines(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Whether Kafka has deleted records that may have been among the lines.
    pub(crate) fn is_deleted(&self) -> bool {
        [&self.missing_before, &self.missing_after]
            .into_iter()
            .flatten()
            .any(|missing| missing.reason == Reason::Deleted)
    }

    /// Appends the members of the answer but the error itself: `"before":[..],"after":[..]` and so on.
    pub fn push_members(&self, out: &mut Vec<u8>) {
        for (side, lines) in [(Side::Before, &self.before), (Side::After, &self.after)] {
            out.push(b'"');
            out.extend_from_slice(side.as_str().as_bytes());
            out.extend_from_slice(b"\":[");
            for (number, line) in lines.iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(line);
            }
            out.extend_from_slice(b"],");
        }
        let mut missing = Vec::new();
        for (side, why) in [
            (Side::Before, &self.missing_before),
            (Side::After, &self.missing_after),
        ] {
            let complete: &[u8] = if why.is_none() { b"true" } else { b"false" };
            for part in [
                &b"\"complete_"[..],
                side.as_str().as_bytes(),
                b"\":",
                complete,
                b",",
            ] {
                out.extend_from_slice(part);
            }
            if let Some(why) = why {
                missing.push(if missing.is_empty() { b'{' } else { b',' });
                push_str(&mut missing, side.as_str());
                missing.push(b':');
                why.push_json(&mut missing);
            }
        }
        if !missing.is_empty() {
            out.extend_from_slice(b"\"missing\":");
            out.append(&mut missing);
            out.extend_from_slice(b"},");
        }
        out.extend_from_slice(b"\"scanned\":");
        push_u64(out, self.scanned);
    }
}
