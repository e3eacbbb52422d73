//! Gives a client of librdkafka its bootstrap servers back when it has lost every broker.
//!
//! While no broker takes part in the cluster, as for moments while Kafka starts or is starved of processor time, its
//! answers about metadata name none. librdkafka then forgets all it knows, and may not go back to its bootstrap servers
//! either: such a client neither sends nor reads until its process is started anew (confluentinc/librdkafka#5301, open;
//! seen with 2.12.1).

#![expect(unsafe_code, reason = "rust-rdkafka has no `rd_kafka_brokers_add`")]

use std::ffi::CString;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::bindings::rd_kafka_brokers_add;
use rdkafka::client::{Client, ClientContext};

/// How long a client is left alone: mostly it finds back by itself.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause between two attempts. librdkafka remembers each, some dozen bytes.
const LONGEST: Duration = Duration::from_secs(60);

/// The bootstrap servers of one client.
#[derive(Debug)]
pub struct Bootstrap {
    servers: CString,
    /// When they are added next, and the pause before; none while a broker is connected.
    next: Option<(Instant, Duration)>,
}

impl Bootstrap {
    /// Those of a client with this configuration.
    #[must_use]
    pub fn of(config: &ClientConfig) -> Bootstrap {
        let servers = config.get("bootstrap.servers").unwrap_or_default();
        Bootstrap {
            // No client is made of a text with a zero byte.
            servers: CString::new(servers).unwrap_or_default(),
            next: None,
        }
    }

    /// Adds the servers to the brokers of the client where it was not connected for a second, two more, four more and so
    /// on, a minute at most; one that the client still has is not added. To be called often, it is cheap. Whether it is
    /// connected is for the caller to say: by what it receives, or by librdkafka's statistics.
    pub fn tend<C: ClientContext>(&mut self, client: &Client<C>, is_connected: bool, now: Instant) {
        if self.is_due(is_connected, now) {
            // SAFETY: client and text live. It does not wait for the network.
            unsafe { rd_kafka_brokers_add(client.native_ptr(), self.servers.as_ptr()) };
        }
    }

    fn is_due(&mut self, is_connected: bool, now: Instant) -> bool {
        if is_connected {
            self.next = None;
            return false;
        }
        let (at, pause) = *self.next.get_or_insert((now + FIRST, FIRST));
        let is_due = now >= at;
        if is_due {
            let pause = (pause * 2).min(LONGEST);
            self.next = Some((now + pause, pause));
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::consumer::{BaseConsumer, Consumer as _};
    use rdkafka::mocking::MockCluster;

    use super::*;

    #[test]
    fn attempts_are_made_while_there_is_no_connection_and_become_rare() {
        let start = Instant::now();
        let mut bootstrap = Bootstrap::of(&ClientConfig::new());
        let due_at = |bootstrap: &mut Bootstrap, from: u64, to: u64| -> Vec<u64> {
            let is_due =
                |second: &u64| bootstrap.is_due(false, start + Duration::from_secs(*second));
            (from..to).filter(is_due).collect()
        };
        assert_eq!(
            due_at(&mut bootstrap, 0, 250),
            [1, 3, 7, 15, 31, 63, 123, 183, 243]
        );
        assert!(!bootstrap.is_due(true, start + Duration::from_secs(250)));
        assert_eq!(due_at(&mut bootstrap, 251, 260), [252, 254, 258]);
    }

    #[test]
    fn a_client_without_a_broker_gets_its_servers_back() {
        let cluster = MockCluster::new(1).unwrap();
        let timeout = Duration::from_secs(10);
        let mut config = ClientConfig::new();
        // As one that has forgotten all: it is given the servers here only.
        let client: BaseConsumer = config.set("group.id", "test").create().unwrap();
        assert!(client.fetch_metadata(None, Duration::from_secs(1)).is_err());
        let mut bootstrap =
            Bootstrap::of(config.set("bootstrap.servers", cluster.bootstrap_servers()));
        let now = Instant::now();
        bootstrap.tend(client.client(), false, now);
        bootstrap.tend(client.client(), false, now + FIRST);
        let metadata = client.fetch_metadata(None, timeout).unwrap();
        assert_eq!(metadata.brokers().len(), 1);
    }
}
