//! `init`: logging for a service in one line, configured by its environment.

use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use crate::builder::BuildError;
use crate::config::{Config, ConfigError};
use crate::guard::FlushGuard;

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The environment says something that cannot be used, or not enough.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// RUST_LOG is not a list of filter directives.
    #[error("RUST_LOG is {value:?}: {source}")]
    Filter {
        /// What it says.
        value: String,
        /// What is wrong with it.
        source: ParseError,
    },
    /// The layer could not be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The process has a global subscriber already.
    #[error("cannot install the subscriber: {0}")]
    Subscriber(#[from] TryInitError),
}

/// Sets up logging for the whole process: to Kafka, and in lines of text to standard output.
///
/// | variable | default | meaning |
/// |---|---|---|
/// | `KAFKA_BOOTSTRAP_SERVERS` | required | `host:port`, several by comma |
/// | `SERVICE_NAME` | the argument | who logs |
/// | `HOSTNAME` | the system's host name | where |
/// | `SERVICE_VERSION`, `SERVICE_ENV` (or `DEPLOYMENT_ENVIRONMENT`) | – | `version` and `env` of every record |
/// | `KAFKA_TOPIC_LOGS`, `KAFKA_TOPIC_ERRORS` | `application-logs`, `application-logs-errors` | |
/// | `KAFKA_PROPERTIES` | – | properties of librdkafka: `key=value` by comma, or `@` and the path of a file of such lines |
/// | `LOG_SPOOL_DIR` | – | directory in which errors wait while Kafka is away, up to 64 MiB for each process that logs as this service |
/// | `RUST_LOG` | `info` | which events are logged, in both places |
///
/// Also publishes panics (see [`panic_hook`](crate::KafkaLayerBuilder::panic_hook)) and records of the `log` crate. Does
/// not wait for Kafka. Hold the guard until the end of `main`.
///
/// # Errors
/// When a variable is missing or wrong, which the message names, or when the process has a global subscriber already.
pub fn init(service: &str) -> Result<FlushGuard, InitError> {
    let config = Config::from_env(service)?;
    let directives = config.filter.clone().unwrap_or_else(|| "info".to_owned());
    let filter = EnvFilter::try_new(&directives).map_err(|source| InitError::Filter {
        value: directives,
        source,
    })?;
    let (layer, guard) = config.into_builder().panic_hook(true).build()?;
    tracing_subscriber::registry()
        .with(filter)
        .with(layer)
        .with(tracing_subscriber::fmt::layer())
        .try_init()?;
    Ok(guard)
}
