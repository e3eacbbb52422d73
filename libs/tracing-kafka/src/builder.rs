//! Building a layer: what can be set, what is checked, and what is started.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{fmt, io, thread};

use rdkafka::ClientConfig;
use rdkafka::error::KafkaError;

use crate::exit;
use crate::guard::FlushGuard;
use crate::layer::KafkaLayer;
use crate::panic;
use crate::pipeline::{Limits, Pipeline};
use crate::producer::{Producer, Topics};
use crate::record::{Frame, Identity};
use crate::spool::Spool;
use crate::worker::{SendLimits, State, Worker};

/// What librdkafka may hold, in bytes.
const SEND_BYTES: usize = 32 * 1024 * 1024;
/// What librdkafka may hold, in messages.
const SEND_MESSAGES: usize = 100_000;
/// Room for callsite and thread, which are not part of a record's text.
const SOURCE_BYTES: usize = 1024;
/// The smallest size limit at which a record still says something.
const MIN_RECORD_BYTES: usize = 4 * 1024;

/// Builds a [`KafkaLayer`] and its [`FlushGuard`]; made by [`KafkaLayer::builder`].
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct KafkaLayerBuilder {
    service: String,
    bootstrap_servers: Option<String>,
    host: Option<String>,
    version: Option<String>,
    env: Option<String>,
    topics: Topics,
    properties: Vec<(String, String)>,
    spool: Option<(PathBuf, u64)>,
    max_record_bytes: usize,
    thread_queue_bytes: usize,
    shutdown_timeout: Duration,
    panic_hook: bool,
}

