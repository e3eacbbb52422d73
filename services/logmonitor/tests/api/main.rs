//! The HTTP API over a real store, without Kafka: what every endpoint answers, to good requests and to bad ones.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bad_input;
mod formats;
mod grafana;
mod issues;
mod logs;
mod operation;
mod preview;
mod quarantine;
mod stream;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use log_record::Timestamp;
use logmonitor::api::{ApiState, ServerInfo, router};
use logmonitor::archive::{Archive, ArchiveLimits};
use logmonitor::config::DecodeConfig;
use logmonitor::ingest::{Batch, Ingest, Message};
use logmonitor::live::{LiveLimits, LiveTail};
use logmonitor::pipeline::{Pipeline, Sequences};
use logmonitor::store::{LogCounts, Store, StoreLimits};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

const LOGS: &str = "application-logs";
const ERRORS: &str = "application-logs-errors";

/// An API whose store can be fed.
struct Api {
    router: Router,
    ingest: Ingest,
    pipeline: Pipeline,
    live: LiveTail,
    next_offset: i64,
    _directory: Option<TempDir>,
}

/// What an API is built with.
struct Shape {
    /// Where its archive is; without one nothing is kept but in memory.
    directory: Option<TempDir>,
    store_bytes: u64,
    live: LiveLimits,
}

impl Default for Shape {
    fn default() -> Self {
        Shape {
            directory: None,
            store_bytes: 64 << 20,
            live: LiveLimits::default(),
        }
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl Api {
    fn new() -> Api {
        Api::build(Shape::default())
    }

    /// The same with an archive.
    fn with_archive() -> Api {
        Api::build(Shape {
            directory: Some(TempDir::new().unwrap()),
            ..Shape::default()
        })
    }

    fn build(shape: Shape) -> Api {
        let directory = shape.directory;
        let archive = directory.as_ref().map(|directory| {
            let limits = ArchiveLimits {
                max_bytes: 1 << 30,
                max_records: None,
                quarantine_bytes: 1 << 20,
            };
            Archive::open(directory.path(), limits).unwrap()
        });
        let limits = StoreLimits {
            max_bytes: shape.store_bytes,
            max_age: std::time::Duration::from_secs(7 * 86_400),
            max_services: 100,
        };
        let store = match &archive {
            Some(archive) => Store::before_archive(limits, archive.hash_seed()),
            None => Store::new(limits),
        };
        let pipeline = Pipeline::new(&[LOGS, ERRORS]);
        let info = ServerInfo {
            started_at: Timestamp::now(),
            bootstrap_servers: "127.0.0.1:9092".to_owned(),
            embedded: false,
            group_id: "logmonitor".to_owned(),
        };
        let ingest = Ingest::new(
            archive,
            store.clone(),
            pipeline.clone(),
            DecodeConfig::default(),
        );
        let state = ApiState::new(store, ingest.clone(), pipeline.clone(), info)
            .with_live_limits(shape.live);
        Api {
            live: state.live().clone(),
            router: router(state),
            ingest,
            pipeline,
            _directory: directory,
            next_offset: 0,
        }
    }

    /// Two services with errors of the last minutes, one that only logs INFO.
    fn with_errors() -> Api {
        let mut api = Api::new();
        for (minutes_ago, level, service, message) in [
            (50, "ERROR", "booking", "no seats left"),
            (
                40,
                "CRITICAL",
                "booking",
                "payment failed: connection timeout",
            ),
            (30, "ERROR", "usermanagement", "wrong schema"),
            (20, "INFO", "mailer", "sent"),
            (10, "ERROR", "booking", "no seats left"),
        ] {
            let timestamp = minutes(minutes_ago);
            api.log(&format!(
                r#"{{"timestamp":"{timestamp}","level":"{level}","service":"{service}","host":"h1","message":"{message}","fields":{{"order_id":{minutes_ago}}}}}"#
            ));
        }
        api
    }

    /// One message on the errors topic.
    fn log(&mut self, payload: &str) {
        self.log_all(&[payload]);
    }

    /// A batch of messages on the errors topic.
    fn log_all(&mut self, payloads: &[impl AsRef<str>]) {
        let offsets = self.next_offset..;
        let messages: Vec<Message<'_>> = payloads
            .iter()
            .zip(offsets)
            .map(|(payload, offset)| Message {
                topic: ERRORS,
                partition: 0,
                offset,
                timestamp: Timestamp::now(),
                key: None,
                headers: Vec::new(),
                payload: payload.as_ref().as_bytes(),
            })
            .collect();
        self.next_offset += messages.len() as i64;
        let batch = Batch {
            topic: ERRORS,
            messages: &messages,
            counts: &LogCounts::default(),
            sequences: &Sequences::default(),
            scanned: messages.len() as u64,
            positions: &[],
        };
        self.ingest.apply(&batch, Timestamp::now()).unwrap();
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .unwrap()
            .to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        self.send(
            Request::post(path)
                .header("content-type", content_type)
                .body(body.into())
                .unwrap(),
        )
        .await
    }
}

/// So many minutes ago.
fn minutes(ago: i64) -> Timestamp {
    Timestamp::now().saturating_add_micros(-ago * 60_000_000)
}
