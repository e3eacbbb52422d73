//! Records that could not be decoded: listed, downloaded, tried again, deleted.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Api, ERRORS};

async fn with_bad_records() -> Api {
    let mut api = Api::with_archive();
    api.log("{\"cut off");
    api.log(r#"{"level":"ERROR","service":"good","message":"good"}"#);
    api.log("");
    api.log("{\"cut off\":2");
    api
}

async fn records(api: &Api, query: &str) -> Value {
    let answer = api.get(&format!("/api/v1/quarantine{query}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.json()
}

#[tokio::test]
async fn records_are_kept_whole_and_listed_newest_first() {
    let api = with_bad_records().await;
    let list = records(&api, "").await;
    assert_eq!(list["total"], 3);
    assert_eq!(list["next_cursor"], Value::Null);
    let first = &list["records"][0];
    assert_eq!(first["topic"], ERRORS);
    assert_eq!(
        (&first["partition"], &first["offset"]),
        (&0.into(), &3.into())
    );
    assert_eq!(first["reason"], "malformed_json");
    assert_eq!(first["size"], 12);
    let bytes = STANDARD.decode(first["bytes_base64"].as_str().unwrap());
    assert_eq!(bytes.unwrap(), b"{\"cut off\":2");
    assert_eq!(list["records"][1]["reason"], "empty");

    let page = records(&api, "?limit=2").await;
    assert_eq!(page["records"].as_array().unwrap().len(), 2);
    let next = page["next_cursor"].as_str().unwrap();
    let rest = records(&api, &format!("?limit=2&cursor={next}")).await;
    assert_eq!(rest["records"].as_array().unwrap().len(), 1);
    assert_eq!(rest["records"][0]["offset"], 0);
    assert_eq!(rest["next_cursor"], Value::Null);
}

#[tokio::test]
async fn a_record_is_downloaded_as_it_was() {
    let api = with_bad_records().await;
    let id = records(&api, "").await["records"][2]["id"].clone();
    let answer = api.get(&format!("/api/v1/quarantine/{id}/download")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.body, b"{\"cut off");
}

#[tokio::test]
async fn a_record_that_still_cannot_be_decoded_stays() {
    let api = with_bad_records().await;
    let id = records(&api, "").await["records"][0]["id"].clone();
    let request = Request::post(format!("/api/v1/quarantine/{id}/reprocess"));
    let answer = api.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["error"]["code"], "still_undecodable");
    assert_eq!(records(&api, "").await["total"], 3);
}

#[tokio::test]
async fn a_deleted_record_is_gone_and_an_unknown_one_is_named() {
    let api = with_bad_records().await;
    let id = records(&api, "").await["records"][1]["id"].clone();
    let delete = || {
        let request = Request::delete(format!("/api/v1/quarantine/{id}"));
        api.send(request.body(Body::empty()).unwrap())
    };
    assert_eq!(delete().await.status, StatusCode::NO_CONTENT);
    assert_eq!(records(&api, "").await["total"], 2);
    let again = delete().await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert!(again.text().contains(&id.to_string()), "{}", again.text());
    for path in [
        "/api/v1/quarantine/no-number/download",
        "/api/v1/quarantine/999/download",
    ] {
        assert_eq!(api.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn wrong_parameters_are_named_and_without_an_archive_it_says_so() {
    let api = with_bad_records().await;
    for (query, parameter) in [
        ("?limit=0", "limit"),
        ("?limit=1001", "limit"),
        ("?cursor=x", "cursor"),
        ("?limits=1", "limits"),
    ] {
        let answer = api.get(&format!("/api/v1/quarantine{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["error"]["parameter"], parameter);
    }
    assert_eq!(records(&api, "?limit=1000").await["total"], 3);
    let answer = Api::new().get("/api/v1/quarantine").await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(answer.json()["error"]["code"], "no_archive");
}

#[tokio::test]
async fn status_and_readiness_know_the_archive() {
    let api = with_bad_records().await;
    let status = api.get("/api/v1/status").await.json();
    assert_eq!(status["archive"]["records"], 1);
    assert_eq!(status["counters"]["quarantined"], 3);
    assert_eq!(status["store"]["loading"], false);
    assert!(status["archive"]["bytes"].as_u64() > Some(0));
    let metrics = api.get("/metrics").await.text();
    assert!(
        metrics.contains("logmonitor_archive_records 1\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains("logmonitor_archive_writable 1\n"),
        "{metrics}"
    );
}
