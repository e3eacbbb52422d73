//! What needs a process of its own: a global subscriber, the environment, panics, a fork, the end of the process. Each
//! test here starts this binary again, with one of the ignored tests at the end of the file as the program.

use std::fmt;
use std::io::Write as _;
use std::process::{Command, Output};
use std::time::Duration;

use crate::broker::{Broker, DEADLINE};
use tracing::info;
use tracing_kafka::{KafkaLayer, Severity};
use tracing_subscriber::prelude::*;

/// Runs one of the ignored tests as a process, with these variables and no others of ours.
fn run(program: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let program = format!("process::{program}");
    command.args([
        &*program,
        "--exact",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ]);
    for variable in [
        "RUST_LOG",
        "SERVICE_NAME",
        "KAFKA_PROPERTIES",
        "LOG_SPOOL_DIR",
    ] {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied()).output().unwrap()
}

#[track_caller]
fn assert_success(output: &Output) {
    assert!(output.status.success(), "{}", text_of(output));
}

fn text_of(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}\n{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

/// The variables that lead a program to this broker.
fn at(broker: &Broker) -> [(&str, &str); 3] {
    [
        ("KAFKA_BOOTSTRAP_SERVERS", &broker.servers),
        ("KAFKA_TOPIC_LOGS", &broker.logs),
        ("KAFKA_TOPIC_ERRORS", &broker.errors),
    ]
}

#[test]
fn one_line_sets_up_logging_from_the_environment() {
    let broker = Broker::start();
    let mut variables = at(&broker).to_vec();
    variables.extend([
        ("SERVICE_NAME", "cart"),
        ("HOSTNAME", "pod-7"),
        ("SERVICE_VERSION", "1.4.2"),
        ("SERVICE_ENV", "prod"),
        ("KAFKA_PROPERTIES", "linger.ms=0"),
        ("RUST_LOG", "info,quiet=off"),
    ]);
    let output = run("program_that_uses_init", &variables);
    assert_success(&output);
    assert!(
        text_of(&output).contains("hello from tracing"),
        "fmt writes too: {}",
        text_of(&output)
    );

    let received = broker.read_logs(4);
    let records: Vec<_> = received.iter().map(|received| &received.record).collect();
    assert_eq!(records.len(), 4, "{records:?}");
    for record in &records {
        assert_eq!(record["service"], "cart");
        assert_eq!(record["host"], "pod-7");
        assert_eq!(record["version"], "1.4.2");
        assert_eq!(record["env"], "prod");
    }
    assert_eq!(records[0]["message"], "hello from tracing");

    // A record of the `log` crate shows its own source, not the bridge's.
    assert_eq!(records[1]["message"], "hello from log");
    assert_eq!(records[1]["target"], "some_library");
    assert_eq!(records[1]["module"], "layer::process");
    assert_eq!(
        records[1]["file"],
        "libs/tracing-kafka/tests/layer/process.rs"
    );
    assert!(records[1]["line"].is_u64(), "{}", records[1]);
    assert!(records[1].get("fields").is_none(), "{}", records[1]);

    // A panic is a CRITICAL record, also when it is caught.
    let panic = records[2];
    assert_eq!(panic["level"], "CRITICAL");
    assert_eq!(panic["target"], "panic");
    assert_eq!(panic["thread"], "doomed");
    assert_eq!(panic["error"]["type"], "panic");
    assert_eq!(panic["error"]["message"], "out of cheese");
    assert_eq!(panic["file"], "libs/tracing-kafka/tests/layer/process.rs");
    let message = panic["message"].as_str().unwrap();
    assert!(
        message.starts_with("panicked at ") && message.ends_with(": out of cheese"),
        "{message}"
    );
    let stack = panic["error"]["stack"].as_str().unwrap();
    assert!(
        stack.contains("process::doomed"),
        "resolved, whatever RUST_BACKTRACE says: {stack}"
    );
    assert!(
        !stack.contains("tracing_kafka"),
        "the hook is no part of it: {stack}"
    );
    // The hook that was there before has been called.
    assert!(
        text_of(&output).contains("thread 'doomed'"),
        "{}",
        text_of(&output)
    );

    assert_eq!(records[3]["message"], "goodbye");
    assert_eq!(broker.read_errors(1).len(), 1);
}

#[test]
fn init_without_a_broker_names_the_variable() {
    let output = run(
        "program_that_expects_init_to_fail",
        &[("KAFKA_BOOTSTRAP_SERVERS", "")],
    );
    assert_success(&output);
    let text = text_of(&output);
    assert!(
        text.contains("KAFKA_BOOTSTRAP_SERVERS is not set"),
        "{text}"
    );
}

#[test]
fn init_with_a_wrong_filter_or_property_names_it() {
    let broker = ("KAFKA_BOOTSTRAP_SERVERS", "localhost:1");
    let output = run(
        "program_that_expects_init_to_fail",
        &[broker, ("RUST_LOG", "a=b=c")],
    );
    assert!(
        text_of(&output).contains("RUST_LOG is \"a=b=c\""),
        "{}",
        text_of(&output)
    );
    let wrong = ("KAFKA_PROPERTIES", "no.such.property=1");
    let output = run("program_that_expects_init_to_fail", &[broker, wrong]);
    assert!(
        text_of(&output).contains("no.such.property"),
        "{}",
        text_of(&output)
    );
}

#[test]
fn a_debug_that_logs_does_not_recur_under_a_global_subscriber() {
    assert_success(&run("program_whose_debug_logs", &[]));
}

#[test]
fn what_the_kafka_client_logs_is_not_sent() {
    assert_success(&run("program_with_a_talkative_client", &[]));
}

#[test]
fn process_exit_delivers_what_is_queued() {
    let broker = Broker::start();
    let output = run("program_that_exits", &at(&broker));
    assert_eq!(output.status.code(), Some(7), "{}", text_of(&output));
    assert_eq!(broker.read_logs(100).len(), 100);
}

#[test]
fn a_destructor_of_a_thread_local_may_log() {
    let broker = Broker::start();
    assert_success(&run("program_whose_thread_locals_log", &at(&broker)));
    let received = broker.read_logs(2);
    assert_eq!(received[0].record["message"], "from the thread");
    assert_eq!(received[1].record["message"], "from a destructor");
}

#[test]
fn a_forked_child_neither_hangs_nor_sends_and_the_parent_goes_on() {
    let broker = Broker::start();
    assert_success(&run("program_that_forks", &at(&broker)));
    let received = broker.read_logs(2);
    let messages: Vec<_> = received
        .iter()
        .map(|received| &received.record["message"])
        .collect();
    assert_eq!(messages, ["before the fork", "parent after the fork"]);
}

fn doomed() {
    panic!("out of cheese");
}

#[test]
#[ignore = "a program for another test"]
fn program_that_uses_init() {
    let guard = tracing_kafka::init("booking").unwrap();
    info!("hello from tracing");
    tracing::error!(target: "quiet", "filtered out");
    log::info!(target: "some_library", "hello from log");
    let thread = std::thread::Builder::new()
        .name("doomed".to_owned())
        .spawn(doomed)
        .unwrap();
    assert!(thread.join().is_err());
    info!("goodbye");
    guard.flush(DEADLINE).unwrap();
}

#[test]
#[ignore = "a program for another test"]
fn program_that_expects_init_to_fail() {
    let error = tracing_kafka::init("booking").map(drop).unwrap_err();
    // For the test that started this program.
    writeln!(std::io::stderr(), "{error}").unwrap();
}

/// A layer that cannot reach any broker, as the process's global subscriber.
fn global_without_broker() -> tracing_kafka::FlushGuard {
    let (layer, guard) = KafkaLayer::builder("global")
        .bootstrap_servers("127.0.0.1:1")
        .shutdown_timeout(Duration::ZERO)
        // Makes the client say something all the time.
        .property("debug", "all")
        .build()
        .unwrap();
    tracing_subscriber::registry().with(layer).init();
    guard
}

#[test]
#[ignore = "a program for another test"]
fn program_whose_debug_logs() {
    struct Talkative;
    impl fmt::Debug for Talkative {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            info!(again = ?Talkative, "within");
            f.write_str("talkative")
        }
    }
    let guard = global_without_broker();
    info!(value = ?Talkative, "outer");
    let counters = guard.counters();
    // The outer record is kept; the one within is accounted for, and not formatted.
    assert_eq!(
        (counters.emitted(), counters.dropped(), counters.in_flight()),
        (2, 1, 1)
    );
}

