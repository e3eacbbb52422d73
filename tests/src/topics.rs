//! Topics that no other test uses, and writing to them as a foreign producer would.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

/// A pair of topics of one test.
#[derive(Clone, Debug)]
pub struct Topics {
    /// Every record.
    pub logs: String,
    /// ERROR and CRITICAL again.
    pub errors: String,
}

impl Topics {
    /// Names that are unique on the broker; logmonitor creates the topics.
    #[must_use]
    pub fn unique() -> Topics {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let logs = format!(
            "logs-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        Topics {
            errors: format!("{logs}-errors"),
            logs,
        }
    }

    /// Creates them by hand, with two partitions and settings of their own.
    ///
    /// # Panics
    /// When the broker refuses.
    pub fn create(&self, bootstrap: &str, settings: &[(&str, &str)]) {
        for name in [&self.logs, &self.errors] {
            assert!(create_topic(bootstrap, name, 2, settings), "{name}");
        }
    }
}

/// Creates one topic; whether the broker did.
///
/// # Panics
/// When the broker does not answer.
#[must_use]
pub fn create_topic(
    bootstrap: &str,
    name: &str,
    partitions: i32,
    settings: &[(&str, &str)],
) -> bool {
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .create()
        .unwrap();
    let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    let topic = settings
        .iter()
        .fold(topic, |topic, &(key, value)| topic.set(key, value));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let options = AdminOptions::new();
    let results = runtime.block_on(admin.create_topics([&topic], &options));
    results.unwrap().iter().all(Result::is_ok)
}

/// Writes these values to a topic, in order, and waits until the broker has them.
///
/// # Panics
/// When the broker does not take them.
pub fn produce(bootstrap: &str, topic: &str, values: &[&[u8]]) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("message.max.bytes", "20000000")
        .create()
        .unwrap();
    for value in values {
        producer
            .send(BaseRecord::<str, [u8]>::to(topic).key("k").payload(value))
            .map_err(|(error, _)| error)
            .unwrap();
    }
    producer.flush(Duration::from_secs(30)).unwrap();
}
