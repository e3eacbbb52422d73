//! The live tail: what a stream begins with, what comes on it, and what becomes of who is slow.

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

#[tokio::test]
async fn who_comes_back_goes_on_right_behind_the_last_event() {
    let mut api = Api::new();
    api.log_all(&numbered(0..700));
    let mut ids = Vec::new();
    let mut first = Stream::open(&api, "?last_event_id=application-logs-errors~0~0").await;
    for number in 1..700 {
        let sent = first.next().await;
        assert_eq!(sent.data["message"], number.to_string());
        ids.push(sent.id.unwrap());
    }
    let mut all = Vec::new();
    for at in [0, 1, 510, 511, 512, 697, 698] {
        all.push((at + 2, Stream::after(&api, &ids[at]).await));
    }
    // The header is what the browser knows last; the parameter is as old as the page.
    let request =
        Request::get(format!("{PATH}?last_event_id={}", ids[0])).header("last-event-id", &ids[600]);
    all.push((602, Stream::of(&api, request).await));
    api.log_all(&numbered(700..1_500));
    for (next, stream) in &mut all {
        assert_eq!(
            stream.messages(1_500 - *next).await,
            texts(*next..1_500),
            "{next}"
        );
    }
}

#[tokio::test]
async fn who_comes_back_late_goes_on_in_the_archive() {
    let mut api = Api::build(Shape {
        directory: Some(TempDir::new().unwrap()),
        store_bytes: 1 << 20,
        ..Shape::default()
    });
    for start in (0..20_000).step_by(1_000) {
        api.log_all(&numbered(start..start + 1_000));
    }
    let in_memory = api.get("/api/v1/status").await.json()["store"]["records"]
        .as_u64()
        .unwrap();
    assert!(in_memory < 15_000, "{in_memory} of 20000 are in memory");
    for last in [0, 999, 4_321, 19_998] {
        let mut stream = Stream::after(&api, &format!("application-logs-errors~0~{last}")).await;
        assert_eq!(
            stream.messages(19_999 - last).await,
            texts(last + 1..20_000)
        );
    }
    let mut stream = Stream::after(&api, "application-logs-errors~0~10").await;
    api.log(&error("shop", "20000"));
    assert_eq!(stream.messages(19_990).await, texts(11..20_001));
}

#[tokio::test]
async fn who_comes_back_very_late_gets_the_last_100_000_of_the_archive_and_the_memory() {
    let mut api = Api::build(Shape {
        directory: Some(TempDir::new().unwrap()),
        store_bytes: 1 << 20,
        ..Shape::default()
    });
    let total = 120_000;
    for start in (0..total).step_by(4_000) {
        api.log_all(&numbered(start..start + 4_000));
    }
    let status = api.get("/api/v1/status").await.json();
    let in_memory = status["store"]["records"].as_u64().unwrap() as usize;
    let mut stream = Stream::open(&api, "?last_event_id=application-logs-errors~0~0").await;
    let gap = stream.next().await;
    let missed = total - in_memory - 100_000 - 1;
    assert_eq!(gap.data, json!({"count": missed, "reason": "skipped"}));
    assert_eq!(
        stream.messages(total - 1 - missed).await,
        texts(missed + 1..total)
    );
}

#[tokio::test]
async fn an_event_that_nobody_has_begins_with_a_gap() {
    let mut api = Api::with_errors();
    for id in [
        "application-logs-errors~0~4711",
        "0af7651916cd43dd8448eb211c80319c-1",
        "nonsense",
    ] {
        for scope in ["errors", "all"] {
            let request = Request::get(format!("{PATH}?scope={scope}")).header("last-event-id", id);
            let mut stream = Stream::of(&api, request).await;
            let gap = stream.next().await;
            assert_eq!((gap.event.as_str(), gap.id), ("gap", None));
            assert_eq!(gap.data, json!({"count": null, "reason": "unknown_id"}));
            if scope == "errors" {
                api.log(&error("shop", "after the gap"));
                assert_eq!(stream.messages(1).await, ["after the gap"]);
            }
        }
    }
}

#[tokio::test]
async fn who_does_not_read_is_told_what_was_missed_and_holds_up_nobody() {
    let mut api = Api::build(Shape {
        store_bytes: 1 << 20,
        ..Shape::default()
    });
    let mut slow = Stream::open(&api, "").await;
    let mut other = Stream::open(&api, "").await;
    let total = 30_000;
    for start in (0..total).step_by(500) {
        api.log_all(&numbered(start..start + 500));
        assert_eq!(other.messages(500).await, texts(start..start + 500));
    }
    let (mut received, mut missed) = (Vec::new(), 0);
    while received.last().map(String::as_str) != Some("29999") {
        let sent = slow.next().await;
        match sent.event.as_str() {
            "gap" => {
                assert_eq!(sent.data["reason"], "skipped");
                missed += sent.data["count"].as_u64().unwrap();
            }
            _ => received.push(sent.data["message"].as_str().unwrap().to_owned()),
        }
    }
    assert!(missed > 0);
    assert_eq!(missed as usize + received.len(), total);
    assert_eq!(received, texts(missed as usize..total));
    let status = api.get("/api/v1/status").await.json();
    assert_eq!(status["counters"]["live_tail_skipped"], missed);
    assert_eq!(status["counters"]["live_tail_readers"], 2);
    let metrics = api.get("/metrics").await.text();
    for line in [
        format!("logmonitor_live_tail_skipped_total {missed}"),
        "logmonitor_live_tail_readers 2".to_owned(),
    ] {
        assert!(metrics.lines().any(|printed| printed == line), "{metrics}");
    }
}

#[tokio::test]
async fn as_many_may_watch_as_the_limits_say_and_not_one_more() {
    let api = Api::build(Shape {
        live: LiveLimits {
            readers: 3,
            all_readers: 1,
        },
        ..Shape::default()
    });
    let readers = || async {
        let status = api.get("/api/v1/status").await.json();
        status["counters"]["live_tail_readers"].as_u64().unwrap()
    };
    let _all = Stream::open(&api, "?scope=all").await;
    let error = refusal(&api, "?scope=all").await;
    assert_eq!(error["code"], "too_many_readers");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("LOG_MONITOR_LIVE_ALL_READERS")
    );
    // Who was refused does not count.
    assert_eq!(readers().await, 1);
    let _second = Stream::open(&api, "").await;
    let third = Stream::open(&api, "").await;
    let error = refusal(&api, "").await;
    assert_eq!(error["code"], "too_many_readers");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("LOG_MONITOR_LIVE_READERS")
    );
    drop(third);
    assert_eq!(readers().await, 2);
    let mut again = Stream::open(&api, "").await;
    assert_eq!(again.block().await.unwrap(), "retry: 2000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_readers_get_everything() {
    let mut api = Api::new();
    let mut readers = Vec::new();
    for _ in 0..1_000 {
        let mut stream = Stream::open(&api, "").await;
        readers.push(tokio::spawn(async move { stream.messages(300).await }));
    }
    refusal(&api, "").await;
    for number in 0..300 {
        api.log_all(&numbered(number..number + 1));
    }
    for reader in readers {
        assert_eq!(reader.await.unwrap(), texts(0..300));
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
