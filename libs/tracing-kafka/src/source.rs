//! Where an event comes from: its callsite, or, for a record of the `log` crate, what the bridge wrote into fields.

use log_record::json;
use tracing::Metadata;

/// Whether this target is librdkafka's or its Rust client's: sending what they log would make them log more.
#[inline]
pub(crate) fn is_of_the_kafka_client(target: &str) -> bool {
    target.starts_with("rdkafka") || target.starts_with("librdkafka")
}

/// Appends `"target":…,"module":…,"file":…,"line":…,` of a callsite.
pub(crate) fn push_callsite(out: &mut Vec<u8>, metadata: &Metadata<'_>) {
    push_text(out, b"\"target\":", metadata.target());
    if let Some(module) = metadata.module_path() {
        push_text(out, b"\"module\":", module);
    }
    if let Some(file) = metadata.file() {
        push_text(out, b"\"file\":", file);
    }
    if let Some(line) = metadata.line() {
        push_line(out, u64::from(line));
    }
}

/// A record of the `log` crate, as `tracing-log` dresses it up: target `log`, the real source in `log.*` fields.
#[derive(Debug, Default)]
pub(crate) struct BridgedSource {
    /// The record comes from the Kafka client.
    pub(crate) is_of_the_kafka_client: bool,
}

impl BridgedSource {
    /// The target by which a bridged event is known.
    const TARGET: &'static str = "log";

    #[inline]
    pub(crate) fn of(metadata: &Metadata<'_>) -> Option<BridgedSource> {
        let is_bridged =
            metadata.target() == Self::TARGET && metadata.fields().field("log.target").is_some();
        is_bridged.then(BridgedSource::default)
    }

    /// Takes one of the bridge's text fields; they come in the order of the wire.
    pub(crate) fn take_text(&mut self, out: &mut Vec<u8>, field: &str, value: &str) {
        match field {
            "log.target" => {
                self.is_of_the_kafka_client = is_of_the_kafka_client(value);
                push_text(out, b"\"target\":", value);
            }
            "log.module_path" => push_text(out, b"\"module\":", value),
            "log.file" => push_text(out, b"\"file\":", value),
            _ => {}
        }
    }

    /// Takes the bridge's `log.line`.
    pub(crate) fn take_line(&mut self, out: &mut Vec<u8>, line: u64) {
        push_line(out, line);
    }
}

/// Appends `"target":"…",` of something that has no callsite.
pub(crate) fn push_target(out: &mut Vec<u8>, target: &str) {
    push_text(out, b"\"target\":", target);
}

/// Appends `"file":…,"line":…,` of a place in the source.
pub(crate) fn push_place(out: &mut Vec<u8>, file: &str, line: u32) {
    push_text(out, b"\"file\":", file);
    push_line(out, u64::from(line));
}

fn push_text(out: &mut Vec<u8>, key: &[u8], text: &str) {
    out.extend_from_slice(key);
    json::push_str(out, text);
    out.push(b',');
}

fn push_line(out: &mut Vec<u8>, line: u64) {
    out.extend_from_slice(b"\"line\":");
    json::push_u64(out, line);
    out.push(b',');
}
