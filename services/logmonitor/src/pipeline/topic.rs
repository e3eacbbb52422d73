//! What is known of one topic, and what keeps it from being read.

use std::collections::BTreeMap;
use std::time::Duration;

use log_record::Timestamp;

use super::partition::PartitionState;

/// What is known of one topic.
#[derive(Clone, Debug, Default)]
pub(super) struct TopicState {
    pub(super) connected: bool,
    /// Whether the group has given this process its partitions and not taken them away since.
    assigned: bool,
    /// What keeps the topic from being read, as a sentence.
    problem: Option<String>,
    /// Why what was read of it cannot be kept now.
    pub(super) refusal: Option<String>,
    pub(super) partitions: BTreeMap<i32, PartitionState>,
    /// How long Kafka keeps a record, if that is limited and known.
    pub(super) retention: Option<Duration>,
}

impl TopicState {
    /// A topic that nothing is known of yet.
    pub(super) fn new() -> TopicState {
        TopicState {
            problem: Some("not connected yet".to_owned()),
            ..TopicState::default()
        }
    }

    /// Whether a broker answers. Returns whether that is news.
    pub(super) fn set_connected(&mut self, connected: bool) -> bool {
        let is_news = self.connected != connected;
        self.connected = connected;
        if connected {
            self.problem = None;
        }
        is_news
    }

    /// What keeps the topic from being read, until it is connected again. Returns whether that is news.
    pub(super) fn set_problem(&mut self, problem: &str) -> bool {
        let is_news = self.problem.as_deref() != Some(problem);
        self.connected = false;
        self.problem = Some(problem.to_owned());
        is_news
    }

    /// The partitions that this process reads, from now on.
    pub(super) fn assign(&mut self, partitions: &[i32]) {
        self.assigned = true;
        self.partitions
            .retain(|partition, _| partitions.contains(partition));
        for &partition in partitions {
            self.partitions.entry(partition).or_default();
        }
    }

    /// The partitions were taken away.
    pub(super) fn revoke(&mut self) {
        self.assigned = false;
        self.partitions.clear();
    }

    /// A partition was read up to `position`.
    pub(super) fn advance(&mut self, partition: i32, position: i64, timestamp: Timestamp) {
        self.refusal = None;
        let partition = self.partitions.entry(partition).or_default();
        partition.position = Some(position);
        partition.last_timestamp = Some(timestamp);
    }

    /// The broker told where a partition ends, and from where an assigned one is read.
    pub(super) fn set_watermark(
        &mut self,
        partition: i32,
        high_watermark: i64,
        next_offset: Option<i64>,
    ) {
        if let Some(partition) = self.partitions.get_mut(&partition) {
            partition.high_watermark = Some(high_watermark);
            partition.position = partition.position.or(next_offset);
        }
    }

    /// Why the topic is not read; `None` when it is.
    pub(super) fn obstacle(&self) -> Option<String> {
        match &self.problem {
            Some(problem) => Some(problem.clone()),
            None if let Some(refusal) = &self.refusal => Some(format!(
                "reading pauses until what was read can be kept: {refusal}"
            )),
            None if !self.connected => Some("no broker answers".to_owned()),
            None if !self.assigned => Some("waiting for the group to assign partitions".to_owned()),
            None => None,
        }
    }
}
