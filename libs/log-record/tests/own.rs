//! Our own records have a short way through the decoder, and a glance of their own: both say what the long way says, of
//! whatever looks much like a record of ours.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod agreement;

use log_record::peek;
use proptest::prelude::*;

use agreement::{agrees, the_long_way, the_short_way};

/// All members of a record of ours.
const OWN: [&str; 23] = [
    r#""timestamp":"2026-11-20T22:15:16.515486Z""#,
    r#""level":"INFO""#,
    r#""service":"usermanagement""#,
    r#""host":"ip-10-0-12-34""#,
    r#""instance":"0af7651916cd43dd8448eb211c80319c""#,
    r#""seq":182736"#,
    r#""schema":1"#,
    r#""version":"1.4.2""#,
    r#""env":"prod""#,
    r#""pid":4711"#,
    r#""target":"usermanagement::login""#,
    r#""module":"usermanagement::login""#,
    r#""file":"src/login.rs""#,
    r#""line":142"#,
    r#""thread":"tokio-runtime-worker""#,
    r#""message":"user \"ann\" logged in""#,
    r#""error":{"type":"hyper::Error","message":"connection error","chain":["timed out"],"stack":"0: a\n1: b"}"#,
    r#""fields":{"order_id":7,"nested":{"a":[1,null]}}"#,
    r#""span":"charge""#,
    r#""spans":[{"name":"charge"}]"#,
    r#""trace_id":"5b8efff798038103d269b633813fc60c""#,
    r#""span_id":"eee19b7ec3c1b174""#,
    r#""truncated":true"#,
];

/// Values that ours do not have.
const ODD: [&str; 22] = [
    "null",
    "true",
    "false",
    "0",
    "007",
    "-1",
    "1.5",
    "4294967296",
    "18446744073709551616",
    "\"\"",
    "\"a\\u0062c\"",
    "\"é\"",
    "{}",
    "[]",
    "\"0af7\"",
    "{\"stack\":\"java.io.IOException: x\\n\\tat a.b(C.java:1)\"}",
    "{\"type\":\"a\"}",
    "{\"stack\":\"a\",\"type\":\"b\"}",
    "[\"a\",7]",
    "\"00000000000000000000000000000000\"",
    "\"5B8EFFF798038103D269B633813FC60C\"",
    "\"2026-11-20 22:15:16\"",
];

/// What may stand behind a record.
const BEHIND: [&str; 6] = [" ", "\n", "}", "x", "{\"a\":1}", "\n{\"a\":1}"];

fn check(message: &str) -> Result<(), TestCaseError> {
    let long = the_long_way(message.as_bytes());
    prop_assert_eq!(&the_short_way(message.as_bytes()), &long, "{}", message);
    if let (Some(peeked), Ok([decoded])) = (peek(message.as_bytes()), long.as_deref()) {
        agrees(&peeked, decoded, message)?;
    }
    Ok(())
}

fn object<S: AsRef<str>>(members: &[S]) -> String {
    let members: Vec<&str> = members.iter().map(AsRef::as_ref).collect();
    format!("{{{}}}", members.join(","))
}

/// The member with another value.
fn with_value(member: &str, value: &str) -> String {
    let (key, _) = member.split_once(':').unwrap();
    format!("{key}:{value}")
}

#[test]
fn what_differs_in_one_thing_is_read_alike_the_short_way_and_the_long() {
    let mut messages: Vec<String> = BEHIND.map(|behind| object(&OWN) + behind).to_vec();
    let whole = object(&OWN);
    for (at, separator) in whole.match_indices([',', ':', '{', '}']) {
        let mut damaged = whole.clone();
        damaged.replace_range(at..at + separator.len(), ";");
        messages.push(damaged);
    }
    messages.push(whole);
    for at in 0..OWN.len() {
        let mut without = OWN.to_vec();
        without.remove(at);
        messages.push(object(&without));
        messages.push(object(&OWN[..at]));
        for value in ODD {
            let mut odd = OWN.map(str::to_owned);
            odd[at] = with_value(OWN[at], value);
            messages.push(object(&odd));
            // Which of the two counts depends on whether the first one says anything.
            let mut twice = odd.to_vec();
            twice.push(OWN[at].to_owned());
            messages.push(object(&twice));
        }
        for (other, member) in OWN.iter().enumerate() {
            let mut swapped = OWN;
            swapped.swap(at, other);
            messages.push(object(&swapped));
            let mut twice = OWN.to_vec();
            twice.insert(at, member);
            messages.push(object(&twice));
        }
        for space in 0..OWN[at].len() {
            let mut spaced = OWN.map(str::to_owned);
            spaced[at].insert(space, ' ');
            messages.push(object(&spaced));
        }
    }
    let without_line = OWN.iter().filter(|member| !member.starts_with("\"line\""));
    let in_one: Vec<String> = without_line
        .map(|member| member.replace("src/login.rs", "src/login.rs:142"))
        .collect();
    messages.push(object(&in_one));
    for message in &messages {
        check(message).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn what_differs_in_several_things_is_too(
        edits in prop::collection::vec((0..4, any::<prop::sample::Index>(), any::<prop::sample::Index>()), 2..6),
    ) {
        let mut members = OWN.map(str::to_owned).to_vec();
        for (how, at, other) in edits {
            let (at, value) = (at.index(members.len()), ODD[other.index(ODD.len())]);
            let other = other.index(members.len());
            match how {
                0 => drop(members.remove(at)),
                1 => members.swap(at, other),
                2 => members.insert(at, members[other].clone()),
                _ => members[at] = with_value(&members[at], value),
            }
        }
        check(&object(&members))?;
    }
}
