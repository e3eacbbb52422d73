//! Every wrong request gets a clear answer that names what is wrong; none a 500.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::{Answer, Api};

/// The answer is an error of that status, in the one form, about that parameter.
fn assert_error(answer: &Answer, status: StatusCode, parameter: Option<&str>, about: &str) {
    let body = answer.json();
    assert_eq!(answer.status, status, "{about}: {body}");
    assert_eq!(body["message"], body["error"]["message"], "{about}");
    assert!(!body["message"].as_str().unwrap().is_empty(), "{about}");
    assert!(
        !body["error"]["code"].as_str().unwrap().is_empty(),
        "{about}"
    );
    assert_eq!(
        body["error"]["parameter"].as_str(),
        parameter,
        "{about}: {body}"
    );
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let api = Api::with_errors();
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("order=down", "order"),
        ("level=WARN", "level"),
        ("level=loud", "level"),
        ("service=", "service"),
        ("service=a,,b", "service"),
        ("host=", "host"),
        ("from=yesterday", "from"),
        ("to=-5parsecs", "to"),
        ("from=now&to=-1h", "from"),
        ("trace_id=abc", "trace_id"),
        ("cursor=elsewhere", "cursor"),
        ("q=%22open", "q"),
        ("q=level:", "q"),
        ("servcie=booking", "servcie"),
        ("service=a&service=b", "service"),
    ] {
        let answer = api.get(&format!("/api/v1/logs/errors?{query}")).await;
        assert_error(&answer, StatusCode::BAD_REQUEST, Some(parameter), query);
    }
    for (path, parameter) in [
        ("/api/v1/logs/stats?interval=0", "interval"),
        ("/api/v1/logs/stats?interval=fast", "interval"),
        ("/api/v1/logs/stats?from=-7d&interval=1", "interval"),
        ("/api/v1/logs/stats?limit=1", "limit"),
        ("/api/v1/logs/services?service=a", "service"),
        ("/api/v1/logs/events/x?y=1", "y"),
        ("/api/v1/logs/events/x/context?before=501", "before"),
        ("/api/v1/logs/events/x/context?after=-1", "after"),
        ("/api/v1/logs/events/x/context?scope=host", "scope"),
        ("/api/v1/logs/events/x/context?limit=1", "limit"),
        ("/api/v1/status?verbose=1", "verbose"),
        ("/api/v1/logs/errors/booking?service=booking", "service"),
    ] {
        let answer = api.get(path).await;
        assert_error(&answer, StatusCode::BAD_REQUEST, Some(parameter), path);
    }
}

#[tokio::test]
async fn the_limits_are_where_they_are_said_to_be() {
    let api = Api::with_errors();
    for good in ["limit=1", "limit=1000", &format!("q={}", "a".repeat(4_096))] {
        assert_eq!(
            api.get(&format!("/api/v1/logs/errors?{good}")).await.status,
            StatusCode::OK,
            "{good}"
        );
    }
    let answer = api.get("/api/v1/logs/errors?limit=0").await.json();
    assert_eq!(answer["message"], "limit must be between 1 and 1000, got 0");
    let long = api
        .get(&format!("/api/v1/logs/errors?q={}", "a".repeat(4_097)))
        .await;
    assert_error(&long, StatusCode::BAD_REQUEST, Some("q"), "a long q");
}

#[tokio::test]
async fn a_cursor_of_another_search_is_refused() {
    let api = Api::with_errors();
    let page = api.get("/api/v1/logs/errors?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(
        api.get(&format!("/api/v1/logs/errors?limit=2&cursor={cursor}"))
            .await
            .status,
        StatusCode::OK
    );
    for other in ["service=booking&", "order=asc&", "q=x&"] {
        let answer = api
            .get(&format!("/api/v1/logs/errors?{other}cursor={cursor}"))
            .await;
        assert_error(&answer, StatusCode::BAD_REQUEST, Some("cursor"), other);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let api = Api::with_errors();
    for path in [
        "/api/v1/logs/events/unknown",
        "/api/v1/logs/events/a~0~99",
        "/api/v1/logs/events/a~0~99/context",
        "/api/v1/nothing",
        "/nothing",
    ] {
        assert_error(&api.get(path).await, StatusCode::NOT_FOUND, None, path);
    }
    let posted = api
        .post("/api/v1/logs/errors", "application/json", "{}")
        .await;
    assert_error(&posted, StatusCode::METHOD_NOT_ALLOWED, None, "POST");
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let api = Api::with_errors();
    for path in [
        "search",
        "metrics",
        "query",
        "annotations",
        "tag-keys",
        "tag-values",
        "variable",
        "metric-payload-options",
    ] {
        let path = format!("/api/v1/grafana/{path}");
        for body in ["{", "not json", "\u{0}", "[1,"] {
            let answer = api.post(&path, "application/json", body).await;
            assert_error(&answer, StatusCode::BAD_REQUEST, None, &path);
        }
        let answer = api
            .post(&path, "application/json", Body::from(vec![0xff, 0xfe]))
            .await;
        assert_error(&answer, StatusCode::BAD_REQUEST, None, &path);
        let answer = api
            .post(&path, "application/json", Body::from(vec![b' '; 3 << 20]))
            .await;
        assert_error(&answer, StatusCode::PAYLOAD_TOO_LARGE, None, &path);
    }
}

#[tokio::test]
async fn no_path_or_parameter_makes_a_500() {
    let api = Api::with_errors();
    for path in [
        "/api/v1/logs/errors/%ff%fe",
        "/api/v1/logs/errors/..%2f..%2fetc",
        "/api/v1/logs/events/%00",
        "/api/v1/logs/errors?q=%ff",
        "/api/v1/logs/errors?%ff=1",
        "/api/v1/logs/errors?from=99999999999999999999999",
        "/api/v1/logs/errors?from=-99999999999999w",
        "/api/v1/logs/errors?q=((((((((",
        "/api/v1/logs/stats?interval=18446744073709551615",
        "/api/v1/logs/stats?from=0&to=9999-12-31T23:59:59Z",
    ] {
        let status = api.get(path).await.status;
        assert!(
            status == StatusCode::OK || status.is_client_error(),
            "{path}: {status}"
        );
    }
    let answer = api
        .send(
            Request::get("/api/v1/logs/errors/%ff")
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_error(
        &answer,
        StatusCode::BAD_REQUEST,
        Some("service"),
        "a path that is not UTF-8",
    );
}

#[tokio::test]
async fn records_of_any_kind_never_stop_the_batch() {
    let mut api = Api::new();
    for payload in ["", "{", "{\"level\":\"ERROR\"", "[]", "null", "\u{0}\u{0}"] {
        api.log(payload);
    }
    api.log(&format!(
        r#"{{"level":"ERROR","message":"{}"}}"#,
        "x".repeat(5 << 20)
    ));
    api.log(r#"{"level":"ERROR","message":"after all that"}"#);
    let page = api.get("/api/v1/logs/errors?limit=1").await.json();
    assert_eq!(page["total"], 2);
    assert_eq!(page["errors"][0]["message"], "after all that");
    assert_eq!(api.pipeline.counters().totals().quarantined(), 3);
}
