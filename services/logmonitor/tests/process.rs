//! The real binary: what it refuses, how it stops, and that it works with nothing but itself (`embedded`).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};
use serde_json::Value;

fn logmonitor(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logmonitor"));
    command
        .env_clear()
        .env("LOG_MONITOR_DATA_DIR", "none")
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn run(variables: &[(&str, &str)]) -> Output {
    logmonitor(variables).output().unwrap()
}

fn free_port() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port().to_string()
}

fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited 60 s in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Kills what a failing test would leave behind.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_wrong_value_refuses_to_start_with_64_and_one_line_that_names_it() {
    let servers = ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    for (variables, named) in [
        (vec![], "KAFKA_BOOTSTRAP_SERVERS"),
        (
            vec![servers, ("LOG_MONITOR_SERVER_PORT", "high")],
            "LOG_MONITOR_SERVER_PORT is \"high\"; expected",
        ),
        (
            vec![servers, ("LOG_MONITOR_RETENTION", "7 days")],
            "LOG_MONITOR_RETENTION is \"7 days\"; expected",
        ),
        (
            vec![servers, ("KAFKA_PROPERTIES", "no.such.property=1")],
            "no.such.property",
        ),
        (
            vec![servers, ("RUST_LOG", "=[")],
            "RUST_LOG is \"=[\"; expected",
        ),
    ] {
        let output = run(&variables);
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{variables:?}: {complaint}");
        assert!(complaint.contains(named), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
        ("LOG_MONITOR_SERVER_PORT", &port),
    ];
    let output = logmonitor(&variables)
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(
        log.contains(&format!("127.0.0.1:{port}")) && log.contains("LOG_MONITOR_SERVER_PORT"),
        "{log}"
    );
}

#[test]
fn it_lives_without_kafka_says_so_and_stops_when_told() {
    let port = free_port();
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
        ("LOG_MONITOR_SERVER_PORT", port.as_str()),
    ];
    for signal in ["-TERM", "-INT"] {
        let mut running = Running(logmonitor(&variables).spawn().unwrap());
        let base = format!("http://127.0.0.1:{port}");
        wait_for("it listens", || {
            ureq::get(format!("{base}/health")).call().ok()
        });
        let check = Command::new(env!("CARGO_BIN_EXE_logmonitor"))
            .arg("healthcheck")
            .envs(variables)
            .status()
            .unwrap();
        assert!(check.success(), "{check}");
        let answer = ureq::get(format!("{base}/ready"))
            .config()
            .http_status_as_error(false)
            .build()
            .call()
            .unwrap();
        assert_eq!(answer.status(), 503);
        let page: Value = ureq::get(format!("{base}/api/v1/logs/errors"))
            .call()
            .unwrap()
            .body_mut()
            .read_json()
            .unwrap();
        assert_eq!(page["total"], 0);
        assert!(
            Command::new("kill")
                .arg(signal)
                .arg(running.0.id().to_string())
                .status()
                .unwrap()
                .success()
        );
        let status = wait_for("it ends", || running.0.try_wait().unwrap());
        let mut complaint = String::new();
        running
            .0
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut complaint)
            .unwrap();
        assert_eq!(
            (status.code(), complaint.as_str()),
            (Some(0), ""),
            "{signal}"
        );
    }
    let check = Command::new(env!("CARGO_BIN_EXE_logmonitor"))
        .arg("healthcheck")
        .envs(variables)
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(1));
}

#[test]
fn with_the_embedded_broker_it_needs_nothing_else() {
    let (port, broker) = (free_port(), free_port());
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", "embedded"),
        ("KAFKA_EMBEDDED_PORT", broker.as_str()),
        ("LOG_MONITOR_SERVER_PORT", port.as_str()),
    ];
    let _running = Running(logmonitor(&variables).spawn().unwrap());
    let base = format!("http://127.0.0.1:{port}");
    wait_for("it is ready", || {
        ureq::get(format!("{base}/ready")).call().ok()
    });
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", format!("127.0.0.1:{broker}"))
        .create()
        .unwrap();
    for topic in ["application-logs", "application-logs-errors"] {
        let payload = r#"{"level":"ERROR","service":"first-look","message":"it works"}"#;
        producer
            .send(BaseRecord::to(topic).key("k").payload(payload))
            .map_err(|(error, _)| error)
            .unwrap();
    }
    producer.flush(Duration::from_secs(30)).unwrap();
    let counters = wait_for("both copies are read", || {
        let status: Value = ureq::get(format!("{base}/api/v1/status"))
            .call()
            .unwrap()
            .body_mut()
            .read_json()
            .unwrap();
        (status["counters"]["records_consumed"] == 2).then(|| status["counters"].clone())
    });
    assert_eq!(
        (&counters["errors_stored"], &counters["duplicates"]),
        (&1.into(), &1.into())
    );
}

