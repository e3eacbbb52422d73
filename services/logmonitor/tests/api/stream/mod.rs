//! The live tail: what a stream begins with, what comes on it, and what becomes of who is slow.

mod readers;
mod resume;

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode};
use futures_util::StreamExt as _;
use logmonitor::live::LiveLimits;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::{Api, Shape, minutes};

const PATH: &str = "/api/v1/logs/stream";

/// An open stream.
struct Stream {
    body: BodyDataStream,
    text: String,
}

/// One event of a stream.
#[derive(Debug, PartialEq)]
struct Sent {
    event: String,
    id: Option<String>,
    data: Value,
}

impl Stream {
    async fn open(api: &Api, query: &str) -> Stream {
        Stream::of(api, Request::get(format!("{PATH}{query}"))).await
    }

    async fn after(api: &Api, id: &str) -> Stream {
        Stream::of(api, Request::get(PATH).header("last-event-id", id)).await
    }

    async fn of(api: &Api, request: axum::http::request::Builder) -> Stream {
        let request = request.body(Body::empty()).unwrap();
        let response = api.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        Stream {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// What comes up to the next empty line; `None` when the stream ends.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let next = tokio::time::timeout(Duration::from_secs(30), self.body.next());
            let bytes = next.await.unwrap()?.unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next event.
    async fn next(&mut self) -> Sent {
        loop {
            let block = self.block().await.unwrap();
            let field = |name: &str| {
                let mut lines = block.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            if let Some(event) = field("event") {
                return Sent {
                    event: event.to_owned(),
                    id: field("id").map(str::to_owned),
                    data: serde_json::from_str(field("data").unwrap()).unwrap(),
                };
            }
        }
    }

    /// The messages of the next errors.
    async fn messages(&mut self, count: usize) -> Vec<String> {
        let mut messages = Vec::new();
        while messages.len() < count {
            let sent = self.next().await;
            assert_eq!(sent.event, "error", "{sent:?}");
            messages.push(sent.data["message"].as_str().unwrap().to_owned());
        }
        messages
    }
}

/// Why a stream is refused that would be one reader too many.
async fn refusal(api: &Api, query: &str) -> Value {
    let request = Request::get(format!("{PATH}{query}"));
    let request = request.body(Body::empty()).unwrap();
    let response = api.router.clone().oneshot(request).await.unwrap();
    // The body of one that is not refused has no end.
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = axum::body::to_bytes(response.into_body(), usize::MAX);
    serde_json::from_slice::<Value>(&body.await.unwrap()).unwrap()["error"].clone()
}

fn error(service: &str, message: &str) -> String {
    format!(r#"{{"level":"ERROR","service":"{service}","host":"h1","message":"{message}"}}"#)
}

fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers
        .map(|number| error("shop", &number.to_string()))
        .collect()
}

fn texts(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn errors_come_in_order_as_the_api_shows_them_elsewhere() {
    let mut api = Api::with_errors();
    let mut stream = Stream::open(&api, "").await;
    assert_eq!(stream.block().await.unwrap(), "retry: 2000");
    api.log(r#"{"level":"INFO","service":"shop","message":"no error"}"#);
    api.log_all(&numbered(0..3));
    api.log(r#"{"level":"fatal","service":"shop","message":"3"}"#);
    for number in 0..4 {
        let sent = stream.next().await;
        let id = sent.id.unwrap();
        assert_eq!(
            (sent.event.as_str(), &sent.data["message"]),
            ("error", &json!(number.to_string()))
        );
        let event = api.get(&format!("/api/v1/logs/events/{id}")).await.json();
        assert_eq!(sent.data, event);
    }
}

#[tokio::test]
async fn every_filter_narrows() {
    let trace_id = "0af7651916cd43dd8448eb211c80319c";
    let errors = [
        error("booking", "no seats"),
        error("mailer", "seats are sold"),
        format!(
            r#"{{"level":"ERROR","service":"booking","host":"h2","message":"timeout","trace_id":"{trace_id}"}}"#
        ),
        // The last one matches every filter, so that what should not have come would have come before it.
        format!(
            r#"{{"level":"CRITICAL","service":"booking","host":"h1","message":"seats timeout","trace_id":"{trace_id}","fields":{{"order_id":7}}}}"#
        ),
    ];
    let mut api = Api::new();
    for (filter, expected) in [
        (
            "",
            &["no seats", "seats are sold", "timeout", "seats timeout"][..],
        ),
        (
            "?service=booking",
            &["no seats", "timeout", "seats timeout"],
        ),
        (
            "?service=mailer,booking",
            &["no seats", "seats are sold", "timeout", "seats timeout"],
        ),
        ("?host=h1", &["no seats", "seats are sold", "seats timeout"]),
        ("?level=critical", &["seats timeout"]),
        (
            "?level=err,fatal",
            &["no seats", "seats are sold", "timeout", "seats timeout"],
        ),
        ("?q=SEATS", &["no seats", "seats are sold", "seats timeout"]),
        ("?q=order_id:7", &["seats timeout"]),
        ("?q=-sold%20-no", &["timeout", "seats timeout"]),
        (
            "?trace_id=0AF7651916cd43dd8448eb211c80319c",
            &["timeout", "seats timeout"],
        ),
        (
            "?scope=errors&service=booking&host=h1&q=seats",
            &["no seats", "seats timeout"],
        ),
    ] {
        let mut stream = Stream::open(&api, filter).await;
        api.log_all(&errors);
        assert_eq!(stream.messages(expected.len()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let api = Api::new();
    for (query, parameter) in [
        ("from=-15m", "from"),
        ("to=now", "to"),
        ("limit=10", "limit"),
        ("order=asc", "order"),
        ("cursor=x", "cursor"),
        ("sevice=x", "sevice"),
        ("scope=everything", "scope"),
        ("level=INFO", "level"),
        ("scope=all&level=loud", "level"),
        ("service=a,,b", "service"),
        ("q=%22open", "q"),
        ("trace_id=1", "trace_id"),
    ] {
        let answer = api.get(&format!("{PATH}?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["error"]["parameter"], parameter, "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_comment_comes_every_15_seconds_also_while_nothing_matches() {
    let mut api = Api::new();
    let mut stream = Stream::open(&api, "?service=nobody").await;
    assert_eq!(stream.block().await.unwrap(), "retry: 2000");
    let begun = tokio::time::Instant::now();
    for comment in 1..=3 {
        api.log(&error("shop", "not for this reader"));
        assert_eq!(stream.block().await.unwrap(), ": keep-alive");
        let seconds = begun.elapsed().as_secs_f64();
        assert!(
            (seconds - 15.0 * f64::from(comment)).abs() < 0.5,
            "{comment}: {seconds}"
        );
    }
}

#[tokio::test]
async fn a_stream_is_not_compressed_and_ends_when_told() {
    let mut api = Api::new();
    let request = Request::get(PATH)
        .header("accept-encoding", "gzip")
        .body(Body::empty())
        .unwrap();
    let response = api.router.clone().oneshot(request).await.unwrap();
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    };
    assert_eq!(header("content-encoding"), None);
    assert_eq!(header("content-type"), Some("text/event-stream"));
    assert_eq!(header("cache-control"), Some("no-store"));
    let mut stream = Stream {
        body: response.into_body().into_data_stream(),
        text: String::new(),
    };
    api.log(&error("shop", "last words"));
    assert_eq!(stream.messages(1).await, ["last words"]);
    api.live.close();
    assert_eq!(stream.block().await, None);
    let mut late = Stream::open(&api, "").await;
    assert_eq!(late.block().await, None);
}

#[tokio::test]
async fn json_that_came_on_several_lines_stays_one_event() {
    let mut api = Api::new();
    let mut stream = Stream::open(&api, "").await;
    api.log("{\"level\":\"ERROR\",\"service\":\"shop\",\"message\":\"two\\nlines\",\"fields\":{\n\r\"a\":\n\n[1,\n2]}}");
    let sent = stream.next().await;
    assert_eq!(sent.data["message"], "two\nlines");
    assert_eq!(sent.data["fields"], json!({"a": [1, 2]}));
}

#[tokio::test]
async fn only_what_comes_now_is_streamed() {
    let mut api = Api::with_errors();
    let timestamp = minutes(5);
    let mut stream = Stream::open(&api, "").await;
    api.log(&format!(
        r#"{{"timestamp":"{timestamp}","level":"ERROR","service":"shop","message":"came late"}}"#
    ));
    assert_eq!(stream.messages(1).await, ["came late"]);
}
