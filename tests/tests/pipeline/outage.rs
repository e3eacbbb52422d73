//! Kafka goes away while a service logs, and comes back.

use std::io::Read as _;
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pipeline_tests::{Broker, Home, Monitor, Process, Topics, wait_for};
use serde_json::Value;
use tempfile::TempDir;

/// A service that logs without pause.
struct Emitter {
    process: Process,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Emitter {
    fn start(
        broker: &Broker,
        topics: &Topics,
        spool: &TempDir,
        message_timeout_ms: &str,
    ) -> Emitter {
        let mut process = Process::start(
            "emitter",
            &[
                ("KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap()),
                ("KAFKA_TOPIC_LOGS", &topics.logs),
                ("KAFKA_TOPIC_ERRORS", &topics.errors),
                ("SPOOL", spool.path().join("spool").to_str().unwrap()),
                ("MESSAGE_TIMEOUT_MS", message_timeout_ms),
            ],
            Stdio::piped(),
        );
        let (stdin, stdout) = process.pipes();
        Emitter {
            process,
            stdin,
            stdout,
        }
    }

    /// Stops it; returns what it says of its records.
    fn stop(mut self) -> Value {
        drop(self.stdin);
        let mut report = String::new();
        self.stdout.read_to_string(&mut report).unwrap();
        assert!(self.process.wait().success());
        serde_json::from_str(&report).unwrap()
    }
}

fn wait_for_errors(monitor: &Monitor) {
    wait_for("the first errors are seen", || {
        (monitor.get("/api/v1/logs/stats")["total_errors"].as_u64() > Some(10)).then_some(())
    });
}

#[test]
fn nothing_blocks_and_nothing_is_lost_when_kafka_goes_away_for_a_while() {
    let (mut broker, topics, spool) = (Broker::start(), Topics::unique(), TempDir::new().unwrap());
    let monitor = Monitor::start(broker.bootstrap(), &topics);
    // Longer than Kafka needs to stop and start, however busy the machine is: nothing has to be given up.
    let emitter = Emitter::start(&broker, &topics, &spool, "300000");
    wait_for_errors(&monitor);

    broker.stop();
    wait_for("logmonitor says that Kafka is away", || {
        (monitor.status("/ready") == Some(503)).then_some(())
    });
    let away = Instant::now();
    wait_for("the outage lasts", || {
        (away.elapsed() > Duration::from_secs(5)).then_some(())
    });
    assert_eq!(monitor.status("/health"), Some(200));
    broker.up();
    monitor.wait_until_ready();
    let seen = monitor.get("/api/v1/logs/stats")["total_errors"].as_u64();
    let mut status = Value::Null;
    let again = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        wait_for("errors arrive again", || {
            status = monitor.get("/api/v1/status");
            (monitor.get("/api/v1/logs/stats")["total_errors"].as_u64() > seen).then_some(())
        });
    }));
    assert!(again.is_ok(), "no errors arrive; logmonitor says {status}");

    let report = emitter.stop();
    let number = |key: &str| report[key].as_u64().unwrap();
    assert_eq!(number("delivered"), number("emitted"), "{report}");
    assert_eq!(
        number("errors_delivered"),
        number("errors_emitted"),
        "{report}"
    );
    // The outage lasted seconds: a call that waited for Kafka would have taken as long.
    assert!(number("slowest_ms") < 1_000, "{report}");

    let all_there = || {
        let stats = monitor.get("/api/v1/logs/stats");
        let errors = stats["total_errors"].as_u64().unwrap();
        let logs = stats["logs"]["total"].as_u64().unwrap();
        (errors >= number("errors_delivered") && logs >= number("delivered"))
            .then_some((errors, logs))
    };
    let (errors, logs) = wait_for("what was delivered is all there", all_there);
    assert_eq!(
        (errors, logs),
        (number("errors_delivered"), number("delivered"))
    );
}

