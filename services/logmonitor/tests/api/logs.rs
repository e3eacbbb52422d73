//! Errors, one event, statistics, services.

use serde_json::{Value, json};

use super::{Api, minutes};

fn messages(page: &Value) -> Vec<&str> {
    page["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["message"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn errors_come_newest_first_and_info_is_not_among_them() {
    let page = Api::with_errors().get("/api/v1/logs/errors").await.json();
    assert_eq!(
        messages(&page),
        [
            "no seats left",
            "wrong schema",
            "payment failed: connection timeout",
            "no seats left"
        ]
    );
    assert_eq!(page["count"], 4);
    assert_eq!(page["total"], 4);
    assert_eq!(page["total_is_exact"], true);
    assert_eq!(page["next_cursor"], Value::Null);
}

#[tokio::test]
async fn every_filter_narrows() {
    let api = Api::with_errors();
    for (filter, expected) in [
        ("service=booking", 3),
        ("service=booking,usermanagement", 4),
        ("service=nobody", 0),
        ("host=h1", 4),
        ("host=h2", 0),
        ("level=critical", 1),
        ("level=err,fatal", 4),
        ("q=seats", 2),
        ("q=SEATS", 2),
        ("q=%22no%20seats%22", 2),
        ("q=order_id:40", 1),
        ("q=-seats", 2),
        ("from=-35m", 2),
        ("to=-35m", 2),
        ("from=-45m&to=-25m", 2),
        ("limit=1", 4),
    ] {
        let page = api
            .get(&format!("/api/v1/logs/errors?{filter}"))
            .await
            .json();
        assert_eq!(page["total"], expected, "{filter}");
    }
    let of_service = api.get("/api/v1/logs/errors/booking").await.json();
    assert_eq!(
        of_service,
        api.get("/api/v1/logs/errors?service=booking").await.json()
    );
    assert_eq!(
        api.get("/api/v1/logs/errors/nobody").await.json()["errors"],
        json!([])
    );
}

#[tokio::test]
async fn pages_stay_as_they_were_while_errors_arrive() {
    let mut api = Api::with_errors();
    let first = api.get("/api/v1/logs/errors?limit=3").await.json();
    assert_eq!(first["count"], 3);
    api.log(r#"{"level":"ERROR","service":"booking","message":"newest"}"#);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = api
        .get(&format!("/api/v1/logs/errors?limit=3&cursor={cursor}"))
        .await
        .json();
    assert_eq!(messages(&second), ["no seats left"]);
    assert_eq!(second["next_cursor"], Value::Null);
}

#[tokio::test]
async fn an_error_is_its_record_and_where_it_came_from() {
    let mut api = Api::new();
    let record = include_str!("../../../../libs/log-record/testdata/own/full.in")
        .replace("2026-11-20T22:15:16.515486Z", &minutes(1).to_string());
    api.log(&record);
    let page = api.get("/api/v1/logs/errors").await.json();
    let error = page["errors"][0].as_object().unwrap();
    for (key, value) in serde_json::from_str::<Value>(&record)
        .unwrap()
        .as_object()
        .unwrap()
    {
        assert_eq!(&error[key], value, "{key}");
    }
    assert_eq!(error["id"], "0af7651916cd43dd8448eb211c80319c-182736");
    assert_eq!(
        (&error["topic"], &error["partition"], &error["offset"]),
        (&json!(super::ERRORS), &json!(0), &json!(0))
    );
    assert!(error["received_at"].as_str().unwrap().ends_with('Z'));
    let by_id = api
        .get("/api/v1/logs/events/0af7651916cd43dd8448eb211c80319c-182736")
        .await
        .json();
    assert_eq!(by_id.as_object().unwrap(), error);
}

#[tokio::test]
async fn an_error_of_another_logger_is_found_by_its_coordinates() {
    let mut api = Api::new();
    api.log("[ERROR] plain text");
    let id = api.get("/api/v1/logs/errors").await.json()["errors"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(id, "application-logs-errors~0~0");
    let event = api.get(&format!("/api/v1/logs/events/{id}")).await.json();
    assert_eq!(event["message"], "[ERROR] plain text");
}

#[tokio::test]
async fn statistics_add_up() {
    let api = Api::with_errors();
    let stats = api.get("/api/v1/logs/stats").await.json();
    assert_eq!(stats["total_errors"], 4);
    assert_eq!(stats["by_level"], json!({"ERROR": 3, "CRITICAL": 1}));
    assert_eq!(
        stats["by_service"],
        json!({"booking": 3, "usermanagement": 1})
    );
    assert_eq!(stats["by_host"], json!({"h1": 4}));
    assert_eq!(stats["logs"]["total"], 5);
    assert_eq!(stats["logs"]["by_level"]["INFO"], 1);
    assert_eq!(stats["logs"]["by_service"]["mailer"], json!({"INFO": 1}));

    let narrowed = api
        .get("/api/v1/logs/stats?service=booking&from=-45m&interval=5m")
        .await
        .json();
    assert_eq!(narrowed["total_errors"], 2);
    assert_eq!(narrowed["timeline"]["interval_ms"], 300_000);
    let buckets = narrowed["timeline"]["buckets"].as_array().unwrap();
    assert!(buckets.len() >= 9, "{buckets:?}");
    assert!(buckets.windows(2).all(|pair| {
        pair[1]["time_ms"].as_i64().unwrap() - pair[0]["time_ms"].as_i64().unwrap() == 300_000
    }));
    let sum = |level: &str| {
        buckets
            .iter()
            .map(|bucket| bucket[level].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!((sum("ERROR"), sum("CRITICAL")), (1, 1));
}

#[tokio::test]
async fn a_service_that_only_logs_info_is_listed() {
    let services = Api::with_errors().get("/api/v1/logs/services").await.json();
    assert_eq!(
        services["services"],
        json!(["booking", "mailer", "usermanagement"])
    );
    let booking = &services["details"][0];
    assert_eq!(
        (&booking["errors"], &booking["criticals"], &booking["logs"]),
        (&json!(3), &json!(1), &json!(3))
    );
    assert_eq!(booking["error_ratio"], 1.0);
    assert_eq!(booking["hosts"], json!(["h1"]));
    assert!(booking["last_error_at"].is_string());
    let mailer = &services["details"][1];
    assert_eq!((&mailer["errors"], &mailer["logs"]), (&json!(0), &json!(1)));
    assert!(mailer.get("last_error_at").is_none());
}
