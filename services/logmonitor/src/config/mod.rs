//! What the process is told from outside. Only this module sees the environment, and only through the lookup it is
//! given; everything is read and checked once, at start.

mod decoding;
mod kafka;
mod value;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use decoding::DecodeConfig;
pub use kafka::{Bootstrap, KafkaConfig};
pub use value::ConfigError;
pub(crate) use value::duration as parse_duration;
use value::{Variables, expect};

/// Everything logmonitor can be told. A wrong value refuses to start and names the variable.
#[derive(Clone, Debug)]
pub struct Config {
    /// How to reach Kafka, and what to read there.
    pub kafka: KafkaConfig,
    /// The machine's name, which tells the members of the group apart. `HOSTNAME`, default what the system says.
    pub host: String,
    /// Where the API listens. `LOG_MONITOR_SERVER_HOST` (default 127.0.0.1) and `LOG_MONITOR_SERVER_PORT` (5004).
    pub listen: SocketAddr,
    /// How long errors are kept, and how far back they are read at start. `LOG_MONITOR_RETENTION`, default 7d.
    pub retention: Duration,
    /// Where archive and quarantine are kept; `None` keeps nothing beyond the process. `LOG_MONITOR_DATA_DIR`, default
    /// `./data`, or `none`.
    pub data_dir: Option<PathBuf>,
    /// The most bytes the archive's files may take. `LOG_MONITOR_MAX_DISK`, default 10GiB.
    pub max_disk: u64,
    /// The most errors the archive may hold. `LOG_MONITOR_MAX_RECORDS`, default no limit.
    pub max_records: Option<u64>,
    /// The most bytes of records in quarantine. `LOG_MONITOR_QUARANTINE_SIZE`, default 64MiB.
    pub quarantine_size: u64,
    /// The most bytes the in-memory store may take. `LOG_MONITOR_STORE_MEMORY`, default 512MiB.
    pub store_memory: u64,
    /// How many may watch live at a time. `LOG_MONITOR_LIVE_READERS`, default 1000.
    pub live_readers: usize,
    /// How many of them may watch every line of the logs topic. `LOG_MONITOR_LIVE_ALL_READERS`, default 4.
    pub live_all_readers: usize,
    /// The file with the rules for grouping. `LOG_MONITOR_GROUPING_RULES`, default none.
    pub grouping_rules: Option<PathBuf>,
    /// How messages are read.
    pub decode: DecodeConfig,
    /// What of its own log the process prints. `RUST_LOG`, default `info`.
    pub log_filter: String,
}

impl Config {
    /// Reads the configuration through `lookup`, which answers with a variable's value. An empty value means the
    /// default.
    ///
    /// # Errors
    /// The first variable that is missing or wrong.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let variables = Variables::new(&lookup);
        let host = variables.parse(
            "LOG_MONITOR_SERVER_HOST",
            "an IP address such as 127.0.0.1",
            |text| match text {
                "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                _ => text.parse().ok(),
            },
        )?;
        let port = variables.parse("LOG_MONITOR_SERVER_PORT", expect::PORT, |text| {
            text.parse().ok()
        })?;
        let retention =
            variables.parse("LOG_MONITOR_RETENTION", expect::DURATION, value::duration)?;
        let store_memory = variables.parse("LOG_MONITOR_STORE_MEMORY", expect::BYTES, |text| {
            value::bytes(text).filter(|&bytes| bytes >= MIN_STORE_MEMORY)
        })?;
        let max_disk = variables.parse("LOG_MONITOR_MAX_DISK", expect::BYTES, |text| {
            value::bytes(text).filter(|&bytes| bytes >= MIN_MAX_DISK)
        })?;
        let max_records = variables.parse(
            "LOG_MONITOR_MAX_RECORDS",
            "a number of records, at least 1",
            |text| text.parse().ok().filter(|&records: &u64| records > 0),
        )?;
        let quarantine_size =
            variables.parse("LOG_MONITOR_QUARANTINE_SIZE", expect::BYTES, value::bytes)?;
        let live_readers = variables.parse("LOG_MONITOR_LIVE_READERS", expect::READERS, readers)?;
        let live_all_readers =
            variables.parse("LOG_MONITOR_LIVE_ALL_READERS", expect::READERS, readers)?;
        Ok(Config {
            kafka: KafkaConfig::from_variables(&variables)?,
            host: variables.text("HOSTNAME").unwrap_or_else(host_name),
            listen: SocketAddr::new(
                host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
                port.unwrap_or(5004),
            ),
            retention: retention.unwrap_or(Duration::from_secs(7 * 24 * 3_600)),
            data_dir: match variables.text("LOG_MONITOR_DATA_DIR") {
                None => Some(PathBuf::from("data")),
                Some(text) if text == "none" => None,
                Some(text) => Some(PathBuf::from(text)),
            },
            max_disk: max_disk.unwrap_or(10 << 30),
            max_records,
            quarantine_size: quarantine_size.unwrap_or(64 << 20),
            store_memory: store_memory.unwrap_or(512 << 20),
            live_readers: live_readers.unwrap_or(1_000),
            live_all_readers: live_all_readers.unwrap_or(4),
            grouping_rules: variables
                .text("LOG_MONITOR_GROUPING_RULES")
                .map(PathBuf::from),
            decode: DecodeConfig::from_variables(&variables)?,
            log_filter: variables
                .text("RUST_LOG")
                .unwrap_or_else(|| "info".to_owned()),
        })
    }

    /// Reads the configuration from the process's environment.
    ///
    /// # Errors
    /// As [`Config::from_lookup`].
    pub fn from_env() -> Result<Config, ConfigError> {
        Config::from_lookup(environment)
    }

    /// The same, with other brokers than the environment names.
    ///
    /// # Errors
    /// As [`Config::from_lookup`].
    pub fn from_env_with(bootstrap_servers: Option<&str>) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| match bootstrap_servers {
            Some(servers) if name == "KAFKA_BOOTSTRAP_SERVERS" => Some(servers.to_owned()),
            _ => environment(name),
        })
    }
}

