//! What an event costs the thread that logs it: this layer against what one would use instead.
//!
//! `cargo bench -p tracing-kafka --bench caller [-- --quick]`. The broker is librdkafka's mock in this process, or the
//! one that KAFKA_BOOTSTRAP_SERVERS names. Time is the calling thread's CPU time (CLOCK_THREAD_CPUTIME_ID) in bursts
//! that fit the queues, so neither the other threads of the machine nor dropped records count; sparse is the wall time
//! of single events, one every 300 us and thread.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints its results and may fail loudly"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::sink;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};
use tracing::{Dispatch, Event, Subscriber, dispatcher, info, info_span};
use tracing_kafka::{KafkaLayer, Stats};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::{fmt, registry};

/// Events of one burst: with their texts well below the share of a queue that INFO may fill.
const BURST: usize = 1_000;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

#[expect(unsafe_code, reason = "an allocator is an unsafe trait")]
// SAFETY: every call is passed on to the system's allocator unchanged; counting touches a thread-local without a
// destructor and allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One way to log, and how to know that its queues are empty again.
struct Way {
    name: &'static str,
    dispatch: Dispatch,
    stats: Option<Stats>,
    /// Ends it.
    _guard: Box<dyn std::any::Any + Sync>,
}

#[derive(Clone, Copy)]
struct Cost {
    ns: f64,
    allocations: f64,
}

/// What one way costs: the best of several passes, since whatever else the machine does only adds.
struct Measured {
    one_thread: Cost,
    four_threads: Cost,
    sparse: Sparse,
    sparse_four_threads: Sparse,
}

/// Wall time of single events in ns.
#[derive(Clone, Copy)]
struct Sparse {
    p50: u64,
    p99: u64,
}

/// Passes over all ways, in turn, so that a busy minute of the machine does not hit one of them alone.
const PASSES: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        // Built and run by `cargo test --all-targets`.
        return;
    }
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let bursts = if is_quick { 10 } else { 60 };
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("application-logs", 1, 1).unwrap();
    cluster
        .create_topic("application-logs-errors", 1, 1)
        .unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the caller of the benchmark may name a real broker"
    )]
    let servers =
        std::env::var("KAFKA_BOOTSTRAP_SERVERS").unwrap_or_else(|_| cluster.bootstrap_servers());
    let ways = [
        json_to_sink(),
        appender(),
        send_on_caller(&servers),
        layer("tracing-kafka", &servers),
        // Nothing listens on port 1.
        layer("tracing-kafka, broker down", "127.0.0.1:1"),
    ];
    let mut results: Vec<Measured> = ways.iter().map(|way| measure(way, bursts)).collect();
    for _ in 1..PASSES {
        for (result, way) in results.iter_mut().zip(&ways) {
            result.keep_best(&measure(way, bursts));
        }
    }
    print(&ways, &results);
}

fn measure(way: &Way, bursts: usize) -> Measured {
    let one_thread = dense(way, bursts, 1);
    let four_threads = dense(way, bursts, 4);
    Measured {
        one_thread,
        four_threads,
        sparse: sparse(way, bursts * 20, 1),
        sparse_four_threads: sparse(way, bursts * 5, 4),
    }
}

impl Measured {
    fn keep_best(&mut self, other: &Measured) {
        self.one_thread.keep_best(other.one_thread);
        self.four_threads.keep_best(other.four_threads);
        self.sparse.keep_best(other.sparse);
        self.sparse_four_threads
            .keep_best(other.sparse_four_threads);
    }
}

impl Cost {
    fn keep_best(&mut self, other: Cost) {
        self.ns = self.ns.min(other.ns);
        self.allocations = self.allocations.min(other.allocations);
    }
}

impl Sparse {
    fn keep_best(&mut self, other: Sparse) {
        self.p50 = self.p50.min(other.p50);
        self.p99 = self.p99.min(other.p99);
    }
}

fn print(ways: &[Way], results: &[Measured]) {
    println!(
        "| way | ns/event | of fmt::json | allocations | ns/event, 4 threads | of 1 thread | sparse p50 / p99, ns | sparse, 4 threads |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (way, result) in ways.iter().zip(results) {
        println!(
            "| {} | {:.0} | {:.3} | {:.3} | {:.0} | {:.2} | {} / {} | {} / {} |",
            way.name,
            result.one_thread.ns,
            result.one_thread.ns / results[0].one_thread.ns,
            result.one_thread.allocations,
            result.four_threads.ns,
            result.four_threads.ns / result.one_thread.ns,
            result.sparse.p50,
            result.sparse.p99,
            result.sparse_four_threads.p50,
            result.sparse_four_threads.p99,
        );
    }
    let [.., up, down] = results else { return };
    println!(
        "\nbroker down / up: {:.2}",
        down.one_thread.ns / up.one_thread.ns
    );
}

fn json_to_sink() -> Way {
    Way {
        name: "fmt::json to a sink",
        dispatch: Dispatch::new(registry().with(fmt::layer().json().with_writer(sink))),
        stats: None,
        _guard: Box::new(()),
    }
}