#[test]
#[ignore = "a program for another test"]
fn program_with_a_talkative_client() {
    let guard = global_without_broker();
    tracing::error!(target: "librdkafka", "directly");
    tracing::error!(target: "rdkafka::client", "directly");
    log::error!(target: "librdkafka", "through the bridge");
    log::error!(target: "rdkafka::client", "through the bridge");
    // The client tries to connect meanwhile, and fails.
    let start = std::time::Instant::now();
    while start.elapsed() < Duration::from_millis(500) {
        std::thread::yield_now();
    }
    assert_eq!(guard.counters().emitted(), 0);
    log::error!(target: "somebody_else", "through the bridge");
    assert_eq!(guard.counters().level(Severity::Error).emitted, 1);
}

/// A layer that reaches the test's broker.
fn layer_from_variables() -> (KafkaLayer, tracing_kafka::FlushGuard) {
    #[expect(
        clippy::disallowed_methods,
        reason = "how the test tells its program where the broker is"
    )]
    let read = |variable| std::env::var(variable).unwrap();
    KafkaLayer::builder("program")
        .bootstrap_servers(read("KAFKA_BOOTSTRAP_SERVERS"))
        .topic_logs(read("KAFKA_TOPIC_LOGS"))
        .topic_errors(read("KAFKA_TOPIC_ERRORS"))
        .build()
        .unwrap()
}

