//! Slow readers, many readers, and too many.

use super::*;

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
