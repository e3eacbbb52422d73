//! What the real plugins send is answered with what they accept, from Grafana's origin too.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;

use crate::Api;

const REQUESTS: &str = include_str!("../../../testdata/json-plugins-requests.json");

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