/// Why a layer could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No broker was named.
    #[error("no bootstrap servers: name at least one broker as host:port")]
    NoBootstrapServers,
    /// The service has no name.
    #[error("the service name is empty")]
    NoService,
    /// A property is unknown to librdkafka or has a wrong value, or the client could not be made.
    #[error("kafka client: {0}")]
    Client(#[source] KafkaError),
    /// The spool file cannot be used.
    #[error("spool {path:?}: {source}")]
    Spool {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system gave no random bits to name this process start with.
    #[error("no random bits for the instance id: {0}")]
    Random(#[source] getrandom::Error),
    /// The worker thread could not be started.
    #[error("cannot start the worker thread: {0}")]
    Worker(#[source] io::Error),
}

impl KafkaLayerBuilder {
    pub(crate) fn new(service: String) -> KafkaLayerBuilder {
        KafkaLayerBuilder {
            service,
            bootstrap_servers: None,
            host: None,
            version: None,
            env: None,
            topics: Topics {
                logs: "application-logs".to_owned(),
                errors: "application-logs-errors".to_owned(),
            },
            properties: Vec::new(),
            spool: None,
            max_record_bytes: 64 * 1024,
            thread_queue_bytes: 1024 * 1024,
            shutdown_timeout: Duration::from_secs(5),
            panic_hook: false,
        }
    }

    /// The brokers to start from: `host:port`, several by comma. Required.
    pub fn bootstrap_servers(mut self, servers: impl Into<String>) -> Self {
        self.bootstrap_servers = Some(servers.into());
        self
    }

    /// The service's version, `version` in every record.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The deployment environment (`prod`), `env` in every record.
    pub fn env(mut self, env: impl Into<String>) -> Self {
        self.env = Some(env.into());
        self
    }

    /// The machine's or pod's name; the system's host name unless set.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The topic of all records; `application-logs` unless set.
    pub fn topic_logs(mut self, topic: impl Into<String>) -> Self {
        self.topics.logs = topic.into();
        self
    }

    /// The topic that gets ERROR and CRITICAL again; `application-logs-errors` unless set.
    pub fn topic_errors(mut self, topic: impl Into<String>) -> Self {
        self.topics.errors = topic.into();
        self
    }

    /// Sets a property of librdkafka, over any default of the layer: `security.protocol`, `ssl.ca.location`, …
    pub fn property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.push((name.into(), value.into()));
        self
    }

    /// Keeps ERROR and CRITICAL records that the broker does not take in a file, and replays them when it does: in this
    /// process, or at the next start of the service after it has ended in whatever way.
    ///
    /// - **Several processes** may be given the same path. Each writes to a file of its own, the first of `path`, `path.1`,
    ///   … `path.64` that no living process holds (by a lock on it, so the path must be on a file system that has locks);
    ///   a sibling that is no spool file is left alone. `build` fails if all are held, or if `path` itself is something
    ///   else. A file is emptied when all of it is replayed, and stays.
    /// - **After a crash** the next process to start replays what dead ones have left in any of these files: file by file
    ///   in this order, each in the order it was written, every record with its own `(instance, seq)`. A record that the
    ///   crash has left half written is lost, and counted in [`Counters::torn`](crate::Counters::torn). What was only
    ///   partly replayed is replayed again from the start of its file: a reader drops what it has seen.
    /// - **A record that Kafka will never take** (it is longer than the topic allows) is dropped at its replay and counted;
    ///   the others go on.
    /// - **`max_bytes`** bounds each file, with what an earlier process has left in it. What does not fit is dropped and
    ///   counted. On the whole disk: `max_bytes` times the processes that have used the path at the same time.
    pub fn spool(mut self, path: impl Into<PathBuf>, max_bytes: u64) -> Self {
        self.spool = Some((path.into(), max_bytes));
        self
    }

    /// The size at which a record is cut, its longest values first; 64 KiB unless set, at least 4 KiB. Keep it below
    /// the topic's `max.message.bytes`.
    pub fn max_record_bytes(mut self, bytes: usize) -> Self {
        self.max_record_bytes = bytes.max(MIN_RECORD_BYTES);
        self
    }

    /// The memory one thread's records may take up while they wait for the worker; 1 MiB unless set. Used only as far
    /// as bursts require it.
    pub fn thread_queue_bytes(mut self, bytes: usize) -> Self {
        self.thread_queue_bytes = bytes.max(MIN_RECORD_BYTES);
        self
    }

    /// How long dropping the guard may take to deliver what is left; 5 s unless set.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = timeout;
        self
    }

    /// Whether a panic is published as a CRITICAL record, before the hook that is installed now is called. Off unless
    /// set; [`init`](crate::init) turns it on.
    pub fn panic_hook(mut self, install: bool) -> Self {
        self.panic_hook = install;
        self
    }

    /// Starts the worker. Does not wait for Kafka: a broker that is away is connected to when it comes.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn build(self) -> Result<(KafkaLayer, FlushGuard), BuildError> {
        let servers = self
            .bootstrap_servers
            .as_deref()
            .filter(|servers| !servers.trim().is_empty())
            .ok_or(BuildError::NoBootstrapServers)?;
        if self.service.trim().is_empty() {
            return Err(BuildError::NoService);
        }
        let config = self.client_config(servers);
        let identity = self.identity()?;
        let frame = Frame::new(&identity);
        let text = self
            .max_record_bytes
            .saturating_sub(frame.len() + SOURCE_BYTES);
        let pipeline = Arc::new(Pipeline::new(Limits {
            thread_queue: self.thread_queue_bytes,
            // A record longer than a queue would never get through it.
            text: text
                .min(self.thread_queue_bytes / 2)
                .max(MIN_RECORD_BYTES / 4),
        }));
        let producer =
            Producer::new(config, &identity, self.topics.clone()).map_err(BuildError::Client)?;
        // Last of what can be wrong: opening the spool cuts off, and counts, what a crash has torn.
        let spool = match &self.spool {
            None => None,
            Some((path, max_bytes)) => {
                let spool = Spool::open(path, *max_bytes).map_err(|source| BuildError::Spool {
                    path: path.clone(),
                    source,
                })?;
                Some(spool)
            }
        };
        if let Some(spool) = &spool {
            pipeline.torn.store(spool.torn(), Ordering::Relaxed);
        }
        let worker = Worker {
            pipeline: Arc::clone(&pipeline),
            producer,
            frame,
            limits: SendLimits {
                bytes: SEND_BYTES,
                messages: SEND_MESSAGES,
                record: self.max_record_bytes,
            },
            spool,
            state: State::default(),
        };
        let thread = thread::Builder::new()
            .name("tracing-kafka".to_owned())
            .spawn(move || worker.run())
            .map_err(BuildError::Worker)?;
        pipeline.set_worker(thread.thread().clone());
        exit::wind_up_at_exit(&pipeline, self.shutdown_timeout);
        if self.panic_hook {
            panic::install_hook(&pipeline);
        }
        let guard = FlushGuard::new(Arc::clone(&pipeline), self.shutdown_timeout);
        Ok((KafkaLayer::new(pipeline), guard))
    }

    fn identity(&self) -> Result<Identity, BuildError> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).map_err(BuildError::Random)?;
        Ok(Identity {
            service: self.service.clone(),
            host: self.host.clone().unwrap_or_else(system_host),
            instance: format!("{:032x}", u128::from_ne_bytes(bits)),
            version: self.version.clone(),
            env: self.env.clone(),
        })
    }

    fn client_config(&self, servers: &str) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", servers)
            .set("client.id", &self.service)
            // No record twice or out of order when a request is retried.
            .set("enable.idempotence", "true")
            .set("compression.type", "lz4")
            // One producer for both topics: an error waits no longer than this for its batch.
            .set("linger.ms", "5")
            // librdkafka's default is 1 GiB. The worker keeps below both of these by itself.
            .set(
                "queue.buffering.max.kbytes",
                (SEND_BYTES / 1024).to_string(),
            )
            .set("queue.buffering.max.messages", SEND_MESSAGES.to_string())
            .set("message.timeout.ms", "60000")
            // librdkafka's default, unless records may be longer than that.
            .set(
                "message.max.bytes",
                self.max_record_bytes.max(1_000_000).to_string(),
            )
            // Back within a second or two of the broker, however long it was away.
            .set("reconnect.backoff.max.ms", "2000")
            .set("socket.keepalive.enable", "true");
        for (name, value) in &self.properties {
            config.set(name, value);
        }
        config
    }
}

/// Names the properties and not their values, which may be passwords.
impl fmt::Debug for KafkaLayerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let properties: Vec<&str> = self.properties.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("KafkaLayerBuilder")
            .field("service", &self.service)
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("topics", &self.topics)
            .field("properties", &properties)
            .field("spool", &self.spool)
            .finish_non_exhaustive()
    }
}

/// The system's name for this machine.
fn system_host() -> String {
    hostname::get().map_or_else(
        |_| "unknown".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}
