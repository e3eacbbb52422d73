//! Spikes of errors as annotations.

use log_record::Timestamp;
use serde_json::json;

use super::query;
use crate::{Api, minutes};

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
