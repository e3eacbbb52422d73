//! What the traffic generator is told.

use std::time::Duration;

use super::environment;
use super::value::{ConfigError, EXPECTED_URL, base_url, read, usermanagement_url};

/// Everything the traffic generator can be told.
#[derive(Clone, Debug)]
pub struct TrafficConfig {
    /// Where booking is. `BOOKING_URL`, default http://127.0.0.1:5002.
    pub booking_url: String,
    /// Where usermanagement is. `USERMANAGEMENT_URL`, default http://127.0.0.1:5001.
    pub usermanagement_url: String,
    /// Time between two requests. `TRAFFIC_REQUESTS_PER_SECOND`, from 0.01 to 1000, default 8.
    pub interval: Duration,
}

impl TrafficConfig {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// As [`TrafficConfig::from_lookup`].
    pub fn from_env() -> Result<TrafficConfig, ConfigError> {
        TrafficConfig::from_lookup(environment)
    }

    /// Reads variables through `lookup`. Unset and empty mean the default.
    ///
    /// # Errors
    /// The first variable that has a wrong value.
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<TrafficConfig, ConfigError> {
        let booking_url = read(&lookup, "BOOKING_URL", EXPECTED_URL, base_url)?;
        let rate = read(
            &lookup,
            "TRAFFIC_REQUESTS_PER_SECOND",
            "a number from 0.01 to 1000",
            |text| {
                text.parse()
                    .ok()
                    .filter(|rate| (0.01..=1_000.0).contains(rate))
            },
        )?;
        Ok(TrafficConfig {
            booking_url: booking_url.unwrap_or_else(|| "http://127.0.0.1:5002".to_owned()),
            usermanagement_url: usermanagement_url(&lookup)?,
            interval: Duration::from_secs_f64(1.0 / rate.unwrap_or(8.0)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_becomes_the_time_between_requests() {
        let with_rate = |value: &'static str| {
            TrafficConfig::from_lookup(move |variable| {
                (variable == "TRAFFIC_REQUESTS_PER_SECOND").then(|| value.to_owned())
            })
        };
        assert_eq!(with_rate("").unwrap().interval, Duration::from_millis(125));
        assert_eq!(with_rate("2").unwrap().interval, Duration::from_millis(500));
        for wrong in ["0", "-1", "inf", "NaN", "many", "1001"] {
            let error = with_rate(wrong).unwrap_err().to_string();
            assert!(error.contains("TRAFFIC_REQUESTS_PER_SECOND"), "{error}");
        }
    }
}
