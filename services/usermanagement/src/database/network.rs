//! What lies between the service and its database, where the time passes and the failures come from.

use std::io;
use std::time::Duration;

use tracing::warn;

use super::error::{PoolTimeout, QueryError};

/// Connections of the pool.
const POOL_SIZE: u32 = 16;
/// A query that takes longer is worth a line.
const SLOW: Duration = Duration::from_millis(150);

/// A way to the database that loses the share `failure_rate` of all queries, and slows as many down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Network {
    failure_rate: f64,
}

impl Network {
    pub(super) fn new(failure_rate: f64) -> Network {
        Network { failure_rate }
    }

    /// Lets a query take its time, and fail when its time has come.
    pub(super) async fn query(self, statement: &'static str) -> Result<(), QueryError> {
        let (elapsed, outcome) = self.draw(statement);
        tokio::time::sleep(elapsed).await;
        if outcome.is_ok() && elapsed > SLOW {
            let elapsed_ms = elapsed.as_secs_f64() * 1_000.0;
            warn!(
                statement,
                elapsed_ms,
                rows = fastrand::u32(1..20_000),
                "slow query"
            );
        }
        outcome
    }

    /// How long a query takes, and how it ends.
    fn draw(self, statement: &'static str) -> (Duration, Result<(), QueryError>) {
        let is_slow = fastrand::f64() < self.failure_rate;
        let elapsed = Duration::from_micros(if is_slow {
            fastrand::u64(160_000..700_000)
        } else {
            fastrand::u64(300..6_000)
        });
        let fails = fastrand::f64() < self.failure_rate;
        (
            elapsed,
            if fails {
                Err(failure(statement, elapsed))
            } else {
                Ok(())
            },
        )
    }
}

fn failure(statement: &'static str, elapsed: Duration) -> QueryError {
    match fastrand::u32(..10) {
        0..4 => {
            let refused = io::Error::new(
                io::ErrorKind::ConnectionRefused,
                "connection to 10.0.3.17:5432 refused: too many clients already",
            );
            QueryError::NoConnection {
                statement,
                source: PoolTimeout {
                    waited_ms: fastrand::u64(2_000..5_000),
                    in_use: POOL_SIZE,
                    size: POOL_SIZE,
                    source: refused,
                },
            }
        }
        4..7 => QueryError::Interrupted {
            statement,
            source: io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer"),
        },
        7..9 => QueryError::Cancelled {
            statement,
            elapsed_ms: 5_000 + u64::try_from(elapsed.as_millis()).unwrap_or(0),
        },
        _ => QueryError::Deadlock {
            statement,
            blocked_by: fastrand::u32(1_000..90_000),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failure_rate_decides_how_many_queries_fail() {
        for (rate, expected) in [(0.0, 0..=0), (1.0, 1_000..=1_000), (0.5, 400..=600)] {
            let network = Network::new(rate);
            let failed = (0..1_000)
                .filter(|_| network.draw("select 1").1.is_err())
                .count();
            assert!(
                expected.contains(&failed),
                "{failed} of 1000 at rate {rate}"
            );
        }
    }

    #[test]
    fn every_kind_of_failure_names_its_query_and_has_no_cause_twice() {
        for _ in 0..200 {
            let error = failure("select 1", Duration::from_millis(1));
            assert!(error.to_string().contains("select 1"), "{error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(source) = cause {
                assert!(
                    !error.to_string().contains(&source.to_string()),
                    "{error}: {source}"
                );
                cause = source.source();
            }
        }
    }
}
