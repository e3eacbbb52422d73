//! How to reach Kafka, and what to read there.

use std::time::Duration;

use super::value::{ConfigError, Variables, duration, expect};

/// Where the broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bootstrap {
    /// librdkafka's own mock broker inside this process, for a first look: `embedded`.
    Embedded {
        /// The loopback port that producers bootstrap from. `KAFKA_EMBEDDED_PORT`, default 19092.
        port: u16,
    },
    /// A Kafka cluster: `host:port` by comma.
    Servers(String),
}

/// How to reach Kafka, and what to read there.
#[derive(Clone, Debug)]
pub struct KafkaConfig {
    /// `KAFKA_BOOTSTRAP_SERVERS`; the only variable without a default.
    pub bootstrap: Bootstrap,
    /// The topic with every record. `KAFKA_TOPIC_LOGS`, default `application-logs`.
    pub topic_logs: String,
    /// The topic with ERROR and CRITICAL. `KAFKA_TOPIC_ERRORS`, default `application-logs-errors`.
    pub topic_errors: String,
    /// The topic to which is published what happens to issues. `KAFKA_TOPIC_ISSUES`, default
    /// `application-logs-issues`.
    pub topic_issues: String,
    /// The consumer group. `KAFKA_GROUP_ID`, default `logmonitor`.
    pub group_id: String,
    /// Further librdkafka properties (TLS, SASL). `KAFKA_PROPERTIES`: `key=value` by comma, or `@` and the path of a
    /// file with one a line.
    pub properties: Vec<(String, String)>,
    /// Partitions of a topic that has to be created, instead of what `kafka/topics` says. `KAFKA_TOPIC_PARTITIONS`.
    pub partitions: Option<i32>,
    /// Replicas of a topic that has to be created. `KAFKA_TOPIC_REPLICATION_FACTOR`.
    pub replication_factor: Option<i32>,
    /// How often a canary is sent through Kafka; `None` sends none. `LOG_MONITOR_CANARY_INTERVAL`, default 60s, or
    /// `none`.
    pub canary_interval: Option<Duration>,
}

impl KafkaConfig {
    pub(super) fn from_variables(variables: &Variables<'_>) -> Result<KafkaConfig, ConfigError> {
        let topic_logs =
            topic(variables, "KAFKA_TOPIC_LOGS")?.unwrap_or_else(|| "application-logs".to_owned());
        let topic_errors = topic(variables, "KAFKA_TOPIC_ERRORS")?
            .unwrap_or_else(|| "application-logs-errors".to_owned());
        let topic_issues = topic(variables, "KAFKA_TOPIC_ISSUES")?
            .unwrap_or_else(|| "application-logs-issues".to_owned());
        if topic_issues == topic_logs || topic_issues == topic_errors {
            return Err(ConfigError::Invalid {
                variable: "KAFKA_TOPIC_ISSUES",
                value: topic_issues,
                expected: "another topic than KAFKA_TOPIC_LOGS and KAFKA_TOPIC_ERRORS",
            });
        }
        if topic_logs == topic_errors {
            return Err(ConfigError::Invalid {
                variable: "KAFKA_TOPIC_ERRORS",
                value: topic_errors,
                expected: "another topic than KAFKA_TOPIC_LOGS",
            });
        }
        let canary_interval = variables.parse(
            "LOG_MONITOR_CANARY_INTERVAL",
            "a duration of at least 1s, such as 60s, or none",
            |text| match text {
                "none" => Some(None),
                _ => duration(text)
                    .filter(|interval| interval.as_secs() >= 1)
                    .map(Some),
            },
        )?;
        Ok(KafkaConfig {
            bootstrap: bootstrap(variables)?,
            topic_logs,
            topic_errors,
            topic_issues,
            group_id: variables
                .text("KAFKA_GROUP_ID")
                .unwrap_or_else(|| "logmonitor".to_owned()),
            properties: properties(variables)?,
            partitions: positive(variables, "KAFKA_TOPIC_PARTITIONS")?,
            replication_factor: positive(variables, "KAFKA_TOPIC_REPLICATION_FACTOR")?,
            canary_interval: canary_interval.unwrap_or(Some(Duration::from_secs(60))),
        })
    }
}

fn bootstrap(variables: &Variables<'_>) -> Result<Bootstrap, ConfigError> {
    const VARIABLE: &str = "KAFKA_BOOTSTRAP_SERVERS";
    const EXPECTED: &str = "host:port (several by comma), or `embedded` for the in-process broker";
    let servers = variables
        .parse(VARIABLE, EXPECTED, |text| {
            (text == "embedded" || text.split(',').all(is_host_and_port)).then(|| text.to_owned())
        })?
        .ok_or(ConfigError::Missing {
            variable: VARIABLE,
            expected: EXPECTED,
        })?;
    if servers == "embedded" {
        let port = variables.parse("KAFKA_EMBEDDED_PORT", expect::PORT, |text| {
            text.parse().ok()
        })?;
        return Ok(Bootstrap::Embedded {
            port: port.unwrap_or(19092),
        });
    }
    Ok(Bootstrap::Servers(servers))
}

fn is_host_and_port(server: &str) -> bool {
    // librdkafka also takes a protocol in front: `SASL_SSL://host:port`.
    let address = server.trim().rsplit("//").next().unwrap_or_default();
    address
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|p| p > 0))
}

/// A legal topic name: up to 249 of `[A-Za-z0-9._-]` (Kafka, `org.apache.kafka.common.internals.Topic`).
fn topic(variables: &Variables<'_>, variable: &'static str) -> Result<Option<String>, ConfigError> {
    variables.parse(
        variable,
        "a topic name: 1 to 249 of a-z, A-Z, 0-9, `.`, `_` and `-`",
        |name| {
            let is_legal = name.len() <= 249
                && name != "."
                && name != ".."
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
            is_legal.then(|| name.to_owned())
        },
    )
}

fn positive(variables: &Variables<'_>, variable: &'static str) -> Result<Option<i32>, ConfigError> {
    variables.parse(variable, "a number from 1 to 10000", |text| {
        text.parse()
            .ok()
            .filter(|number| (1..=10_000).contains(number))
    })
}

fn properties(variables: &Variables<'_>) -> Result<Vec<(String, String)>, ConfigError> {
    const VARIABLE: &str = "KAFKA_PROPERTIES";
    const EXPECTED: &str =
        "key=value by comma, or @ and the path of a file with one key=value a line";
    let Some(value) = variables.text(VARIABLE) else {
        return Ok(Vec::new());
    };
    let (text, separator) = match value.strip_prefix('@') {
        Some(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|source| ConfigError::UnreadableFile {
                    variable: VARIABLE,
                    path: path.to_owned(),
                    source,
                })?;
            (text, '\n')
        }
        None => (value, ','),
    };
    text.split(separator)
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| match line.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                Ok((key.trim().to_owned(), value.trim().to_owned()))
            }
            // The line may hold a password, but so does nothing that has no equals sign.
            _ => Err(ConfigError::Invalid {
                variable: VARIABLE,
                value: line.to_owned(),
                expected: EXPECTED,
            }),
        })
        .collect()
}
