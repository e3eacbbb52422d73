//! Rules by themselves: what they make of errors, and what is refused. `docs/grouping.md` has the same examples.

use log_record::{ErrorInfo, LogRecord, Severity, Timestamp};

use super::*;

fn rules(json: &str) -> Rules {
    Rules::parse(format!(r#"{{"rules": [{json}]}}"#).as_bytes()).unwrap()
}

fn refusal(json: &str) -> String {
    let text = format!(r#"{{"rules": [{json}]}}"#);
    Rules::parse(text.as_bytes()).unwrap_err().to_string()
}

fn record(message: &str) -> LogRecord<'_> {
    let now = Timestamp::from_millis(0);
    let mut record = LogRecord::new(now, Severity::Error, "booking", message);
    record.target = Some("booking::payment".into());
    record
}

fn with_error<'a>(message: &'a str, kind: &'a str, text: &'a str) -> LogRecord<'a> {
    let mut record = record(message);
    record.error = Some(ErrorInfo {
        kind: Some(kind.into()),
        message: Some(text.into()),
        chain: vec!["connection reset by peer".into()],
        ..ErrorInfo::default()
    });
    record
}

fn fingerprint(rules: &Rules, record: &LogRecord<'_>) -> Option<Vec<String>> {
    rules.apply(record).fingerprint
}

fn texts_of(values: &[&str]) -> Option<Vec<String>> {
    Some(values.iter().map(|&value| value.to_owned()).collect())
}

#[test]
fn all_conditions_of_a_rule_have_to_be_met() {
    let rules = rules(
        r#"{"match": {"service": "^booking$", "target": "payment", "type": "Timeout", "message": "gateway"},
            "fingerprint": ["gateway"]}"#,
    );
    let fits = |record: &LogRecord<'_>| fingerprint(&rules, record).is_some();
    let fitting = with_error("gateway failed", "TimeoutError", "after 3 s");
    assert!(fits(&fitting));
    let mut other = fitting.clone();
    other.service = "booking2".into();
    assert!(!fits(&other));
    let mut other = fitting.clone();
    other.target = None;
    assert!(!fits(&other));
    assert!(!fits(&with_error("gateway failed", "IoError", "after 3 s")));
    assert!(!fits(&with_error(
        "bank failed",
        "TimeoutError",
        "after 3 s"
    )));
    assert!(!fits(&record("gateway failed")));
}

#[test]
fn a_message_fits_by_any_of_its_texts_wherever_it_is_found_there() {
    let of = |pattern: &str| {
        let json = format!(r#"{{"match": {{"message": "{pattern}"}}, "fingerprint": ["x"]}}"#);
        let record = with_error("it broke", "E", "no answer");
        fingerprint(&rules(&json), &record).is_some()
    };
    for pattern in ["brok", "^no answer$", "reset by", "^it", "(?i)BROKE"] {
        assert!(of(pattern), "{pattern}");
    }
    for pattern in ["^broke", "answer connection", "BROKE", "it broke$."] {
        assert!(!of(pattern), "{pattern}");
    }
}

#[test]
fn the_first_rule_with_a_fingerprint_wins_and_all_masks_apply() {
    let rules = rules(
        r#"{"name": "orders", "mask": [{"pattern": "order [A-Z]+", "as": "order <order>"}]},
           {"match": {"message": "order"}, "fingerprint": ["first"]},
           {"match": {"message": "order"}, "fingerprint": ["second"],
            "mask": [{"pattern": "by \\w+", "as": "by <user>"}]},
           {"match": {"service": "other"}, "mask": [{"pattern": ".+", "as": "x"}]}"#,
    );
    let record = record("order ABC refused by ada");
    let outcome = rules.apply(&record);
    assert_eq!(outcome.fingerprint, texts_of(&["first"]));
    assert_eq!(
        outcome.masked,
        texts_of(&["order <order> refused by <user>"])
    );
    assert_eq!(outcome.rules, ["rules[1]", "orders", "rules[2]"]);
}

#[test]
fn a_mask_sees_what_the_ones_before_it_left_and_its_text_is_no_pattern() {
    let rules = rules(
        r#"{"mask": [{"pattern": "[0-9]+ EUR", "as": "$1 money"}, {"pattern": "[$]1 money", "as": "<amount>"}]}"#,
    );
    let record = with_error("lost 17 EUR", "E", "and 4 EUR more");
    let expected = texts_of(&[
        "lost <amount>",
        "and <amount> more",
        "connection reset by peer",
    ]);
    assert_eq!(rules.apply(&record).masked, expected);
    let untouched = rules.apply(&record_without_money());
    assert_eq!((untouched.masked, untouched.rules.len()), (None, 0));
}

fn record_without_money() -> LogRecord<'static> {
    record("lost everything")
}

