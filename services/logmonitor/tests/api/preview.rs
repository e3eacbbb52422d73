//! Rules for grouping on trial: what they would change is said, and nothing is changed.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Answer, Api, minutes};

fn logged(api: &mut Api, messages: &[&str]) {
    for (number, message) in messages.iter().enumerate() {
        let timestamp = minutes(60 - number as i64);
        api.log(&format!(
            r#"{{"timestamp":"{timestamp}","level":"ERROR","service":"booking","target":"orders","message":"{message}"}}"#
        ));
    }
}

async fn try_rules(api: &Api, body: &Value) -> Answer {
    let path = "/api/v1/issues/preview";
    api.post(path, "application/json", body.to_string()).await
}

async fn preview(api: &Api, rules: Value) -> Value {
    let answer = try_rules(api, &json!({ "rules": rules })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn issues(api: &Api) -> Value {
    api.get("/api/v1/issues?status=all&limit=1000").await.json()
}

#[tokio::test]
async fn rules_that_make_several_issues_one_say_which() {
    let mut api = Api::new();
    logged(
        &mut api,
        &[
            "gateway stripe timed out",
            "gateway stripe timed out",
            "the gateway refused stripe",
            "gateway paypal timed out after a while",
            "no seats left",
        ],
    );
    let before = issues(&api).await;
    assert_eq!(before["total"], 4);
    let rules = json!([{"match": {"message": "stripe"}, "fingerprint": ["stripe"]}]);
    let found = preview(&api, rules).await;
    assert_eq!(found["summary"], "merges 2 issues into 1");
    assert_eq!(
        (&found["examined"], &found["complete"]),
        (&5.into(), &true.into())
    );
    assert_eq!(
        (&found["issues_before"], &found["issues_after"]),
        (&4.into(), &3.into())
    );
    let merge = &found["merges"][0];
    // A new issue: it has no id yet, and is called after its newest error.
    assert_eq!(merge["into"]["id"], Value::Null);
    assert_eq!(merge["into"]["title"], "the gateway refused stripe");
    assert_eq!(
        (&merge["into"]["count"], &merge["total"]),
        (&3.into(), &2.into())
    );
    let issue = &merge["issues"][0];
    assert_eq!(
        (&issue["title"], &issue["count"]),
        (&"gateway stripe timed out".into(), &2.into())
    );
    assert_eq!(issue["example"]["message"], "gateway stripe timed out");
    assert_eq!(issue["example"]["issue_id"], issue["id"]);
    assert_eq!(found["splits"], json!([]));
    assert_eq!(issues(&api).await, before);
    // Nothing was learned by it: another error of the same kind goes where it would have gone.
    logged(&mut api, &["gateway stripe timed out"]);
    let after = issues(&api).await;
    assert_eq!(after["total"], 4);
}

#[tokio::test]
async fn rules_that_take_an_issue_apart_say_into_what() {
    let mut api = Api::new();
    logged(
        &mut api,
        &[
            "lost the leader on shard 4",
            "lost the leader on shard 7",
            "lost the leader on shard 7",
            "no seats left",
        ],
    );
    let rules =
        json!([{"match": {"message": "on shard (\\d+)"}, "fingerprint": ["{{ default }}", "$1"]}]);
    let found = preview(&api, rules).await;
    assert_eq!(found["summary"], "splits 1 issue");
    assert_eq!(
        (&found["issues_before"], &found["issues_after"]),
        (&2.into(), &3.into())
    );
    let split = &found["splits"][0];
    assert_eq!(split["issue"]["count"], 3);
    assert!(split["issue"]["id"].is_string());
    let into: Vec<_> = split["into"].as_array().unwrap().iter().collect();
    assert_eq!((into.len(), &split["total"]), (2, &2.into()));
    assert_eq!(into[0]["count"], 2);
    assert_eq!(into[0]["example"]["message"], "lost the leader on shard 7");
    assert_eq!(into[1]["title"], "lost the leader on shard 4");
}

#[tokio::test]
async fn masks_are_tried_too_and_what_begins_anew_is_counted() {
    let mut api = Api::new();
    logged(
        &mut api,
        &["order ABC is lost", "order XYZ is lost", "seat AB is taken"],
    );
    let found = preview(
        &api,
        json!([
            {"mask": [{"pattern": "order [A-Z]+", "as": "order <order>"}]},
            {"match": {"message": "^seat"}, "fingerprint": ["seats"]}
        ]),
    )
    .await;
    assert_eq!(
        found["summary"],
        "merges 2 issues into 1, begins 1 issue anew"
    );
    assert_eq!(found["renamed"], 1);
}

#[tokio::test]
async fn rules_that_change_nothing_say_so() {
    let mut api = Api::new();
    for rules in [
        json!([]),
        json!([{"match": {"service": "other"}, "fingerprint": ["x"]}]),
        json!([{"fingerprint": ["{{ default }}"]}]),
    ] {
        let found = preview(&api, rules).await;
        assert_eq!(found["summary"], "changes nothing");
    }
    logged(
        &mut api,
        &["no seats left", "order 17 failed", "order 18 failed"],
    );
    let rules = json!([{"match": {"service": "other"}, "fingerprint": ["x"]}]);
    let found = preview(&api, rules).await;
    assert_eq!(found["summary"], "changes nothing");
    assert_eq!(
        (&found["examined"], &found["issues_after"]),
        (&3.into(), &2.into())
    );
}

#[tokio::test]
async fn rules_are_compared_with_those_in_force() {
    let mut api = Api::new();
    let rules =
        json!({"rules": [{"match": {"message": "^(\\w+) left"}, "fingerprint": ["left", "$1"]}]});
    let parsed = logmonitor::issues::Rules::parse(rules.to_string().as_bytes()).unwrap();
    api.ingest.issues().set_rules(parsed.into());
    logged(&mut api, &["seats left: none", "rooms left: none"]);
    let same = try_rules(&api, &rules).await.json();
    assert_eq!(same["summary"], "changes nothing");
    let wider = json!([{"match": {"message": "left"}, "fingerprint": ["left"]}]);
    let wider = preview(&api, wider).await;
    assert_eq!(wider["summary"], "merges 2 issues into 1");
    let issue = &wider["merges"][0]["issues"][0];
    let path = format!("/api/v1/issues/{}", issue["id"].as_str().unwrap());
    let components = api.get(&path).await.json()["grouping"]["components"].clone();
    let names: Vec<_> = components
        .as_array()
        .unwrap()
        .iter()
        .map(|part| &part["name"])
        .collect();
    assert_eq!(names, ["service", "rule", "fingerprint"]);
}

#[tokio::test]
async fn rules_that_cannot_be_used_are_refused_with_their_key() {
    let api = Api::new();
    for (body, parameter) in [
        (
            json!({"rules": [{"fingerprint": ["a"]}, {"match": {"type": "("}, "fingerprint": ["a"]}]}),
            "rules[1].match.type",
        ),
        (
            json!({"rules": [{"fingerprint": ["$1"]}]}),
            "rules[0].fingerprint[0]",
        ),
        (json!({"rules": 7}), "rules"),
        (json!({"rule": []}), "rules"),
        (json!(null), "rules"),
    ] {
        let answer = try_rules(&api, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        let error = answer.json()["error"].clone();
        assert_eq!(error["code"], "invalid_parameter");
        assert_eq!(error["parameter"], parameter, "{body}");
        assert!(
            error["message"].as_str().unwrap().starts_with(parameter),
            "{error}"
        );
    }
    let answer = api
        .post("/api/v1/issues/preview?x=1", "text/plain", "{")
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trial_at_a_time() {
    let mut api = Api::new();
    let messages: Vec<String> = (0..3_000)
        .map(|number| {
            format!(
                r#"{{"level":"ERROR","service":"s{}","message":"order {number} failed"}}"#,
                number % 7
            )
        })
        .collect();
    api.log_all(&messages);
    let rules = json!({"rules": [{"match": {"message": "order (\\d+)"}, "fingerprint": ["$1"]}]});
    let many = (0..8).map(|_| try_rules(&api, &rules));
    let answers = futures_util::future::join_all(many).await;
    let busy = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::SERVICE_UNAVAILABLE);
    let busy: Vec<_> = busy.collect();
    assert!(!busy.is_empty() && busy.len() < 8);
    assert_eq!(busy[0].json()["error"]["code"], "busy");
    // When it is over, the next one has its turn. Lists are bounded.
    let found = try_rules(&api, &rules).await.json();
    assert_eq!(found["summary"], "splits 7 issues");
    assert_eq!(found["splits"][0]["into"].as_array().unwrap().len(), 20);
    assert!(found["splits"][0]["total"].as_u64().unwrap() > 400);
}
