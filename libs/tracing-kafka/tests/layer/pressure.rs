//! The books under load, without a broker, with one that comes and goes, and at the end: emitted = delivered + spooled +
//! dropped + in flight, order, numbering, and who is dropped first.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::broker::{Broker, DEADLINE, Received, eventually};
use tracing::{Dispatch, debug, dispatcher, error, info, warn};
use tracing_kafka::{Counters, FlushGuard, KafkaLayerBuilder, Severity};
use tracing_subscriber::prelude::*;

/// Nothing listens there.
pub(crate) const NOWHERE: &str = "127.0.0.1:1";

pub(crate) fn start(builder: KafkaLayerBuilder) -> (Dispatch, FlushGuard) {
    let (layer, guard) = builder.build().unwrap();
    (
        Dispatch::new(tracing_subscriber::registry().with(layer)),
        guard,
    )
}

#[track_caller]
pub(crate) fn assert_balanced(counters: &Counters) {
    for severity in Severity::ALL {
        let level = counters.level(severity);
        let accounted = level.delivered + level.spooled + level.dropped + level.in_flight;
        assert_eq!(level.emitted, accounted, "{severity}: {counters:?}");
    }
}

pub(crate) fn seqs(received: &[Received]) -> Vec<u64> {
    received
        .iter()
        .map(|received| received.record["seq"].as_u64().unwrap())
        .collect()
}

pub(crate) fn numbers(received: &[Received]) -> Vec<u64> {
    received
        .iter()
        .map(|received| received.record["fields"]["n"].as_u64().unwrap())
        .collect()
}

#[test]
fn numbers_have_no_gaps_and_each_threads_records_arrive_in_order() {
    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("order"));
    let (threads, each) = (4, 5_000_u64);
    thread::scope(|scope| {
        for number in 0..threads {
            let dispatch = &dispatch;
            scope.spawn(move || {
                dispatcher::with_default(dispatch, || {
                    for n in 0..each {
                        info!(thread_number = number, n, "counted");
                        if n.is_multiple_of(500) {
                            thread::sleep(Duration::from_millis(2));
                        }
                    }
                });
            });
        }
    });
    let counters = guard.flush(DEADLINE).unwrap();
    assert_balanced(&counters);
    assert_eq!(counters.delivered(), threads * each, "{counters:?}");
    let received = broker.read_logs((threads * each) as usize);
    assert_eq!(seqs(&received), (0..threads * each).collect::<Vec<_>>());
    for number in 0..threads {
        let of_thread: Vec<u64> = received
            .iter()
            .filter(|received| received.record["fields"]["thread_number"] == number)
            .map(|received| received.record["fields"]["n"].as_u64().unwrap())
            .collect();
        assert_eq!(of_thread, (0..each).collect::<Vec<_>>());
    }
}

#[test]
fn the_books_balance_at_every_moment() {
    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("books").thread_queue_bytes(16 * 1024));
    let stats = guard.stats();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut last = Counters::default();
            while !done.load(Ordering::Relaxed) {
                let now = stats.counters();
                assert_balanced(&now);
                assert!(now.emitted() >= last.emitted() && now.delivered() >= last.delivered());
                assert!(now.dropped() >= last.dropped());
                last = now;
            }
        });
        let writers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    dispatcher::with_default(&dispatch, || {
                        for n in 0..20_000 {
                            match n % 3 {
                                0 => debug!(n, "debug"),
                                1 => info!(n, "info"),
                                _ => error!(n, "error"),
                            }
                        }
                    });
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    let counters = guard.flush(DEADLINE).unwrap();
    assert_balanced(&counters);
    assert!(counters.emitted() >= 60_000);
    assert!(
        counters.dropped() > 0,
        "no pressure: the test proves nothing"
    );
    let delivered = counters.level(Severity::Error).delivered as usize;
    assert_eq!(broker.read_errors(delivered).len(), delivered);
}

#[test]
fn the_least_severe_are_dropped_first() {
    // Without a broker to take anything, the room is what the layer and librdkafka hold.
    let (dispatch, guard) = start(
        tracing_kafka::KafkaLayer::builder("least")
            .bootstrap_servers(NOWHERE)
            .shutdown_timeout(Duration::ZERO),
    );
    dispatcher::with_default(&dispatch, || {
        let filler = "x".repeat(8_000);
        for n in 0..12_000 {
            match n % 3 {
                0 => debug!(filler, "debug"),
                1 => info!(filler, "info"),
                _ => warn!(filler, "warn"),
            }
            if n % 50 == 49 {
                thread::sleep(Duration::from_millis(3));
            }
        }
        for n in 0..200 {
            error!(filler, "error");
            if n % 50 == 49 {
                thread::sleep(Duration::from_millis(3));
            }
        }
    });
    let counters = guard.counters();
    assert_balanced(&counters);
    let dropped = |severity| counters.level(severity).dropped;
    assert!(
        dropped(Severity::Debug) > dropped(Severity::Info),
        "{counters:?}"
    );
    assert!(
        dropped(Severity::Info) > dropped(Severity::Warn),
        "{counters:?}"
    );
    assert!(dropped(Severity::Warn) > 0, "{counters:?}");
    assert_eq!(dropped(Severity::Error), 0, "{counters:?}");
    let at_the_end = guard.shutdown(Duration::ZERO);
    assert_eq!(at_the_end.in_flight(), 0, "{at_the_end:?}");
    assert_balanced(&at_the_end);
}

