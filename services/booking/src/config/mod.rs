//! What the service, and the traffic generator, are told from outside. Only this module sees the environment. How logs
//! reach Kafka is not here: `tracing_kafka::init` reads that by itself.

mod traffic;
mod value;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub use traffic::TrafficConfig;
pub use value::ConfigError;
use value::read;

/// Everything the service can be told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen. `BOOKING_SERVER_HOST` (default 127.0.0.1) and `BOOKING_SERVER_PORT` (5002).
    pub listen: SocketAddr,
    /// Where usermanagement is. `USERMANAGEMENT_URL`, default http://127.0.0.1:5001.
    pub usermanagement_url: String,
    /// Which share of payments and of writes fails, from 0 to 1. `FAILURE_RATE`, default 0.05.
    pub failure_rate: f64,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// As [`Config::from_lookup`].
    pub fn from_env() -> Result<Config, ConfigError> {
        Config::from_lookup(environment)
    }

    /// Reads variables through `lookup`. Unset and empty mean the default.
    ///
    /// # Errors
    /// The first variable that has a wrong value.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
        let host = read(
            &lookup,
            "BOOKING_SERVER_HOST",
            "an IP address such as 127.0.0.1",
            value::ip,
        )?
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let port = read(
            &lookup,
            "BOOKING_SERVER_PORT",
            "a port from 0 to 65535",
            |text| text.parse().ok(),
        )?
        .unwrap_or(5002);
        let failure_rate = read(
            &lookup,
            "FAILURE_RATE",
            "a number from 0 to 1",
            value::share,
        )?;
        Ok(Config {
            listen: SocketAddr::new(host, port),
            usermanagement_url: value::usermanagement_url(&lookup)?,
            failure_rate: failure_rate.unwrap_or(0.05),
        })
    }
}

fn environment(variable: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    std::env::var(variable).ok()
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
            &[("BOOKING_SERVER_PORT", " "), ("USERMANAGEMENT_URL", "")],
        ] {
            let config = from(pairs).unwrap();
            assert_eq!(config.listen.to_string(), "127.0.0.1:5002");
            assert_eq!(config.usermanagement_url, "http://127.0.0.1:5001");
            assert!((config.failure_rate - 0.05).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn every_variable_is_read() {
        let config = from(&[
            ("BOOKING_SERVER_HOST", "::1"),
            ("BOOKING_SERVER_PORT", "8080"),
            ("USERMANAGEMENT_URL", "http://usermanagement:5001/"),
            ("FAILURE_RATE", "0.5"),
        ])
        .unwrap();
        assert_eq!(config.listen.to_string(), "[::1]:8080");
        assert_eq!(config.usermanagement_url, "http://usermanagement:5001");
        assert!((config.failure_rate - 0.5).abs() < f64::EPSILON);
    }

    #[test]
    fn a_wrong_value_is_refused_and_its_variable_named() {
        for (variable, value) in [
            ("BOOKING_SERVER_HOST", "booking.example"),
            ("BOOKING_SERVER_PORT", "-1"),
            ("USERMANAGEMENT_URL", "usermanagement:5001"),
            ("USERMANAGEMENT_URL", "https://usermanagement"),
            ("FAILURE_RATE", "-0.1"),
        ] {
            let error = from(&[(variable, value)]).unwrap_err().to_string();
            assert!(error.contains(variable) && error.contains(value), "{error}");
        }
    }
}
