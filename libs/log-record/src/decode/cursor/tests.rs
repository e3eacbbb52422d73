//! What is JSON to us is what is JSON to others.

use super::*;
use proptest::prelude::*;

fn is_json(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.value().is_ok() && cursor.peek().is_none()
}

fn is_tame(text: &str) -> bool {
    Cursor::new(text).value().unwrap().is_tame()
}

#[test]
fn depth_and_range_are_limited_where_they_are_said_to_be() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(is_tame(&nested(MAX_DEPTH)));
    assert!(!is_tame(&nested(MAX_DEPTH + 1)));
    assert!(is_json(&nested(1_000)));
    assert!(!is_json(&nested(1_000)[..1_500]));
    for tame in [
        "[1e308]",
        "-1.5",
        r#"{"a":"1e999 [[[","b":"\"[\\"}"#,
        "{}",
        "null",
    ] {
        assert!(is_tame(tame), "{tame}");
    }
    for wild in ["1e309", "[-1e999]", &"9".repeat(400)] {
        assert!(!is_tame(wild), "{wild}");
    }
}

#[test]
fn objects_and_arrays_alternate_at_any_depth() {
    let depth = 200;
    let open = r#"{"a":["#.repeat(depth);
    let text = format!("{open}1{}", "]}".repeat(depth));
    assert!(is_json(&text));
    assert!(!is_json(&format!("{open}1{}", "}]".repeat(depth))));
}

proptest! {
    #[test]
    fn what_is_json_is_what_another_parser_takes(
        pieces in prop::collection::vec(
            prop_oneof![
                Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just(":"), Just("\"a\""), Just("\"\\u00e9\""),
                Just("\"\\x\""), Just("1"), Just("-0.5e+3"), Just("01"), Just("1."), Just("true"), Just("nul"),
                Just("null"), Just(" "), Just("\n"), Just("\"0123456789\u{1}\""), Just("\"é\\n0123456789\""),
            ],
            1..12,
        ),
    ) {
        let text = pieces.concat();
        let accepted = serde_json::from_str::<&serde_json::value::RawValue>(text.trim()).is_ok();
        prop_assert_eq!(is_json(&text), accepted, "{}", text);
    }

    #[test]
    fn a_written_value_is_walked_over(value in json_value()) {
        prop_assert!(is_json(&value.to_string()));
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert!(is_json(&pretty));
        for cut in 1..pretty.len() {
            if let Some(text) = pretty.get(..cut) && !matches!(value, serde_json::Value::Number(_)) {
                prop_assert!(!is_json(text), "{}", text);
            }
        }
    }
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,20}".prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::hash_map(".{0,6}", inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}
