//! `/metrics` in Prometheus's text format: made from the pipeline's state at every scrape.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use log_record::Timestamp;
use prometheus::{Encoder, GaugeVec, IntCounterVec, Opts, Registry, TextEncoder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::error::ApiError;

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// The state of the pipeline in Prometheus's text format.
#[utoipa::path(get, path = "/metrics", tag = "operation",
    responses((status = 200, body = String, content_type = "text/plain")))]
async fn metrics(State(state): State<ApiState>) -> Result<Response, ApiError> {
    let text =
        render(&state, Timestamp::now()).map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response())
}

fn render(state: &ApiState, now: Timestamp) -> prometheus::Result<Vec<u8>> {
    let families = Families(Registry::new());
    records(state, &families)?;
    live(state, &families)?;
    producers(state, &families)?;
    lag(state, &families, now)?;
    canaries(state, &families)?;
    archive(state, &families)?;
    issues(state, &families)?;
    families.single(
        "kafka_connected",
        "1 while a broker answers for every topic.",
        f64::from(u8::from(state.pipeline.is_connected())),
    )?;
    let size = state.store.size();
    families.single(
        "store_records",
        "Errors in the in-memory store.",
        size.records as f64,
    )?;
    families.single("store_bytes", "Memory the store takes.", size.bytes as f64)?;
    families.single(
        "start_time_seconds",
        "When the process started, in seconds since the epoch.",
        state.info.started_at.as_micros() as f64 / 1e6,
    )?;
    let build = families.gauge(
        "build_info",
        "Always 1; the version is a label.",
        &["version"],
    )?;
    build
        .with_label_values(&[env!("CARGO_PKG_VERSION")])
        .set(1.0);

    let mut text = Vec::new();
    TextEncoder::new().encode(&families.0.gather(), &mut text)?;
    Ok(text)
}

fn records(state: &ApiState, families: &Families) -> prometheus::Result<()> {
    let totals = state.pipeline.counters().totals();
    let consumed = families.counter(
        "records_consumed_total",
        "Records read from Kafka.",
        &["topic"],
    )?;
    for (topic, count) in &totals.consumed {
        consumed.with_label_values(&[topic.as_str()]).inc_by(*count);
    }
    let stored = families.counter(
        "errors_stored_total",
        "Errors brought into the store.",
        &["level"],
    )?;
    for (level, count) in &totals.stored {
        stored.with_label_values(&[level.as_str()]).inc_by(*count);
    }
    families.count(
        "duplicates_total",
        "Errors that had been seen before.",
        totals.duplicates,
    )?;
    families.count(
        "expired_total",
        "Errors older than the retention when they arrived.",
        totals.expired,
    )?;
    let quarantined = families.counter(
        "quarantined_total",
        "Records that could not be decoded.",
        &["reason"],
    )?;
    for (reason, count) in &totals.undecodable {
        quarantined
            .with_label_values(&[reason.as_str()])
            .inc_by(*count);
    }
    families.count(
        "unknown_levels_total",
        "Records whose level no logger we know uses.",
        totals.unknown_levels,
    )?;
    families.count(
        "quarantine_evicted_total",
        "Records that left the quarantine to make room for newer ones.",
        totals.quarantine_evicted,
    )?;
    families.count(
        "lost_before_read_total",
        "Records that Kafka deleted before they were read.",
        totals.lost_before_read,
    )
}

fn live(state: &ApiState, families: &Families) -> prometheus::Result<()> {
    families.single(
        "live_tail_readers",
        "Live streams that are open.",
        state.live.readers() as f64,
    )?;
    families.count(
        "live_tail_skipped_total",
        "What slow readers of live streams missed, each counted for itself.",
        state.live.skipped(),
    )
}

fn producers(state: &ApiState, families: &Families) -> prometheus::Result<()> {
    let missing = families.gauge(
        "producer_records_missing",
        "Numbers in the producers' sequences that did not arrive, so far.",
        &["service"],
    )?;
    let dropped = families.gauge(
        "producer_records_dropped",
        "Records that the producers say to have dropped.",
        &["service"],
    )?;
    let lost = families.gauge(
        "producer_records_lost_in_transit",
        "Missing numbers that no producer says to have dropped.",
        &["service"],
    )?;
    for (service, sums) in state.pipeline.producers().by_service() {
        for (gauge, value) in [
            (&missing, sums.missing),
            (&dropped, sums.reported_dropped),
            (&lost, sums.lost_in_transit),
        ] {
            gauge.with_label_values(&[&*service]).set(value as f64);
        }
    }
    Ok(())
}

