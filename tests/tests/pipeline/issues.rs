//! Issues on real Kafka: what happens to them is a stream, and kills do not change what they count.

use std::sync::Arc;
use std::time::Duration;

use pipeline_tests::{Home, Load, Monitor, Topics, produce, shared_bootstrap, wait_for};
use rdkafka::ClientConfig;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use serde_json::{Value, json};

fn error(message: &str) -> String {
    let timestamp = log_record::Timestamp::now();
    format!(
        r#"{{"timestamp":"{timestamp}","level":"ERROR","service":"shop","host":"h1","message":"{message}"}}"#
    )
}

fn issue_of(monitor: &Monitor, message: &str) -> Value {
    let path = format!(
        "/api/v1/issues?status=all&q=%22{}%22",
        message.replace(' ', "%20")
    );
    wait_for("the issue is there", || {
        monitor.get(&path)["issues"].get(0).cloned()
    })
}

/// The first records of a topic, as key and value.
fn records(bootstrap: &str, topic: &str, number: usize) -> Vec<(String, Value)> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", topic)
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    let mut records = Vec::new();
    wait_for("the stream of issues", || {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) {
            let key = String::from_utf8(message.key().unwrap().to_vec()).unwrap();
            records.push((
                key,
                serde_json::from_slice(message.payload().unwrap()).unwrap(),
            ));
        }
        (records.len() >= number).then_some(())
    });
    records
}

#[test]
fn what_happens_to_an_issue_is_a_stream_that_others_can_read() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Arc::new(Home::new(&bootstrap, &topics));
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    produce(
        &bootstrap,
        &topics.logs,
        &[error("order 17 failed").as_bytes()],
    );
    let issue = issue_of(&monitor, "order 17 failed");
    let id = issue["id"].as_str().unwrap();
    let change = |body: Value| {
        let url = monitor.url(&format!("/api/v1/issues/{id}"));
        let answer = ureq::patch(url).send_json(body).unwrap();
        assert_eq!(answer.status(), 200);
    };
    change(json!({"status": "resolved", "resolved_in_version": "1.5"}));
    produce(
        &bootstrap,
        &topics.logs,
        &[error("order 18 failed").as_bytes()],
    );
    wait_for("it came back", || {
        let issue = monitor.get(&format!("/api/v1/issues/{id}"));
        (issue["substatus"] == "regressed").then_some(())
    });
    let stream = format!("{}-issues", topics.logs);
    let found = records(&bootstrap, &stream, 3);
    assert!(found.iter().all(|(key, _)| key == id));
    let events: Vec<&str> = found
        .iter()
        .map(|(_, record)| record["event"].as_str().unwrap())
        .collect();
    assert_eq!(events, ["created", "resolved", "regressed"]);
    let resolved = &found[1].1;
    assert_eq!(resolved["detail"], "1.5");
    assert_eq!(resolved["issue"]["service"], "shop");
    assert_eq!(resolved["issue"]["title"], "order 17 failed");

    // A restart goes on where the stream ended.
    monitor.kill();
    let monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    let url = monitor.url(&format!("/api/v1/issues/{id}"));
    ureq::patch(url)
        .send_json(json!({"status": "ignored"}))
        .unwrap();
    let found = records(&bootstrap, &stream, 4);
    assert_eq!(found[3].1["event"], "ignored");
}

#[test]
fn kills_do_not_change_what_issues_count() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let home = Arc::new(Home::new(&bootstrap, &topics));
    let mut monitor = Monitor::at(&home);
    monitor.wait_until_ready();
    let mut load = Load::new(&bootstrap, &topics);
    let sending = std::thread::spawn(move || {
        for _ in 0..100 {
            load.send(100);
            std::thread::sleep(Duration::from_millis(20));
        }
        load
    });
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(fastrand::u64(200..1_000)));
        monitor.kill();
        monitor = Monitor::at(&home);
    }
    let sent = sending.join().unwrap().finish();
    sent.assert_exactly_in(&monitor);
    let all = monitor.get("/api/v1/issues?status=all&limit=1000");
    let issues = all["issues"].as_array().unwrap();
    let counted: u64 = issues
        .iter()
        .filter_map(|issue| issue["count"].as_u64())
        .sum();
    assert_eq!(counted, sent.errors.len() as u64);
    for issue in issues {
        let path = format!(
            "/api/v1/issues/{}/events?limit=1",
            issue["id"].as_str().unwrap()
        );
        assert_eq!(monitor.get(&path)["total"], issue["count"], "{issue}");
    }
    assert!(monitor.terminate().success());
    let verified = std::process::Command::new(pipeline_tests::program("logmonitor"))
        .arg("verify")
        .env("LOG_MONITOR_DATA_DIR", home.data())
        .env("KAFKA_BOOTSTRAP_SERVERS", "embedded")
        .output()
        .unwrap();
    assert!(verified.status.success(), "{verified:?}");
    let text = String::from_utf8(verified.stdout).unwrap();
    assert!(
        text.contains(&format!("{} errors", sent.errors.len())),
        "{text}"
    );
}