#[test]
fn a_broker_that_goes_and_comes_back_costs_nothing_but_time() {
    let broker = Broker::that_can_fail();
    let (dispatch, guard) = start(broker.layer("away"));
    let longest = dispatcher::with_default(&dispatch, || {
        let mut longest = Duration::ZERO;
        for n in 0..3_000_u64 {
            if n == 1_000 {
                broker.go_down();
            }
            if n == 2_000 {
                broker.come_up();
            }
            let start = Instant::now();
            info!(n, "counted");
            longest = longest.max(start.elapsed());
            thread::sleep(Duration::from_micros(200));
        }
        longest
    });
    // The scheduler's share; a caller that waited for the broker would wait for seconds.
    assert!(longest < Duration::from_millis(500), "{longest:?}");
    let counters = guard.flush(DEADLINE).unwrap();
    assert_eq!(counters.delivered(), 3_000, "{counters:?}");
    assert_eq!(
        numbers(&broker.read_logs(3_000)),
        (0..3_000).collect::<Vec<_>>()
    );
}

#[test]
fn a_client_that_is_broken_for_good_is_replaced() {
    let broker = Broker::that_can_fail();
    broker.refuse_one_producer();
    let (dispatch, guard) = start(broker.layer("renewed"));
    dispatcher::with_default(&dispatch, || {
        eventually("delivery by a new client", || {
            info!("again");
            thread::sleep(Duration::from_millis(20));
            guard.counters().delivered() > 0
        });
    });
    assert_balanced(&guard.counters());
}

#[test]
fn what_is_queued_when_the_guard_is_dropped_is_delivered() {
    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("end"));
    dispatcher::with_default(&dispatch, || {
        for n in 0..1_000_u64 {
            info!(n, "counted");
        }
    });
    let stats = guard.stats();
    drop(guard);
    assert_eq!(stats.counters().delivered(), 1_000);
    assert_eq!(broker.read_logs(1_000).len(), 1_000);
    // The pipeline is closed: counted, and not waited for.
    dispatcher::with_default(&dispatch, || info!("too late"));
    let counters = stats.counters();
    assert_eq!(
        (counters.emitted(), counters.dropped(), counters.in_flight()),
        (1_001, 1, 0)
    );
}

#[test]
fn shutdown_without_a_broker_keeps_to_its_timeout_and_accounts_for_everything() {
    let builder = tracing_kafka::KafkaLayer::builder("lost").bootstrap_servers(NOWHERE);
    let (dispatch, guard) = start(builder);
    dispatcher::with_default(&dispatch, || {
        for n in 0..500 {
            info!(n, "lost");
            error!(n, "lost");
        }
    });
    let start = Instant::now();
    let counters = guard.shutdown(Duration::from_millis(300));
    let took = start.elapsed();
    assert!(
        (Duration::from_millis(300)..Duration::from_secs(3)).contains(&took),
        "{took:?}"
    );
    assert_eq!(
        (counters.emitted(), counters.dropped(), counters.in_flight()),
        (1_000, 1_000, 0)
    );
}

#[test]
fn a_flush_that_cannot_be_says_so_and_loses_nothing() {
    let broker = Broker::that_can_fail();
    broker.go_down();
    let (dispatch, guard) = start(broker.layer("flush"));
    dispatcher::with_default(&dispatch, || info!("waits"));
    let error = guard.flush(Duration::from_millis(100)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "flush timed out with 1 records in flight"
    );
    broker.come_up();
    assert_eq!(guard.flush(DEADLINE).unwrap().delivered(), 1);
}

#[test]
fn it_works_on_both_runtimes_of_tokio() {
    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("tokio"));
    let current = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let multi = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    for runtime in [current, multi] {
        let dispatch = dispatch.clone();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..10)
                .map(|n| {
                    let dispatch = dispatch.clone();
                    tokio::spawn(async move {
                        dispatcher::with_default(&dispatch, || info!(n, "in a task"))
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            // Blocking is allowed here: the worker is a thread of its own.
            guard.flush(DEADLINE).unwrap();
        });
    }
    assert_eq!(guard.shutdown(DEADLINE).delivered(), 20);
    assert_eq!(broker.read_logs(20).len(), 20);
}

#[test]
fn queues_of_ended_threads_are_forgotten_and_their_books_kept() {
    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("threads"));
    for n in 0..200_u64 {
        let dispatch = dispatch.clone();
        thread::spawn(move || dispatcher::with_default(&dispatch, || info!(n, "from a thread")))
            .join()
            .unwrap();
    }
    let counters = guard.flush(DEADLINE).unwrap();
    assert_eq!(
        (counters.emitted(), counters.delivered()),
        (200, 200),
        "{counters:?}"
    );
    assert_eq!(
        numbers(&broker.read_logs(200)),
        (0..200).collect::<Vec<_>>()
    );
}
