//! `/api/v1/status`: how the pipeline is doing, for the dashboard and for people.

use axum::Json;
use axum::extract::State;
use log_record::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiState;
use super::params::{NoParams, Params};
use crate::archive::{Archive, ArchiveSize};
use crate::issues::MAX_ISSUES;
use crate::rules_file::RulesFile;

pub(super) fn router() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(status))
}

#[derive(Serialize, ToSchema)]
struct Status {
    version: &'static str,
    started_at: String,
    kafka: Kafka,
    partitions: Vec<Partition>,
    /// Offsets that were passed over, the newest first.
    gaps: Vec<GapStatus>,
    counters: Counters,
    /// Services whose processes number their records, as the layer does.
    producers: Vec<ProducerStatus>,
    store: StoreStatus,
    issues: IssuesStatus,
    /// Absent without an archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<ArchiveStatus>,
}

#[derive(Serialize, ToSchema)]
struct Kafka {
    /// Where producers find it.
    bootstrap_servers: String,
    connected: bool,
    /// Whether it is the broker inside this process.
    embedded: bool,
    group_id: String,
    /// What is in the way, a sentence each.
    problems: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct Partition {
    topic: String,
    partition: i32,
    /// Offset of the next record to read.
    position: Option<i64>,
    /// Offset after the last record in Kafka.
    high_watermark: Option<i64>,
    /// Records not read yet.
    lag: Option<i64>,
    /// Age of the last record read while there are more, else 0.
    lag_seconds: Option<f64>,
    /// Seconds until Kafka deletes the oldest record not read yet; the whole retention when there is none, null when
    /// it is unlimited or unknown.
    headroom_seconds: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct GapStatus {
    topic: String,
    partition: i32,
    /// Where reading should have gone on.
    from: i64,
    /// Where it went on.
    to: i64,
    /// Records lost before they were read.
    count: u64,
    /// `deleted` (by Kafka's retention), `truncated`, `recreated` or `cluster_replaced`.
    cause: &'static str,
    found_at: String,
}

#[derive(Serialize, ToSchema)]
struct Counters {
    records_consumed: u64,
    errors_stored: u64,
    /// Errors that had been seen before, in the other topic or redelivered.
    duplicates: u64,
    /// Errors that were older than the retention when they arrived, and not stored.
    expired: u64,
    /// Records that could not be decoded.
    quarantined: u64,
    /// Records whose level no logger we know uses; they count as INFO, with the original among their fields.
    unknown_levels: u64,
    /// Records that left the quarantine to make room for newer ones.
    quarantine_evicted: u64,
    /// Records that Kafka deleted before they were read.
    lost_before_read: u64,
    /// Live streams that are open now.
    live_tail_readers: u64,
    /// What slow readers of live streams missed, each counted for itself; since the start of the process.
    live_tail_skipped: u64,
}

#[derive(Serialize, ToSchema)]
struct ProducerStatus {
    service: String,
    /// Process starts.
    instances: u64,
    /// Numbers that arrived.
    received: u64,
    /// Numbers that did not arrive, those included that may still come from a spool.
    missing: u64,
    /// Records that the processes say to have dropped.
    reported_dropped: u64,
    /// Missing numbers that no process says to have dropped.
    lost_in_transit: u64,
}

#[derive(Serialize, ToSchema)]
struct ArchiveStatus {
    /// Its directory.
    path: String,
    records: u64,
    /// Of all its files.
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
    /// Why it cannot be written; reading Kafka waits until it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct StoreStatus {
    /// Whether it is still being filled from the archive.
    loading: bool,
    records: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct IssuesStatus {
    /// Parts of others included.
    count: u64,
    /// There are never more.
    limit: u64,
    /// Errors that would have made one more, and are in one issue together.
    errors_beyond_limit: u64,
    /// Absent without a file of rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    grouping_rules: Option<GroupingRules>,
}

/// The rules for grouping that are applied.
#[derive(Serialize, ToSchema)]
struct GroupingRules {
    path: String,
    count: usize,
    /// Follows from the text of the rules: replicas with the same version group alike.
    version: String,
    loaded_at: String,
    /// Why the file as it is now is not applied; the rules before it still are.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// How the pipeline is doing.
#[utoipa::path(get, path = "/api/v1/status", tag = "operation", responses((status = 200, body = Status)))]
async fn status(
    State(state): State<ApiState>,
    Params(NoParams {}): Params<NoParams>,
) -> Json<Status> {
    let totals = state.pipeline.counters().totals();
    let size = state.store.size();
    let archive = state.ingest.archive();
    let issues = state.ingest.issues();
    let partitions = state
        .pipeline
        .partitions(Timestamp::now())
        .into_iter()
        .map(|partition| Partition {
            topic: partition.topic,
            partition: partition.partition,
            position: partition.position,
            high_watermark: partition.high_watermark,
            lag: partition.lag,
            lag_seconds: partition.lag_seconds,
            headroom_seconds: partition.headroom_seconds,
        });
    let gaps = state.pipeline.gaps().into_iter().map(|gap| GapStatus {
        count: gap.lost(),
        topic: gap.topic,
        partition: gap.partition,
        from: gap.from,
        to: gap.to,
        cause: gap.cause.as_str(),
        found_at: gap.found_at.to_string(),
    });
    Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        started_at: state.info.started_at.to_string(),
        kafka: Kafka {
            bootstrap_servers: state.info.bootstrap_servers.clone(),
            connected: state.pipeline.is_connected(),
            embedded: state.info.embedded,
            group_id: state.info.group_id.clone(),
            problems: state.pipeline.obstacles(),
        },
        partitions: partitions.collect(),
        gaps: gaps.collect(),
        counters: Counters {
            records_consumed: totals.consumed.values().sum(),
            errors_stored: totals.stored.values().sum(),
            duplicates: totals.duplicates,
            expired: totals.expired,
            quarantined: totals.quarantined(),
            unknown_levels: totals.unknown_levels,
            quarantine_evicted: totals.quarantine_evicted,
            lost_before_read: totals.lost_before_read,
            live_tail_readers: state.live.readers() as u64,
            live_tail_skipped: state.live.skipped(),
        },
        producers: producers(&state),
        store: StoreStatus {
            loading: archive.is_some_and(Archive::is_loading),
            records: size.records,
            bytes: size.bytes,
            oldest: size.oldest.map(|time| time.to_string()),
        },
        issues: IssuesStatus {
            count: issues.len() as u64,
            limit: MAX_ISSUES as u64,
            errors_beyond_limit: issues.beyond_limit(),
            grouping_rules: state.rules_file.as_ref().map(grouping_rules),
        },
        archive: archive.map(archive_status),
    })
}

fn producers(state: &ApiState) -> Vec<ProducerStatus> {
    let by_service = state.pipeline.producers().by_service();
    let all = by_service
        .into_iter()
        .map(|(service, sums)| ProducerStatus {
            service: service.into(),
            instances: sums.instances,
            received: sums.received,
            missing: sums.missing,
            reported_dropped: sums.reported_dropped,
            lost_in_transit: sums.lost_in_transit,
        });
    all.collect()
}

fn grouping_rules(file: &RulesFile) -> GroupingRules {
    let status = file.status();
    GroupingRules {
        path: status.path.display().to_string(),
        count: status.rules,
        version: status.version,
        loaded_at: status.loaded_at.to_string(),
        problem: status.problem,
    }
}

fn archive_status(archive: &Archive) -> ArchiveStatus {
    // An archive that cannot be read says so, and nothing else.
    let (size, unreadable) = match archive.size() {
        Ok(size) => (size, None),
        Err(error) => (ArchiveSize::default(), Some(error.to_string())),
    };
    ArchiveStatus {
        path: archive.directory().display().to_string(),
        records: size.records,
        bytes: size.bytes,
        oldest: size.oldest.map(|time| time.to_string()),
        problem: archive.problem().or(unreadable),
    }
}
