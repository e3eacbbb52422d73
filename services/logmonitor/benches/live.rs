//! What 1,000 live readers cost: errors through `Ingest` with nobody watching and with all of them, over real
//! connections. `cargo bench -p logmonitor --bench live`; needs 2,100 file descriptors (`ulimit -n`).

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking and prints its figures"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use log_record::Timestamp;
use logmonitor::api::{ApiState, ServerInfo, router};
use logmonitor::config::DecodeConfig;
use logmonitor::ingest::{Batch, Ingest, Message};
use logmonitor::pipeline::{Pipeline, Sequences};
use logmonitor::store::{LogCounts, Store, StoreLimits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

const TOPIC: &str = "application-logs-errors";
const READERS: u64 = 1_000;
const ROUNDS: usize = 3;

fn main() {
    // `cargo test --all-targets` runs benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let mut bench = Bench::start();
    println!("steady: one error a batch, 200 a second for 5 s\n");
    println!(
        "| readers | apply p50 | apply p99 | server CPU an error | an error and reader | seen after p50 | p99 |"
    );
    println!("|---|---|---|---|---|---|---|");
    bench.steady(0);
    bench.watch();
    bench.steady(READERS);

    println!("\nas fast as it goes: 100,000 errors in batches of 500\n");
    println!("| round | nobody, errors/s | 1,000 readers, errors/s | ratio |\n|---|---|---|---|");
    for round in 1..=ROUNDS {
        bench.unwatch();
        let alone = bench.flood();
        bench.watch();
        let watched = bench.flood();
        println!(
            "| {round} | {alone:.0} | {watched:.0} | {:.2} |",
            watched / alone
        );
    }
}

struct Bench {
    server: Runtime,
    clients: Runtime,
    address: SocketAddr,
    state: ApiState,
    ingest: Ingest,
    offset: i64,
    /// Errors that all readers together have received.
    received: Arc<AtomicU64>,
    /// Microseconds from when an error was logged until one of the readers had it.
    delays: Arc<std::sync::Mutex<Vec<u64>>>,
    readers: Vec<tokio::task::JoinHandle<()>>,
    begun: Instant,
}

impl Bench {
    fn start() -> Bench {
        let runtime = |name: &str, threads| {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads).thread_name(name);
            builder.enable_all().build().unwrap()
        };
        let (server, clients) = (runtime("server", 2), runtime("clients", 1));
        let store = Store::new(StoreLimits::default());
        let pipeline = Pipeline::new(&[TOPIC]);
        let ingest = Ingest::new(
            None,
            store.clone(),
            pipeline.clone(),
            DecodeConfig::default(),
        );
        let info = ServerInfo {
            started_at: Timestamp::now(),
            bootstrap_servers: String::new(),
            embedded: false,
            group_id: String::new(),
        };
        let state = ApiState::new(store, ingest.clone(), pipeline, info);
        let router = router(state.clone());
        let listener = server.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        server.spawn(async move { axum::serve(listener, router).await });
        Bench {
            server,
            clients,
            address,
            state,
            ingest,
            offset: 0,
            received: Arc::default(),
            delays: Arc::default(),
            readers: Vec::new(),
            begun: Instant::now(),
        }
    }

    /// Opens all streams and waits until they are.
    fn watch(&mut self) {
        for number in 0..READERS {
            let (address, begun) = (self.address, self.begun);
            let received = Arc::clone(&self.received);
            let delays = (number == 0).then(|| Arc::clone(&self.delays));
            let reader = async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                let request = b"GET /api/v1/logs/stream HTTP/1.1\r\nhost: localhost\r\n\r\n";
                stream.write_all(request).await.unwrap();
                let mut buffer = vec![0; 1 << 16];
                while let Ok(length) = stream.read(&mut buffer).await
                    && length > 0
                {
                    let events =
                        memchr::memmem::find_iter(&buffer[..length], b"event: error").count();
                    received.fetch_add(events as u64, Ordering::Relaxed);
                    if let Some(delays) = &delays {
                        let now = begun.elapsed().as_micros() as u64;
                        for at in memchr::memmem::find_iter(&buffer[..length], b"logged at ") {
                            let text = buffer[at + 10..].iter().take_while(|b| b.is_ascii_digit());
                            let logged = text.fold(0, |n, b| n * 10 + u64::from(b - b'0'));
                            delays.lock().unwrap().push(now - logged);
                        }
                    }
                }
            };
            self.readers.push(self.clients.spawn(reader));
        }
        self.wait_for(|bench| bench.state.live().readers() as u64 == READERS);
    }

    fn unwatch(&mut self) {
        for reader in self.readers.drain(..) {
            reader.abort();
        }
        self.wait_for(|bench| bench.state.live().readers() == 0);
    }

    fn wait_for(&self, is_so: impl Fn(&Bench) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is_so(self) {
            assert!(Instant::now() < deadline, "waited 60 s in vain");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn apply(&mut self, count: usize) {
        let logged = self.begun.elapsed().as_micros();
        let payloads: Vec<String> = (0..count)
            .map(|number| {
                format!(
                    "{{\"level\":\"ERROR\",\"service\":\"booking\",\"host\":\"ip-10-0-12-34\",\"target\":\"shop::orders\",\
                     \"message\":\"payment failed, logged at {logged} \",\"fields\":{{\"order_id\":{number},\"note\":\"{:0>400}\"}}}}",
                    self.offset
                )
            })
            .collect();
        let first = self.offset;
        let messages: Vec<Message<'_>> = payloads
            .iter()
            .zip(first..)
            .map(|(payload, offset)| Message {
                topic: TOPIC,
                partition: 0,
                offset,
                timestamp: Timestamp::now(),
                key: None,
                headers: Vec::new(),
                payload: payload.as_bytes(),
            })
            .collect();
        self.offset += count as i64;
        let batch = Batch {
            topic: TOPIC,
            messages: &messages,
            counts: &LogCounts::default(),
            sequences: &Sequences::default(),
            scanned: count as u64,
            positions: &[],
        };
        self.ingest.apply(&batch, Timestamp::now()).unwrap();
    }

    fn steady(&mut self, readers: u64) {
        const ERRORS: u64 = 1_000;
        self.delays.lock().unwrap().clear();
        let (received, cpu) = (self.received.load(Ordering::Relaxed), self.server_cpu());
        let mut applies = Vec::new();
        let begun = Instant::now();
        for error in 0..ERRORS {
            let at = begun + Duration::from_millis(5 * error);
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            let applying = Instant::now();
            self.apply(1);
            applies.push(applying.elapsed().as_micros() as u64);
        }
        let all = received + ERRORS * readers;
        self.wait_for(|bench| bench.received.load(Ordering::Relaxed) >= all);
        assert_eq!(self.received.load(Ordering::Relaxed), all);
        let cpu = (self.server_cpu() - cpu) / ERRORS as f64;
        let mut delays = std::mem::take(&mut *self.delays.lock().unwrap());
        let delay = |delays: &mut Vec<u64>, share: usize| match delays.len() {
            0 => "–".to_owned(),
            _ => format!("{:.1} ms", percentile(delays, share) as f64 / 1e3),
        };
        println!(
            "| {readers} | {} µs | {} µs | {:.0} µs | {} | {} | {} |",
            percentile(&mut applies, 50),
            percentile(&mut applies, 99),
            cpu * 1e6,
            match readers {
                0 => "–".to_owned(),
                _ => format!("{:.1} µs", cpu * 1e6 / readers as f64),
            },
            delay(&mut delays, 50),
            delay(&mut delays, 99),
        );
    }

    /// Errors a second.
    fn flood(&mut self) -> f64 {
        const ERRORS: usize = 100_000;
        const BATCH: usize = 500;
        let mut elapsed = Duration::ZERO;
        for _ in 0..ERRORS / BATCH {
            let begun = Instant::now();
            self.apply(BATCH);
            elapsed += begun.elapsed();
        }
        ERRORS as f64 / elapsed.as_secs_f64()
    }

    /// Seconds of CPU that the server's threads have used.
    fn server_cpu(&self) -> f64 {
        // The runtime is alive, and with it its threads.
        let _threads = &self.server;
        let mut ticks = 0;
        for task in std::fs::read_dir("/proc/self/task").unwrap() {
            let stat = std::fs::read_to_string(task.unwrap().path().join("stat")).unwrap();
            let (name, rest) = stat.rsplit_once(") ").unwrap();
            if name.ends_with("(server") {
                let fields: Vec<&str> = rest.split(' ').collect();
                ticks += fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
            }
        }
        // Linux counts in hundredths of a second for whoever reads this file.
        ticks as f64 / 100.0
    }
}

fn percentile(values: &mut [u64], share: usize) -> u64 {
    values.sort_unstable();
    values[(values.len() * share / 100).min(values.len() - 1)]
}
