//! The payment provider: far away, sometimes slow, sometimes unwilling, sometimes gone.

use std::io;
use std::time::Duration;

use tracing::warn;

/// A payment that takes longer is worth a line.
const SLOW: Duration = Duration::from_millis(400);
/// What the provider's contract covers.
const CURRENCIES: [&str; 4] = ["EUR", "USD", "GBP", "CHF"];

/// No money has moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PaymentError {
    /// The customer's bank said no. Nothing is broken.
    #[error("card declined: {reason}")]
    Declined { reason: &'static str },
    /// The provider did not answer as it should.
    #[error("payment gateway failed")]
    Gateway(#[from] GatewayError),
}

/// What went wrong between us and the provider.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GatewayError {
    #[error("connection timeout after {waited_ms} ms")]
    Timeout { waited_ms: u64, source: io::Error },
    #[error("rate limit of {per_second} requests per second exceeded")]
    RateLimited { per_second: u32 },
    #[error("request rejected")]
    Rejected(#[from] RejectedRequest),
}

/// The provider's own words about a request it did not understand.
#[derive(Debug, thiserror::Error)]
#[error("invalid value {value:?} for {field}")]
pub(crate) struct RejectedRequest {
    field: &'static str,
    value: String,
}

/// The provider, of whose answers the share `failure_rate` is a failure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payments {
    failure_rate: f64,
}

impl Payments {
    pub(crate) fn new(failure_rate: f64) -> Payments {
        Payments { failure_rate }
    }

    /// Has the customer pay.
    pub(crate) async fn charge(
        self,
        amount_cents: u64,
        currency: &str,
    ) -> Result<(), PaymentError> {
        let (elapsed, outcome) = self.draw(currency);
        tokio::time::sleep(elapsed).await;
        if outcome.is_ok() && elapsed > SLOW {
            warn!(
                amount_cents,
                elapsed_ms = elapsed.as_secs_f64() * 1_000.0,
                "payment was slow"
            );
        }
        outcome
    }

    /// How long the provider takes, and what it answers.
    fn draw(self, currency: &str) -> (Duration, Result<(), PaymentError>) {
        if !CURRENCIES.contains(&currency) {
            let rejected = RejectedRequest {
                field: "currency",
                value: currency.to_owned(),
            };
            return (
                Duration::from_millis(4),
                Err(GatewayError::from(rejected).into()),
            );
        }
        let is_slow = fastrand::f64() < self.failure_rate;
        let elapsed_ms = if is_slow {
            fastrand::u64(410..900)
        } else {
            fastrand::u64(10..60)
        };
        let fails = fastrand::f64() < self.failure_rate;
        let outcome = if fails {
            Err(failure(elapsed_ms))
        } else {
            Ok(())
        };
        (Duration::from_millis(elapsed_ms), outcome)
    }
}

fn failure(elapsed_ms: u64) -> PaymentError {
    match fastrand::u32(..10) {
        0..3 => PaymentError::Declined {
            reason: "insufficient funds",
        },
        3 => PaymentError::Declined {
            reason: "card expired",
        },
        4..8 => {
            let source = io::Error::new(io::ErrorKind::TimedOut, "no answer from 203.0.113.9:443");
            GatewayError::Timeout {
                waited_ms: 3_000 + elapsed_ms,
                source,
            }
            .into()
        }
        _ => GatewayError::RateLimited { per_second: 50 }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_failure_rate_decides_how_many_payments_fail() {
        for (rate, expected) in [(0.0, 0..=0), (1.0, 1_000..=1_000), (0.5, 400..=600)] {
            let payments = Payments::new(rate);
            let failed = (0..1_000)
                .filter(|_| payments.draw("EUR").1.is_err())
                .count();
            assert!(
                expected.contains(&failed),
                "{failed} of 1000 at rate {rate}"
            );
        }
    }

    #[test]
    fn an_unknown_currency_is_rejected_whatever_the_failure_rate() {
        let error = Payments::new(0.0).draw("XTS").1.unwrap_err();
        let gateway = std::error::Error::source(&error).unwrap();
        let rejected = gateway.source().unwrap();
        assert_eq!(rejected.to_string(), "invalid value \"XTS\" for currency");
    }
}
