//! What is logged arrives: every field, in both topics, once.

use std::error::Error;

use pipeline_tests::{Monitor, Topics, shared_bootstrap, wait_for};
use serde_json::json;
use tracing_subscriber::prelude::*;

use super::{FLUSH, PaymentError, layer};

const TRACE_ID: &str = "5b8efff798038103d269b633813fc60c";
const SPAN_ID: &str = "eee19b7ec3c1b174";

#[test]
fn an_error_is_seen_with_every_field_and_counts_once() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let monitor = Monitor::start(&bootstrap, &topics);
    let (layer, guard) = layer(&bootstrap, &topics, "usermanagement");
    let line =
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let request = tracing::info_span!(
                "http_request",
                method = "POST",
                trace_id = TRACE_ID,
                span_id = SPAN_ID
            );
            let _request = request.enter();
            let charge = tracing::info_span!("charge", customer_id = 4242);
            let _charge = charge.enter();
            let error = PaymentError::new();
            tracing_kafka::critical!(
                error = &error as &dyn Error,
                order_id = 7,
                elapsed_ms = 12.5,
                "payment failed: {}",
                "connection timeout"
            );
            line!() - 7
        });
    guard.flush(FLUSH).unwrap();

    let error = monitor
        .wait_for_errors("service=usermanagement", 1)
        .remove(0);
    assert_eq!(error["level"], "CRITICAL");
    assert_eq!(error["message"], "payment failed: connection timeout");
    assert_eq!(error["host"], "ip-10-0-12-34");
    assert_eq!(
        (&error["version"], &error["env"]),
        (&json!("1.4.2"), &json!("test"))
    );
    assert_eq!(error["fields"]["order_id"], 7);
    assert_eq!(error["fields"]["elapsed_ms"], 12.5);
    assert_eq!(error["error"]["message"], "payment failed");
    assert_eq!(error["error"]["chain"], json!(["connection timeout"]));
    assert_eq!(error["span"], "charge");
    assert_eq!(error["spans"][0]["name"], "http_request");
    assert_eq!(error["spans"][0]["method"], "POST");
    assert_eq!(
        error["spans"][1],
        json!({"name": "charge", "customer_id": 4242})
    );
    assert_eq!(
        (&error["trace_id"], &error["span_id"]),
        (&json!(TRACE_ID), &json!(SPAN_ID))
    );
    assert_eq!(error["pid"], std::process::id());
    assert_eq!(error["target"], "pipeline::delivery");
    assert!(
        error["file"]
            .as_str()
            .unwrap()
            .ends_with("tests/pipeline/delivery.rs")
    );
    assert_eq!(error["line"], line);
    assert!(
        error["thread"]
            .as_str()
            .unwrap()
            .contains("an_error_is_seen")
    );
    assert_eq!(
        error["id"],
        format!("{}-{}", error["instance"].as_str().unwrap(), error["seq"])
    );

    // Both topics have it, and both were read.
    monitor.wait_until_consumed(&topics.logs, 1);
    monitor.wait_until_consumed(&topics.errors, 1);
    wait_for("the second copy is recognised", || {
        (monitor.get("/api/v1/status")["counters"]["duplicates"] == 1).then_some(())
    });
    let stats = monitor.get("/api/v1/logs/stats");
    assert_eq!(
        (&stats["total_errors"], &stats["logs"]["total"]),
        (&json!(1), &json!(1))
    );
}

#[test]
fn info_is_counted_and_never_among_the_errors() {
    let (bootstrap, topics) = (shared_bootstrap(), Topics::unique());
    let monitor = Monitor::start(&bootstrap, &topics);
    let (layer, guard) = layer(&bootstrap, &topics, "mailer");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for number in 0..100 {
            tracing::info!(number, "sent, with the word ERROR in it");
            tracing::warn!("slow");
        }
        tracing::error!("refused");
    });
    let counters = guard.flush(FLUSH).unwrap();
    assert_eq!((counters.delivered(), counters.in_flight()), (201, 0));
    monitor.wait_until_consumed(&topics.logs, 201);
    monitor.wait_until_consumed(&topics.errors, 1);

    let errors = monitor.wait_for_errors("", 1);
    assert_eq!(errors[0]["message"], "refused");
    let logs = monitor.get("/api/v1/logs/stats")["logs"]["by_service"]["mailer"].clone();
    assert_eq!(logs, json!({"INFO": 100, "WARN": 100, "ERROR": 1}));
    let services = monitor.get("/api/v1/logs/services");
    assert_eq!(
        (&services["services"], &services["details"][0]["logs"]),
        (&json!(["mailer"]), &json!(201))
    );
}
