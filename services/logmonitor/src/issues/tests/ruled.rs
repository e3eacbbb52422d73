//! Issues that users have a say in.

use super::*;

fn with_rules(json: &str) -> Issues {
    let issues = Issues::new();
    let rules = Rules::parse(format!(r#"{{"rules": [{json}]}}"#).as_bytes()).unwrap();
    issues.set_rules(Arc::new(rules));
    issues
}

const GATEWAYS: &str = r#"
    {"name": "gateways", "match": {"message": "gateway (\\w+)"}, "fingerprint": ["gateway", "$1"]},
    {"match": {"message": "seats"}, "fingerprint": ["{{ default }}", "{{ target }}"]},
    {"name": "orders", "mask": [{"pattern": "order [A-Z]+", "as": "order <order>"}]}"#;

#[test]
fn rules_group_alike_on_every_replica_in_every_order_and_after_a_restart() {
    let messages = [
        "no answer from gateway stripe",
        "gateway stripe refused us",
        "gateway paypal refused us",
        "order ABC is lost",
        "order ZZZ is lost",
        "no seats left",
    ];
    let mut records: Vec<LogRecord<'_>> = messages.map(|message| record(NOON, message)).into();
    let issues = with_rules(GATEWAYS);
    let (keys, changes) = take(&issues, &records, NOON);
    assert_eq!((keys[0], keys[3]), (keys[1], keys[4]));
    assert_eq!(issues.len(), 4);
    records.reverse();
    let (mut reversed, _) = take(&with_rules(GATEWAYS), &records, NOON);
    reversed.reverse();
    assert_eq!(reversed, keys);
    let restored = with_rules(GATEWAYS);
    let learned = changes.learned.into_iter().map(|(_, bytes)| bytes);
    restored.restore(issues.all(), learned);
    let (mut again, _) = take(&restored, &records, NOON);
    again.reverse();
    assert_eq!(again, keys);
    // Neither the name of a rule nor its place is part of it.
    let others = r#"{"fingerprint": ["x"], "match": {"service": "other"}}, "#.to_owned() + GATEWAYS;
    let (mut moved, _) = take(
        &with_rules(&others.replace("gateways", "g")),
        &records,
        NOON,
    );
    moved.reverse();
    assert_eq!(moved, keys);
}

#[test]
fn an_issue_says_which_rules_made_it_even_when_these_are_no_more() {
    let issues = with_rules(GATEWAYS);
    let records = [
        record(NOON, "gateway stripe refused us"),
        record(NOON, "no seats left"),
        record(NOON, "order ABC is lost"),
    ];
    let (keys, _) = take(&issues, &records, NOON);
    let why = |at: usize| -> Vec<(&str, String)> {
        let components = issues.explain(keys[at], &records[at]);
        components
            .into_iter()
            .skip(1)
            .map(|component| (component.name, component.value))
            .collect()
    };
    let of_gateways = [
        ("rule", "gateways".to_owned()),
        ("fingerprint", r#"["gateway","stripe"]"#.to_owned()),
    ];
    assert_eq!(why(0), of_gateways);
    let target = ("target", "booking::orders".to_owned());
    let of_seats = [
        ("rule", "rules[1]".to_owned()),
        target.clone(),
        (
            "fingerprint",
            r#"["{{ default }}","booking::orders"]"#.to_owned(),
        ),
        ("message", "no seats left".to_owned()),
    ];
    assert_eq!(why(1), of_seats);
    let of_orders = [
        ("rule", "orders".to_owned()),
        target,
        ("message", "order <order> is lost".to_owned()),
    ];
    assert_eq!(why(2), of_orders);
    issues.set_rules(Arc::default());
    assert_eq!(why(0), of_gateways);
    assert_eq!(why(1), of_seats);
}

#[test]
fn other_rules_are_for_new_errors_and_old_issues_keep_their_ids() {
    let issues = Issues::new();
    let stripe = || record(NOON, "gateway stripe refused us");
    let old = one(&issues, stripe(), NOON);
    let rules = Rules::parse(format!(r#"{{"rules": [{GATEWAYS}]}}"#).as_bytes()).unwrap();
    issues.set_rules(Arc::new(rules));
    let new = one(&issues, stripe(), NOON);
    assert_ne!(old, new);
    assert_eq!((issues.get(old).unwrap().tally.count, issues.len()), (1, 2));
    issues.set_rules(Arc::default());
    assert_eq!(one(&issues, stripe(), NOON), old);
}
