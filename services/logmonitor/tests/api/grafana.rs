//! The data source, tested with what the real plugins send and what they accept.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use log_record::Timestamp;
use serde_json::{Value, json};

use super::{Api, minutes};

const REQUESTS: &str = include_str!("../../testdata/json-plugins-requests.json");

/// Every element of an answer to /query is one the plugins can draw, and carries the target's refId.
fn assert_drawable(answer: &Value, ref_ids: &[&str], about: &str) {
    for element in answer.as_array().unwrap() {
        assert!(
            ref_ids.contains(&element["refId"].as_str().unwrap()),
            "{about}: {element}"
        );
        if element["type"] == "table" {
            let columns = element["columns"].as_array().unwrap();
            assert!(
                columns
                    .iter()
                    .all(|column| column["text"].is_string() && column["type"].is_string()),
                "{about}"
            );
            for row in element["rows"].as_array().unwrap() {
                assert_eq!(row.as_array().unwrap().len(), columns.len(), "{about}");
            }
            continue;
        }
        assert!(element["target"].is_string(), "{about}: {element}");
        let times: Vec<i64> = element["datapoints"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| {
                assert!(
                    point[0].is_number() || point[0].is_null(),
                    "{about}: {point}"
                );
                point[1].as_i64().unwrap()
            })
            .collect();
        assert!(
            times.windows(2).all(|pair| pair[0] < pair[1]),
            "{about}: times are not ascending and unique"
        );
        assert!(
            times.iter().all(|&time| time > 1_000_000_000_000),
            "{about}: not milliseconds"
        );
    }
}

#[tokio::test]
async fn what_the_real_plugins_send_is_answered() {
    let api = Api::with_errors();
    let vectors: Value = serde_json::from_str(REQUESTS).unwrap();
    let mut sent = 0;
    for (plugin, requests) in vectors["plugins"].as_object().unwrap() {
        for request in requests
            .as_array()
            .unwrap()
            .iter()
            .filter(|request| request.get("path").is_some())
        {
            let about = format!("{plugin}: {}", request["name"]);
            let path = format!("/api/v1/grafana{}", request["path"].as_str().unwrap());
            let mut builder = Request::builder()
                .method(request["method"].as_str().unwrap())
                .uri(&path);
            for (name, value) in request["headers"].as_object().unwrap() {
                builder = builder.header(name, value.as_str().unwrap());
            }
            let body = if request["body"].is_null() {
                Body::empty()
            } else {
                Body::from(request["body"].to_string())
            };
            let answer = api.send(builder.body(body).unwrap()).await;
            assert_eq!(answer.status, StatusCode::OK, "{about}: {}", answer.text());
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{about}");
            sent += 1;
            if path.ends_with("/query") {
                let targets = request["body"]["targets"].as_array().unwrap();
                let shown: Vec<&str> = targets
                    .iter()
                    .filter(|target| target["hide"] != true)
                    .map(|target| target["refId"].as_str().unwrap())
                    .collect();
                let json = answer.json();
                assert_drawable(&json, &shown, &about);
                for ref_id in shown {
                    assert!(
                        json.as_array()
                            .unwrap()
                            .iter()
                            .any(|element| element["refId"] == ref_id),
                        "{about}"
                    );
                }
            }
        }
    }
    assert!(sent >= 20, "only {sent} requests in the vectors");
}

async fn query(api: &Api, target: Value) -> Value {
    let body = json!({
        "range": {"from": minutes(60).to_string(), "to": Timestamp::now().to_string()},
        "intervalMs": 60_000,
        "maxDataPoints": 500,
        "targets": [target],
    });
    let answer = api
        .post(
            "/api/v1/grafana/query",
            "text/plain;charset=UTF-8",
            body.to_string(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

fn sum(series: &Value) -> f64 {
    series["datapoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point[0].as_f64().unwrap())
        .sum()
}

#[tokio::test]
async fn the_series_count_what_the_store_holds() {
    let api = Api::with_errors();
    let total = query(&api, json!({"target": "error_count", "refId": "A"})).await;
    assert_eq!(sum(&total[0]), 4.0);
    let by_service = query(&api, json!({"target": "error_by_service", "refId": "B"})).await;
    assert_eq!(
        (by_service[0]["target"].as_str(), sum(&by_service[0])),
        (Some("booking"), 3.0)
    );
    assert_eq!(
        (by_service[1]["target"].as_str(), sum(&by_service[1])),
        (Some("usermanagement"), 1.0)
    );
    assert_eq!(by_service[0]["tags"], json!({"service": "booking"}));
    let by_level = query(&api, json!({"target": "error_by_level", "refId": "C"})).await;
    assert_eq!(
        (by_level[0]["target"].as_str(), sum(&by_level[0])),
        (Some("ERROR"), 3.0)
    );
    assert_eq!(
        (by_level[1]["target"].as_str(), sum(&by_level[1])),
        (Some("CRITICAL"), 1.0)
    );
    let logs = query(&api, json!({"target": "log_count", "refId": "D"})).await;
    assert_eq!(sum(&logs[0]), 5.0);
    let ratio = query(
        &api,
        json!({"target": "error_ratio", "refId": "E", "type": "table"}),
    )
    .await;
    assert_eq!(ratio[0]["rows"][0][1], 0.8);
}

#[tokio::test]
async fn a_target_is_narrowed_by_its_payload() {
    let api = Api::with_errors();
    for payload in [
        json!({"service": "booking"}),
        json!({"service": ["booking"]}),
        json!({"service": "(booking|nobody)"}),
        json!({"service": "booking,nobody"}),
    ] {
        let answer = query(
            &api,
            json!({"target": "error_count", "refId": "A", "payload": payload}),
        )
        .await;
        assert_eq!(sum(&answer[0]), 3.0, "{payload}");
    }
    let level = query(
        &api,
        json!({"target": "error_count", "refId": "A", "payload": {"level": "CRITICAL"}}),
    )
    .await;
    assert_eq!(sum(&level[0]), 1.0);
    let all = query(
        &api,
        json!({"target": "error_count", "refId": "A", "payload": {"service": ""}}),
    )
    .await;
    assert_eq!(sum(&all[0]), 4.0);
}

#[tokio::test]
async fn a_table_has_a_row_a_line() {
    let answer = query(
        &Api::with_errors(),
        json!({"target": "error_by_service", "refId": "A", "type": "table"}),
    )
    .await;
    assert_eq!(
        answer[0]["columns"][1],
        json!({"text": "service", "type": "string"})
    );
    let rows: Vec<(&str, u64)> = answer[0]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row[1].as_str().unwrap(), row[2].as_u64().unwrap()))
        .collect();
    assert_eq!(rows, [("booking", 3), ("usermanagement", 1)]);
}

#[tokio::test]
async fn hidden_and_empty_targets_are_skipped() {
    let api = Api::with_errors();
    for target in [
        json!({"target": "nonsense", "hide": true}),
        json!({"target": ""}),
        json!({"refId": "A"}),
    ] {
        assert_eq!(query(&api, target).await, json!([]));
    }
}

#[tokio::test]
async fn an_unknown_target_is_refused_with_the_known_ones() {
    let body = json!({"targets": [{"target": "x", "refId": "A"}]}).to_string();
    let answer = Api::new()
        .post("/api/v1/grafana/query", "application/json", body)
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["error"]["code"], "unknown_target");
    let message = answer.json()["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with(
            "unknown target \"x\"; known: error_count, error_by_service, error_by_level"
        ),
        "{message}"
    );
}

