//! The demo services, as processes, with their own ways to fail.

use std::process::Stdio;

use pipeline_tests::{Monitor, Process, Topics, free_port, shared_bootstrap, wait_for};
use serde_json::json;

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[test]
fn a_failing_query_of_a_demo_service_is_on_the_page_with_its_request_and_trace() {
    let (bootstrap, topics, port) = (
        shared_bootstrap(),
        Topics::unique(),
        free_port().to_string(),
    );
    let monitor = Monitor::start(&bootstrap, &topics);
    let service = Process::start(
        "usermanagement",
        &[
            ("KAFKA_BOOTSTRAP_SERVERS", &bootstrap),
            ("KAFKA_TOPIC_LOGS", &topics.logs),
            ("KAFKA_TOPIC_ERRORS", &topics.errors),
            ("HOSTNAME", "demo-host"),
            ("USERMANAGEMENT_SERVER_PORT", &port),
            ("FAILURE_RATE", "1"),
        ],
        Stdio::null(),
    );
    let base = format!("http://127.0.0.1:{port}");
    wait_for("usermanagement listens", || {
        ureq::get(format!("{base}/health")).call().ok()
    });
    let answer = ureq::post(format!("{base}/users"))
        .config()
        .http_status_as_error(false)
        .build()
        .header("traceparent", format!("00-{TRACE_ID}-00f067aa0ba902b7-01"))
        .send_json(json!({"name": "Ada", "email": "ada@example.org", "password": "secret"}))
        .unwrap();
    assert_eq!(answer.status(), 503);

    let error = monitor
        .wait_for_errors("service=usermanagement", 1)
        .remove(0);
    assert_eq!(error["message"], "cannot create user");
    assert_eq!(error["host"], "demo-host");
    assert_eq!(error["fields"]["email"], "ada@example.org");
    assert!(error["error"]["message"].is_string(), "{error}");
    assert_eq!(error["trace_id"], TRACE_ID);
    let request = &error["spans"][0];
    assert_eq!(
        (&request["method"], &request["path"]),
        (&json!("POST"), &json!("/users"))
    );
    assert!(request["request_id"].is_string(), "{error}");
    assert_eq!(
        monitor
            .wait_for_errors(&format!("trace_id={TRACE_ID}"), 1)
            .len(),
        1
    );
    let status = service.terminate();
    assert!(status.success(), "{status}");
}
