//! The application: everything that can fail early fails in [`App::bind`]; [`App::run`] runs until it is told to stop.

use std::net::SocketAddr;

use log_record::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tracing::info;

use crate::api::{self, ApiState, ServerInfo};
use crate::archive::{Archive, ArchiveLimits, OpenError};
use crate::config::{Bootstrap, Config};
use crate::ingest::Ingest;
use crate::kafka::{
    self, EmbeddedBroker, EmbeddedError, InvalidProperty, Role, Surroundings, TopicSpec,
};
use crate::live::LiveLimits;
use crate::pipeline::Pipeline;
use crate::reading::{Reader, Reading};
use crate::rules_file::{RulesFile, RulesFileError};
use crate::snapshots::Snapshots;
use crate::store::{Store, StoreLimits};
use crate::upkeep::Upkeep;
use crate::{reader, server};

/// Services with counters of their own; the others share one.
const MAX_SERVICES: usize = 10_000;

/// Why the process did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A configured value turned out to be wrong.
    #[error("{0}")]
    Config(#[from] InvalidProperty),
    /// The API's address cannot be listened on.
    #[error(
        "cannot listen on {address} (LOG_MONITOR_SERVER_HOST, LOG_MONITOR_SERVER_PORT): {source}"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The rules for grouping cannot be used.
    #[error("{0}")]
    Rules(#[from] RulesFileError),
    /// The archive cannot be used.
    #[error("{0}")]
    Archive(#[from] OpenError),
    /// The embedded broker did not start.
    #[error("{0}")]
    Embedded(#[from] EmbeddedError),
    /// A thread could not be started.
    #[error("cannot start a consumer thread: {0}")]
    Thread(#[source] std::io::Error),
    /// The process cannot be told to stop.
    #[error("cannot listen for signals: {0}")]
    Signals(#[source] std::io::Error),
    /// The HTTP server ended by itself.
    #[error("the HTTP server failed: {0}")]
    Serve(#[source] std::io::Error),
}

/// logmonitor, bound to its address and not running yet.
#[derive(Debug)]
pub struct App {
    config: Config,
    archive: Option<Archive>,
    rules: Option<RulesFile>,
    listener: TcpListener,
    address: SocketAddr,
    broker: Option<EmbeddedBroker>,
}

impl App {
    /// Checks what can be checked, listens on the API's address and starts the embedded broker if there is to be one.
    ///
    /// # Errors
    /// Whatever would make the process useless: an address that is taken, a property nobody knows. Kafka being away
    /// is not an error.
    pub async fn bind(config: Config) -> Result<App, StartError> {
        kafka::check(&config.kafka)?;
        let rules = config
            .grouping_rules
            .as_deref()
            .map(|path| RulesFile::open(path, Timestamp::now()))
            .transpose()?;
        let in_address = |source| StartError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(in_address)?;
        let address = listener.local_addr().map_err(in_address)?;
        let broker = match config.kafka.bootstrap {
            Bootstrap::Embedded { port } => {
                let topics = [Role::Logs, Role::Errors, Role::Issues]
                    .map(|role| TopicSpec::of(role, &config.kafka));
                Some(EmbeddedBroker::start(port, topics.to_vec()).await?)
            }
            Bootstrap::Servers(_) => None,
        };
        let limits = ArchiveLimits {
            max_bytes: config.max_disk,
            max_records: config.max_records,
            quarantine_bytes: config.quarantine_size,
        };
        let archive = config
            .data_dir
            .as_deref()
            .map(|directory| Archive::open(directory, limits))
            .transpose()?;
        Ok(App {
            config,
            archive,
            rules,
            listener,
            address,
            broker,
        })
    }

    /// Where the API listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where producers find Kafka.
    #[must_use]
    pub fn bootstrap_servers(&self) -> String {
        match (&self.config.kafka.bootstrap, &self.broker) {
            (Bootstrap::Servers(servers), _) => servers.clone(),
            (Bootstrap::Embedded { .. }, Some(broker)) => broker.address().to_string(),
            (Bootstrap::Embedded { port }, None) => format!("127.0.0.1:{port}"),
        }
    }

    fn info(&self, bootstrap_servers: &str) -> ServerInfo {
        ServerInfo {
            started_at: Timestamp::now(),
            bootstrap_servers: bootstrap_servers.to_owned(),
            embedded: self.broker.is_some(),
            group_id: self.config.kafka.group_id.clone(),
        }
    }

    /// The store, and the way into it and the archive.
    fn way_in(&self, pipeline: &Pipeline) -> (Store, Ingest) {
        let config = &self.config;
        let limits = StoreLimits {
            max_bytes: config.store_memory,
            max_age: config.retention,
            max_services: MAX_SERVICES,
        };
        let store = match &self.archive {
            Some(archive) => Store::before_archive(limits, archive.hash_seed()),
            None => Store::new(limits),
        };
        let ingest = Ingest::new(
            self.archive.clone(),
            store.clone(),
            pipeline.clone(),
            config.decode.clone(),
        );
        if let Some(file) = &self.rules {
            ingest.issues().set_rules(file.rules());
        }
        (store, ingest)
    }

    /// Reads and serves until `shutdown` ends; then finishes open requests and commits what was read.
    ///
    /// # Errors
    /// The server or a thread could not be started.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), StartError> {
        let bootstrap_servers = self.bootstrap_servers();
        let config = &self.config;
        let topics = [&*config.kafka.topic_logs, &*config.kafka.topic_errors];
        let pipeline = Pipeline::new(&topics);
        let (store, ingest) = self.way_in(&pipeline);
        // Clients inside this process go to the broker directly, not through the forwarded port.
        let direct_servers = self.broker.as_ref().map_or_else(
            || bootstrap_servers.clone(),
            |broker| broker.bootstrap_servers().to_owned(),
        );
        let surroundings = Surroundings::new(
            &config.kafka,
            &direct_servers,
            self.broker.is_some(),
            config.decode.clone(),
        );
        let (failed, failure) = oneshot::channel();
        let reading = Reading::start(
            Reader {
                config: config.clone(),
                bootstrap_servers: direct_servers,
                member: format!("{}-{}", config.host, self.address.port()),
                is_embedded: self.broker.is_some(),
                store: store.clone(),
                pipeline: pipeline.clone(),
                ingest: ingest.clone(),
            },
            failed,
        );
        let snapshots = self.archive.clone().map(|archive| {
            let reader = reader::Reader::new(store.clone(), Some(archive.clone()));
            Snapshots::start(
                archive,
                reader,
                ingest.issues().clone(),
                surroundings.clone(),
            )
        });
        let upkeep = Upkeep::start(
            store.clone(),
            ingest.issues().clone(),
            self.rules.clone(),
            self.archive.clone(),
            config.retention,
        );

        let info = self.info(&bootstrap_servers);
        let state = ApiState::new(store, ingest, pipeline, info)
            .with_surroundings(surroundings)
            .with_rules_file(self.rules.clone())
            .with_live_limits(LiveLimits {
                readers: config.live_readers,
                all_readers: config.live_all_readers,
            });
        let live = state.live().clone();
        let shutdown = async move {
            shutdown.await;
            // They would go on for ever.
            live.close();
        };
        let router = api::router(state);
        info!(address = %self.address, kafka = bootstrap_servers, "serving http://{}", self.address);
        let outcome = tokio::select! {
            outcome = server::serve(self.listener, router, shutdown) => outcome.map_err(StartError::Serve),
            Ok(error) = failure => Err(StartError::Thread(error)),
        };

        if let Some(snapshots) = snapshots {
            snapshots.stop().await;
        }
        upkeep.stop().await;
        reading.stop().await;
        info!("stopped");
        outcome
    }
}
