//! Issues over HTTP: listed, looked at, changed, merged.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{Answer, Api, minutes};

/// Two issues of booking with two errors and one, one issue of payment.
fn with_issues() -> Api {
    let mut api = Api::with_archive();
    for (minutes_ago, service, level, host, message) in [
        (50, "booking", "ERROR", "h1", "payment of order 17 failed"),
        (40, "payment", "CRITICAL", "h1", "the database is gone"),
        (30, "booking", "ERROR", "h2", "payment of order 4711 failed"),
        (20, "booking", "ERROR", "h1", "no seats left"),
    ] {
        let timestamp = minutes(minutes_ago);
        api.log(&format!(
            r#"{{"timestamp":"{timestamp}","level":"{level}","service":"{service}","host":"{host}","version":"1.4.2","target":"orders","message":"{message}"}}"#
        ));
    }
    api
}

async fn list(api: &Api, query: &str) -> Value {
    let answer = api.get(&format!("/api/v1/issues{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}");
    answer.json()
}

async fn id_of(api: &Api, title: &str) -> String {
    let all = list(api, "?status=all").await;
    let issues = all["issues"].as_array().unwrap();
    let found = issues.iter().find(|issue| issue["title"] == title);
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

async fn send(api: &Api, method: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(method).uri(path);
    api.send(request.body(Body::from(body.to_string())).unwrap())
        .await
}

fn titles(list: &Value) -> Vec<&str> {
    let issues = list["issues"].as_array().unwrap().iter();
    issues
        .map(|issue| issue["title"].as_str().unwrap())
        .collect()
}

const PAYMENT: &str = "payment of order 17 failed";
const DATABASE: &str = "the database is gone";
const SEATS: &str = "no seats left";

#[tokio::test]
async fn issues_are_listed_with_what_there_is_to_know_at_a_glance() {
    let api = with_issues();
    let all = list(&api, "").await;
    assert_eq!(titles(&all), [SEATS, PAYMENT, DATABASE]);
    assert_eq!((&all["count"], &all["total"]), (&3.into(), &3.into()));
    assert_eq!(all["next_cursor"], Value::Null);
    let issue = &all["issues"][1];
    assert_eq!(issue["service"], "booking");
    assert_eq!(issue["level"], "ERROR");
    assert_eq!(issue["status"], "open");
    assert_eq!(issue["substatus"], "new");
    assert_eq!((&issue["count"], &issue["hosts"]), (&2.into(), &2.into()));
    assert!(issue["first_seen"].as_str() < issue["last_seen"].as_str());
    assert_eq!(issue["trend"]["interval_ms"], 3_600_000);
    let counts = issue["trend"]["counts"].as_array().unwrap();
    let sum: u64 = counts.iter().filter_map(Value::as_u64).sum();
    assert_eq!((counts.len(), sum), (24, 2));

    assert_eq!(titles(&list(&api, "?sort=count&limit=1").await), [PAYMENT]);
    assert_eq!(titles(&list(&api, "?service=payment").await), [DATABASE]);
    assert_eq!(titles(&list(&api, "?host=h2").await), [PAYMENT]);
    assert_eq!(titles(&list(&api, "?level=critical").await), [DATABASE]);
    assert_eq!(titles(&list(&api, "?q=seats").await), [SEATS]);
    let recent = list(&api, "?from=-25m").await;
    assert_eq!(titles(&recent), [SEATS]);
    let first = list(&api, "?limit=2").await;
    let next = first["next_cursor"].as_str().unwrap();
    let rest = list(&api, &format!("?limit=2&cursor={next}")).await;
    assert_eq!(titles(&rest), [DATABASE]);
    for (query, parameter) in [
        ("?status=gone", "status"),
        ("?sort=size", "sort"),
        ("?limit=0", "limit"),
        ("?cursor=x", "cursor"),
        ("?q=%22", "q"),
        ("?trace_id=1", "trace_id"),
    ] {
        let answer = api.get(&format!("/api/v1/issues{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["error"]["parameter"], parameter, "{query}");
    }
}

#[tokio::test]
async fn an_issue_says_why_its_errors_belong_together_and_shows_them() {
    let api = with_issues();
    let id = id_of(&api, PAYMENT).await;
    let issue = api.get(&format!("/api/v1/issues/{id}")).await.json();
    assert_eq!(issue["by_host"], json!({"h1": 1, "h2": 1}));
    assert_eq!(issue["by_version"], json!({"1.4.2": 2}));
    assert_eq!(issue["latest"]["message"], "payment of order 4711 failed");
    assert_eq!(issue["latest"]["issue_id"], id.as_str());
    assert_eq!(issue["grouping"]["version"], 1);
    let components = issue["grouping"]["components"].as_array().unwrap();
    let of = |name: &str| {
        let found = components.iter().find(|part| part["name"] == name);
        found.map(|part| part["value"].as_str().unwrap())
    };
    assert_eq!(of("service"), Some("booking"));
    assert_eq!(of("message"), Some("payment of order <num> failed"));

    for path in [
        format!("/api/v1/issues/{id}/events"),
        format!("/api/v1/logs/errors?issue={id}"),
        format!("/api/v1/logs/errors?q=issue:{id}"),
    ] {
        let page = api.get(&path).await.json();
        assert_eq!(page["total"], 2, "{path}");
        assert_eq!(page["errors"][0]["issue_id"], id.as_str());
    }
    let others = api.get(&format!("/api/v1/logs/errors?q=-issue:{id}")).await;
    assert_eq!(others.json()["total"], 2);
    for (path, status) in [
        (format!("/api/v1/issues/{}", "0".repeat(32)), 404),
        ("/api/v1/issues/nonsense".to_owned(), 404),
        (format!("/api/v1/issues/{id}?verbose=1"), 400),
        (format!("/api/v1/issues/{id}/events?issue={id}"), 400),
        ("/api/v1/logs/errors?issue=7".to_owned(), 400),
        ("/api/v1/logs/errors?q=issue:7".to_owned(), 400),
    ] {
        assert_eq!(api.get(&path).await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn an_issue_is_resolved_and_comes_back() {
    let mut api = with_issues();
    let id = id_of(&api, SEATS).await;
    let path = format!("/api/v1/issues/{id}");
    let body = json!({"status": "resolved", "assignee": "ada", "note": "more seats"});
    let answer = send(&api, "PATCH", &path, &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let issue = answer.json();
    assert_eq!(issue["status"], "resolved");
    assert_eq!(
        (&issue["assignee"], &issue["note"]),
        (&"ada".into(), &"more seats".into())
    );
    assert_eq!(titles(&list(&api, "").await), [PAYMENT, DATABASE]);
    assert_eq!(titles(&list(&api, "?status=resolved").await), [SEATS]);

    api.log(&format!(
        r#"{{"timestamp":"{}","level":"ERROR","service":"booking","target":"orders","message":"no seats left"}}"#,
        log_record::Timestamp::now()
    ));
    let issue = api.get(&path).await.json();
    assert_eq!(
        (&issue["status"], &issue["substatus"]),
        (&"open".into(), &"regressed".into())
    );
    let activity = api.get(&format!("{path}/activity")).await.json();
    let kinds: Vec<&str> = activity["activity"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["regressed", "noted", "assigned", "resolved", "created"]
    );
    let cleared = send(&api, "PATCH", &path, &json!({"assignee": null})).await;
    assert_eq!(cleared.json()["assignee"], Value::Null);
    for (body, parameter) in [
        (json!({"status": "gone"}), "status"),
        (json!({"resolved_in_version": "2"}), "resolved_in_version"),
        (
            json!({"status": "open", "ignore_until": "now+1h"}),
            "ignore_until",
        ),
        (
            json!({"status": "ignored", "ignore_until": "later"}),
            "ignore_until",
        ),
        (json!({"note": "x".repeat(10_001)}), "note"),
    ] {
        let answer = send(&api, "PATCH", &path, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer.json()["error"]["parameter"], parameter, "{body}");
    }
    for body in [json!({"stat": 1}), json!([1])] {
        let answer = send(&api, "PATCH", &path, &body).await;
        assert_eq!(answer.json()["error"]["code"], "invalid_body", "{body}");
    }
}

#[tokio::test]
async fn several_issues_are_ignored_at_once_or_none() {
    let api = with_issues();
    let ids = [id_of(&api, SEATS).await, id_of(&api, PAYMENT).await];
    let body =
        json!({"ids": ids, "status": "ignored", "ignore_until": "now+1h", "ignore_until_count": 5});
    let answer = send(&api, "PATCH", "/api/v1/issues", &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["issues"][1]["status"], "ignored");
    assert_eq!(titles(&list(&api, "").await), [DATABASE]);
    let issue = api.get(&format!("/api/v1/issues/{}", ids[1])).await.json();
    assert_eq!(issue["ignore_until_count"], 7);
    assert!(issue["ignore_until"].is_string());
    let unknown = json!({"ids": [ids[0], "0".repeat(32)], "status": "open"});
    let answer = send(&api, "PATCH", "/api/v1/issues", &unknown).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(titles(&list(&api, "").await), [DATABASE]);
    for ids in [json!([]), json!("x")] {
        let body = json!({"ids": ids, "status": "open"});
        let answer = send(&api, "PATCH", "/api/v1/issues", &body).await;
        assert_eq!(answer.json()["error"]["parameter"], "ids");
    }
}

#[tokio::test]
async fn issues_are_merged_and_taken_apart_again() {
    let api = with_issues();
    let (part, whole) = (id_of(&api, SEATS).await, id_of(&api, PAYMENT).await);
    let path = format!("/api/v1/issues/{part}/merge");
    let merged = send(&api, "POST", &path, &json!({"into": whole})).await;
    assert_eq!(merged.status, StatusCode::OK);
    let merged = merged.json();
    assert_eq!(
        (&merged["id"], &merged["count"]),
        (&whole.as_str().into(), &3.into())
    );
    assert_eq!(merged["merged"], json!([part]));
    assert_eq!(titles(&list(&api, "").await), [PAYMENT, DATABASE]);
    let events = api
        .get(&format!("/api/v1/issues/{part}/events"))
        .await
        .json();
    assert_eq!(events["total"], 3);
    assert_eq!(events["errors"][0]["issue_id"], whole.as_str());
    let itself = send(&api, "POST", &path, &json!({"into": whole})).await;
    assert_eq!(itself.json()["error"]["parameter"], "into");

    let path = format!("/api/v1/issues/{part}/unmerge");
    let apart = send(&api, "POST", &path, &json!({})).await.json();
    assert_eq!(
        (&apart["id"], &apart["count"]),
        (&part.as_str().into(), &1.into())
    );
    assert_eq!(titles(&list(&api, "").await), [SEATS, PAYMENT, DATABASE]);
    let again = send(&api, "POST", &path, &json!({})).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn without_an_archive_issues_work_and_their_history_is_not_kept() {
    let mut api = Api::new();
    api.log(r#"{"level":"ERROR","service":"booking","message":"it broke"}"#);
    let id = id_of(&api, "it broke").await;
    let path = format!("/api/v1/issues/{id}");
    let answer = send(&api, "PATCH", &path, &json!({"status": "resolved"})).await;
    assert_eq!(answer.json()["status"], "resolved");
    let activity = api.get(&format!("{path}/activity")).await;
    assert_eq!(activity.status, StatusCode::CONFLICT);
    assert_eq!(activity.json()["error"]["code"], "no_archive");
}