#[test]
fn a_fingerprint_is_made_of_texts_properties_and_groups_of_the_message() {
    let rules = rules(
        r#"{"match": {"message": "gateway (?P<name>\\w+)(?: in (\\w+))? timed out"},
            "fingerprint": ["timeout of $1", "${name}", "<$2>", "{{ service }}/{{target}}", "{{ type }}", "$$1 $ {"]}"#,
    );
    let of = |record: &LogRecord<'_>| fingerprint(&rules, record).unwrap();
    let error = with_error("payment failed", "TimeoutError", "gateway stripe timed out");
    let expected = [
        "timeout of stripe",
        "stripe",
        "<>",
        "booking/booking::payment",
        "TimeoutError",
        "$1 $ {",
    ];
    assert_eq!(of(&error), expected);
    assert_eq!(of(&record("gateway x in eu timed out"))[2], "<eu>");
}

#[test]
fn the_default_extends_what_decides_anyway_and_alone_is_an_exception() {
    let rules = rules(
        r#"{"match": {"message": "deadlock"}, "fingerprint": ["{{ default }}"]},
           {"match": {"message": "on shard (\\d+)"}, "fingerprint": ["{{ default }}", "$1"]}"#,
    );
    let extended = rules.apply(&record("lost on shard 4")).decisive();
    assert_eq!(
        extended,
        Some((r#"["{{ default }}","4"]"#.to_owned(), false))
    );
    let exception = record("deadlock on shard 4");
    let exception = rules.apply(&exception);
    assert_eq!(
        (exception.decisive(), exception.rules),
        (None, vec!["rules[0]"])
    );
}

#[test]
fn two_lists_of_values_never_look_the_same() {
    let of = |values: &str| {
        let json = format!(r#"{{"fingerprint": {values}}}"#);
        rules(&json).apply(&record("x")).decisive().unwrap().0
    };
    assert_ne!(of(r#"["a", "b"]"#), of(r#"["a\",\"b"]"#));
    assert_ne!(of(r#"["ab"]"#), of(r#"["a", "b"]"#));
}

#[test]
fn the_version_follows_from_the_text() {
    let (one, other) = (
        rules(r#"{"fingerprint": ["a"]}"#),
        rules(r#"{"fingerprint": ["b"]}"#),
    );
    assert_eq!(one.version().len(), 16);
    assert_eq!(one.version(), rules(r#"{"fingerprint": ["a"]}"#).version());
    assert_ne!(one.version(), other.version());
}

/// A rule, and what is said of it where it is the second.
const REFUSED: &[(&str, &str)] = &[
    ("7", "rules[1]: an object is wanted"),
    ("{}", "rules[1]: the rule does nothing"),
    (
        r#"{"fingerprints": ["a"]}"#,
        "rules[1].fingerprints: unknown key",
    ),
    (
        r#"{"name": "", "mask": []}"#,
        "rules[1].name: a text of 1 to 200 bytes is wanted",
    ),
    (
        r#"{"match": [], "fingerprint": ["a"]}"#,
        "rules[1].match: an object is wanted",
    ),
    (
        r#"{"match": {"level": "ERROR"}, "fingerprint": ["a"]}"#,
        "rules[1].match.level: unknown key; known are service, type, target and message",
    ),
    (
        r#"{"match": {"message": "(a"}, "fingerprint": ["a"]}"#,
        r#"rules[1].match.message: "(a": unclosed group"#,
    ),
    (
        r#"{"match": {"message": "\\w{1000}{1000}"}, "fingerprint": ["a"]}"#,
        "rules[1].match.message",
    ),
    (
        r#"{"match": {"type": 7}, "fingerprint": ["a"]}"#,
        "rules[1].match.type: a regular",
    ),
    (
        r#"{"fingerprint": []}"#,
        "rules[1].fingerprint: 1 to 10 values, got 0",
    ),
    (
        r#"{"fingerprint": "a"}"#,
        "rules[1].fingerprint: a list is wanted",
    ),
    (
        r#"{"fingerprint": ["a", 1]}"#,
        "rules[1].fingerprint[1]: a text is wanted",
    ),
    (
        r#"{"fingerprint": ["{{ level }}"]}"#,
        "rules[1].fingerprint[0]: {{ level }} is unknown",
    ),
    (
        r#"{"fingerprint": ["{{ type"]}"#,
        "rules[1].fingerprint[0]: {{ is not closed",
    ),
    (
        r#"{"fingerprint": ["x {{ default }}"]}"#,
        "must be a value by itself",
    ),
    (
        r#"{"fingerprint": ["$1"]}"#,
        "rules[1].fingerprint[0]: $1 is a group of match.message",
    ),
    (
        r#"{"match": {"message": "(a)"}, "fingerprint": ["$2"]}"#,
        "rules[1].fingerprint[0]: $2 is no group of match.message",
    ),
    (
        r#"{"match": {"message": "(a)"}, "fingerprint": ["${who}"]}"#,
        "rules[1].fingerprint[0]: $who is no group",
    ),
    (
        r#"{"mask": [{"as": "x"}]}"#,
        "rules[1].mask[0].pattern: a regular expression is wanted",
    ),
    (
        r#"{"mask": [{"pattern": "x"}]}"#,
        "rules[1].mask[0].as: a text is wanted",
    ),
    (
        r#"{"mask": [{"pattern": "x", "as": "y", "to": "z"}]}"#,
        "rules[1].mask[0].to: unknown",
    ),
];

#[test]
fn what_is_wrong_is_named_with_its_rule_and_key() {
    let right = r#"{"fingerprint": ["a"]}"#;
    for (json, expected) in REFUSED {
        let refusal = refusal(&format!("{right}, {json}"));
        assert!(refusal.contains(expected), "{json}: {refusal}");
        assert_eq!(refusal.lines().count(), 1, "{refusal}");
    }
    for (text, expected) in [
        ("{", "rules: not JSON"),
        ("[]", "rules: an object is wanted"),
        ("{}", "rules: a list is wanted"),
        (
            r#"{"rules": [], "version": 1}"#,
            "version: unknown key; known are rules",
        ),
    ] {
        let refusal = Rules::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(refusal.contains(expected), "{text}: {refusal}");
    }
}

#[test]
fn rules_are_bounded() {
    let many = |number: usize, rule: &str| vec![rule; number].join(",");
    let one = r#"{"match": {"message": "x"}, "fingerprint": ["a"]}"#;
    let most = rules(&many(MAX_RULES, one));
    assert_eq!(most.len(), MAX_RULES);
    // The last bit is in use too.
    let last = format!(
        "{}, {one}",
        many(
            MAX_RULES - 1,
            r#"{"match": {"message": "y"}, "fingerprint": ["b"]}"#
        )
    );
    assert_eq!(fingerprint(&rules(&last), &record("x")), texts_of(&["a"]));
    assert!(refusal(&many(MAX_RULES + 1, one)).contains("at most 100 rules, got 101"));
    let masks = many(51, r#"{"pattern": "x", "as": "y"}"#);
    let rule = format!(r#"{{"mask": [{masks}]}}"#);
    assert!(refusal(&many(2, &rule)).contains("at most 100 masks together, got 102"));
    let long = format!("{one}{}", " ".repeat(MAX_RULES_BYTES));
    assert!(refusal(&long).contains("at most 262144 bytes"));
}

#[test]
fn no_rules_do_nothing() {
    let outcome = Rules::default();
    let record = record("x");
    let outcome = outcome.apply(&record);
    assert_eq!(outcome, Outcome::default());
    assert_eq!(rules("").len(), 0);
}

/// The rules in the guide, in order.
fn guide() -> Vec<Rules> {
    let text = include_str!("../../../../../docs/grouping.md");
    let blocks = text.split("```json\n").skip(1);
    let json = blocks.map(|block| block.split("```").next().unwrap_or_default());
    json.map(|json| Rules::parse(json.as_bytes()).unwrap())
        .collect()
}

#[test]
fn the_rules_of_the_guide_do_what_it_says() {
    let guide = guide();
    let [gateways, shards, exception, orders] = &guide[..] else {
        panic!("there are {} examples", guide.len());
    };
    for (message, expected) in [
        (
            "gateway stripe timed out after 3 s",
            texts_of(&["gateway", "stripe"]),
        ),
        (
            "gateway stripe refused us",
            texts_of(&["gateway", "stripe"]),
        ),
        ("gateway paypal timed out", texts_of(&["gateway", "paypal"])),
        ("gateway paypal is back", None),
    ] {
        assert_eq!(
            fingerprint(gateways, &record(message)),
            expected,
            "{message}"
        );
    }
    for shard in ["4", "7"] {
        let message = format!("lost the leader on shard {shard}");
        let expected = texts_of(&["{{ default }}", shard]);
        assert_eq!(fingerprint(shards, &record(&message)), expected);
    }
    let mut deadlock = with_error("no rows", "DeadlockDetected", "wait");
    deadlock.target = Some("sqlx::query".into());
    assert_eq!(fingerprint(exception, &deadlock), None);
    let mut other = with_error("no rows", "Timeout", "wait");
    other.target = Some("sqlx::query".into());
    assert_eq!(fingerprint(exception, &other), texts_of(&["the database"]));
    for order in ["ABC", "XYZ"] {
        let message = format!("order {order} is lost");
        let masked = orders.apply(&record(&message)).masked;
        assert_eq!(masked, texts_of(&["order <order> is lost"]));
    }
}
