//! Where an error stands in the topic with every record: where it was read, or where its twin is.

use std::ops::ControlFlow;

use log_record::{Hints, LogRecord, Timestamp};
use rdkafka::Message as _;
use rdkafka::error::KafkaError;

use super::budget::Budget;
use super::tape::{Range, Tape};
use super::wanted::records;
use crate::config::DecodeConfig;
use crate::kafka::content_type;
use crate::store::Event;

/// How far behind the moment of the error its twin may be, in offsets of one partition: records whose clocks are ahead
/// come first.
const LOOKUP_DEPTH: i64 = 20_000;
/// A producer of two topics stamps the copies one after the other, in microseconds.
const STAMP_TOLERANCE: i64 = 5_000_000;

/// Where it stands in the logs topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    At {
        partition: i32,
        offset: i64,
    },
    /// It was before the first offset that is still there.
    Deleted {
        partition: i32,
        low: i64,
    },
    /// It is not where it should be, or in the errors topic only.
    Unknown,
}

/// Where and when, by Kafka's timestamps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Located {
    pub(super) place: Place,
    pub(super) timestamp: Timestamp,
}

/// A message as it was read.
struct Original {
    timestamp: Timestamp,
    content_type: Option<Vec<u8>>,
    payload: Vec<u8>,
}

/// Looks the error up in the topic `logs`.
pub(super) fn locate(
    tape: &Tape,
    logs: &str,
    event: &Event,
    decode: &DecodeConfig,
    budget: &mut Budget,
) -> Result<Located, KafkaError> {
    let unknown = Located {
        place: Place::Unknown,
        timestamp: event.timestamp(),
    };
    let (partition, offset) = (event.partition(), event.offset());
    let edges = tape.edges(event.topic(), &[partition])?;
    let Some(edges) = edges.get(&partition) else {
        return Ok(unknown);
    };
    let is_in_logs = event.topic() == logs;
    if offset < edges.low && is_in_logs {
        let low = edges.low;
        return Ok(Located {
            place: Place::Deleted { partition, low },
            ..unknown
        });
    }
    let original = if (edges.low..edges.high).contains(&offset) {
        read_one(tape, event, budget)?.filter(|original| is_of(original, event, decode))
    } else {
        None
    };
    let timestamp = original
        .as_ref()
        .map_or(unknown.timestamp, |original| original.timestamp);
    if original.is_some() && is_in_logs {
        return Ok(Located {
            place: Place::At { partition, offset },
            timestamp,
        });
    }
    let twin = find_twin(tape, logs, event, original.as_ref(), timestamp, budget)?;
    let place = twin.map_or(Place::Unknown, |(partition, offset)| Place::At {
        partition,
        offset,
    });
    Ok(Located { place, timestamp })
}

/// The message that the error was read from.
fn read_one(
    tape: &Tape,
    event: &Event,
    budget: &mut Budget,
) -> Result<Option<Original>, KafkaError> {
    let range = Range {
        partition: event.partition(),
        from: event.offset(),
        to: event.offset() + 1,
    };
    let mut original = None;
    tape.read(event.topic(), &[range], budget, |message| {
        original = Some(Original {
            timestamp: Timestamp::from_millis(message.timestamp().to_millis().unwrap_or_default()),
            content_type: content_type(message).map(<[u8]>::to_vec),
            payload: message.payload().unwrap_or_default().to_vec(),
        });
        ControlFlow::Break(())
    })?;
    Ok(original)
}

/// Whether the message holds the error: the topic may have been created again.
fn is_of(original: &Original, event: &Event, decode: &DecodeConfig) -> bool {
    let record = event.record();
    let is_it = |found: &LogRecord<'_>| match record.instance.zip(record.seq) {
        Some(identity) => found.instance.zip(found.seq) == Some(identity),
        None => found.service == record.service && found.message == record.message,
    };
    let content_type = original.content_type.as_deref();
    let hints = decode.hints(event.topic(), content_type, original.timestamp);
    records(&original.payload, &hints)
        .iter()
        .any(|(index, found)| event.index().unwrap_or(0) == *index && is_it(found))
}

/// The same record in the logs topic: first in the partition of the same number, which has it when both topics have as
/// many partitions and the same keys, then in all.
fn find_twin(
    tape: &Tape,
    logs: &str,
    event: &Event,
    original: Option<&Original>,
    timestamp: Timestamp,
    budget: &mut Budget,
) -> Result<Option<(i32, i64)>, KafkaError> {
    let record = event.record();
    let identity = record.instance.zip(record.seq);
    let (from, payload) = match (identity, original) {
        // Our own copies carry the time of the event, both of them.
        (Some(_), _) => (timestamp, None),
        (None, Some(original)) => {
            let from = timestamp.saturating_add_micros(-STAMP_TOLERANCE);
            (from, Some(&*original.payload))
        }
        // Without its bytes it cannot be told from others.
        (None, None) => return Ok(None),
    };
    let partitions = tape.partitions(logs)?;
    let (hinted, others): (Vec<i32>, Vec<i32>) = partitions
        .iter()
        .partition(|&&partition| partition == event.partition());
    let edges = tape.edges(logs, &partitions)?;
    for partitions in [hinted, others] {
        let starts = tape.offsets_at(logs, &partitions, from)?;
        let depth = if tape.looks_up_by_time() {
            LOOKUP_DEPTH
        } else {
            i64::MAX
        };
        let ranges: Vec<Range> = starts
            .iter()
            .filter_map(|(&partition, &start)| {
                let to = edges.get(&partition)?.high.min(start.saturating_add(depth));
                Some(Range {
                    partition,
                    from: start,
                    to,
                })
            })
            .collect();
        let instance = identity.map(|(instance, _)| instance.to_string());
        let needle = instance.as_deref().map(memchr::memmem::Finder::new);
        let hints = Hints::new(timestamp);
        let mut found = None;
        tape.read(logs, &ranges, budget, |message| {
            let bytes = message.payload().unwrap_or_default();
            let is_it = match (payload, &needle) {
                (Some(payload), _) => bytes == payload,
                (None, Some(needle)) => {
                    needle.find(bytes).is_some()
                        && records(bytes, &hints)
                            .iter()
                            .any(|(_, record)| record.instance.zip(record.seq) == identity)
                }
                (None, None) => false,
            };
            if is_it {
                found = Some((message.partition(), message.offset()));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
