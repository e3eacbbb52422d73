//! `logmonitor inspect`.

use std::io::Write as _;
use std::process::{Output, Stdio};
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};

use super::logmonitor;

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
