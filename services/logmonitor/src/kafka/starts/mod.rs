//! From where each partition of a topic is read: remembers how far this archive or process has read it, and what
//! had to be passed over. An assignment asks group and broker besides.

mod assignment;
mod decision;
mod handover;
mod lookup;
mod probe;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use log_record::Timestamp;
use rdkafka::ClientConfig;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tracing::warn;

use super::topics::Role;
use crate::archive::{ArchiveError, Gap, GapCause, PartitionPosition};
use crate::ingest::Ingest;

/// Stands for the id of the embedded broker, which is another one in every process.
const EMBEDDED: &str = "embedded";

/// What one topic is read from, for the life of the process.
#[derive(Debug)]
pub(super) struct Starts {
    pub(super) topic: String,
    /// The topic with the other copy of each error.
    twin: String,
    role: Role,
    /// Without an archive: how far back the errors topic is read. `None` is all of it, on the embedded broker.
    replay: Option<Duration>,
    ingest: Ingest,
    client: ClientConfig,
    /// Names in commits who has read: the archive, or without one this process.
    keeper: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Where each partition goes on, as far as this archive or process has read it.
    positions: HashMap<i32, PartitionPosition>,
    /// Partitions of which is known that they are those the archive means.
    checked: HashSet<i32>,
    /// To be noted before anything behind them is applied.
    gaps: Vec<Gap>,
}

impl Starts {
    pub(super) fn new(
        [topic, twin]: [&str; 2],
        role: Role,
        replay: Option<Duration>,
        ingest: &Ingest,
        client: ClientConfig,
    ) -> Starts {
        let keeper = ingest.archive().map_or_else(
            || format!("memory-{}", Timestamp::now().as_micros()),
            |archive| archive.id().to_owned(),
        );
        Starts {
            topic: topic.to_owned(),
            twin: twin.to_owned(),
            role,
            replay,
            ingest: ingest.clone(),
            client,
            keeper,
            state: Mutex::default(),
        }
    }

    /// Takes over what the archive knows, once the cluster is known to be the one it was read from.
    pub(super) fn load(&self, cluster_id: Option<&str>) -> Result<(), ArchiveError> {
        // The consumer before this one may have ended because the topic was deleted.
        self.state().checked.clear();
        let Some(archive) = self.ingest.archive() else {
            return Ok(());
        };
        // The archive does not know of these yet: they are found again from its positions.
        self.state().gaps.clear();
        let known: Vec<PartitionPosition> = archive.positions(&self.topic)?;
        let fact = format!("cluster_id {}", self.topic);
        let cluster_before = archive.fact(&fact)?;
        // The embedded broker forgets everything, but not while this process lives.
        let is_embedded = self.replay.is_none();
        let is_other = if is_embedded {
            self.state().positions.is_empty()
        } else {
            cluster_before.is_some()
                && cluster_id.is_some()
                && cluster_before.as_deref() != cluster_id
        };
        if is_other {
            self.begin_anew(&known, is_embedded)?;
            archive.forget_positions(&self.topic)?;
        } else {
            self.state().positions = known.into_iter().map(|at| (at.partition, at)).collect();
        }
        let cluster = if is_embedded {
            Some(EMBEDDED)
        } else {
            cluster_id
        };
        cluster.map_or(Ok(()), |cluster| archive.set_fact(&fact, cluster))
    }

    /// Nothing that was read before is in this cluster.
    fn begin_anew(
        &self,
        known: &[PartitionPosition],
        is_embedded: bool,
    ) -> Result<(), ArchiveError> {
        if !is_embedded {
            warn!(
                topic = self.topic,
                "Kafka is another cluster than before; reading all of it"
            );
        }
        for at in known {
            if !is_embedded {
                let cause = GapCause::ClusterReplaced;
                self.ingest
                    .pass_gap(&self.gap(at.partition, at.position, 0, cause))?;
            }
            self.ingest.reset_position(&self.topic, at.partition);
            if self.role == Role::Errors {
                self.forget_handover(at.partition);
            }
        }
        self.state().positions.clear();
        Ok(())
    }

    /// A batch was applied up to here.
    pub(super) fn advance(&self, at: PartitionPosition) {
        let mut state = self.state();
        state.positions.insert(at.partition, at);
        state.checked.insert(at.partition);
        drop(state);
        self.pass(at.partition, at.timestamp);
    }

    /// Where partitions go on that were read: what is to be committed for them.
    pub(super) fn to_commit(&self, partitions: impl Iterator<Item = i32>) -> TopicPartitionList {
        let state = self.state();
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            if let Some(at) = state.positions.get(&partition) {
                let mut element = list.add_partition(&self.topic, partition);
                // Fails only for an offset out of range, and this one came from Kafka.
                element.set_offset(Offset::Offset(at.position)).ok();
                element.set_metadata(&self.keeper);
            }
        }
        list
    }

    /// Notes the gaps that were found. Nothing behind them may be applied before.
    pub(super) fn pass_gaps(&self) -> Result<(), ArchiveError> {
        loop {
            // The lock must not be held while the archive works.
            let next = self.state().gaps.first().cloned();
            let Some(gap) = next else {
                return Ok(());
            };
            self.ingest.pass_gap(&gap)?;
            self.state().gaps.remove(0);
        }
    }

    fn gap(&self, partition: i32, from: i64, to: i64, cause: GapCause) -> Gap {
        Gap {
            topic: self.topic.clone(),
            partition,
            from,
            to,
            cause,
            found_at: Timestamp::now(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Only the consumer's thread changes it; a panic there would have ended the consumer.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
