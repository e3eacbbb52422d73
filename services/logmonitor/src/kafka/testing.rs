//! What tests on librdkafka's mock cluster share.

use std::sync::Arc;

use rdkafka::consumer::BaseConsumer;

use super::client::consumer_config;
use super::context::Context;
use super::starts::Starts;
use super::topics::Role;
use crate::config::{Config, DecodeConfig};
use crate::ingest::Ingest;
use crate::pipeline::Pipeline;
use crate::store::{Store, StoreLimits};

/// A consumer of a topic with every record, as the service makes it, that has not subscribed. It keeps nothing.
pub(super) fn consumer(bootstrap_servers: &str, topic: &str) -> BaseConsumer<Context> {
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", bootstrap_servers),
        // Statistics would come between.
        ("KAFKA_PROPERTIES", "statistics.interval.ms=0"),
    ];
    let lookup = |name: &str| {
        let (_, value) = variables.iter().find(|(key, _)| *key == name)?;
        Some((*value).to_owned())
    };
    let config = Config::from_lookup(lookup).unwrap();
    let pipeline = Pipeline::new(&[topic]);
    let store = Store::new(StoreLimits::default());
    let ingest = Ingest::new(None, store, pipeline.clone(), DecodeConfig::default());
    let client = consumer_config(&config.kafka, bootstrap_servers, "test");
    let topics = [topic, "application-logs-errors"];
    let starts = Starts::new(topics, Role::Logs, None, &ingest, client.clone());
    let context = Context::new(Arc::new(starts), pipeline);
    client.create_with_context(context).unwrap()
}
