//! The targets of panels: what each counts, how it is narrowed, and in which shape it comes.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::query;
use crate::Api;

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
async fn issues_are_a_table_or_a_line_each() {
    let api = Api::with_errors();
    let target = json!({"target": "issues", "refId": "A", "type": "table"});
    let table = query(&api, target).await;
    assert_eq!(table[0]["refId"], "A");
    let listed = api.get("/api/v1/issues?sort=count").await.json();
    let listed = listed["issues"].as_array().unwrap();
    let rows = table[0]["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.len() == listed.len());
    for (row, issue) in rows.iter().zip(listed) {
        let expected = ["title", "service", "level", "substatus", "count", "hosts"];
        for (value, key) in row.as_array().unwrap()[1..].iter().zip(expected) {
            assert_eq!(*value, issue[key], "{key}");
        }
        assert_eq!(row[8], issue["id"]);
    }
    let lines = query(&api, json!({"target": "issues", "refId": "A"})).await;
    let total: f64 = lines.as_array().unwrap().iter().map(sum).sum();
    assert_eq!(total, 4.0);

    // What was resolved is no longer there, and filters hold.
    let id = listed[0]["id"].as_str().unwrap();
    let body = json!({"ids": [id], "status": "resolved"}).to_string();
    let request =
        axum::http::Request::patch("/api/v1/issues").header("content-type", "application/json");
    let answer = api.send(request.body(body.into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let target = json!({"target": "issues", "refId": "A", "type": "table"});
    let open = query(&api, target).await;
    assert_eq!(open[0]["rows"].as_array().unwrap().len(), rows.len() - 1);
    let nobody = json!({"target": "issues", "refId": "A", "type": "table", "payload": {"service": "nobody"}});
    assert_eq!(query(&api, nobody).await[0]["rows"], json!([]));
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
