//! The environment, as [`init`](crate::init) reads it. The only place that does.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::builder::KafkaLayerBuilder;

/// Bytes a spool that is asked for by LOG_SPOOL_DIR may grow to.
const SPOOL_BYTES: u64 = 64 * 1024 * 1024;

/// A variable says something that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A variable that has no default is unset or empty.
    #[error("{variable} is not set; expected {expected}")]
    Missing {
        /// Its name.
        variable: &'static str,
        /// What it should say.
        expected: &'static str,
    },
    /// A variable has a wrong value.
    #[error("{variable} is {value:?}; expected {expected}")]
    Invalid {
        /// Its name.
        variable: &'static str,
        /// What it says.
        value: String,
        /// What it should say.
        expected: &'static str,
    },
    /// The file that KAFKA_PROPERTIES names cannot be read.
    #[error("KAFKA_PROPERTIES: cannot read {path:?}: {source}")]
    PropertiesFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What the environment says.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) service: String,
    bootstrap_servers: String,
    host: Option<String>,
    version: Option<String>,
    env: Option<String>,
    topic_logs: Option<String>,
    topic_errors: Option<String>,
    properties: Vec<(String, String)>,
    spool_dir: Option<PathBuf>,
    /// Directives of the filter.
    pub(crate) filter: Option<String>,
}

impl Config {
    /// Reads the process's environment.
    pub(crate) fn from_env(service: &str) -> Result<Config, ConfigError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the module that reads the environment"
        )]
        Config::from_lookup(service, |variable| std::env::var(variable).ok())
    }

    /// Reads variables through `lookup`. An empty value is none.
    pub(crate) fn from_lookup(
        service: &str,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Config, ConfigError> {
        let read = |variable| lookup(variable).filter(|value| !value.trim().is_empty());
        let bootstrap_servers = read("KAFKA_BOOTSTRAP_SERVERS").ok_or(ConfigError::Missing {
            variable: "KAFKA_BOOTSTRAP_SERVERS",
            expected: "host:port, several by comma",
        })?;
        let properties = match read("KAFKA_PROPERTIES") {
            None => Vec::new(),
            Some(value) => properties(&value)?,
        };
        Ok(Config {
            service: read("SERVICE_NAME").unwrap_or_else(|| service.to_owned()),
            bootstrap_servers,
            host: read("HOSTNAME"),
            version: read("SERVICE_VERSION"),
            env: read("SERVICE_ENV").or_else(|| read("DEPLOYMENT_ENVIRONMENT")),
            topic_logs: read("KAFKA_TOPIC_LOGS"),
            topic_errors: read("KAFKA_TOPIC_ERRORS"),
            properties,
            spool_dir: read("LOG_SPOOL_DIR").map(PathBuf::from),
            filter: read("RUST_LOG"),
        })
    }

    /// The builder with all of it set.
    pub(crate) fn into_builder(self) -> KafkaLayerBuilder {
        let spool_file = format!("{}.spool", file_name(&self.service));
        let mut builder =
            KafkaLayerBuilder::new(self.service).bootstrap_servers(self.bootstrap_servers);
        if let Some(host) = self.host {
            builder = builder.host(host);
        }
        if let Some(version) = self.version {
            builder = builder.version(version);
        }
        if let Some(env) = self.env {
            builder = builder.env(env);
        }
        if let Some(topic) = self.topic_logs {
            builder = builder.topic_logs(topic);
        }
        if let Some(topic) = self.topic_errors {
            builder = builder.topic_errors(topic);
        }
        if let Some(directory) = self.spool_dir {
            builder = builder.spool(directory.join(spool_file), SPOOL_BYTES);
        }
        for (name, value) in self.properties {
            builder = builder.property(name, value);
        }
        builder
    }
}

/// A service's name as part of a file's.
fn file_name(service: &str) -> String {
    service
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// `key=value` by comma, or by line in the file that `@path` names; there, lines that begin with `#` are comments.
fn properties(text: &str) -> Result<Vec<(String, String)>, ConfigError> {
    let Some(path) = text.trim().strip_prefix('@') else {
        return text
            .split(',')
            .filter(|pair| !pair.trim().is_empty())
            .map(property)
            .collect();
    };
    let content = fs::read_to_string(path).map_err(|source| ConfigError::PropertiesFile {
        path: Path::new(path).to_owned(),
        source,
    })?;
    content
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(property)
        .collect()
}

fn property(pair: &str) -> Result<(String, String), ConfigError> {
    match pair.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(ConfigError::Invalid {
            variable: "KAFKA_PROPERTIES",
            value: pair.to_owned(),
            expected: "key=value by comma, or @ and the path of a file of such lines",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup("booking", |wanted| {
            variables
                .iter()
                .find(|(variable, _)| *variable == wanted)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    const BROKER: (&str, &str) = ("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");

    #[test]
    fn without_a_broker_the_error_names_the_variable() {
        for variables in [&[][..], &[("KAFKA_BOOTSTRAP_SERVERS", " ")]] {
            let error = config(variables).unwrap_err().to_string();
            assert_eq!(
                error,
                "KAFKA_BOOTSTRAP_SERVERS is not set; expected host:port, several by comma"
            );
        }
    }

    #[test]
    fn the_environment_overrides_the_service_name_unless_it_is_empty() {
        assert_eq!(config(&[BROKER]).unwrap().service, "booking");
        assert_eq!(
            config(&[BROKER, ("SERVICE_NAME", "")]).unwrap().service,
            "booking"
        );
        assert_eq!(
            config(&[BROKER, ("SERVICE_NAME", "cart")]).unwrap().service,
            "cart"
        );
    }

    #[test]
    fn service_env_comes_before_deployment_environment() {
        let both = [
            BROKER,
            ("SERVICE_ENV", "prod"),
            ("DEPLOYMENT_ENVIRONMENT", "eu-1"),
        ];
        assert_eq!(config(&both).unwrap().env.as_deref(), Some("prod"));
        assert_eq!(config(&both[..1]).unwrap().env, None);
        assert_eq!(
            config(&[both[0], both[2]]).unwrap().env.as_deref(),
            Some("eu-1")
        );
    }

    #[test]
    fn properties_come_by_comma_or_from_a_file() {
        let expected = vec![
            ("security.protocol".to_owned(), "ssl".to_owned()),
            ("ssl.ca.location".to_owned(), "/etc/ca.pem".to_owned()),
        ];
        let inline = "security.protocol=ssl, ssl.ca.location = /etc/ca.pem";
        assert_eq!(
            config(&[BROKER, ("KAFKA_PROPERTIES", inline)])
                .unwrap()
                .properties,
            expected
        );

        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(
            file.path(),
            "# TLS\nsecurity.protocol=ssl\n\nssl.ca.location=/etc/ca.pem\n",
        )
        .unwrap();
        let at_file = format!("@{}", file.path().display());
        assert_eq!(
            config(&[BROKER, ("KAFKA_PROPERTIES", &at_file)])
                .unwrap()
                .properties,
            expected
        );
    }

    #[test]
    fn wrong_properties_are_named() {
        let error = config(&[BROKER, ("KAFKA_PROPERTIES", "ssl")])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("KAFKA_PROPERTIES is \"ssl\"; expected key=value"),
            "{error}"
        );
        let error = config(&[BROKER, ("KAFKA_PROPERTIES", "@/no/such")])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("KAFKA_PROPERTIES: cannot read \"/no/such\""),
            "{error}"
        );
    }

    #[test]
    fn a_service_name_makes_a_file_name() {
        assert_eq!(file_name("booking/eu 1"), "booking_eu_1");
    }
}
