//! `fmt::json` of tracing-subscriber: nested as it is by default, flattened, with and without spans.

use std::error::Error;
use std::io;

use tracing::{Level, debug, error, info, info_span, trace, warn};
use tracing_subscriber::fmt;

use crate::crash::charge;
use crate::{Capture, Family, FixedTime};

pub fn write(family: &Family) -> io::Result<()> {
    nested(family)?;
    flattened(family)?;
    full(family)
}

fn nested(family: &Family) -> io::Result<()> {
    let out = Capture::default();
    let subscriber = fmt()
        .json()
        .with_timer(FixedTime)
        .with_max_level(Level::TRACE)
        .with_writer(out.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        info!(
            service = "payments",
            order_id = 1001,
            elapsed_ms = 12.5,
            "order 1001 accepted"
        );
        family.write("info", &out.take())?;
        if let Err(failure) = charge(1001) {
            error!(error = &failure as &dyn Error, "payment failed");
        }
        family.write("error", &out.take())?;
        let request = info_span!("http_request", method = "POST", path = "/charge");
        let charge_span = info_span!(parent: &request, "charge", customer_id = 4242);
        charge_span.in_scope(|| {
            error!(
                trace_id = "5b8efff798038103d269b633813fc60c",
                span_id = "eee19b7ec3c1b174",
                "payment failed"
            )
        });
        family.write("error-spans", &out.take())?;
        error!(severity = "CRITICAL", "database is gone");
        family.write("critical", &out.take())?;
        warn!(
            level = "gold",
            timestamp = "yesterday",
            target = "the moon",
            "fields that are called like ours"
        );
        family.write("collide", &out.take())?;
        debug!(big = u64::MAX, huge = u128::MAX, text = ?Some("quoted \"text\""));
        family.write("debug-without-message", &out.take())
    })
}

fn flattened(family: &Family) -> io::Result<()> {
    let out = Capture::default();
    let subscriber = fmt()
        .json()
        .flatten_event(true)
        .with_timer(FixedTime)
        .with_max_level(Level::TRACE)
        .with_writer(out.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        info!(service = "payments", order_id = 1001, "order 1001 accepted");
        family.write("flat-info", &out.take())?;
        let span = info_span!("charge", customer_id = 4242);
        span.in_scope(|| {
            if let Err(failure) = charge(1001) {
                error!(error = %failure, service = "payments", trace_id = "5b8efff798038103d269b633813fc60c", "payment failed");
            }
        });
        family.write("flat-error-spans", &out.take())?;
        error!(severity = "CRITICAL", "database is gone");
        family.write("flat-critical", &out.take())?;
        trace!("cache lookup");
        family.write("flat-trace", &out.take())
    })
}

fn full(family: &Family) -> io::Result<()> {
    let out = Capture::default();
    let subscriber = fmt()
        .json()
        .with_timer(FixedTime)
        .with_file(true)
        .with_line_number(true)
        .with_thread_names(true)
        .with_thread_ids(true)
        .with_span_list(false)
        .with_writer(out.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        info_span!("charge", customer_id = 4242).in_scope(|| warn!("stock is low"));
        family.write("warn-place", &out.take())
    })?;
    let subscriber = fmt()
        .json()
        .without_time()
        .with_current_span(false)
        .with_target(false)
        .with_writer(out.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        info_span!("charge", customer_id = 4242).in_scope(|| error!("a line without a time"));
        family.write("error-no-time", &out.take())
    })
}
