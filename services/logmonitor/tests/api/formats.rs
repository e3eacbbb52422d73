//! Messages of other loggers: containers of several records, levels that nobody knows.

use serde_json::Value;

use super::Api;

fn found(page: &Value) -> Vec<(&str, &str)> {
    let errors = page["errors"].as_array().unwrap().iter();
    let mut found: Vec<_> = errors
        .map(|error| {
            (
                error["id"].as_str().unwrap(),
                error["message"].as_str().unwrap(),
            )
        })
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn each_record_of_a_container_is_found_by_its_place_in_the_message() {
    let mut api = Api::new();
    api.log(concat!(
        r#"{"level":"error","service":"a","message":"first"}"#,
        "\n",
        r#"{"level":"info","service":"a","message":"not stored"}"#,
        "\n",
        r#"{"level":"error","service":"a","message":"third"}"#,
    ));
    // The same bytes again are other records.
    api.log(r#"[{"level":"fatal","service":"a","message":"in an array"}]"#);
    let page = api.get("/api/v1/logs/errors").await.json();
    let expected = [
        ("application-logs-errors~0~0~0", "first"),
        ("application-logs-errors~0~0~2", "third"),
        ("application-logs-errors~0~1~0", "in an array"),
    ];
    assert_eq!(found(&page), expected);
    let one = api
        .get("/api/v1/logs/events/application-logs-errors~0~0~2")
        .await;
    assert_eq!(one.json()["message"], "third");
}

#[tokio::test]
async fn a_container_with_a_malformed_record_is_quarantined_whole() {
    let mut api = Api::new();
    api.log("{\"level\":\"error\",\"message\":\"fine\"}\n{\"level\":\"error\",");
    let page = api.get("/api/v1/logs/errors").await.json();
    assert_eq!(found(&page), []);
    let status = api.get("/api/v1/status").await.json();
    assert_eq!(status["counters"]["quarantined"], 1);
}

#[tokio::test]
async fn a_level_that_nobody_knows_is_counted() {
    let mut api = Api::new();
    api.log(r#"{"level":"loud","message":"hm"}"#);
    let status = api.get("/api/v1/status").await.json();
    assert_eq!(status["counters"]["unknown_levels"], 1);
    let text = api.get("/metrics").await.text();
    let line = "logmonitor_unknown_levels_total 1";
    assert!(text.lines().any(|printed| printed == line), "{text}");
}