fn lag(state: &ApiState, families: &Families, now: Timestamp) -> prometheus::Result<()> {
    let records = families.gauge(
        "consumer_lag_records",
        "Records in Kafka not read yet.",
        &["topic", "partition"],
    )?;
    let seconds = families.gauge(
        "consumer_lag_seconds",
        "How far behind the slowest partition is.",
        &["topic"],
    )?;
    let headroom = families.gauge(
        "partition_headroom_seconds",
        "Until Kafka deletes the oldest record not read yet.",
        &["topic", "partition"],
    )?;
    let mut slowest: HashMap<String, f64> = HashMap::new();
    for partition in state.pipeline.partitions(now) {
        if let Some(lag) = partition.lag {
            let number = partition.partition.to_string();
            records
                .with_label_values(&[partition.topic.as_str(), number.as_str()])
                .set(lag as f64);
        }
        if let Some(seconds) = partition.headroom_seconds {
            let number = partition.partition.to_string();
            headroom
                .with_label_values(&[partition.topic.as_str(), number.as_str()])
                .set(seconds);
        }
        if let Some(lag_seconds) = partition.lag_seconds {
            let worst = slowest.entry(partition.topic).or_default();
            *worst = worst.max(lag_seconds);
        }
    }
    for (topic, worst) in slowest {
        seconds.with_label_values(&[topic.as_str()]).set(worst);
    }
    Ok(())
}

fn canaries(state: &ApiState, families: &Families) -> prometheus::Result<()> {
    let round_trip = families.gauge(
        "canary_round_trip_seconds",
        "How long the last canary took through Kafka and back.",
        &["topic"],
    )?;
    let lost = families.counter(
        "canary_lost_total",
        "Canaries that were not back when the next was sent.",
        &["topic"],
    )?;
    for canary in state.pipeline.canaries() {
        let labels = [canary.topic.as_str()];
        if let Some(seconds) = canary.round_trip_seconds {
            round_trip.with_label_values(&labels).set(seconds);
        }
        lost.with_label_values(&labels).inc_by(canary.lost);
    }
    Ok(())
}

fn archive(state: &ApiState, families: &Families) -> prometheus::Result<()> {
    let Some(archive) = state.ingest.archive() else {
        return Ok(());
    };
    let is_writable = f64::from(u8::from(archive.problem().is_none()));
    families.single(
        "archive_writable",
        "1 while what is read can be kept.",
        is_writable,
    )?;
    // An archive that cannot be read now has no size to show.
    if let Ok(size) = archive.size() {
        let (records, bytes) = (size.records as f64, size.bytes as f64);
        families.single("archive_records", "Errors in the archive.", records)?;
        families.single("archive_bytes", "Bytes of the archive's files.", bytes)?;
    }
    Ok(())
}

fn issues(state: &ApiState, families: &Families) -> prometheus::Result<()> {
    let issues = state.ingest.issues();
    families.single(
        "issues",
        "Issues, parts of others included.",
        issues.len() as f64,
    )?;
    families.count(
        "errors_beyond_issue_limit_total",
        "Errors in one issue together, because there were too many issues already.",
        issues.beyond_limit(),
    )?;
    let Some(file) = &state.rules_file else {
        return Ok(());
    };
    let status = file.status();
    families.single(
        "grouping_rules",
        "Rules for grouping that are applied.",
        status.rules as f64,
    )?;
    families.single(
        "grouping_rules_applied",
        "1 while the file of the rules says what is applied, 0 while it cannot be used.",
        f64::from(u8::from(status.problem.is_none())),
    )?;
    families.count(
        "grouping_rules_errors_total",
        "Changes of the file of the rules that could not be used.",
        status.refused,
    )
}

/// The metrics of one scrape, all named `logmonitor_*`.
struct Families(Registry);

impl Families {
    fn counter(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
    ) -> prometheus::Result<IntCounterVec> {
        let family = IntCounterVec::new(Opts::new(name, help).namespace("logmonitor"), labels)?;
        self.0.register(Box::new(family.clone()))?;
        Ok(family)
    }

    fn count(&self, name: &str, help: &str, value: u64) -> prometheus::Result<()> {
        self.counter(name, help, &[])?
            .with_label_values::<&str>(&[])
            .inc_by(value);
        Ok(())
    }

    fn gauge(&self, name: &str, help: &str, labels: &[&str]) -> prometheus::Result<GaugeVec> {
        let family = GaugeVec::new(Opts::new(name, help).namespace("logmonitor"), labels)?;
        self.0.register(Box::new(family.clone()))?;
        Ok(family)
    }

    fn single(&self, name: &str, help: &str, value: f64) -> prometheus::Result<()> {
        self.gauge(name, help, &[])?
            .with_label_values::<&str>(&[])
            .set(value);
        Ok(())
    }
}
