//! The properties every client shares, and those of a consumer.

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::producer::{DeliveryResult, ProducerContext};
use rdkafka::{ClientConfig, ClientContext};
use tracing::debug;

use crate::config::KafkaConfig;

/// A property that librdkafka does not know, or a value it does not take.
#[derive(Debug, thiserror::Error)]
#[error(
    "KAFKA_PROPERTIES has a property that librdkafka refuses: {0}; expected properties of its CONFIGURATION.md"
)]
pub struct InvalidProperty(#[source] KafkaError);

/// Checks the user's properties without talking to any broker.
///
/// # Errors
/// The first property that librdkafka refuses.
pub fn check(config: &KafkaConfig) -> Result<(), InvalidProperty> {
    consumer_config(config, "127.0.0.1:1", "check")
        .create_with_context::<_, BaseConsumer<Quiet>>(Quiet)
        .map(drop)
        .map_err(InvalidProperty)
}

/// For clients whose failures show in what they do not deliver: what librdkafka says about itself is for whoever
/// looks closely.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        debug!(target: "librdkafka", ?level, facility, "{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        debug!(target: "librdkafka", %error, "{reason}");
    }
}

impl ConsumerContext for Quiet {}

impl ProducerContext for Quiet {
    type DeliveryOpaque = ();

    fn delivery(&self, _result: &DeliveryResult<'_>, (): ()) {}
}

/// What producers, consumers and admin clients share. The user's properties come last, so that they win.
pub(super) fn client_config(config: &KafkaConfig, bootstrap_servers: &str) -> ClientConfig {
    let mut client = ClientConfig::new();
    client
        .set("bootstrap.servers", bootstrap_servers)
        .set("client.id", "logmonitor")
        // A broker that comes back is found within a second, not after the default's ten.
        .set("reconnect.backoff.max.ms", "1000")
        .set("socket.keepalive.enable", "true");
    for (key, value) in &config.properties {
        client.set(key, value);
    }
    client
}

/// What a consumer of the group needs besides. `instance` names this member across its restarts.
pub(super) fn consumer_config(
    config: &KafkaConfig,
    bootstrap_servers: &str,
    instance: &str,
) -> ClientConfig {
    let mut client = client_config(config, bootstrap_servers);
    // That the cluster is another one is said by a warning only: it must come where nobody reads the log, too.
    if (client.log_level as u8) < RDKafkaLogLevel::Warning as u8 {
        client.set_log_level(RDKafkaLogLevel::Warning);
    }
    let defaults = [
        ("group.id", config.group_id.as_str()),
        // A restart within the session gets its partitions back at once, without a rebalance.
        ("group.instance.id", instance),
        ("session.timeout.ms", "30000"),
        // A rebalance waits until every member has heard of it with its next heartbeat.
        ("heartbeat.interval.ms", "500"),
        ("partition.assignment.strategy", "range"),
        // An offset that is gone is never passed over in silence.
        ("auto.offset.reset", "error"),
        // Offsets are committed when a batch was applied.
        ("enable.auto.offset.store", "false"),
        ("enable.auto.commit", "false"),
        ("allow.auto.create.topics", "false"),
        // New partitions, and a topic that was created again, are noticed within ten seconds.
        ("topic.metadata.refresh.interval.ms", "10000"),
        // The default of one second throttles every consumer that is slower than the broker.
        ("fetch.queue.backoff.ms", "5"),
        ("fetch.error.backoff.ms", "100"),
        // Counts per partition: bounds what librdkafka holds ahead of us.
        ("queued.max.messages.kbytes", "8192"),
        // Where watermarks and the brokers' states come from.
        ("statistics.interval.ms", "1000"),
    ];
    for (key, value) in defaults {
        if client.get(key).is_none() {
            client.set(key, value);
        }
    }
    client
}
