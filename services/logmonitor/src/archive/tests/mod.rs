//! Tests of the archive with the store before it, and what they share: what a process would do, without Kafka.

mod exactness;
mod issues;
mod opening;
mod producers;
mod reading;
mod room;
mod snapshots;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use log_record::{Severity, Timestamp};
use tempfile::TempDir;

use super::{Archive, ArchiveError, ArchiveLimits, OpenError, PartitionPosition};
use crate::config::DecodeConfig;
use crate::ingest::{Batch, Ingest, Message};
use crate::pipeline::{Pipeline, Sequences, ServiceProducers};
use crate::query::{Order, Query};
use crate::refill::refill;
use crate::store::{LogCounts, Store, StoreLimits};

const LOGS: &str = "logs";
const ERRORS: &str = "errors";

fn now() -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000)
}

fn archive_limits() -> ArchiveLimits {
    ArchiveLimits {
        max_bytes: 1 << 30,
        max_records: None,
        quarantine_bytes: 10_000,
    }
}

/// What one process holds.
struct Monitor {
    archive: Archive,
    store: Store,
    pipeline: Pipeline,
    ingest: Ingest,
}

impl Monitor {
    fn start(directory: &TempDir) -> Monitor {
        Monitor::with(directory, archive_limits(), 1 << 30)
    }

    fn with(directory: &TempDir, limits: ArchiveLimits, store_bytes: u64) -> Monitor {
        let archive = Archive::open(directory.path(), limits).unwrap();
        let pipeline = Pipeline::new(&[LOGS, ERRORS]);
        let store_limits = StoreLimits {
            max_bytes: store_bytes,
            max_age: Duration::from_secs(86_400),
            max_services: 10,
        };
        let store = if store_bytes < 100_000 {
            Store::in_small_chunks(store_limits, archive.hash_seed())
        } else {
            Store::before_archive(store_limits, archive.hash_seed())
        };
        let floor = now().saturating_add_micros(-86_400_000_000);
        let stop = AtomicBool::new(false);
        let ingest = Ingest::new(
            Some(archive.clone()),
            store.clone(),
            pipeline.clone(),
            DecodeConfig::default(),
        );
        let (issues, topics) = (ingest.issues(), [LOGS, ERRORS]);
        refill(&archive, &store, issues, &pipeline, &topics, floor, &stop).unwrap();
        Monitor {
            archive,
            store,
            pipeline,
            ingest,
        }
    }

    /// One batch: the payloads stand at these offsets of partition 0.
    fn read(&self, topic: &str, first_offset: i64, payloads: &[&[u8]]) -> Result<(), ArchiveError> {
        let messages: Vec<Message<'_>> = (first_offset..)
            .zip(payloads)
            .map(|(offset, &payload)| Message {
                topic,
                partition: 0,
                offset,
                timestamp: now(),
                key: Some(b"key"),
                headers: vec![("level", Some(b"ERROR"))],
                payload,
            })
            .collect();
        let positions = [PartitionPosition {
            partition: 0,
            position: first_offset + payloads.len() as i64,
            timestamp: now(),
        }];
        let batch = Batch {
            topic,
            messages: &messages,
            counts: &LogCounts::new(),
            sequences: &Sequences::default(),
            scanned: messages.len() as u64,
            positions: &positions,
        };
        self.ingest.apply(&batch, now())
    }

    /// The messages of all errors in memory, in the order they were stored.
    fn shown(&self) -> Vec<String> {
        let tail = self.store.tail(0, usize::MAX);
        let events = tail.events.iter();
        events.map(|event| event.record().message.into()).collect()
    }

    /// What is known of the processes of the service of [`own`] records.
    fn producers(&self) -> ServiceProducers {
        let mut by_service = self.pipeline.producers().by_service();
        by_service.remove("booking").unwrap_or_default()
    }

    fn position(&self, topic: &str) -> Option<i64> {
        let positions = self.archive.positions(topic).unwrap();
        positions.first().map(|at| at.position)
    }

    fn logged(&self, service: &str) -> u64 {
        let services = self.store.services(now());
        let found = services.iter().find(|summary| summary.name == service);
        found.map_or(0, |summary| summary.logs)
    }

    fn ids(&self) -> Vec<String> {
        let query = Query {
            limit: Query::MAX_LIMIT,
            order: Order::Ascending,
            ..Query::default()
        };
        let page = self.store.query(&query, now()).unwrap();
        page.events
            .iter()
            .map(|event| event.id().to_string())
            .collect()
    }
}

fn own(seq: u64, level: &str) -> Vec<u8> {
    format!(
        r#"{{"timestamp":"{}","level":"{level}","service":"booking","host":"h1","instance":"{:032x}","seq":{seq},"message":"number {seq}","fields":{{"seq":{seq}}}}}"#,
        now(),
        7
    )
    .into_bytes()
}

fn foreign(message: &str) -> Vec<u8> {
    format!(r#"{{"level":"error","service":"mailer","message":"{message}"}}"#).into_bytes()
}
