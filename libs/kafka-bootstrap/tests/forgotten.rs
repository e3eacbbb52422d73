//! A client that was told of no broker finds back to its cluster.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use kafka_bootstrap::Bootstrap;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};

const TOPIC: &str = "application-logs";
/// Requests of Kafka's protocol.
const METADATA: i16 = 3;
const API_VERSIONS: i16 = 18;
/// Its errors.
const LEADER_NOT_AVAILABLE: i16 = 5;
const UNSUPPORTED_VERSION: i16 = 35;

/// Answers about metadata as a broker does, and nothing else: Kafka itself names no broker for moments only, while it
/// starts, and no request makes it do so.
struct Broker {
    port: u16,
    takes_part: Arc<AtomicBool>,
}

impl Broker {
    fn start() -> Broker {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let takes_part = Arc::new(AtomicBool::new(true));
        let is_named = Arc::clone(&takes_part);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let is_named = Arc::clone(&is_named);
                thread::spawn(move || answer(connection.unwrap(), port, &is_named));
            }
        });
        Broker { port, takes_part }
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// Until the client hangs up.
fn answer(mut connection: TcpStream, port: u16, is_named: &AtomicBool) {
    let mut length = [0; 4];
    while connection.read_exact(&mut length).is_ok() {
        let mut request = vec![0; i32::from_be_bytes(length).try_into().unwrap()];
        connection.read_exact(&mut request).unwrap();
        let number = |at: usize| i16::from_be_bytes([request[at], request[at + 1]]);
        let (key, version, correlation) = (number(0), number(2), &request[4..8]);
        let answer = match key {
            API_VERSIONS => api_versions(version),
            METADATA => metadata(port, is_named.load(Ordering::SeqCst)),
            other => panic!("asked for {other}"),
        };
        let body = [correlation, &answer].concat();
        let length = i32::try_from(body.len()).unwrap().to_be_bytes();
        connection.write_all(&[&length, &*body].concat()).unwrap();
    }
}

/// A response of version 0, as brokers also give it to whom asks for one they do not know: both requests, in the
/// versions that are answered.
fn api_versions(version: i16) -> Vec<u8> {
    let error = if version == 0 { 0 } else { UNSUPPORTED_VERSION };
    let [none, requests] = [0, 2];
    let numbers = [error, none, requests, API_VERSIONS, 0, 0, METADATA, 1, 1];
    numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect()
}

/// A metadata response of version 1: the broker, if it is named, and the topic without partitions.
fn metadata(port: u16, is_named: bool) -> Vec<u8> {
    let text = |text: &str| [&(text.len() as i16).to_be_bytes(), text.as_bytes()].concat();
    let number = |number: i32| number.to_be_bytes().to_vec();
    let null = (-1_i16).to_be_bytes().to_vec();
    let broker = [number(1), text("127.0.0.1"), number(port.into()), null].concat();
    let brokers = if is_named {
        [number(1), broker].concat()
    } else {
        number(0)
    };
    let error = LEADER_NOT_AVAILABLE.to_be_bytes().to_vec();
    let topic = [error, text(TOPIC), vec![0], number(0)].concat();
    let controller = number(1);
    [brokers, controller, number(1), topic].concat()
}

/// How many brokers the client hears of; none where nobody tells it.
fn brokers(client: &BaseConsumer) -> usize {
    let metadata = client.fetch_metadata(Some(TOPIC), Duration::from_millis(500));
    metadata.map_or(0, |metadata| metadata.brokers().len())
}

/// By itself it does so, too, but not each time.
#[test]
fn a_client_that_was_told_of_no_broker_finds_back() {
    let broker = Broker::start();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.address());
    let client: BaseConsumer = config.create().unwrap();
    let mut bootstrap = Bootstrap::of(&config);
    for round in 0..8 {
        broker.takes_part.store(true, Ordering::SeqCst);
        let begun = Instant::now();
        loop {
            let is_connected = brokers(&client) == 1;
            let now = Instant::now();
            bootstrap.tend(client.client(), is_connected, now);
            if is_connected {
                break;
            }
            let so_far = now - begun;
            assert!(
                so_far < Duration::from_secs(60),
                "lost for good in round {round}"
            );
        }
        broker.takes_part.store(false, Ordering::SeqCst);
        assert_eq!(brokers(&client), 0);
    }
}
