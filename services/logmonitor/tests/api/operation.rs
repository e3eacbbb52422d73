//! Health, readiness, status, metrics, the page and the OpenAPI document.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use log_record::Timestamp;
use logmonitor::pipeline::Totals;
use serde_json::Value;

use super::{Api, ERRORS, LOGS};

#[tokio::test]
async fn ready_says_what_is_in_the_way() {
    let api = Api::new();
    assert_eq!(api.get("/health").await.status, StatusCode::OK);
    let answer = api.get("/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["ready"], false);
    assert_eq!(answer.json()["reasons"].as_array().unwrap().len(), 2);
    for topic in [LOGS, ERRORS] {
        api.pipeline.set_connected(topic, true);
        api.pipeline.assign(topic, &[0]);
    }
    let answer = api.get("/ready").await;
    assert_eq!(
        (answer.status, answer.json()["ready"].as_bool()),
        (StatusCode::OK, Some(true))
    );
    api.pipeline.set_connected(LOGS, false);
    let answer = api.get("/ready").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.json()["reasons"][0].as_str().unwrap().contains(LOGS));
}

#[tokio::test]
async fn status_and_metrics_show_the_same_numbers() {
    let mut api = Api::with_errors();
    api.log("{");
    api.log(r#"{"timestamp":"2020-01-01T00:00:00Z","level":"ERROR","service":"old","message":"long ago"}"#);
    api.pipeline.set_connected(LOGS, true);
    api.pipeline.assign(LOGS, &[4]);
    api.pipeline.set_watermark(LOGS, 4, 110, None);
    api.pipeline.advance(LOGS, 4, 100, Timestamp::now());
    api.pipeline.counters().add(&Totals {
        consumed: [(LOGS.to_owned(), 100)].into(),
        ..Totals::default()
    });

    let status = api.get("/api/v1/status").await.json();
    assert_eq!(status["counters"]["records_consumed"], 107);
    assert_eq!(status["counters"]["errors_stored"], 4);
    assert_eq!(status["counters"]["quarantined"], 1);
    assert_eq!(status["counters"]["expired"], 1);
    assert_eq!(status["store"]["records"], 4);
    assert_eq!(status["issues"]["count"], 3);
    assert_eq!(status["issues"]["errors_beyond_limit"], 0);
    assert_eq!(status["kafka"]["connected"], false);
    let partition = &status["partitions"][0];
    assert_eq!(
        (&partition["topic"], &partition["partition"]),
        (&Value::from(LOGS), &Value::from(4))
    );
    assert_eq!(partition["lag"], 10);

    let metrics = api.get("/metrics").await;
    assert!(metrics.header("content-type").starts_with("text/plain"));
    let text = metrics.text();
    for line in [
        "logmonitor_records_consumed_total{topic=\"application-logs\"} 100",
        "logmonitor_errors_stored_total{level=\"ERROR\"} 3",
        "logmonitor_errors_stored_total{level=\"CRITICAL\"} 1",
        "logmonitor_quarantined_total{reason=\"malformed_json\"} 1",
        "logmonitor_duplicates_total 0",
        "logmonitor_expired_total 1",
        "logmonitor_consumer_lag_records{partition=\"4\",topic=\"application-logs\"} 10",
        "logmonitor_kafka_connected 0",
        "logmonitor_store_records 4",
        "logmonitor_issues 3",
        "logmonitor_errors_beyond_issue_limit_total 0",
        "# TYPE logmonitor_errors_stored_total counter",
    ] {
        assert!(
            text.lines().any(|printed| printed == line),
            "{line} is not in:\n{text}"
        );
    }
}

#[tokio::test]
async fn the_page_comes_with_a_strict_policy_and_is_asked_for_anew() {
    let api = Api::new();
    let page = api.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cache-control"), "no-cache");
    let etag = page.header("etag").to_owned();
    let again = Request::get("/")
        .header("if-none-match", &etag)
        .body(Body::empty())
        .unwrap();
    assert_eq!(api.send(again).await.status, StatusCode::NOT_MODIFIED);
    for asset in page
        .text()
        .split('"')
        .filter(|text| text.starts_with("/assets/") || text.starts_with("./assets/"))
    {
        let answer = api.get(asset.trim_start_matches('.')).await;
        assert_eq!(answer.status, StatusCode::OK, "{asset}");
        assert!(
            answer.header("cache-control").contains("immutable"),
            "{asset}"
        );
    }
}

#[tokio::test]
async fn a_view_one_folder_down_finds_its_files_one_folder_up() {
    let api = Api::new();
    let top = api.get("/issues").await.text();
    let deep = api.get("/events/some-id").await.text();
    assert!(!deep.contains("=\"./"), "{deep}");
    assert_eq!(deep.replace("=\"../", "=\"./"), top);
}

#[tokio::test]
async fn answers_are_compressed_for_who_asks() {
    let api = Api::with_errors();
    let request = Request::get("/api/v1/logs/errors")
        .header("accept-encoding", "gzip")
        .body(Body::empty())
        .unwrap();
    let answer = api.send(request).await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert_eq!(answer.body[..2], [0x1f, 0x8b]);
}

#[tokio::test]
async fn the_document_describes_every_route_and_every_key_of_an_error() {
    let mut api = Api::new();
    let document = api.get("/api/v1/openapi.json").await.json();
    let paths: BTreeSet<&str> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for path in [
        "/api/v1/logs/errors",
        "/api/v1/logs/errors/{service}",
        "/api/v1/logs/events/{id}",
        "/api/v1/logs/stats",
        "/api/v1/issues",
        "/api/v1/issues/{id}",
        "/api/v1/issues/{id}/events",
        "/api/v1/issues/{id}/activity",
        "/api/v1/logs/services",
        "/api/v1/logs/stream",
        "/api/v1/status",
        "/health",
        "/ready",
        "/metrics",
        "/api/v1/grafana/query",
    ] {
        assert!(paths.contains(path), "{path} is not in {paths:?}");
    }
    api.log(include_str!(
        "../../../../libs/log-record/testdata/own/full.in"
    ));
    let error = api
        .get("/api/v1/logs/events/0af7651916cd43dd8448eb211c80319c-182736")
        .await
        .json();
    let properties = document["components"]["schemas"]["Error"]["properties"]
        .as_object()
        .unwrap();
    // The place within a message is there only for messages that hold several records.
    let described: BTreeSet<&String> = properties.keys().filter(|key| *key != "index").collect();
    assert_eq!(
        error.as_object().unwrap().keys().collect::<BTreeSet<_>>(),
        described
    );
    let described = document["components"]["schemas"]["ErrorInfo"]["properties"]
        .as_object()
        .unwrap();
    assert_eq!(
        error["error"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<BTreeSet<_>>(),
        described.keys().collect::<BTreeSet<_>>()
    );
    let parameters = document["paths"]["/api/v1/logs/errors"]["get"]["parameters"]
        .as_array()
        .unwrap();
    assert_eq!(parameters.len(), 11);
}
