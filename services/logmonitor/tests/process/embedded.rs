//! On the embedded broker, which needs nothing else.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use serde_json::Value;

use super::{Running, free_port, logmonitor, wait_for};

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

#[test]
fn open_streams_end_when_it_stops_also_those_that_nobody_reads() {
    let (port, broker) = (free_port(), free_port());
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", "embedded"),
        ("KAFKA_EMBEDDED_PORT", broker.as_str()),
        ("LOG_MONITOR_SERVER_PORT", port.as_str()),
    ];
    let mut running = Running(logmonitor(&variables).spawn().unwrap());
    let base = format!("http://127.0.0.1:{port}");
    wait_for("it is ready", || {
        ureq::get(format!("{base}/ready")).call().ok()
    });
    let open = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let request = "GET /api/v1/logs/stream HTTP/1.1\r\nhost: localhost\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut begin = [0; 12];
        stream.read_exact(&mut begin).unwrap();
        assert_eq!(&begin, b"HTTP/1.1 200");
        stream
    };
    let (mut read, unread) = (open(), open());
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", format!("127.0.0.1:{broker}"))
        .create()
        .unwrap();
    // Together more than the buffers of a connection hold; at a time what the embedded broker keeps.
    let noise = "noise ".repeat(10_000);
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        read.read_to_end(&mut all).unwrap();
        let text = String::from_utf8(all).unwrap();
        (
            text.matches("event: error\n").count(),
            text.ends_with("\r\n0\r\n\r\n"),
        )
    });
    let mut sent = 0;
    for _ in 0..20 {
        for _ in 0..20 {
            sent += 1;
            let payload =
                format!(r#"{{"level":"ERROR","service":"s","message":"{sent} {noise}"}}"#);
            let message = BaseRecord::to("application-logs-errors")
                .key("k")
                .payload(&payload);
            producer.send(message).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(Duration::from_secs(30)).unwrap();
        wait_for("they are stored", || {
            let mut answer = ureq::get(format!("{base}/api/v1/status")).call().unwrap();
            let status: Value = answer.body_mut().read_json().unwrap();
            (status["counters"]["errors_stored"] == sent).then_some(())
        });
    }
    let begun = Instant::now();
    let pid = running.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let status = wait_for("it ends", || running.0.try_wait().unwrap());
    assert_eq!(status.code(), Some(0));
    let seconds = begun.elapsed().as_secs_f64();
    assert!(seconds < 8.0, "it took {seconds} s to stop");
    let (errors, is_whole) = reader.join().unwrap();
    assert!(is_whole, "the stream was cut off after {errors} errors");
    drop(unread);
}
