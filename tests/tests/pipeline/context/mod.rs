//! The lines around an error, read back from Kafka.

mod deleted;

use std::sync::Arc;
use std::time::Duration;

use pipeline_tests::{Home, Monitor, Topics, create_topic, shared_bootstrap, wait_for};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use serde_json::Value;

const TRACE: &str = "5b8efff798038103d269b633813fc60c";

/// Writes records to places and at times that a test chooses.
struct Writer {
    producer: BaseProducer,
    /// Milliseconds: when the first record happened.
    begun: i64,
}

impl Writer {
    fn new(bootstrap: &str) -> Writer {
        let now = log_record::Timestamp::now().as_millis();
        Writer {
            producer: ClientConfig::new()
                .set("bootstrap.servers", bootstrap)
                .create()
                .unwrap(),
            // Long enough ago for every moment of a test to be in the past.
            begun: now - 600_000,
        }
    }

    fn time(&self, millis: i64) -> String {
        log_record::Timestamp::from_millis(self.begun + millis).to_string()
    }

    /// One record to one partition, stamped so many milliseconds after the first.
    fn write(&self, topic: &str, partition: i32, millis: i64, payload: &str) {
        let record = BaseRecord::<(), str>::to(topic)
            .partition(partition)
            .timestamp(self.begun + millis)
            .payload(payload);
        self.producer
            .send(record)
            .map_err(|(error, _)| error)
            .unwrap();
    }

    fn flush(&self) {
        self.producer.flush(Duration::from_secs(30)).unwrap();
    }

    /// A record of our own format.
    fn record(&self, level: &str, service: &str, instance: u8, seq: u64, millis: i64) -> String {
        self.record_with(level, service, instance, seq, millis, "")
    }

    fn record_with(
        &self,
        level: &str,
        service: &str,
        instance: u8,
        seq: u64,
        millis: i64,
        more: &str,
    ) -> String {
        let time = self.time(millis);
        let instance = instance_id(instance);
        format!(
            r#"{{"timestamp":"{time}","level":"{level}","service":"{service}","host":"h1","instance":"{instance}","seq":{seq},"schema":1,"message":"line {seq}"{more}}}"#
        )
    }
}

fn instance_id(number: u8) -> String {
    format!("{number:032x}")
}

/// Topics of their own with so many partitions, and a monitor over them that writes nothing itself.
fn start(logs: i32, errors: i32) -> (String, Topics, Monitor) {
    start_with(logs, errors, &[])
}

