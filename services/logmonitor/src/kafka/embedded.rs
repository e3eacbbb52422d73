//! The in-process broker for a first look: librdkafka's mock cluster, reachable at a fixed loopback port.
//!
//! It keeps about 5 MB a partition in memory and forgets everything when the process ends.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::thread::JoinHandle;

use rdkafka::error::KafkaError;
use rdkafka::mocking::MockCluster;
use tokio::net::{TcpListener, TcpStream};

use super::topics::TopicSpec;

/// Why the embedded broker did not start.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// The port that producers bootstrap from is taken.
    #[error(
        "cannot listen on 127.0.0.1:{port} for the embedded broker (KAFKA_EMBEDDED_PORT): {source}"
    )]
    Port {
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// librdkafka refused to start it.
    #[error("the embedded broker did not start: {0}")]
    Cluster(#[from] KafkaError),
    /// Its thread could not be started, or died.
    #[error("the thread of the embedded broker did not start")]
    Thread,
}

/// A running broker; it stops when this is dropped.
#[derive(Debug)]
pub struct EmbeddedBroker {
    bootstrap_servers: String,
    address: SocketAddr,
    forwarder: tokio::task::JoinHandle<()>,
    /// Dropping it lets the cluster's thread end.
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl EmbeddedBroker {
    /// Starts the broker with these topics and forwards the loopback port to it. Port 0 takes a free one.
    ///
    /// # Errors
    /// The port is taken, or librdkafka refuses.
    pub async fn start(port: u16, topics: Vec<TopicSpec>) -> Result<EmbeddedBroker, EmbeddedError> {
        let in_port = |source| EmbeddedError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(in_port)?;
        let address = listener.local_addr().map_err(in_port)?;
        let (stop, stopped) = mpsc::channel();
        let (started_tx, started_rx) = mpsc::sync_channel(1);
        // The cluster is neither Send nor Sync: it lives and dies on a thread of its own.
        let thread = std::thread::Builder::new()
            .name("embedded-broker".to_owned())
            .spawn(move || match start_cluster(&topics) {
                Ok(cluster) => {
                    if started_tx.send(Ok(cluster.bootstrap_servers())).is_ok() {
                        // Ends when the sender is dropped.
                        stopped.recv().ok();
                    }
                }
                Err(error) => drop(started_tx.send(Err(error))),
            })
            .map_err(|_| EmbeddedError::Thread)?;
        let bootstrap_servers = started_rx.recv().map_err(|_| EmbeddedError::Thread)??;
        let forwarder = tokio::spawn(forward(listener, bootstrap_servers.clone()));
        Ok(EmbeddedBroker {
            bootstrap_servers,
            address,
            forwarder,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The broker's own address.
    #[must_use]
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// The fixed address that producers bootstrap from.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for EmbeddedBroker {
    fn drop(&mut self) {
        self.forwarder.abort();
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // The thread only drops the cluster; had it panicked there would be nothing left to do about it.
            thread.join().ok();
        }
    }
}

fn start_cluster(
    topics: &[TopicSpec],
) -> Result<MockCluster<'static, rdkafka::producer::DefaultProducerContext>, KafkaError> {
    let cluster = MockCluster::new(1)?;
    for topic in topics {
        cluster.create_topic(&topic.name, topic.partitions, 1)?;
    }
    Ok(cluster)
}

/// Copies bytes between every client of the fixed port and the broker, which chose its own.
async fn forward(listener: TcpListener, broker: String) {
    loop {
        // A client that left again before it was accepted is no reason to stop.
        let Ok((mut client, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let broker = broker.clone();
        tokio::spawn(async move {
            if let Ok(mut upstream) = TcpStream::connect(&broker).await {
                // Either side closing is how every connection ends.
                tokio::io::copy_bidirectional(&mut client, &mut upstream)
                    .await
                    .ok();
            }
        });
    }
}