#[test]
#[ignore = "a program for another test"]
fn program_that_exits() {
    let (layer, _guard) = layer_from_variables();
    tracing_subscriber::registry().with(layer).init();
    for n in 0..100 {
        info!(n, "last words");
    }
    #[expect(clippy::exit, reason = "what is tested")]
    std::process::exit(7);
}

#[test]
#[ignore = "a program for another test"]
fn program_whose_thread_locals_log() {
    struct LogsWhenDropped;
    impl Drop for LogsWhenDropped {
        fn drop(&mut self) {
            info!("from a destructor");
        }
    }
    thread_local! {
        static LAST: LogsWhenDropped = const { LogsWhenDropped };
    }
    let (layer, guard) = layer_from_variables();
    tracing_subscriber::registry().with(layer).init();
    std::thread::spawn(|| {
        // Destroyed in the reverse order of first use: what the layer keeps is gone when LAST logs.
        LAST.with(|_| ());
        info!("from the thread");
    })
    .join()
    .unwrap();
    let counters = guard.flush(DEADLINE).unwrap();
    assert_eq!(
        (counters.emitted(), counters.delivered()),
        (2, 2),
        "{counters:?}"
    );
}

#[test]
#[ignore = "a program for another test"]
fn program_that_forks() {
    let (layer, guard) = layer_from_variables();
    tracing_subscriber::registry().with(layer).init();
    info!("before the fork");
    guard.flush(DEADLINE).unwrap();
    #[expect(unsafe_code, reason = "there is no safe fork")]
    // SAFETY: the child uses only what the test is about, and ends without running destructors or exit handlers.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        info!("child after the fork");
        std::thread::spawn(|| info!("from a thread of the child"))
            .join()
            .unwrap();
        let refused = guard.flush(DEADLINE).is_err();
        let dropped = guard.counters().dropped();
        let start = std::time::Instant::now();
        drop(guard);
        let at_once = start.elapsed() < Duration::from_secs(1);
        let status = if refused && dropped >= 1 && at_once {
            0
        } else {
            1
        };
        #[expect(
            unsafe_code,
            reason = "ends the child without the test harness's exit handlers"
        )]
        // SAFETY: takes a number, does not return.
        unsafe {
            libc::_exit(status)
        }
    }
    info!("parent after the fork");
    let mut status = 0;
    #[expect(
        unsafe_code,
        reason = "the child was not started by the standard library"
    )]
    // SAFETY: `status` is a valid place for the result, and `child` is ours.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!((ended, status), (child, 0));
    assert_eq!(guard.flush(DEADLINE).unwrap().delivered(), 2);
}
