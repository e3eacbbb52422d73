//! The lines around an error, read back from the topic with every record: Kafka is their archive.
//!
//! [`Surroundings`] is the handle, [`pool`] shares a few consumers among all requests, [`tape`] is one of them: it reads
//! ranges of offsets, in no group, and commits nothing, on a thread that comes behind the consumers of the topics
//! ([`priority`]). [`place`] finds the error in the topic; from there [`by_offset`]
//! reads one partition and [`by_time`] all of them. What stops them early is in [`budget`].

mod answer;
mod budget;
mod by_offset;
mod by_time;
mod lines;
mod place;
mod pool;
mod priority;
mod settings;
mod side;
mod tape;
mod wanted;

use std::sync::Arc;

use rdkafka::error::KafkaError;

pub use answer::{Around, Missing, Reason};
pub use side::Side;
pub use wanted::Scope;

use crate::config::{DecodeConfig, KafkaConfig};
use crate::store::Event;
use budget::Budget;
use lines::Lines;
use place::{Place, locate};
use pool::Pool;
use settings::Settings;
use tape::Tape;
use wanted::Wanted;

/// The most lines on one side of an error that can be asked for.
pub const MAX_LINES: usize = 500;

/// What is asked for around one error.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Lines before it, at most [`MAX_LINES`].
    pub before: usize,
    /// Lines after it, at most [`MAX_LINES`].
    pub after: usize,
    /// Whose lines.
    pub scope: Scope,
}

/// Why there are no lines.
#[derive(Debug, thiserror::Error)]
pub enum SurroundingsError {
    /// The scope is the trace, and the error has none.
    #[error("the error has no trace id")]
    NoTrace,
    /// All consumers were busy with other requests for too long.
    #[error("too many requests for the lines around an error at once; try again")]
    Busy,
    /// Kafka does not answer, or refuses.
    #[error("the lines around an error cannot be read from Kafka: {0}")]
    Kafka(#[from] KafkaError),
    /// There is no thread to read on, or it panicked.
    #[error("reading the lines around an error failed")]
    Failed,
}

impl SurroundingsError {
    /// Whether the same request will be refused again.
    pub(crate) fn is_lasting(&self) -> bool {
        matches!(self, SurroundingsError::NoTrace)
    }
}

/// Reads the lines around errors; a cheap handle. It holds no consumer until the first request.
#[derive(Clone, Debug)]
pub struct Surroundings {
    pool: Pool,
    topic: Arc<str>,
    decode: DecodeConfig,
}

impl Surroundings {
    /// Reads from the configured topic. `decode` says how messages are read. Must be called inside a tokio runtime.
    #[must_use]
    pub fn new(
        config: &KafkaConfig,
        bootstrap_servers: &str,
        is_embedded: bool,
        decode: DecodeConfig,
    ) -> Surroundings {
        Surroundings {
            pool: Pool::new(Settings::new(config, bootstrap_servers, is_embedded)),
            topic: config.topic_logs.as_str().into(),
            decode,
        }
    }

    /// The lines around `event`, nearest first to be found, in order in the answer.
    ///
    /// # Errors
    /// Kafka does not answer, or too many others ask at the same time. That there are fewer lines than asked for is no
    /// error: the answer says why.
    pub async fn of(&self, event: Event, ask: Ask) -> Result<Around, SurroundingsError> {
        let wanted =
            Wanted::around(&event, ask.scope, &self.decode).ok_or(SurroundingsError::NoTrace)?;
        let borrowed = self.pool.borrow().await?;
        let topic = Arc::clone(&self.topic);
        let reading = priority::behind_the_consumers(move || {
            let tape = borrowed.tape()?;
            let around = read(&tape, &topic, &event, &wanted, ask);
            if around.is_ok() {
                borrowed.keep(tape);
            }
            around
        });
        Ok(reading.await.ok_or(SurroundingsError::Failed)??)
    }
}

fn read(
    tape: &Tape,
    topic: &str,
    event: &Event,
    wanted: &Wanted,
    ask: Ask,
) -> Result<Around, KafkaError> {
    let mut budget = Budget::lookup();
    let located = locate(tape, topic, event, wanted.decode(), &mut budget)?;
    let lines = Lines::new(wanted, event, &located, ask);
    let search = Search {
        tape,
        topic,
        located: &located,
        wanted,
    };
    let mut around = match (located.place, ask.scope) {
        (Place::At { partition, offset }, Scope::Instance) => {
            search.by_offset(partition, offset, lines)
        }
        (Place::Deleted { partition, low }, Scope::Instance) => {
            Ok(Around::deleted(topic, partition, low))
        }
        _ => search.by_time(lines),
    }?;
    around.scanned += budget.scanned();
    Ok(around)
}

/// What both ways of reading work with.
struct Search<'a> {
    tape: &'a Tape,
    topic: &'a str,
    located: &'a place::Located,
    wanted: &'a Wanted,
}

/// The size of the next window when one of `size` had `found` of the lines and `needed` are still to be found: so many
/// as there should be by that measure and a quarter more, and never more than eight times as many.
fn next_size(size: i64, found: usize, needed: usize) -> i64 {
    let most = size.saturating_mul(8);
    let (Ok(found @ 1..), Ok(needed)) = (i64::try_from(found), i64::try_from(needed)) else {
        return most;
    };
    (size.saturating_mul(needed) / found)
        .saturating_mul(5)
        .saturating_div(4)
        .clamp((size / 4).max(1), most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_window_is_as_large_as_the_last_one_suggests() {
        assert_eq!(next_size(1_000, 0, 50), 8_000);
        assert_eq!(next_size(1_000, 10, 40), 5_000);
        assert_eq!(next_size(1_000, 1, 49), 8_000);
        assert_eq!(next_size(1_000, 49, 1), 250);
        assert_eq!(next_size(i64::MAX, 0, 1), i64::MAX);
    }
}
