//! The two consumers: a thread each, so that errors never wait behind INFO.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kafka_bootstrap::Bootstrap;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::runtime::Handle;
use tracing::{debug, info, warn};

use super::batch::{Batch, ClusterReplaced};
use super::canary::Canaries;
use super::client::{client_config, consumer_config};
use super::context::Context;
use super::fetch_queue::FetchQueue;
use super::lifecycle::Lifecycle;
use super::retention;
use super::scan::Scan;
use super::start_line::StartLine;
use super::starts::Starts;
use super::threads::Threads;
use super::topics::{self, Presence, Role, TopicSpec};
use crate::archive::ArchiveError;
use crate::config::KafkaConfig;
use crate::ingest::Ingest;
use crate::pipeline::Pipeline;

/// The longest `group.instance.id` that Kafka takes.
const MAX_INSTANCE_ID: usize = 249;
/// Between two tries where Kafka is away or refuses.
const RETRY: Duration = Duration::from_secs(1);
/// A cluster that does not say who it is by then is taken for the one it was.
const CLUSTER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the threads may take to stop. A broker that does not answer would be waited for, for a session's length and
/// longer.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// What both consumers need to know.
#[derive(Clone, Debug)]
struct Settings {
    config: KafkaConfig,
    bootstrap_servers: String,
    member: String,
    replay: Option<Duration>,
    pipeline: Pipeline,
    ingest: Ingest,
}

/// The running consumers.
#[derive(Debug)]
pub struct Consumers {
    stop: Arc<AtomicBool>,
    threads: Threads,
    watchers: Vec<tokio::task::JoinHandle<()>>,
}

impl Consumers {
    /// Starts a thread for each topic. A broker that is away is waited for. Must be called inside a tokio runtime.
    ///
    /// `member` names this process among the members of the group, across its restarts. The errors topic is read
    /// from `replay` ago; `None` reads all of it, as the embedded broker must, which cannot look up by time.
    ///
    /// # Errors
    /// The operating system refuses a thread.
    pub fn start(
        config: &KafkaConfig,
        bootstrap_servers: &str,
        member: &str,
        replay: Option<Duration>,
        pipeline: &Pipeline,
        ingest: &Ingest,
    ) -> std::io::Result<Consumers> {
        let settings = Settings {
            config: config.clone(),
            bootstrap_servers: bootstrap_servers.to_owned(),
            member: member.to_owned(),
            replay,
            pipeline: pipeline.clone(),
            ingest: ingest.clone(),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let start_line = Arc::new(StartLine::default());
        let mut threads = Threads::new();
        for role in [Role::Errors, Role::Logs] {
            let consumer = Consumer {
                role,
                settings: settings.clone(),
                start_line: Arc::clone(&start_line),
                stop: Arc::clone(&stop),
                runtime: Handle::current(),
            };
            threads.spawn(&format!("consumer-{}", role.as_str()), || consumer.run())?;
        }
        let client = || client_config(config, bootstrap_servers);
        if let Some(interval) = config.canary_interval {
            let canaries = Canaries {
                client: client(),
                member: member.to_owned(),
                interval,
                pipeline: pipeline.clone(),
                stop: Arc::clone(&stop),
            };
            threads.spawn("canaries", || canaries.run())?;
        }
        if let Some(archive) = ingest.archive() {
            let lifecycle = Lifecycle {
                client: client(),
                spec: TopicSpec::of(Role::Issues, config),
                archive: archive.clone(),
                issues: ingest.issues().clone(),
                runtime: Handle::current(),
                stop: Arc::clone(&stop),
            };
            threads.spawn("issues", || lifecycle.run())?;
        }
        let topics = [&config.topic_logs, &config.topic_errors].into_iter();
        let watchers = topics
            .map(|topic| tokio::spawn(retention::watch(client(), topic.clone(), pipeline.clone())));
        Ok(Consumers {
            stop,
            threads,
            watchers: watchers.collect(),
        })
    }

    /// Asks both to stop and waits until they have applied and committed what they hold, five seconds at most: what
    /// Kafka has not heard of by then, the archive knows.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for watcher in self.watchers {
            watcher.abort();
        }
        self.threads.join(STOP_TIMEOUT);
    }
}

struct Consumer {
    role: Role,
    settings: Settings,
    start_line: Arc<StartLine>,
    stop: Arc<AtomicBool>,
    runtime: Handle,
}

impl Consumer {
    fn run(self) {
        let settings = &self.settings;
        let spec = TopicSpec::of(self.role, &settings.config);
        let client = client_config(&settings.config, &settings.bootstrap_servers);
        let (replay, ingest) = (settings.replay, &settings.ingest);
        let twin = match self.role {
            Role::Errors => &settings.config.topic_logs,
            Role::Logs | Role::Issues => &settings.config.topic_errors,
        };
        let starts = Arc::new(Starts::new(
            [&spec.name, twin],
            self.role,
            replay,
            ingest,
            client,
        ));
        while !self.is_stopping() {
            if self.wait_for_topic(&spec) {
                match self.consume(&starts) {
                    Ok(()) => break,
                    Err(error) => {
                        warn!(topic = spec.name, %error, "the consumer ended; starting another");
                        settings
                            .pipeline
                            .set_problem(&spec.name, &error.to_string());
                    }
                }
            }
            self.pause(RETRY);
        }
        debug!(topic = spec.name, "consumer stopped");
    }

    fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration;
        while !self.is_stopping() && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether the topic is there; if not, says why in the pipeline's state.
    fn wait_for_topic(&self, spec: &TopicSpec) -> bool {
        let client = client_config(&self.settings.config, &self.settings.bootstrap_servers);
        match self.runtime.block_on(topics::ensure(&client, spec)) {
            Ok(Presence::Exists) => true,
            Ok(Presence::Created) => {
                info!(
                    topic = spec.name,
                    partitions = spec.partitions,
                    "created topic {}",
                    spec.name
                );
                true
            }
            Err(error) => {
                let problem = error.to_string();
                if self.settings.pipeline.set_problem(&spec.name, &problem) {
                    warn!(topic = spec.name, "{problem}; trying again every second");
                }
                false
            }
        }
    }

    /// Reads the topic until told to stop. A broker that goes away is waited for.
    fn consume(&self, starts: &Arc<Starts>) -> Result<(), ConsumeError> {
        let settings = &self.settings;
        let context = Context::new(Arc::clone(starts), settings.pipeline.clone());
        // A static member's new subscription would not be noticed by the group: who reads another topic is another one.
        let instance = format!("{}-{}", settings.member, starts.topic);
        let instance: String = instance.chars().take(MAX_INSTANCE_ID).collect();
        let config = consumer_config(&settings.config, &settings.bootstrap_servers, &instance);
        let consumer: BaseConsumer<Context> = config.create_with_context(context)?;
        let mut bootstrap = Bootstrap::of(&config);
        let cluster_id = consumer.client().fetch_cluster_id(CLUSTER_TIMEOUT);
        starts.load(cluster_id.as_deref())?;
        let mut queue = FetchQueue::new(&consumer);
        self.start_line.wait();
        consumer.subscribe(&[&starts.topic])?;
        let scan = Scan::new(settings.ingest.decode_config());
        let scan = match self.role {
            Role::Logs => scan.watched(settings.ingest.live_logs()),
            Role::Errors | Role::Issues => scan,
        };
        let mut batch = Batch::new(&consumer, &settings.ingest, scan);
        while !self.is_stopping() {
            let mut errors = Vec::new();
            // All that has happened: after an outage, what matters waits behind what was said of it.
            while let Some(event) = consumer.poll(Duration::ZERO) {
                match event {
                    Ok(_) => return Err(ConsumeError::NotForwarded),
                    Err(error) => errors.push(error),
                }
            }
            if let Some(error) = consumer.context().take_failure() {
                return Err(ConsumeError::Assignment(error));
            }
            let is_connected = consumer.context().is_connected();
            bootstrap.tend(consumer.client(), is_connected, Instant::now());
            let mut is_idle = true;
            for message in queue.read(batch.patience()) {
                is_idle = false;
                match message.error() {
                    None => batch.take(message)?,
                    Some(error) => errors.push(error),
                }
            }
            // Kafka has nothing more: a lone error is kept and shown at once.
            if is_idle || !errors.is_empty() {
                batch.apply()?;
            } else {
                batch.apply_if_old()?;
            }
            for error in errors {
                self.answer(&consumer, error)?;
            }
        }
        batch.apply()?;
        consumer
            .context()
            .commit_last(&consumer, &consumer.assignment()?);
        Ok(())
    }

    /// What is to be done about an error of the consumer: most pass by themselves.
    fn answer(
        &self,
        consumer: &BaseConsumer<Context>,
        error: KafkaError,
    ) -> Result<(), ConsumeError> {
        let context = consumer.context();
        match error.rdkafka_error_code() {
            // The wanted offset is gone, or the topic was deleted: another consumer asks from where to go on. Assigning
            // anew instead would meet partitions that are still being stopped, which librdkafka answers with an abort.
            Some(
                RDKafkaErrorCode::AutoOffsetReset
                | RDKafkaErrorCode::UnknownTopicOrPartition
                | RDKafkaErrorCode::UnknownTopic,
            ) => {
                return Err(error.into());
            }
            Some(RDKafkaErrorCode::PollExceeded) => {
                warn!(
                    topic = context.topic(),
                    "the group gave our partitions away, because we were too slow; joining again"
                );
            }
            _ if matches!(error, KafkaError::MessageConsumptionFatal(_)) => {
                return Err(error.into());
            }
            _ => debug!(topic = context.topic(), %error, "no message"),
        }
        Ok(())
    }
}

/// Why a consumer ended before it was told to. Another one is started.
#[derive(Debug, thiserror::Error)]
enum ConsumeError {
    #[error("{0}")]
    Kafka(#[from] KafkaError),
    #[error("the assignment failed: {0}")]
    Assignment(#[source] KafkaError),
    #[error("{0}")]
    Archive(#[from] ArchiveError),
    #[error("{0}")]
    Cluster(#[from] ClusterReplaced),
    /// Nothing is lost: the other one begins where the archive ends.
    #[error("a message came past the queue of the partitions")]
    NotForwarded,
}