/// Runs `logmonitor inspect` and returns what it prints.
fn inspect(arguments: &[&str], message: &[u8]) -> Output {
    let mut command = logmonitor(&[]);
    command.arg("inspect").args(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(message).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn inspect_tells_which_key_gave_which_field() {
    let output = inspect(
        &[],
        br#"{"level":50,"time":1795212916515,"pid":1,"hostname":"h","name":"web","msg":"no","cart":7}"#,
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for line in [
        "read as json, in the shape of pino",
        "  service        <- name",
        "  level          <- level",
        "  fields         <- cart",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is missing in {text}"
        );
    }
    assert!(
        text.contains(r#""level":"ERROR","service":"web""#),
        "{text}"
    );
}

#[test]
fn inspect_says_why_a_message_cannot_be_decoded() {
    let output = inspect(&[], br#"{"level":"#);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("malformed_json"), "{text}");
    let missing = inspect(&["/nowhere/at-all"], b"");
    let complaint = String::from_utf8(missing.stderr).unwrap();
    assert!(complaint.contains("/nowhere/at-all"), "{complaint}");
}

#[test]
fn inspect_reads_a_message_by_its_place_in_kafka() {
    let cluster: MockCluster<'_, DefaultProducerContext> = MockCluster::new(1).unwrap();
    cluster.create_topic("logs", 1, 1).unwrap();
    let servers = cluster.bootstrap_servers();
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", &servers)
        .create()
        .unwrap();
    for message in ["first", "level=fatal msg=second"] {
        producer
            .send(BaseRecord::<(), str>::to("logs").payload(message))
            .unwrap();
    }
    producer.flush(Duration::from_secs(10)).unwrap();
    let place = |offset: &'static str| {
        [
            "--bootstrap-servers",
            &servers,
            "--topic",
            "logs",
            "--partition",
            "0",
            "--offset",
            offset,
        ]
        .map(str::to_owned)
    };
    let arguments = place("1");
    let output = inspect(&arguments.each_ref().map(String::as_str), b"");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("read as logfmt"), "{text}");
    assert!(text.contains(r#""level":"CRITICAL""#), "{text}");
}

#[test]
fn the_lines_around_an_error_are_read_from_the_embedded_broker_too() {
    let (port, broker) = (free_port(), free_port());
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", "embedded"),
        ("KAFKA_EMBEDDED_PORT", broker.as_str()),
        ("LOG_MONITOR_SERVER_PORT", port.as_str()),
        ("LOG_MONITOR_CANARY_INTERVAL", "none"),
    ];
    let _running = Running(logmonitor(&variables).spawn().unwrap());
    let base = format!("http://127.0.0.1:{port}/api/v1/logs/events");
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", format!("127.0.0.1:{broker}"))
        .create()
        .unwrap();
    let begun = log_record::Timestamp::now().saturating_add_micros(-600_000_000);
    let send = |topic: &str, seq: u64| {
        let level = if seq == 150 { "ERROR" } else { "INFO" };
        // Two processes of one service, in turn.
        let instance = format!("{:032x}", seq % 2);
        let time = begun.saturating_add_micros(seq as i64 * 1_000_000);
        let payload = format!(
            r#"{{"timestamp":"{time}","level":"{level}","service":"shop","instance":"{instance}","seq":{seq},"message":"m"}}"#
        );
        let record = BaseRecord::to(topic).key(&instance).payload(&payload);
        producer.send(record).map_err(|(error, _)| error).unwrap();
    };
    let get = |path: &str| -> Option<Value> {
        let mut answer = ureq::get(format!("{base}/{path}")).call().ok()?;
        answer.body_mut().read_json().ok()
    };
    // The copy that is read first is not the one among the lines.
    send("application-logs-errors", 150);
    producer.flush(Duration::from_secs(30)).unwrap();
    let id = format!("{:032x}-150", 0);
    wait_for("the error is known", || get(&id));
    (0..300).for_each(|seq| send("application-logs", seq));
    producer.flush(Duration::from_secs(30)).unwrap();

    let seqs = |lines: &Value| -> Vec<u64> {
        let lines = lines.as_array().unwrap().iter();
        lines.map(|line| line["seq"].as_u64().unwrap()).collect()
    };
    for (scope, step) in [("instance", 2), ("service", 1)] {
        let found = get(&format!("{id}/context?before=3&after=3&scope={scope}")).unwrap();
        let expected = |from: u64| (0..3).map(|n| from + n * step).collect::<Vec<u64>>();
        assert_eq!(seqs(&found["before"]), expected(150 - 3 * step), "{scope}");
        assert_eq!(seqs(&found["after"]), expected(150 + step), "{scope}");
        assert_eq!(found["complete_before"], true);
    }
}
