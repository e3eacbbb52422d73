//! Who comes back with the id of the last event.

use super::*;

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
