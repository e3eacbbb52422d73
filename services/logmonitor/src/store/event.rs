//! A stored record as readers hold it, and the id by which it is found again.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use issue_grouping::IssueKey;
use log_record::{Instance, LogRecord, Severity, Timestamp};

use super::column::signed;
use super::segment::Segment;

/// One stored record: a place in a segment, which stays alive as long as the event does.
#[derive(Clone)]
pub struct Event {
    segment: Arc<Segment>,
    row: u16,
}

impl Event {
    pub(crate) fn new(segment: Arc<Segment>, row: u16) -> Event {
        Event { segment, row }
    }

    pub(crate) fn place(&self) -> (&Segment, usize) {
        (&self.segment, self.row())
    }

    /// Its number among all that were ever stored.
    pub(crate) fn arrival(&self) -> u64 {
        self.segment.arrival(self.row())
    }

    fn row(&self) -> usize {
        usize::from(self.row)
    }

    /// The record, borrowed from the event.
    #[must_use]
    pub fn record(&self) -> LogRecord<'_> {
        self.segment.record(self.row())
    }

    /// When it happened, without reading the whole record.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        Timestamp::from_micros(self.segment.times[self.row()])
    }

    /// How bad it is.
    #[must_use]
    pub fn level(&self) -> Severity {
        self.segment.level(self.row())
    }

    /// The service that logged it.
    #[must_use]
    pub fn service(&self) -> &str {
        let service = self.segment.services[self.row()];
        self.segment.dictionary.service(service)
    }

    /// What it is found by: the same on every replica, as long as the record has an identity of its own.
    #[must_use]
    pub fn id(&self) -> EventId {
        let origin = self
            .segment
            .dictionary
            .origin(self.segment.origins[self.row()]);
        match (origin.instance, self.segment.seq(self.row())) {
            (Some(instance), Some(seq)) => EventId::Own { instance, seq },
            _ => EventId::Foreign {
                topic: self.topic().to_owned(),
                partition: self.partition(),
                offset: self.offset(),
                index: self.index(),
            },
        }
    }

    /// The issue it was found to belong to when it was stored.
    #[must_use]
    pub fn issue(&self) -> Option<IssueKey> {
        self.segment.issue(self.row())
    }

    /// The topic it was read from first.
    #[must_use]
    pub fn topic(&self) -> &str {
        self.topic_partition().0
    }

    /// Its partition of that topic.
    #[must_use]
    pub fn partition(&self) -> i32 {
        self.topic_partition().1
    }

    fn topic_partition(&self) -> (&str, i32) {
        let id = self.segment.partitions[self.row()];
        self.segment.dictionary.partition(id)
    }

    /// The offset of its message in that partition.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.segment.offset(self.row())
    }

    /// Its place within a message of several records.
    #[must_use]
    pub fn index(&self) -> Option<u32> {
        self.segment.index(self.row())
    }

    /// When the monitor received it.
    #[must_use]
    pub fn received_at(&self) -> Timestamp {
        Timestamp::from_micros(signed(self.segment.received.at(self.row())))
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id())
            .field("record", &self.record())
            .finish()
    }
}

/// The id of a stored record.
///
/// | record | text form |
/// |---|---|
/// | with an identity of its own | `<instance, 32 hex digits>-<seq>` |
/// | without | `<topic>~<partition>~<offset>`, and `~<index>` within a message of several |
///
/// Kafka allows no `~` in the name of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventId {
    /// `(instance, seq)`, given by the producer.
    Own {
        /// The process start that logged it.
        instance: Instance,
        /// Its number within the instance.
        seq: u64,
    },
    /// Where it was read.
    Foreign {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The offset of the message.
        offset: i64,
        /// The place within a message of several records.
        index: Option<u32>,
    },
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventId::Own { instance, seq } => write!(f, "{instance}-{seq}"),
            EventId::Foreign {
                topic,
                partition,
                offset,
                index,
            } => {
                write!(f, "{topic}~{partition}~{offset}")?;
                index.map_or(Ok(()), |index| write!(f, "~{index}"))
            }
        }
    }
}

/// The text is not an event's id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected <32 hex digits>-<number> or <topic>~<partition>~<offset>[~<index>], got {0:?}")]
pub struct InvalidEventId(pub String);

impl FromStr for EventId {
    type Err = InvalidEventId;

    fn from_str(text: &str) -> Result<EventId, InvalidEventId> {
        let id = if text.contains('~') {
            parse_foreign(text)
        } else {
            parse_own(text)
        };
        // What reads back differently (a leading zero or plus) is another text for an id that has only one.
        id.filter(|id| id.to_string() == text)
            .ok_or_else(|| InvalidEventId(text.to_owned()))
    }
}

fn parse_own(text: &str) -> Option<EventId> {
    let (instance, seq) = text.split_once('-')?;
    Some(EventId::Own {
        instance: Instance::parse(instance)?,
        seq: seq.parse().ok()?,
    })
}

fn parse_foreign(text: &str) -> Option<EventId> {
    let mut parts = text.split('~');
    let topic = parts.next().filter(|topic| !topic.is_empty())?.to_owned();
    let partition = parts.next()?.parse().ok()?;
    let offset = parts.next()?.parse().ok()?;
    let index = match parts.next() {
        Some(index) => Some(index.parse().ok()?),
        None => None,
    };
    parts.next().is_none().then_some(EventId::Foreign {
        topic,
        partition,
        offset,
        index,
    })
}
