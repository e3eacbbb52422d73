//! An assignment: asks archive, group and broker from where each of its partitions is read, compares that with what
//! the broker has, and passes over what is gone.

use std::collections::HashMap;

use log_record::Timestamp;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tracing::{info, warn};

use super::Starts;
use super::decision::{Resumption, detour, start_of};
use super::handover::Start;
use super::lookup::{committed_offsets, offsets_at, watermarks};
use super::probe::timestamps_at;
use crate::archive::{GapCause, PartitionPosition};
use crate::kafka::context::Context;
use crate::kafka::topics::Role;

impl Starts {
    /// Sets from where each partition is read.
    ///
    /// # Errors
    /// The group does not say what it has committed: another may have read further than we have.
    pub(in crate::kafka) fn set(
        &self,
        consumer: &BaseConsumer<Context>,
        partitions: &mut TopicPartitionList,
    ) -> Result<(), KafkaError> {
        let numbers: Vec<i32> = partitions
            .elements()
            .iter()
            .map(|element| element.partition())
            .collect();
        let committed = committed_offsets(consumer, partitions, &self.keeper)?;
        let replayed = self.replayed(consumer, partitions);
        let mut starts = HashMap::new();
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
            let is_taken_over = known.is_none() || start != known.map(|at| at.position);
            let at = Start {
                offset: start,
                is_taken_over,
            };
            starts.insert(partition, at);
            let offset = start.map_or(Offset::Beginning, Offset::Offset);
            self.read_from(partitions, partition, offset);
        }
        self.take_over(consumer, &starts);
        let (mut resumptions, begun) = self.compare(consumer, partitions);
        self.begin(&begun, partitions);
        self.glance(&mut resumptions);
        self.look_for_newer(consumer, &mut resumptions);
        for (partition, resumption) in resumptions {
            self.go_on(partition, &resumption, partitions);
        }
        Ok(())
    }

    fn read_from(&self, partitions: &mut TopicPartitionList, partition: i32, offset: Offset) {
        // Fails only for a partition that is not in the list, and it was taken from there.
        partitions
            .set_partition_offset(&self.topic, partition, offset)
            .ok();
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
        let found = offsets_at(consumer, partitions, from);
        Some(found.unwrap_or_else(|error| {
            warn!(%error, "no offsets by time; reading the errors from the beginning");
            HashMap::new()
        }))
    }

    /// What the broker has of the partitions: of those where reading goes on, and from where it begins in the others.
    fn compare(
        &self,
        consumer: &BaseConsumer<Context>,
        partitions: &TopicPartitionList,
    ) -> (HashMap<i32, Resumption>, Vec<PartitionPosition>) {
        let mut resumptions = HashMap::new();
        let mut begun = Vec::new();
        for element in partitions.elements() {
            let partition = element.partition();
            let Ok((low, high)) = watermarks(consumer, &self.topic, partition) else {
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
                    before: None,
                    newer: None,
                },
            );
        }
        (resumptions, begun)
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
            self.read_from(partitions, at.partition, Offset::Offset(at.position));
        }
        if let Err(error) = archive.begin_at(&self.topic, begun) {
            warn!(topic = self.topic, %error, "where reading begins cannot be noted");
        }
    }

    /// Looks at the last records that were read: in a topic of the same name others stand there.
    fn glance(&self, resumptions: &mut HashMap<i32, Resumption>) {
        let wanted: HashMap<i32, i64> = resumptions
            .iter()
            .filter(|(partition, at)| {
                let is_checked = self.state().checked.contains(partition);
                !is_checked
                    && at.last_read.is_some()
                    && (at.low + 1..=at.high).contains(&at.position)
            })
            .map(|(&partition, at)| (partition, at.position - 1))
            .collect();
        match timestamps_at(&self.client, &self.topic, &wanted) {
            Ok(found) => {
                for (partition, timestamp) in found {
                    if let Some(at) = resumptions.get_mut(&partition) {
                        at.before = Some(timestamp);
                    }
                }
            }
            Err(error) => {
                info!(topic = self.topic, %error, "the last record read cannot be compared");
            }
        }
    }

    /// Where what was read last is gone: looks for what came after it.
    fn look_for_newer(
        &self,
        consumer: &BaseConsumer<Context>,
        resumptions: &mut HashMap<i32, Resumption>,
    ) {
        for (&partition, at) in resumptions {
            let Some(last_read) = at.last_read.filter(|_| at.is_other()) else {
                continue;
            };
            let mut asked = TopicPartitionList::new();
            asked.add_partition(&self.topic, partition);
            match offsets_at(consumer, &asked, last_read.as_millis() + 1) {
                Ok(found) => at.newer = Some(found.get(&partition).copied().unwrap_or(at.high)),
                Err(error) => {
                    warn!(topic = self.topic, partition, %error, "no offset by time; reading from the beginning");
                }
            }
        }
    }

    /// Goes on with a partition, elsewhere if the broker does not have what comes next.
    fn go_on(&self, partition: i32, resumption: &Resumption, partitions: &mut TopicPartitionList) {
        self.state().checked.insert(partition);
        let Some((to, cause)) = detour(resumption) else {
            return;
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
        if self.role == Role::Errors && cause != GapCause::Deleted {
            self.forget_handover(partition);
        }
        let mut state = self.state();
        state.gaps.push(gap);
        // Another assignment before the next batch goes on there too, and does not find the gap again.
        let at = PartitionPosition {
            partition,
            position: to,
            timestamp: PartitionPosition::UNKNOWN,
        };
        state.positions.insert(partition, at);
        self.read_from(partitions, partition, Offset::Offset(to));
    }
}
