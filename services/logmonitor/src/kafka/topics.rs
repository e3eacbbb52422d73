//! The topics: what `kafka/topics` says of them, and creating those that are missing.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::client::Quiet;
use crate::config::KafkaConfig;

/// The one place that defines the topics, compiled in.
const DEFINITIONS: &str = include_str!("../../../../kafka/topics");

/// A broker that does not describe a topic by then is away. It is also how long a stop may have to wait.
const METADATA_TIMEOUT: Duration = Duration::from_secs(2);
const CREATE_TIMEOUT: Duration = Duration::from_secs(10);

/// What a topic is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Every record.
    Logs,
    /// ERROR and CRITICAL again.
    Errors,
    /// What happens to issues; written, not read.
    Issues,
}

impl Role {
    /// The word in `kafka/topics`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Logs => "logs",
            Role::Errors => "errors",
            Role::Issues => "issues",
        }
    }
}

/// How a topic is created where it is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its name: the configured one, not necessarily the one in `kafka/topics`.
    pub name: String,
    /// Number of partitions.
    pub partitions: i32,
    /// Number of replicas of each.
    pub replication_factor: i32,
    /// Topic settings (`retention.ms` and so on).
    pub settings: Vec<(String, String)>,
}

impl TopicSpec {
    /// The topic of that role as `kafka/topics` and the configuration define it.
    #[must_use]
    pub fn of(role: Role, config: &KafkaConfig) -> TopicSpec {
        let name = match role {
            Role::Logs => &config.topic_logs,
            Role::Errors => &config.topic_errors,
            Role::Issues => &config.topic_issues,
        };
        let mut spec = TopicSpec {
            name: name.clone(),
            partitions: 1,
            replication_factor: 1,
            settings: Vec::new(),
        };
        let line = DEFINITIONS
            .lines()
            .find(|line| line.split_whitespace().next() == Some(role.as_str()));
        let pairs = line
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|word| word.split_once('='));
        for (key, value) in pairs {
            match key {
                "partitions" => spec.partitions = value.parse().unwrap_or(spec.partitions),
                "replication-factor" => {
                    spec.replication_factor = value.parse().unwrap_or(spec.replication_factor)
                }
                _ => spec.settings.push((key.to_owned(), value.to_owned())),
            }
        }
        spec.partitions = config.partitions.unwrap_or(spec.partitions);
        spec.replication_factor = config.replication_factor.unwrap_or(spec.replication_factor);
        spec
    }
}

/// Whether a topic can be read.
#[derive(Debug)]
pub(super) enum Presence {
    /// It was there.
    Exists,
    /// It was missing, and now exists.
    Created,
}

/// Why a topic cannot be read yet. All of these may pass by themselves.
#[derive(Debug, thiserror::Error)]
pub(super) enum TopicError {
    /// The broker does not answer.
    #[error("no broker answers: {0}")]
    Unreachable(#[source] KafkaError),
    /// The broker does not say.
    #[error("the broker does not describe the topic: {0}")]
    Refused(RDKafkaErrorCode),
    /// The topic is missing, and may not or cannot be created.
    #[error("the topic is missing and cannot be created ({0}); create it, or allow logmonitor to")]
    NotCreatable(String),
}

/// Makes sure that the topic exists. Must run inside a tokio runtime; blocks for some seconds at most.
pub(super) async fn ensure(
    client: &ClientConfig,
    spec: &TopicSpec,
) -> Result<Presence, TopicError> {
    let admin: AdminClient<Quiet> = client
        .create_with_context(Quiet)
        .map_err(TopicError::Unreachable)?;
    let metadata = admin
        .inner()
        .fetch_metadata(Some(&spec.name), METADATA_TIMEOUT)
        .map_err(TopicError::Unreachable)?;
    let error = metadata
        .topics()
        .first()
        .and_then(|topic| topic.error())
        .map(RDKafkaErrorCode::from);
    match error {
        None => return Ok(Presence::Exists),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {}
        Some(other) => return Err(TopicError::Refused(other)),
    }
    let mut topic = NewTopic::new(
        &spec.name,
        spec.partitions,
        TopicReplication::Fixed(spec.replication_factor),
    );
    for (key, value) in &spec.settings {
        topic = topic.set(key, value);
    }
    let options = AdminOptions::new()
        .operation_timeout(Some(CREATE_TIMEOUT))
        .request_timeout(Some(CREATE_TIMEOUT));
    let results = admin
        .create_topics([&topic], &options)
        .await
        .map_err(|error| TopicError::NotCreatable(error.to_string()))?;
    match results.into_iter().next() {
        Some(Ok(_)) => Ok(Presence::Created),
        // Another logmonitor was faster.
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) | None => Ok(Presence::Exists),
        Some(Err((_, code))) => Err(TopicError::NotCreatable(code.to_string())),
    }
}
