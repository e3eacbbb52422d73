//! Topics that are missing: created where that is possible, waited for where it is not.

use std::sync::Arc;

use pipeline_tests::{Home, Monitor, Topics, produce, shared_bootstrap};
use serde_json::Value;

#[test]
fn missing_topics_are_created_as_they_are_defined() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let monitor = Monitor::start(&bootstrap, &topics);
    let status = monitor.get("/api/v1/status");
    let partitions = status["partitions"].as_array().unwrap();
    let of = |topic: &str| {
        partitions
            .iter()
            .filter(|partition| partition["topic"] == topic)
            .count()
    };
    assert_eq!((of(&topics.logs), of(&topics.errors)), (6, 6));
}

#[test]
fn topics_that_cannot_be_created_are_waited_for() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    // One node cannot keep three replicas.
    let home = Home::new(&bootstrap, &topics).with("KAFKA_TOPIC_REPLICATION_FACTOR", "3");
    let monitor = Monitor::at(&Arc::new(home));
    let reasons = pipeline_tests::wait_for("it says that the topics are missing", || {
        let problems = monitor.get("/api/v1/status")["kafka"]["problems"].clone();
        let all = problems
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_str);
        let missing = all
            .filter(|problem| problem.contains("missing and cannot be created"))
            .count();
        (missing == 2).then_some(problems)
    });
    assert!(
        reasons[0].as_str().unwrap().contains(&topics.logs),
        "{reasons}"
    );
    assert_eq!(monitor.status("/ready"), Some(503));

    topics.create(&bootstrap, &[]);
    monitor.wait_until_ready();
    produce(
        &bootstrap,
        &topics.errors,
        &[br#"{"level":"ERROR","service":"late","message":"at last"}"#],
    );
    assert_eq!(
        monitor.wait_for_errors("service=late", 1)[0]["message"],
        "at last"
    );
}
