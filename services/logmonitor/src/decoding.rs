//! From the bytes of messages to what is done with their records: errors arrive, the rest is counted, and what cannot be
//! decoded goes to the quarantine.

use log_record::{DecodeError, Decoded, Hints, Records, Timestamp, decode};

use crate::archive::Quarantined;
use crate::config::DecodeConfig;
use crate::halves::{LARGE_BATCH, in_halves};
use crate::ingest::Message;
use crate::pipeline::Sequences;
use crate::store::{Arrival, Coordinates, LogCounts};

/// The header that says what the bytes of a message are.
pub(crate) const CONTENT_TYPE: &str = "content-type";

/// The records of messages, told apart.
#[derive(Default)]
pub(crate) struct Decoding<'m> {
    pub(crate) arrivals: Vec<Arrival<'m>>,
    pub(crate) counts: LogCounts,
    pub(crate) sequences: Sequences,
    pub(crate) quarantined: Vec<Quarantined<'m>>,
    /// Records whose level no logger we know uses.
    pub(crate) unknown_levels: u64,
}

impl<'m> Decoding<'m> {
    /// Decodes a batch, a large one on two threads: when there is much to catch up on, decoding takes half of the time.
    pub(crate) fn of(
        messages: &'m [Message<'m>],
        config: &DecodeConfig,
        now: Timestamp,
    ) -> Decoding<'m> {
        let decode_part = |part: &'m [Message<'m>]| {
            let mut decoding = Decoding {
                arrivals: Vec::with_capacity(part.len()),
                ..Decoding::default()
            };
            for message in part {
                decoding.take(message, config, now);
            }
            decoding
        };
        if messages.len() < LARGE_BATCH {
            return decode_part(messages);
        }
        let (mut decoding, rest) = in_halves(messages, decode_part);
        decoding.extend(rest);
        decoding
    }

    /// Decodes one message: all of its records, or none.
    fn take(&mut self, message: &'m Message<'m>, config: &DecodeConfig, now: Timestamp) {
        let content_type = message
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE))
            .and_then(|(_, value)| *value);
        let hints = config.hints(message.topic, content_type, message.timestamp);
        match records(message.payload, &hints) {
            Ok(records) => {
                for (index, decoded) in records {
                    self.add(message, index, decoded, now);
                }
            }
            Err(error) => self.quarantined.push(Quarantined {
                message,
                reason: error.reason(),
                received_at: now,
            }),
        }
    }

    /// Adds a record: that of a message, or one of a message of several.
    fn add(
        &mut self,
        message: &'m Message<'m>,
        index: Option<u32>,
        decoded: Decoded<'m>,
        now: Timestamp,
    ) {
        let record = decoded.record;
        self.unknown_levels += u64::from(decoded.is_level_unknown);
        self.sequences
            .add_record(&record, message.payload, message.partition);
        if !record.level.is_error() {
            self.counts
                .add(&record.service, record.level, message.timestamp);
            return;
        }
        self.arrivals.push(Arrival {
            record,
            coordinates: Coordinates {
                topic: message.topic,
                partition: message.partition,
                offset: message.offset,
                index,
            },
            received_at: now,
            payload: message.payload,
        });
    }

    /// Adds what came behind it.
    fn extend(&mut self, rest: Decoding<'m>) {
        self.arrivals.extend(rest.arrivals);
        self.counts.absorb(&rest.counts);
        self.sequences.absorb(&rest.sequences);
        self.quarantined.extend(rest.quarantined);
        self.unknown_levels += rest.unknown_levels;
    }
}

/// The records of a message, each with its place where the message has several.
///
/// # Errors
/// Why it cannot be decoded.
pub(crate) fn records<'m>(
    payload: &'m [u8],
    hints: &Hints<'_>,
) -> Result<impl Iterator<Item = (Option<u32>, Decoded<'m>)> + use<'m>, DecodeError> {
    let (one, several) = match decode(payload, hints)? {
        Records::One(decoded) => (Some((None, decoded)), Vec::new()),
        Records::Many(records) => (None, records),
    };
    let several = (0..).zip(several);
    Ok(one
        .into_iter()
        .chain(several.map(|(index, decoded)| (Some(index), decoded))))
}