#[tokio::test]
async fn the_catalogue_speaks_every_dialect() {
    let api = Api::with_errors();
    let post = async |path: &str, body: Value| {
        api.post(
            &format!("/api/v1/grafana{path}"),
            "application/json",
            body.to_string(),
        )
        .await
        .json()
    };
    let found = post("/search", json!({"target": "err"})).await;
    assert!(found.as_array().unwrap().contains(&json!("error_count")));
    assert!(!found.as_array().unwrap().contains(&json!("log_count")));
    assert_eq!(
        post("/search", json!({"target": "services"})).await,
        json!(["booking", "mailer", "usermanagement"])
    );
    assert_eq!(
        post("/search", json!({"target": "levels"})).await,
        json!(["ERROR", "CRITICAL"])
    );
    assert_eq!(
        post("/tag-keys", json!({})).await[0],
        json!({"type": "string", "text": "service"})
    );
    assert_eq!(
        post("/tag-values", json!({"key": "service"})).await[0],
        json!({"text": "booking"})
    );
    let options = post(
        "/metric-payload-options",
        json!({"metric": "error_count", "name": "service"}),
    )
    .await;
    assert_eq!(options[0], json!({"label": "booking", "value": "booking"}));
    for payload in [json!({"target": "services"}), json!("services")] {
        let variable = post("/variable", json!({"payload": payload})).await;
        assert_eq!(
            variable[0],
            json!({"__text": "booking", "__value": "booking"})
        );
    }
    let metrics = post("/metrics", json!({})).await;
    assert_eq!(metrics[0]["value"], "error_count");
    assert_eq!(metrics[0]["payloads"][0]["type"], "multi-select");
}

#[tokio::test]
async fn a_spike_is_annotated() {
    let mut api = Api::new();
    let at = minutes(30);
    for number in 0..20 {
        api.log(&format!(
            r#"{{"timestamp":"{at}","level":"ERROR","service":"s","message":"boom {number}"}}"#
        ));
    }
    let range = json!({"from": minutes(60).to_string(), "to": Timestamp::now().to_string()});
    let body = json!({"annotation": {"name": "Spikes", "query": "level=ERROR"}, "range": range})
        .to_string();
    let spikes = api
        .post("/api/v1/grafana/annotations", "application/json", body)
        .await
        .json();
    assert_eq!(spikes.as_array().unwrap().len(), 1);
    assert_eq!(spikes[0]["text"], "20 errors");
    assert_eq!(spikes[0]["annotation"]["name"], "Spikes");
    assert!(spikes[0]["time"].as_i64().unwrap() <= at.as_millis());
    assert!(spikes[0]["timeEnd"].as_i64().unwrap() > at.as_millis());
    assert_eq!(
        api.get("/api/v1/grafana/annotations?from=-1h")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let frame = query(&api, json!({"target": "annotations", "refId": "Anno"})).await;
    assert_eq!(frame[0]["rows"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn browsers_may_ask_from_grafanas_origin() {
    let api = Api::new();
    for path in ["", "/", "/query", "/search", "/annotations", "/tag-keys"] {
        let request = Request::options(format!("/api/v1/grafana{path}"))
            .body(Body::empty())
            .unwrap();
        let answer = api.send(request).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
        assert_eq!(
            answer.header("access-control-allow-methods"),
            "GET, POST, OPTIONS"
        );
        assert!(
            answer
                .header("access-control-allow-headers")
                .contains("content-type")
        );
    }
    assert_eq!(api.get("/api/v1/grafana").await.status, StatusCode::OK);
    assert_eq!(api.get("/api/v1/grafana/").await.status, StatusCode::OK);
}