#[test]
fn a_stop_does_not_wait_for_a_kafka_that_does_not_answer() {
    let (broker, topics, spool) = (Broker::start(), Topics::unique(), TempDir::new().unwrap());
    // Longer than this test waits for anything.
    let properties = "socket.timeout.ms=300000";
    let home = Home::new(broker.bootstrap(), &topics).with("KAFKA_PROPERTIES", properties);
    let home = Arc::new(home);
    let monitor = Monitor::at(&home);
    let emitter = Emitter::start(&broker, &topics, &spool, "300000");
    wait_for_errors(&monitor);

    broker.freeze();
    let status = monitor.terminate();
    assert!(status.success(), "{status}");
    broker.thaw();

    let report = emitter.stop();
    let monitor = Monitor::at(&home);
    let sent = report["errors_delivered"].as_u64();
    wait_for("each error is there, once", || {
        let stats = monitor.get("/api/v1/logs/stats");
        let caught_up = monitor.status("/ready") == Some(200)
            && stats["logs"]["total"].as_u64() >= report["delivered"].as_u64();
        (caught_up && stats["total_errors"].as_u64() == sent).then_some(())
    });
}

#[test]
fn what_a_producer_had_to_drop_is_told_from_what_was_lost() {
    let (mut broker, topics, spool) = (Broker::start(), Topics::unique(), TempDir::new().unwrap());
    let monitor = Monitor::start(broker.bootstrap(), &topics);
    // It gives up early on what Kafka does not take: errors wait on disk, the rest is dropped.
    let emitter = Emitter::start(&broker, &topics, &spool, "1000");
    wait_for_errors(&monitor);
    broker.stop();
    std::thread::sleep(Duration::from_secs(5));
    broker.up();
    monitor.wait_until_ready();
    let accounts = || monitor.get("/api/v1/status")["producers"][0].clone();
    // A second's records: what waited for Kafka has been delivered by now, or dropped.
    let received = accounts()["received"].as_u64().unwrap();
    wait_for("the producer delivers again", || {
        (accounts()["received"].as_u64() > Some(received + 1_000)).then_some(())
    });
    wait_for("the producer says what it has dropped", || {
        (accounts()["reported_dropped"].as_u64() > Some(1_000)).then_some(())
    });
    let report = emitter.stop();
    let number = |key: &str| report[key].as_u64().unwrap();
    assert!(number("dropped") > 0, "{report}");
    assert_eq!(
        number("errors_emitted"),
        number("errors_delivered") + number("spooled"),
        "{report}"
    );
    let accounts = wait_for("what was delivered is all there", || {
        let accounts = accounts();
        (accounts["received"].as_u64() >= Some(number("delivered"))).then_some(accounts)
    });
    assert_eq!(accounts["reported_dropped"], number("dropped"), "{report}");
    assert_eq!(accounts["lost_in_transit"], 0, "{accounts} {report}");
    // Some may have been delivered that the producer heard nothing of any more.
    let missing = accounts["missing"].as_u64().unwrap();
    assert!(
        missing > 0 && missing <= number("dropped"),
        "{accounts} {report}"
    );
}

/// It cannot say it any more: its next start does.
#[test]
fn what_a_producer_dropped_before_its_end_is_no_loss_in_transit() {
    let (mut broker, topics, spool) = (Broker::start(), Topics::unique(), TempDir::new().unwrap());
    let monitor = Monitor::start(broker.bootstrap(), &topics);
    let emitter = Emitter::start(&broker, &topics, &spool, "1000");
    wait_for_errors(&monitor);
    broker.stop();
    std::thread::sleep(Duration::from_secs(2));
    let before = emitter.stop();
    broker.up();
    let emitter = Emitter::start(&broker, &topics, &spool, "60000");
    let number = |report: &Value, key: &str| report[key].as_u64().unwrap();
    assert!(number(&before, "dropped") > 100, "{before}");
    let accounts = || monitor.get("/api/v1/status")["producers"][0].clone();
    let told = number(&before, "dropped");
    wait_for(
        "the next start says what the one before has dropped",
        || (accounts()["reported_dropped"].as_u64() >= Some(told)).then_some(()),
    );
    let after = emitter.stop();
    assert_eq!(number(&after, "dropped"), 0, "{after}");
    let sent =
        number(&before, "delivered") + number(&before, "spooled") + number(&after, "delivered");
    let accounts = wait_for("what was delivered and spooled is all there", || {
        Some(accounts()).filter(|accounts| accounts["received"].as_u64() >= Some(sent))
    });
    assert_eq!(accounts["reported_dropped"], told, "{before} {after}");
    assert_eq!(
        accounts["lost_in_transit"], 0,
        "{accounts} {before} {after}"
    );
}
