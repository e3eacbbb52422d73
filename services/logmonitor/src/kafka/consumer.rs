//! The two consumers: a thread each, so that errors never wait behind INFO.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use log_record::Timestamp;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::runtime::Handle;
use tracing::{debug, error, info, warn};

use super::client::{client_config, consumer_config};
use super::context::Context;
use super::scan::Scan;
use super::topics::{self, Presence, Role, TopicSpec};
use crate::archive::PartitionPosition;
use crate::config::KafkaConfig;
use crate::ingest::Ingest;
use crate::pipeline::Pipeline;

/// How long an idle consumer waits for a message; also how soon it notices that it should stop.
const IDLE_POLL: Duration = Duration::from_millis(100);
/// A batch is applied at the latest after this.
const MAX_BATCH_AGE: Duration = Duration::from_millis(50);
/// The clock is read once in so many messages.
const CLOCK_EVERY: u64 = 64;
/// Between two tries where Kafka is away or refuses.
const RETRY: Duration = Duration::from_secs(1);

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
    threads: Vec<JoinHandle<()>>,
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
        let mut threads = Vec::with_capacity(2);
        for role in [Role::Errors, Role::Logs] {
            let consumer = Consumer {
                role,
                settings: settings.clone(),
                stop: Arc::clone(&stop),
                runtime: Handle::current(),
            };
            let thread = thread::Builder::new().name(format!("consumer-{}", role.as_str()));
            threads.push(thread.spawn(move || consumer.run())?);
        }
        Ok(Consumers { stop, threads })
    }

    /// Asks both to stop and waits until they have applied and committed what they hold.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            if thread.join().is_err() {
                error!("a consumer thread had panicked");
            }
        }
    }
}

struct Consumer {
    role: Role,
    settings: Settings,
    stop: Arc<AtomicBool>,
    runtime: Handle,
}

impl Consumer {
    fn run(self) {
        let spec = TopicSpec::of(self.role, &self.settings.config);
        while !self.is_stopping() {
            if self.wait_for_topic(&spec) {
                match self.consume(&spec.name) {
                    Ok(()) => break,
                    Err(error) => {
                        error!(topic = spec.name, %error, "the consumer failed; starting another");
                        self.settings
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
    fn consume(&self, topic: &str) -> Result<(), KafkaError> {
        let settings = &self.settings;
        let context = Context::new(topic, self.role, settings.pipeline.clone(), settings.replay);
        let instance = format!("{}-{}", settings.member, self.role.as_str());
        let consumer: BaseConsumer<Context> =
            consumer_config(&settings.config, &settings.bootstrap_servers, &instance)
                .create_with_context(context)?;
        consumer.subscribe(&[topic])?;
        let mut batch = Batch {
            consumer: &consumer,
            ingest: &settings.ingest,
            scan: Scan::default(),
            begun: None,
        };
        while !self.is_stopping() {
            let wait = if batch.scan.scanned() == 0 {
                IDLE_POLL
            } else {
                Duration::ZERO
            };
            match consumer.poll(wait) {
                // Kafka has nothing more: a lone error is visible at once.
                None => batch.apply(),
                Some(Ok(message)) => batch.take(message),
                Some(Err(error)) => {
                    if let KafkaError::MessageConsumptionFatal(_) = error {
                        return Err(error);
                    }
                    debug!(topic, %error, "no message");
                }
            }
        }
        batch.apply();
        Ok(())
    }
}

/// The batch of a consumer, and what applying it involves.
struct Batch<'c> {
    consumer: &'c BaseConsumer<Context>,
    ingest: &'c Ingest,
    scan: Scan<'c>,
    /// When the batch got its first message, and under which assignment.
    begun: Option<(Instant, u64)>,
}

impl<'c> Batch<'c> {
    fn take(&mut self, message: rdkafka::message::BorrowedMessage<'c>) {
        let epoch = self.consumer.context().epoch();
        match self.begun {
            None => self.begun = Some((Instant::now(), epoch)),
            // The partitions may be another's by now: who reads them next begins where this batch began.
            Some((_, begun)) if begun != epoch => {
                self.scan.clear();
                self.begun = Some((Instant::now(), epoch));
            }
            Some(_) => {}
        }
        self.scan.take(message);
        let is_old = || {
            self.begun
                .is_some_and(|(begun, _)| begun.elapsed() >= MAX_BATCH_AGE)
        };
        if self.scan.is_full() || (self.scan.scanned().is_multiple_of(CLOCK_EVERY) && is_old()) {
            self.apply();
        }
    }

    fn apply(&mut self) {
        let context = self.consumer.context();
        let Some((_, epoch)) = self.begun.take() else {
            return;
        };
        if epoch != context.epoch() {
            self.scan.clear();
            return;
        }
        let positions: Vec<PartitionPosition> = self.scan.positions().collect();
        if let Err(error) = self
            .scan
            .apply(&context.topic, self.ingest, Timestamp::now())
        {
            error!(topic = context.topic, %error, "a batch cannot be kept");
            return;
        }
        let mut offsets = TopicPartitionList::new();
        for at in &positions {
            context.set_position(at.partition, at.position);
            context
                .pipeline
                .advance(&context.topic, at.partition, at.position, at.timestamp);
            // Fails only for an offset out of range, and this one came from Kafka.
            offsets
                .add_partition_offset(&context.topic, at.partition, Offset::Offset(at.position))
                .ok();
        }
        // Committed in the background, so that lag tools see the group. A partition that was revoked meanwhile is
        // refused, and whoever has it now reads these records again.
        if let Err(error) = self.consumer.store_offsets(&offsets) {
            debug!(topic = context.topic, %error, "offsets not stored");
        }
    }
}
