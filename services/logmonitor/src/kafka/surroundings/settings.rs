//! The properties of the consumers that read the lines around errors.

use rdkafka::ClientConfig;

use super::super::client::client_config;
use crate::config::KafkaConfig;

/// What a small window takes: little is fetched beyond it, because that is unpacked for nothing.
const NEAR: [(&str, &str); 3] = [
    ("max.partition.fetch.bytes", "65536"),
    ("fetch.max.bytes", "2097152"),
    ("queued.max.messages.kbytes", "64"),
];
/// What a large one takes: the next fetch is under way while the last one is read.
const FAR: [(&str, &str); 3] = [
    ("max.partition.fetch.bytes", "262144"),
    ("fetch.max.bytes", "2097152"),
    ("queued.max.messages.kbytes", "2048"),
];
const BOTH: [(&str, &str); 2] = [
    ("fetch.queue.backoff.ms", "1"),
    ("fetch.error.backoff.ms", "20"),
];

/// What a [`Tape`](super::tape::Tape) is made of.
pub(super) struct Settings {
    /// Of the consumer for small windows and for questions.
    pub(super) near: ClientConfig,
    /// Of the one for large windows.
    pub(super) far: ClientConfig,
    /// The embedded broker cannot look up by time.
    pub(super) is_embedded: bool,
}

impl Settings {
    /// The user's own properties win where both are possible.
    pub(super) fn new(
        config: &KafkaConfig,
        bootstrap_servers: &str,
        is_embedded: bool,
    ) -> Settings {
        let with = |defaults: &[(&str, &str)]| consumer(config, bootstrap_servers, defaults);
        Settings {
            near: with(&NEAR),
            far: with(&FAR),
            is_embedded,
        }
    }
}

fn consumer(
    config: &KafkaConfig,
    bootstrap_servers: &str,
    defaults: &[(&str, &str)],
) -> ClientConfig {
    let mut client = client_config(config, bootstrap_servers);
    for (key, value) in defaults.iter().chain(&BOTH) {
        if client.get(key).is_none() {
            client.set(*key, *value);
        }
    }
    client
        // The library asks for a group, which is never joined.
        .set("group.id", "logmonitor-context")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "error")
        .set("allow.auto.create.topics", "false")
        // The end of a partition ends a range that reaches it, whatever stands there that is no record.
        .set("enable.partition.eof", "true")
        // The broker never waits for records to come: the next question waits behind the fetch that is under way, and
        // nobody reads beyond the end.
        .set("fetch.wait.max.ms", "0");
    client
}