/// The same with variables of its own.
fn start_with(
    logs: i32,
    errors: i32,
    variables: &[(&'static str, &str)],
) -> (String, Topics, Monitor) {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    assert!(create_topic(&bootstrap, &topics.logs, logs, &[]));
    assert!(create_topic(&bootstrap, &topics.errors, errors, &[]));
    let mut home = Home::new(&bootstrap, &topics).with("LOG_MONITOR_CANARY_INTERVAL", "none");
    for (name, value) in variables {
        home = home.with(name, value);
    }
    let monitor = Monitor::at(&Arc::new(home));
    monitor.wait_until_ready();
    (bootstrap, topics, monitor)
}

fn context(monitor: &Monitor, id: &str, parameters: &str) -> Value {
    monitor.get(&format!("/api/v1/logs/events/{id}/context{parameters}"))
}

fn wait_for_id(monitor: &Monitor, id: &str) {
    let path = format!("/api/v1/logs/events/{id}");
    wait_for("the error is known", || {
        (monitor.status(&path) == Some(200)).then_some(())
    });
}

fn seqs(lines: &Value) -> Vec<u64> {
    let lines = lines.as_array().unwrap().iter();
    lines.map(|line| line["seq"].as_u64().unwrap()).collect()
}

fn messages(lines: &Value) -> Vec<&str> {
    let lines = lines.as_array().unwrap().iter();
    lines
        .map(|line| line["message"].as_str().unwrap())
        .collect()
}

fn range(from: u64, to: u64) -> Vec<u64> {
    (from..to).collect()
}

/// Lines of one instance, among those of nine others in the same partition; one of them is an error.
fn interleaved(writer: &Writer, topic: &str, lines: u64, error: u64) {
    for number in 0..lines * 10 {
        let (seq, instance) = (number / 10, (number % 10) as u8);
        let level = if instance == 3 && seq == error {
            "ERROR"
        } else {
            "INFO"
        };
        let millis = number as i64 / 10;
        writer.write(
            topic,
            0,
            millis,
            &writer.record(level, "shop", instance, seq, millis),
        );
    }
    writer.flush();
}

#[test]
fn the_lines_around_an_error_are_those_of_its_process_and_no_others() {
    let (bootstrap, topics, monitor) = start(2, 2);
    let writer = Writer::new(&bootstrap);
    // More lines than one window has.
    interleaved(&writer, &topics.logs, 1_500, 1_000);
    let id = format!("{}-1000", instance_id(3));
    wait_for_id(&monitor, &id);

    let found = context(&monitor, &id, "");
    assert_eq!(seqs(&found["before"]), range(950, 1_000));
    assert_eq!(seqs(&found["after"]), range(1_001, 1_051));
    assert_eq!(found["event"]["id"], *id);
    assert_eq!(
        (&found["complete_before"], &found["complete_after"]),
        (&true.into(), &true.into())
    );
    assert_eq!(found["missing"], Value::Null);
    assert_eq!(found["source"], "kafka");
    assert!(found["scanned"].as_u64().unwrap() >= 1_000, "{found}");
    let first = &found["before"][0];
    assert_eq!(
        (&first["level"], &first["host"]),
        (&"INFO".into(), &"h1".into())
    );
    assert_eq!(first["instance"], *instance_id(3));
    assert_eq!(
        (&first["partition"], &first["offset"]),
        (&0.into(), &9_503.into())
    );

    let most = context(&monitor, &id, "?before=500&after=500");
    assert_eq!(seqs(&most["before"]), range(500, 1_000));
    // The topic ends before there are so many.
    assert_eq!(seqs(&most["after"]), range(1_001, 1_500));
    assert_eq!(most["complete_after"], true);
    let none = context(&monitor, &id, "?before=0&after=1");
    assert_eq!(
        (&none["before"], seqs(&none["after"])),
        (&Value::Array(vec![]), vec![1_001])
    );
    assert_eq!(none["complete_before"], true);
}

#[test]
fn the_lines_of_a_process_that_logs_little_are_found_one_window_behind_the_other() {
    let (bootstrap, topics, monitor) = start(1, 1);
    let writer = Writer::new(&bootstrap);
    // One line in 400, so that a window of 2,000 offsets begins and ends with one, and the next is a large one.
    for number in 0..24_000_u64 {
        let (level, instance, seq) = match (number % 400, number / 400) {
            (0, 30) => ("ERROR", 3, 30),
            (0, seq) => ("INFO", 3, seq),
            _ => ("INFO", 4, number),
        };
        let millis = number as i64;
        let record = writer.record(level, "shop", instance, seq, millis);
        writer.write(&topics.logs, 0, millis, &record);
    }
    writer.flush();
    let id = format!("{}-30", instance_id(3));
    wait_for_id(&monitor, &id);

    let found = context(&monitor, &id, "?before=25&after=25");
    assert_eq!(seqs(&found["before"]), range(5, 30));
    assert_eq!(seqs(&found["after"]), range(31, 56));
    assert_eq!(found["missing"], Value::Null);
    let whole = context(&monitor, &id, "");
    assert_eq!(seqs(&whole["before"]), range(0, 30));
    assert_eq!(seqs(&whole["after"]), range(31, 60));
    assert_eq!(whole["complete_after"], true);
}

#[test]
fn at_the_beginning_and_the_end_of_the_topic_nothing_is_missing() {
    let (bootstrap, topics, monitor) = start(1, 1);
    let writer = Writer::new(&bootstrap);
    for (seq, level) in ["ERROR", "INFO", "ERROR"].into_iter().enumerate() {
        let millis = seq as i64;
        let record = writer.record(level, "shop", 1, 5 + seq as u64, millis);
        writer.write(&topics.logs, 0, millis, &record);
    }
    writer.flush();
    for (seq, before, after) in [(5, range(5, 5), range(6, 8)), (7, range(5, 7), range(8, 8))] {
        let id = format!("{}-{seq}", instance_id(1));
        wait_for_id(&monitor, &id);
        for scope in ["instance", "service"] {
            let found = context(&monitor, &id, &format!("?scope={scope}"));
            assert_eq!(seqs(&found["before"]), before, "{found}");
            assert_eq!(seqs(&found["after"]), after, "{found}");
            assert_eq!(
                (&found["complete_before"], &found["complete_after"]),
                (&true.into(), &true.into()),
                "{found}"
            );
        }
    }
}

#[test]
fn the_twin_of_an_error_that_was_read_from_the_other_topic_is_found_wherever_it_is() {
    // The numbers of partitions differ, so that of the error is no hint, and a wrong one.
    for (logs, errors) in [(3, 2), (3, 3)] {
        let (bootstrap, topics, monitor) = start(logs, errors);
        let writer = Writer::new(&bootstrap);
        let error = writer.record("ERROR", "shop", 3, 50, 50);
        // The same record again, written by a logger that numbers nothing.
        let foreign = |number: i64| {
            let level = if number == 50 { "ERROR" } else { "INFO" };
            let time = writer.time(number);
            format!(
                r#"{{"time":"{time}","level":"{level}","app":"mail","hostname":"h2","msg":"mail {number}"}}"#
            )
        };
        writer.write(&topics.errors, 1, 50, &error);
        writer.write(&topics.errors, 1, 50, &foreign(50));
        writer.flush();
        let errors_read = monitor.wait_for_errors("", 2);
        assert!(
            errors_read
                .iter()
                .all(|error| error["topic"] == *topics.errors)
        );
        // So much earlier that only who knows the error's place, and not just its time, comes to it.
        let hours_ago = writer.record("INFO", "shop", 3, 0, -7_200_000);
        writer.write(&topics.logs, 2, -7_200_000, &hours_ago);
        for number in 1..100 {
            for instance in [2, 3] {
                let level = if (instance, number) == (3, 50) {
                    "ERROR"
                } else {
                    "INFO"
                };
                let record = writer.record(level, "shop", instance, number, number as i64);
                writer.write(&topics.logs, 2, number as i64, &record);
            }
            // Stamped when it was sent, a little later.
            writer.write(&topics.logs, 0, number as i64 + 7, &foreign(number as i64));
        }
        writer.flush();
        let own = context(
            &monitor,
            &format!("{}-50", instance_id(3)),
            "?before=60&after=20",
        );
        assert_eq!(seqs(&own["before"]), range(0, 50));
        assert_eq!(seqs(&own["after"]), range(51, 71));
        let id = format!("{}~1~1", topics.errors);
        let other = context(&monitor, &id, "?before=2&after=2");
        assert_eq!(messages(&other["before"]), ["mail 48", "mail 49"]);
        assert_eq!(messages(&other["after"]), ["mail 51", "mail 52"]);
    }
}

#[test]
fn an_error_that_is_in_the_errors_topic_only_has_the_lines_of_its_time() {
    let (bootstrap, topics, monitor) = start(2, 2);
    let writer = Writer::new(&bootstrap);
    for number in 0..100 {
        let millis = number as i64 * 100;
        let record = if number == 50 {
            continue;
        } else {
            writer.record("INFO", "shop", 3, number, millis)
        };
        writer.write(&topics.logs, 1, millis, &record);
    }
    writer.write(
        &topics.errors,
        0,
        5_000,
        &writer.record("ERROR", "shop", 3, 50, 5_000),
    );
    writer.flush();
    let id = format!("{}-50", instance_id(3));
    wait_for_id(&monitor, &id);
    let found = context(&monitor, &id, "?before=10&after=10");
    assert_eq!(seqs(&found["before"]), range(40, 50));
    assert_eq!(seqs(&found["after"]), range(51, 61));
}

#[test]
fn the_lines_of_a_service_and_of_a_trace_come_from_all_partitions_in_the_order_of_time() {
    let (bootstrap, topics, monitor) = start(4, 4);
    let writer = Writer::new(&bootstrap);
    let trace = format!(r#","trace_id":"{TRACE}""#);
    // One record a tenth of a second, in turn of three services and in another partition each time.
    for number in 0..900 {
        let millis = number as i64 * 100;
        let service = ["cart", "mail", "shop"][number as usize % 3];
        let level = if number == 452 { "ERROR" } else { "INFO" };
        let more = if (440..470).contains(&number) {
            &*trace
        } else {
            ""
        };
        let record = writer.record_with(level, service, (number % 5) as u8, number, millis, more);
        writer.write(&topics.logs, (number * 7 % 4) as i32, millis, &record);
    }
    writer.flush();
    let id = format!("{}-452", instance_id(2));
    wait_for_id(&monitor, &id);
    let of_service = context(&monitor, &id, "?scope=service");
    let every_third = |from: u64| (0..50).map(|n| from + 3 * n).collect::<Vec<u64>>();
    assert_eq!(seqs(&of_service["before"]), every_third(302));
    assert_eq!(seqs(&of_service["after"]), every_third(455));
    assert_eq!(of_service["complete_before"], true);

    let of_trace = context(&monitor, &id, "?scope=trace&before=10&after=50");
    assert_eq!(seqs(&of_trace["before"]), range(442, 452));
    assert_eq!(seqs(&of_trace["after"]), range(453, 470));
    assert_eq!(of_trace["complete_before"], true);
    // All of the trace is there, and the topic ends within its span.
    assert_eq!(of_trace["complete_after"], true, "{of_trace}");
}

#[test]
fn what_cannot_be_asked_is_refused_and_many_may_ask_at_once() {
    let (bootstrap, topics, monitor) = start(1, 1);
    let writer = Writer::new(&bootstrap);
    interleaved(&writer, &topics.logs, 100, 50);
    let id = format!("{}-50", instance_id(3));
    wait_for_id(&monitor, &id);
    let refused = ureq::get(monitor.url(&format!("/api/v1/logs/events/{id}/context?scope=trace")))
        .config()
        .http_status_as_error(false)
        .build()
        .call()
        .unwrap()
        .body_mut()
        .read_json::<Value>()
        .unwrap();
    assert_eq!(refused["error"]["parameter"], "scope");
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let found = context(&monitor, &id, "?before=30&after=30");
                assert_eq!(seqs(&found["before"]), range(20, 50));
                assert_eq!(seqs(&found["after"]), range(51, 81));
            });
        }
    });
    // The group has no other members than the two consumers, and their positions are what they were.
    let status = monitor.get("/api/v1/status");
    assert_eq!(status["partitions"].as_array().unwrap().len(), 2);
}