impl DecodeConfig {
    /// Reads how messages are read from the process's environment, where nothing else is needed.
    ///
    /// # Errors
    /// The first variable that is wrong.
    pub fn from_env() -> Result<DecodeConfig, ConfigError> {
        DecodeConfig::from_variables(&Variables::new(&environment))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// None at all is a number too; more than these would be more connections than a process gets.
fn readers(text: &str) -> Option<usize> {
    text.parse().ok().filter(|&readers| readers <= 100_000)
}

fn host_name() -> String {
    hostname::get().map_or_else(
        |_| "localhost".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Below this the store could not hold one large record beside the one that replaces it.
const MIN_STORE_MEMORY: u64 = 16 << 20;

/// Room for one large batch and SQLite's write-ahead log.
const MIN_MAX_DISK: u64 = 32 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    const KAFKA: (&str, &str) = ("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");

    #[test]
    fn only_the_broker_has_no_default() {
        let config = read(&[KAFKA]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:5004");
        assert_eq!(config.retention, Duration::from_secs(604_800));
        assert_eq!(config.store_memory, 536_870_912);
        assert_eq!(config.decode, DecodeConfig::default());
        let error = read(&[]).unwrap_err().to_string();
        assert!(
            error.starts_with("KAFKA_BOOTSTRAP_SERVERS is not set"),
            "{error}"
        );
    }

    #[test]
    fn empty_means_the_default() {
        let config = read(&[
            KAFKA,
            ("LOG_MONITOR_SERVER_PORT", ""),
            ("LOG_MONITOR_RETENTION", ""),
        ])
        .unwrap();
        assert_eq!(config.listen.port(), 5004);
    }

    #[test]
    fn a_wrong_value_is_named_with_what_was_expected() {
        for (name, value) in [
            ("LOG_MONITOR_SERVER_PORT", "70000"),
            ("LOG_MONITOR_SERVER_HOST", "example.org"),
            ("LOG_MONITOR_RETENTION", "soon"),
            ("LOG_MONITOR_STORE_MEMORY", "15MiB"),
            ("LOG_MONITOR_STORE_MEMORY", "-1"),
            ("LOG_MONITOR_MAX_DISK", "31MiB"),
            ("LOG_MONITOR_MAX_RECORDS", "0"),
            ("LOG_MONITOR_QUARANTINE_SIZE", "much"),
            ("LOG_MONITOR_CANARY_INTERVAL", "900ms"),
            ("LOG_MONITOR_LIVE_READERS", "100001"),
            ("LOG_MONITOR_LIVE_ALL_READERS", "-1"),
            ("LOG_MONITOR_DEFAULT_LEVEL", "loud"),
            ("LOG_MONITOR_TIME_ZONE", "CET"),
            ("LOG_MONITOR_TOPIC_FORMATS", "application-logs=xml"),
            ("LOG_MONITOR_TOPIC_FORMATS", "json"),
            ("KAFKA_TOPIC_LOGS", "no spaces"),
            ("KAFKA_TOPIC_ERRORS", "application-logs"),
            ("KAFKA_TOPIC_PARTITIONS", "0"),
            ("KAFKA_TOPIC_REPLICATION_FACTOR", "many"),
            ("KAFKA_PROPERTIES", "security.protocol"),
            ("KAFKA_BOOTSTRAP_SERVERS", "localhost"),
        ] {
            let pairs = if name == KAFKA.0 {
                vec![(name, value)]
            } else {
                vec![KAFKA, (name, value)]
            };
            let error = read(&pairs).unwrap_err().to_string();
            assert!(
                error.contains(name) && error.contains(value) && error.contains("expected"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_smallest_store_is_16_mib() {
        assert_eq!(
            read(&[KAFKA, ("LOG_MONITOR_STORE_MEMORY", "16MiB")])
                .unwrap()
                .store_memory,
            16 << 20
        );
    }

    #[test]
    fn the_embedded_broker_is_a_word() {
        let config = read(&[("KAFKA_BOOTSTRAP_SERVERS", "embedded")]).unwrap();
        assert_eq!(config.kafka.bootstrap, Bootstrap::Embedded { port: 19092 });
    }
}
