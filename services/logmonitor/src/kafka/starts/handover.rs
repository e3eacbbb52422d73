//! What the member that had a partition before has kept of it. The errors topic is read ahead of the logs wherever there
//! is much to read; so the logs go on at records whose errors were kept already, from the other topic. They are looked
//! up there, up to where the group has read it.

use std::collections::HashMap;

use log_record::Timestamp;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;
use tracing::{info, warn};

use super::Starts;
use super::lookup::{committed_offsets, offsets_at, watermarks};
use super::probe::{errors_in, timestamps_at};
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

impl Starts {
    /// Partitions of this topic go on where another member has read them up to, or begin: `None`.
    pub(super) fn take_over(
        &self,
        consumer: &BaseConsumer<Context>,
        starts: &HashMap<i32, Option<i64>>,
    ) {
        // Without an archive the errors are read once more anyway.
        let Some(archive) = self.ingest.archive().filter(|_| !starts.is_empty()) else {
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
        starts: &HashMap<i32, Option<i64>>,
    ) -> Result<(), HandoverError> {
        let mut of_twin = TopicPartitionList::new();
        for &partition in starts.keys() {
            of_twin.add_partition(&self.twin, partition);
        }
        let committed = committed_offsets(consumer, &of_twin, &self.keeper)?;
        // What we have committed ourselves we have only as far as the archive goes: a power cut may have taken it back.
        let own = archive.positions(&self.twin)?.into_iter();
        let own: HashMap<i32, i64> = own.map(|at| (at.partition, at.position)).collect();
        let committed = |partition| {
            let at = committed.get(partition)?;
            if at.is_ours {
                own.get(partition).map(|&own| own.min(at.offset))
            } else {
                Some(at.offset)
            }
        };
        let (logs, errors) = match self.role {
            Role::Errors => (&self.twin, &self.topic),
            Role::Logs | Role::Issues => (&self.topic, &self.twin),
        };
        // Where the logs go on, and how far the errors were read.
        let mut logs_from = HashMap::new();
        let mut errors_to = HashMap::new();
        for (partition, &start) in starts {
            let (from, to) = match self.role {
                Role::Errors => (committed(partition), start),
                Role::Logs | Role::Issues => (start, committed(partition)),
            };
            let Some(to) = to else {
                continue;
            };
            let Some((low, high)) = watermarks(consumer, logs, *partition) else {
                // Asking for each of them would take as many timeouts.
                break;
            };
            let from = from.unwrap_or(low).max(low);
            if from < high {
                logs_from.insert(*partition, from);
                errors_to.insert(*partition, to);
            }
        }
        let mut ranges = HashMap::new();
        for (partition, time) in timestamps_at(&self.client, logs, &logs_from)? {
            let mut asked = TopicPartitionList::new();
            asked.add_partition(errors, partition);
            let since = time.as_millis() - SPREAD.as_millis() as i64;
            let found = offsets_at(consumer, &asked, since.max(0))?;
            let range = found.get(&partition).zip(errors_to.get(&partition));
            if let Some((&from, &to)) = range.filter(|(from, to)| from < to) {
                ranges.insert(partition, from..to);
            }
        }
        for (partition, found) in errors_in(&self.client, errors, &ranges)? {
            info!(
                topic = self.topic,
                partition,
                errors = found.identities.len(),
                "another has kept {} errors that the logs may bring again",
                found.identities.len()
            );
            self.ingest.elsewhere().learn(partition, found);
        }
        Ok(())
    }

    /// The logs were read up to there.
    pub(super) fn pass(&self, partition: i32, at: Timestamp) {
        if self.role == Role::Logs {
            self.ingest.elsewhere().pass(partition, at);
        }
    }
}
