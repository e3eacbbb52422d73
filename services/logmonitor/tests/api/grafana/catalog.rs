//! What there is to choose from, in the dialects of the plugins.

use serde_json::{Value, json};

use crate::Api;

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