fn appender() -> Way {
    let (writer, guard) = tracing_appender::non_blocking(sink());
    Way {
        name: "tracing-appender over fmt::json",
        dispatch: Dispatch::new(registry().with(fmt::layer().json().with_writer(writer))),
        stats: None,
        _guard: Box::new(guard),
    }
}

fn layer(name: &'static str, servers: &str) -> Way {
    let (layer, guard) = KafkaLayer::builder("bench")
        .bootstrap_servers(servers)
        .shutdown_timeout(Duration::ZERO)
        .build()
        .unwrap();
    Way {
        name,
        dispatch: Dispatch::new(registry().with(layer)),
        stats: Some(guard.stats()),
        _guard: Box::new(guard),
    }
}

fn send_on_caller(servers: &str) -> Way {
    let producer = ClientConfig::new()
        .set("bootstrap.servers", servers)
        .set("linger.ms", "5")
        .set("queue.buffering.max.messages", "1000000")
        .create()
        .unwrap();
    Way {
        name: "ThreadedProducer::send, serialisation excluded",
        dispatch: Dispatch::new(registry().with(SendLayer(producer))),
        stats: None,
        _guard: Box::new(()),
    }
}

/// Sends a constant of a record's length: what `send` alone costs the caller.
struct SendLayer(ThreadedProducer<DefaultProducerContext>);

impl<S: Subscriber> Layer<S> for SendLayer {
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        const RECORD: [u8; 600] = [b'x'; 600];
        // A full queue is a cost too, and not this benchmark's concern.
        let _full = self.0.send(
            BaseRecord::to("application-logs")
                .key("bench")
                .payload(&RECORD[..]),
        );
    }
}

/// The median over bursts of the CPU time per event, averaged over the threads.
fn dense(way: &Way, bursts: usize, threads: usize) -> Cost {
    let barrier = Barrier::new(threads);
    let costs: Vec<Cost> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    dispatcher::with_default(&way.dispatch, || {
                        dense_on_this_thread(way, bursts, &barrier)
                    })
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let count = costs.len() as f64;
    Cost {
        ns: costs.iter().map(|cost| cost.ns).sum::<f64>() / count,
        allocations: costs.iter().map(|cost| cost.allocations).sum::<f64>() / count,
    }
}

fn dense_on_this_thread(way: &Way, bursts: usize, barrier: &Barrier) -> Cost {
    let warm_up = (bursts / 4).max(3);
    let mut times = Vec::new();
    let mut allocations = 0;
    for burst in 0..bursts + warm_up {
        wait_until_drained(way);
        barrier.wait();
        let outer = info_span!(
            "http_request",
            method = "POST",
            path = "/api/v1/orders",
            request_id = burst
        );
        let _outer = outer.enter();
        let inner = info_span!("charge", customer_id = 4242);
        let _inner = inner.enter();
        // What a thread that logs densely has in its caches.
        for number in 0..BURST / 4 {
            event(number);
        }
        let allocated = ALLOCATIONS.get();
        let start = thread_cpu_time();
        for number in 0..BURST {
            event(number);
        }
        let time = thread_cpu_time() - start;
        let allocated = ALLOCATIONS.get() - allocated;
        if burst >= warm_up {
            times.push(time.as_nanos() as f64 / BURST as f64);
            allocations += allocated;
        }
    }
    times.sort_by(f64::total_cmp);
    Cost {
        ns: times[times.len() / 2],
        allocations: allocations as f64 / (bursts * BURST) as f64,
    }
}

/// Wall time of single events, so many on each of the threads.
fn sparse(way: &Way, events: usize, threads: usize) -> Sparse {
    let mut times: Vec<u64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| sparse_on_this_thread(way, events)))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    times.sort_unstable();
    Sparse {
        p50: times[times.len() / 2],
        p99: times[times.len() * 99 / 100],
    }
}

fn sparse_on_this_thread(way: &Way, events: usize) -> Vec<u64> {
    dispatcher::with_default(&way.dispatch, || {
        let outer = info_span!(
            "http_request",
            method = "POST",
            path = "/api/v1/orders",
            request_id = 1
        );
        let _outer = outer.enter();
        let inner = info_span!("charge", customer_id = 4242);
        let _inner = inner.enter();
        (0..events)
            .map(|number| {
                thread::sleep(Duration::from_micros(300));
                let start = Instant::now();
                event(number);
                start.elapsed().as_nanos() as u64
            })
            .collect()
    })
}

#[inline(never)]
fn event(number: usize) {
    info!(
        order_id = number,
        elapsed_ms = 12.5,
        outcome = "charged",
        "order {number} is paid"
    );
}

/// Between bursts: the worker comes by at least every 10 ms; with a broker, its queue must not grow without bounds.
fn wait_until_drained(way: &Way) {
    thread::sleep(Duration::from_millis(12));
    let Some(stats) = &way.stats else { return };
    let deadline = Instant::now() + Duration::from_millis(200);
    while stats.counters().in_flight() > 10 * BURST as u64 && Instant::now() < deadline {
        if way.name.contains("down") {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn thread_cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    #[expect(
        unsafe_code,
        reason = "the standard library has no clock of the thread's CPU time"
    )]
    // SAFETY: `time` is a valid place for the result.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(status, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
