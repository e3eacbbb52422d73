//! From where each partition of a topic is read: asks archive, group and broker, and notes what had to be passed over.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use log_record::Timestamp;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tracing::{info, warn};

use super::context::Context;
use super::probe::timestamps_at;
use super::start::{Committed, Resumption, detour, start_of};
use super::topics::Role;
use crate::archive::{ArchiveError, Gap, GapCause, PartitionPosition};
use crate::ingest::Ingest;

/// How long the broker may take to answer, within a rebalance.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Stands for the id of the embedded broker, which is another one in every process.
const EMBEDDED: &str = "embedded";

/// What one topic is read from, for the life of the process.
#[derive(Debug)]
pub(super) struct Starts {
    pub(super) topic: String,
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
        topic: &str,
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
        }
        self.state().positions.clear();
        Ok(())
    }

    /// A batch was applied up to here.
    pub(super) fn advance(&self, at: PartitionPosition) {
        let mut state = self.state();
        state.positions.insert(at.partition, at);
        state.checked.insert(at.partition);
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

    /// Sets from where each partition is read.
    pub(super) fn set(
        &self,
        consumer: &BaseConsumer<Context>,
        partitions: &mut TopicPartitionList,
    ) {
        let numbers: Vec<i32> = partitions
            .elements()
            .iter()
            .map(|element| element.partition())
            .collect();
        let committed = self.committed(consumer, partitions);
        let replayed = self.replayed(consumer, partitions);
        for &partition in &numbers {
            let known = self.state().positions.get(&partition).copied();
            let start = match (&replayed, known) {
                (Some(replayed), None) => replayed.get(&partition).copied(),
                _ => start_of(
                    known.map(|at| at.position),
                    committed.get(&partition).copied(),
                ),
            };
            if start != known.map(|at| at.position) {
                self.ingest.skip_to_position(&self.topic, partition);
            }
            let offset = start.map_or(Offset::Beginning, Offset::Offset);
            // Fails only for a partition that is not in the list, and it was taken from there.
            partitions
                .set_partition_offset(&self.topic, partition, offset)
                .ok();
        }
        self.check(consumer, partitions);
    }

    /// Compares where reading is to go on with what the broker has, and passes over what is gone.
    fn check(&self, consumer: &BaseConsumer<Context>, partitions: &mut TopicPartitionList) {
        let mut resumptions: HashMap<i32, Resumption> = HashMap::new();
        let mut begun = Vec::new();
        for element in partitions.elements() {
            let partition = element.partition();
            let Ok((low, high)) = consumer.fetch_watermarks(&self.topic, partition, TIMEOUT) else {
                // Without an answer reading goes on at the positions; what is missing there is noticed then.
                break;
            };
            let Offset::Offset(position) = element.offset() else {
                begun.push(PartitionPosition {
                    partition,
                    position: low,
                    timestamp: PartitionPosition::UNKNOWN,
                });
                continue;
            };
            let known = self.state().positions.get(&partition).copied();
            let last_read = known
                .filter(|at| at.position == position && at.timestamp != PartitionPosition::UNKNOWN);
            resumptions.insert(
                partition,
                Resumption {
                    position,
                    last_read: last_read.map(|at| at.timestamp),
                    low,
                    high,
                    first: None,
                    before: None,
                },
            );
        }
        self.begin(&begun, partitions);
        self.glance(&mut resumptions);
        for (partition, resumption) in resumptions {
            self.state().checked.insert(partition);
            let Some((to, cause)) = detour(&resumption) else {
                continue;
            };
            let gap = self.gap(partition, resumption.position, to, cause);
            warn!(
                topic = self.topic,
                partition,
                from = gap.from,
                to,
                lost = gap.lost(),
                "partition {partition} goes on at {to} instead of {}: {}",
                gap.from,
                cause.as_str()
            );
            let mut state = self.state();
            state.gaps.push(gap);
            // Another assignment before the next batch goes on there too, and does not find the gap again.
            let at = PartitionPosition {
                partition,
                position: to,
                timestamp: PartitionPosition::UNKNOWN,
            };
            state.positions.insert(partition, at);
            // As above.
            partitions
                .set_partition_offset(&self.topic, partition, Offset::Offset(to))
                .ok();
        }
    }

    /// Reads partitions from where they begin now. That is noted before the first record comes: what comes and is
    /// deleted while nobody reads is then known to be lost.
    fn begin(&self, begun: &[PartitionPosition], partitions: &mut TopicPartitionList) {
        // What the embedded broker has is no older than this process.
        let Some(archive) = self.ingest.archive().filter(|_| self.replay.is_some()) else {
            return;
        };
        for &at in begun {
            self.state().positions.insert(at.partition, at);
            // As above.
            partitions
                .set_partition_offset(&self.topic, at.partition, Offset::Offset(at.position))
                .ok();
        }
        if let Err(error) = archive.begin_at(&self.topic, begun) {
            warn!(topic = self.topic, %error, "where reading begins cannot be noted");
        }
    }

    /// Looks at the records that tell a topic from another of the same name.
    fn glance(&self, resumptions: &mut HashMap<i32, Resumption>) {
        let wanted: HashMap<i32, i64> = resumptions
            .iter()
            .filter_map(|(&partition, at)| {
                let is_checked = self.state().checked.contains(&partition);
                if at.position > at.high && at.low < at.high {
                    Some((partition, at.low))
                } else if !is_checked && at.last_read.is_some() && at.position > at.low {
                    Some((partition, at.position - 1))
                } else {
                    None
                }
            })
            .collect();
        match timestamps_at(&self.client, &self.topic, &wanted) {
            Ok(found) => {
                for (partition, timestamp) in found {
                    if let Some(at) = resumptions.get_mut(&partition) {
                        let is_first = wanted.get(&partition) == Some(&at.low);
                        at.first = is_first.then_some(timestamp);
                        let stands_before = wanted.get(&partition) == Some(&(at.position - 1));
                        at.before = stands_before.then_some(timestamp);
                    }
                }
            }
            Err(error) => {
                info!(topic = self.topic, %error, "the last record read cannot be compared")
            }
        }
    }

    fn committed(
        &self,
        consumer: &BaseConsumer<Context>,
        partitions: &TopicPartitionList,
    ) -> HashMap<i32, Committed> {
        match consumer.committed_offsets(partitions.clone(), TIMEOUT) {
            Ok(committed) => committed
                .elements()
                .iter()
                .filter_map(|element| match element.offset() {
                    Offset::Offset(offset) => {
                        let is_ours = element.metadata() == self.keeper;
                        Some((element.partition(), Committed { offset, is_ours }))
                    }
                    _ => None,
                })
                .collect(),
            Err(error) => {
                warn!(topic = self.topic, %error, "the group's offsets are unknown; reading from our own");
                HashMap::new()
            }
        }
    }

    /// Without an archive the view is rebuilt from the errors topic: the offsets from which. `None` where it is not.
    fn replayed(
        &self,
        consumer: &BaseConsumer<Context>,
        partitions: &TopicPartitionList,
    ) -> Option<HashMap<i32, i64>> {
        if self.role == Role::Logs || self.ingest.archive().is_some() {
            return None;
        }
        let Some(age) = self.replay else {
            return Some(HashMap::new());
        };
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        let from = Timestamp::now().as_millis().saturating_sub(age).max(0);
        let mut wanted = TopicPartitionList::new();
        for element in partitions.elements() {
            // In a request by time the offset is the time. Fails only for a negative one.
            wanted
                .add_partition_offset(element.topic(), element.partition(), Offset::Offset(from))
                .ok();
        }
        let found = consumer.offsets_for_times(wanted, TIMEOUT);
        let found = found.inspect_err(|error| {
            warn!(%error, "no offsets by time; reading the errors from the beginning");
        });
        let elements = found.map_or_else(
            |_| Vec::new(),
            |found| {
                let pairs = found.elements();
                pairs
                    .iter()
                    .map(|element| (element.partition(), element.offset()))
                    .collect()
            },
        );
        let offsets = elements
            .into_iter()
            .filter_map(|(partition, offset)| match offset {
                Offset::Offset(offset) => Some((partition, offset)),
                _ => None,
            });
        Some(offsets.collect())
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
