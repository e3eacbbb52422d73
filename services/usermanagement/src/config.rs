//! What the service is told from outside. Only this module sees the environment. How logs reach Kafka is not here:
//! `tracing_kafka::init` reads that by itself.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Everything the service can be told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. `USERMANAGEMENT_SERVER_HOST` (default 127.0.0.1) and `USERMANAGEMENT_SERVER_PORT` (5001).
    pub listen: SocketAddr,
    /// Which share of the database's queries fails, from 0 to 1. `FAILURE_RATE`, default 0.05.
    pub failure_rate: f64,
}

/// A variable has a wrong value.
#[derive(Debug, thiserror::Error)]
#[error("{variable} is {value:?}; expected {expected}")]
pub struct ConfigError {
    /// Its name.
    pub variable: &'static str,
    /// What it says.
    pub value: String,
    /// What it should say.
    pub expected: &'static str,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// As [`Config::from_lookup`].
    pub fn from_env() -> Result<Config, ConfigError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the environment"
        )]
        Config::from_lookup(|variable| std::env::var(variable).ok())
    }

    /// Reads variables through `lookup`. Unset and empty mean the default.
    ///
    /// # Errors
    /// The first variable that has a wrong value.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let host = read(
            &lookup,
            "USERMANAGEMENT_SERVER_HOST",
            "an IP address such as 127.0.0.1",
            ip,
        )?
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let port = read(
            &lookup,
            "USERMANAGEMENT_SERVER_PORT",
            "a port from 0 to 65535",
            |text| text.parse().ok(),
        )?
        .unwrap_or(5001);
        let failure_rate = read(&lookup, "FAILURE_RATE", "a number from 0 to 1", share)?;
        Ok(Config {
            listen: SocketAddr::new(host, port),
            failure_rate: failure_rate.unwrap_or(0.05),
        })
    }
}

fn read<T>(
    lookup: impl Fn(&str) -> Option<String>,
    variable: &'static str,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ConfigError> {
    let Some(value) = lookup(variable).filter(|value| !value.trim().is_empty()) else {
        return Ok(None);
    };
    match parse(value.trim()) {
        Some(parsed) => Ok(Some(parsed)),
        None => Err(ConfigError {
            variable,
            value,
            expected,
        }),
    }
}

fn ip(text: &str) -> Option<IpAddr> {
    match text {
        "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        _ => text.parse().ok(),
    }
}

fn share(text: &str) -> Option<f64> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_lookup(|asked| {
            pairs
                .iter()
                .find(|(name, _)| *name == asked)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn unset_and_empty_variables_mean_the_defaults() {
        for pairs in [
            &[][..],
            &[("USERMANAGEMENT_SERVER_PORT", " "), ("FAILURE_RATE", "")],
        ] {
            let config = from(pairs).unwrap();
            assert_eq!(config.listen.to_string(), "127.0.0.1:5001");
            assert!((config.failure_rate - 0.05).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn every_variable_is_read() {
        let config = from(&[
            ("USERMANAGEMENT_SERVER_HOST", "0.0.0.0"),
            ("USERMANAGEMENT_SERVER_PORT", "8080"),
            ("FAILURE_RATE", "0.5"),
        ])
        .unwrap();
        assert_eq!(config.listen.to_string(), "0.0.0.0:8080");
        assert!((config.failure_rate - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn a_wrong_value_is_refused_and_its_variable_named() {
        for (variable, value) in [
            ("USERMANAGEMENT_SERVER_HOST", "users.example"),
            ("USERMANAGEMENT_SERVER_PORT", "65536"),
            ("FAILURE_RATE", "1.5"),
            ("FAILURE_RATE", "NaN"),
        ] {
            let error = from(&[(variable, value)]).unwrap_err().to_string();
            assert!(error.contains(variable) && error.contains(value), "{error}");
        }
    }
}
