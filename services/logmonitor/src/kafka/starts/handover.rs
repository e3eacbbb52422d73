//! What the member that had a partition before has kept of it. The errors topic is read ahead of the logs wherever there
//! is much to read; so the logs go on at records whose errors were kept already, from the other topic. They are looked
//! up there, up to where the group has read it. How far that is stays in the archive until the logs are past it: a
//! process that ends before looks them up again.

use std::collections::HashMap;
use std::ops::Range;

use log_record::Timestamp;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;
use tracing::{info, warn};

use super::Starts;
use super::lookup::{committed_offsets, offsets_at, watermarks};
use super::probe::{MAX_ERRORS, errors_in, timestamps_at};
use crate::archive::{Archive, ArchiveError};
use crate::elsewhere::SPREAD;
use crate::kafka::context::Context;
use crate::kafka::topics::Role;

/// Why it stays unknown.
#[derive(Debug, thiserror::Error)]
enum HandoverError {
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Where reading goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// `None` is the earliest record there is.
    pub(super) offset: Option<i64>,
    /// Whether another member has read up to there.
    pub(super) is_taken_over: bool,
}

/// One partition of both topics: from where the logs are read, and up to where others have kept the errors.
#[derive(Clone, Copy, Debug)]
struct Handover {
    logs_from: Option<i64>,
    errors_to: i64,
}

impl Starts {
    /// Learns what others have kept of these partitions of this topic.
    pub(super) fn take_over(&self, consumer: &BaseConsumer<Context>, starts: &HashMap<i32, Start>) {
        // Without an archive the errors are read once more anyway.
        let Some(archive) = self.ingest.archive() else {
            return;
        };
        if let Err(error) = self.look_up(consumer, archive, starts) {
            warn!(topic = self.topic, %error, "what others have kept is unknown; some errors may be kept twice");
        }
    }

    fn look_up(
        &self,
        consumer: &BaseConsumer<Context>,
        archive: &Archive,
        starts: &HashMap<i32, Start>,
    ) -> Result<(), HandoverError> {
        let handovers = self.handovers(consumer, archive, starts)?;
        for (&partition, handover) in &handovers {
            archive.set_fact(&self.fact(partition), &handover.errors_to.to_string())?;
        }
        let mut ranges = self.ranges(consumer, &handovers)?;
        for (&partition, _) in ranges.iter().filter(|(_, range)| range.is_empty()) {
            archive.forget_fact(&self.fact(partition))?;
        }
        ranges.retain(|_, range| !range.is_empty());
        let (_, errors) = self.logs_and_errors();
        let (found, is_all) = errors_in(&self.client, errors, &ranges, MAX_ERRORS)?;
        if !is_all {
            warn!(
                topic = self.topic,
                "others have kept more than can be looked up; some errors may be kept twice"
            );
        }
        for (partition, found) in found {
            info!(
                topic = self.topic,
                partition,
                errors = found.len(),
                "another has kept {} errors that the logs may bring again",
                found.len()
            );
            self.ingest.elsewhere().learn(partition, found);
        }
        Ok(())
    }

    /// The partitions that others have had, now or before the logs were past what they have kept.
    fn handovers(
        &self,
        consumer: &BaseConsumer<Context>,
        archive: &Archive,
        starts: &HashMap<i32, Start>,
    ) -> Result<HashMap<i32, Handover>, HandoverError> {
        let mut noted: HashMap<i32, i64> = HashMap::new();
        let mut of_twin = TopicPartitionList::new();
        for (&partition, start) in starts {
            let to = archive.fact(&self.fact(partition))?;
            if let Some(to) = to.and_then(|to| to.parse().ok()) {
                noted.insert(partition, to);
            } else if !start.is_taken_over {
                continue;
            }
            of_twin.add_partition(&self.twin, partition);
        }
        if of_twin.count() == 0 {
            return Ok(HashMap::new());
        }
        let committed = committed_offsets(consumer, &of_twin, &self.keeper)?;
        // What we have committed ourselves we have only as far as the archive goes: a power cut may have taken it back.
        let own = archive.positions(&self.twin)?.into_iter();
        let own: HashMap<i32, i64> = own.map(|at| (at.partition, at.position)).collect();
        let mut handovers = HashMap::new();
        for element in of_twin.elements() {
            let partition = element.partition();
            let start = starts[&partition];
            let of_twin = committed.get(&partition).and_then(|at| {
                if at.is_ours {
                    own.get(&partition).map(|&own| own.min(at.offset))
                } else {
                    Some(at.offset)
                }
            });
            let (logs_from, errors_to) = match self.role {
                Role::Errors => (of_twin, start.offset),
                Role::Logs | Role::Issues => (start.offset, of_twin),
            };
            let errors_to = errors_to.filter(|_| start.is_taken_over);
            if let Some(errors_to) = errors_to.max(noted.get(&partition).copied()) {
                let handover = Handover {
                    logs_from,
                    errors_to,
                };
                handovers.insert(partition, handover);
            }
        }
        Ok(handovers)
    }

    /// The offsets of the errors whose copies may still come from the logs, by partition; those of which Kafka does not
    /// say it are missing.
    fn ranges(
        &self,
        consumer: &BaseConsumer<Context>,
        handovers: &HashMap<i32, Handover>,
    ) -> Result<HashMap<i32, Range<i64>>, HandoverError> {
        let (logs, errors) = self.logs_and_errors();
        let mut next_line = HashMap::new();
        let mut since = HashMap::new();
        for (&partition, handover) in handovers {
            let (low, high) = watermarks(consumer, logs, partition)?;
            let from = handover.logs_from.unwrap_or(low).max(low);
            if from < high {
                next_line.insert(partition, from);
            } else {
                // What is still on its way to the logs.
                since.insert(partition, Timestamp::now());
            }
        }
        since.extend(timestamps_at(&self.client, logs, &next_line)?);
        let mut ranges = HashMap::new();
        for (partition, time) in since {
            let mut asked = TopicPartitionList::new();
            asked.add_partition(errors, partition);
            let since = time.as_millis() - SPREAD.as_millis() as i64;
            let found = offsets_at(consumer, &asked, since.max(0))?;
            let to = handovers[&partition].errors_to;
            // Without an error of that time there is none.
            let from = found.get(&partition).copied().unwrap_or(to);
            ranges.insert(partition, from..to);
        }
        Ok(ranges)
    }

    /// The logs were read up to there.
    pub(super) fn pass(&self, partition: i32, at: Timestamp) {
        if self.role == Role::Logs && self.ingest.elsewhere().pass(partition, at) {
            self.forget_handover(partition);
        }
    }

    /// The offsets of the errors mean others from now on, or nothing is looked up there any more.
    pub(super) fn forget_handover(&self, partition: i32) {
        let Some(archive) = self.ingest.archive() else {
            return;
        };
        if let Err(error) = archive.forget_fact(&self.fact(partition)) {
            warn!(topic = self.topic, partition, %error, "a handover is not forgotten; its errors are looked up again");
        }
    }

    /// Under this name the archive has up to where others have kept the errors of a partition.
    fn fact(&self, partition: i32) -> String {
        let (_, errors) = self.logs_and_errors();
        format!("errors_elsewhere {errors} {partition}")
    }

    fn logs_and_errors(&self) -> (&str, &str) {
        match self.role {
            Role::Errors => (&self.twin, &self.topic),
            Role::Logs | Role::Issues => (&self.topic, &self.twin),
        }
    }
}
