//! Which errors are one issue, and which never are.

mod common;

use common::{count, error};
use issue_grouping::{Change, Error, Grouper, Limits, Rule};
use log_record::Frame;

/// Each row's messages differ in words, so that none are one.
#[rustfmt::skip]
const APART: &[&[&str]] = &[
    &["session opened for user 1", "session closed for user 1", "session expired for user 1", "session reset for user 1"],
    &["cupsd startup succeeded", "cupsd startup failed", "cupsd shutdown succeeded", "cupsd shutdown failed"],
    &["failed to read block 1", "failed to write block 1", "failed to open block 1", "failed to close block 1",
      "failed to sync block 1", "failed to move block 1"],
    &["user 1 created", "user 1 deleted", "user 1 updated", "user 1 locked"],
    &["user created", "user deleted", "user updated", "user locked"],
    &["server down", "server up", "server busy", "server overloaded"],
    &["disk full on volume data", "disk missing on volume data", "disk corrupt on volume data"],
    &["order 1 status=paid late", "order 1 status=open late", "order 1 status=final late", "order 1 status=void late"],
    &["task moved from NEW to RUNNING", "task moved from RUNNING to DONE", "task moved from RUNNING to FAILED",
      "task moved from NEW to FAILED"],
    &["could not load: java.io.IOException: x", "could not load: java.io.EOFException: x",
      "could not load: java.net.BindException: x", "could not load: java.lang.LinkageError: x",
      "could not load: java.lang.TypeError: x"],
    &["POST /orders/1 failed", "GET /orders/1 failed", "PUT /orders/1 failed", "DELETE /orders/1 failed"],
    &["LOOKING", "LEADING", "FOLLOWING", "OBSERVING"],
    &["ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "rowan", "yew", "alder"],
    &["ash broke", "birch broke", "cedar broke", "elm broke", "fir broke", "hazel broke", "larch broke", "maple broke",
      "oak broke", "pine broke", "rowan broke", "yew broke", "alder broke"],
    &["/var/a", "/etc/b", "/usr/c"],
    &["user host accepts now", "user host denies now", "user host drops now", "user host ignores now"],
    &["maxSize is 3 now", "minSize is 4 now", "maxAge is 5 now", "minAge is 6 now"],
    &["disk slow", "disk hot", "disk cold", "disk loud"],
    &["connection refused", "connection reset", "connection lost", "connection closed"],
    &["level=error msg=\"disk full\"", "level=error msg=\"disk gone\"", "level=error msg=\"disk slow\""],
    &["{\"msg\":\"disk full\"}", "{\"msg\":\"disk gone\"}", "{\"msg\":\"disk slow\"}"],
    &["timeout while reading", "timeout while writing", "timeout while connecting", "timeout while closing"],
    &["permission denied (os error 13)", "no such file (os error 2)", "is a directory (os error 21)"],
    &["panicked at 'the list of orders is empty', a.rs:1", "panicked at 'the list of users is empty', a.rs:1"],
    &["user alice not found", "user not found", "user alice already found"],
];

/// Each row's messages differ in values, so that all are one.
#[rustfmt::skip]
const TOGETHER: &[&[&str]] = &[
    &["took 12 ms", "took 1.5 s", "took 3h20m"],
    &["free 12 bytes of heap", "free 4.0 KB of heap", "free 1 byte of heap"],
    &["login failed for user alice", "login failed for user bob", "login failed for user carol"],
    &["login failed for user alice", "login failed for user 1234", "login failed for user carol"],
    &["cannot open file a.txt now", "cannot open file b.csv now", "cannot open file c.rs now", "cannot open file d.md now"],
    &["cannot open /var/a/b", "cannot open /etc/c"],
    &["ran class org.a.B badly", "ran class org.c.D badly", "ran class org.e.F badly", "ran class org.g.H badly"],
    &["owner=alice lost a lease", "owner=bob lost a lease", "owner=carol lost a lease", "owner=dave lost a lease"],
    &["lost nodes 1, 2 in rack", "lost nodes 1, 2, 3 in rack"],
    &["peer 10.0.0.1:22 is gone", "peer db.example.com:22 is gone"],
    &["lifetime <1 sec was short", "lifetime 00:04 was short"],
    &["rhost=10.0.0.1 denied", "rhost= denied"],
    &["wrote rdd_1_2 to disk", "wrote part-0001 to disk"],
    &["relation \"users\" is missing", "relation \"orders\" is missing"],
    &["bad reply {\"a\":1}", "bad reply {\"b\":[2,{}]}"],
];

#[test]
fn messages_that_differ_in_a_word_stay_apart() {
    for messages in APART {
        assert_eq!(count(messages), messages.len(), "{messages:?}");
    }
}

#[test]
fn messages_that_differ_in_a_value_are_one() {
    for messages in TOGETHER {
        assert_eq!(count(messages), 1, "{messages:?}");
    }
}

#[test]
fn a_place_with_a_dozen_different_words_is_variable() {
    let names = [
        "ash", "birch", "cedar", "elm", "fir", "hazel", "larch", "maple", "oak", "pine", "rowan",
        "yew",
    ];
    let messages: Vec<String> = names
        .iter()
        .map(|name| format!("welcome {name} to our shop"))
        .collect();
    assert_eq!(count(&messages[..11]), 11);
    assert_eq!(count(&messages), 1);
}

#[test]
fn two_variable_words_of_one_message_are_learned_together() {
    let pairs = [
        ("ash", "Main"),
        ("birch", "Shop"),
        ("cedar", "Cart"),
        ("elm", "Mail"),
    ];
    let messages =
        pairs.map(|(user, class)| format!("user {user} called class com.shop.{class} badly"));
    assert_eq!(count(&messages), 1);
}

#[test]
fn many_variable_words_of_one_message_are_learned_at_once() {
    let message = |letter: char| {
        let words: String = (0..30)
            .map(|at| format!("{}{letter}_{at} is ", "xyz".repeat(at % 3)))
            .collect();
        format!("start {words}")
    };
    let messages = ['a', 'b', 'c', 'd'].map(message);
    assert_eq!(count(&messages), 1);
}

#[test]
fn different_services_types_and_targets_are_never_one() {
    let error = error("it broke");
    let mut grouper = Grouper::default();
    let mut issues: Vec<_> = [
        error,
        Error {
            service: "mail",
            ..error
        },
        Error {
            kind: Some("a.Error"),
            ..error
        },
        Error {
            kind: Some("b.Error"),
            ..error
        },
        Error {
            target: Some("a.Error"),
            ..error
        },
        Error {
            target: Some("b"),
            ..error
        },
    ]
    .iter()
    .map(|error| grouper.group(error).issue)
    .collect();
    issues.sort_unstable();
    issues.dedup();
    assert_eq!(issues.len(), 6);
    // With a type, the target does not count.
    let typed = Error {
        kind: Some("a.Error"),
        target: Some("b"),
        ..error
    };
    assert!(issues.contains(&grouper.group(&typed).issue));
}

#[test]
fn causes_tell_errors_apart() {
    let mut grouper = Grouper::default();
    let refused = Error {
        causes: &["connection refused"],
        ..error("request failed")
    };
    let reset = Error {
        causes: &["connection reset"],
        ..error("request failed")
    };
    let said = Error {
        causes: &["connection refused"],
        ..error("request failed: connection refused")
    };
    assert_ne!(grouper.group(&refused).issue, grouper.group(&reset).issue);
    assert_eq!(grouper.group(&refused).issue, grouper.group(&said).issue);
}

#[test]
fn with_a_type_and_own_frames_the_message_does_not_count() {
    let frame = |function: &'static str| Frame {
        function: Some(function.into()),
        file: Some("/src/orders.rs".into()),
        line: Some(1),
    };
    let library = frame("std::io::read");
    let frames = [library.clone(), frame("shop::save"), frame("shop::main")];
    let moved = [
        frame("shop::save::{{closure}}"),
        Frame {
            line: Some(9),
            ..frame("shop::main")
        },
    ];
    let elsewhere = [frame("shop::load"), frame("shop::main")];
    let with = |message, frames| Error {
        kind: Some("io::Error"),
        frames,
        ..error(message)
    };

    let mut grouper = Grouper::default();
    let mut issue = |error: Error<'_>| grouper.group(&error).issue;
    let first = issue(with("disk full", &frames));
    assert_eq!(issue(with("disk gone", &frames)), first);
    assert_eq!(issue(with("disk full", &moved)), first);
    assert_ne!(issue(with("disk full", &elsewhere)), first);
    assert_ne!(
        issue(Error {
            kind: Some("fmt::Error"),
            ..with("disk full", &frames)
        }),
        first
    );
    // Frames of libraries only, or frames without a type, leave it to the message.
    let libraries = [library];
    let by_message = issue(with("disk full", &libraries));
    assert_eq!(issue(with("disk full", &[])), by_message);
    assert_ne!(issue(with("disk gone", &[])), by_message);
    let untyped = |message| Error {
        frames: &frames,
        ..error(message)
    };
    assert_ne!(issue(untyped("disk full")), issue(untyped("disk gone")));
}

#[test]
fn a_rule_splits_or_decides_alone() {
    let mut grouper = Grouper::default();
    let mut issue = |message, rule| {
        grouper
            .group(&Error {
                rule,
                ..error(message)
            })
            .issue
    };
    assert_ne!(
        issue("it broke", Rule::Extend("eu")),
        issue("it broke", Rule::Extend("us"))
    );
    assert_ne!(
        issue("it broke", Rule::Extend("eu")),
        issue("it broke", Rule::None)
    );
    assert_eq!(
        issue("it broke", Rule::Replace("x")),
        issue("all is lost", Rule::Replace("x"))
    );
}

#[test]
fn why_errors_are_one_issue_is_explained() {
    let mut grouper = Grouper::default();
    for user in ["alice", "bob", "carol"] {
        grouper.group(&error(&format!(
            "login of user {user} from 10.0.0.1 failed!"
        )));
    }
    let why = grouper.explain(&error("login of user dave from 10.0.0.2 failed!"));
    let why: Vec<_> = why
        .iter()
        .map(|part| (part.name, part.value.as_str()))
        .collect();
    assert_eq!(
        why,
        [
            ("service", "shop"),
            ("message", "login of user <*> from <ip> failed!")
        ]
    );
}

#[test]
fn issues_that_become_one_keep_the_key_of_the_oldest() {
    let mut grouper = Grouper::new(Limits::default());
    let mut group = |message: &str| grouper.group(&error(message));
    let oldest = group("login failed for user alice").issue;
    let newer = group("login failed for user bob").issue;
    let third = group("login failed for user carol");
    assert_ne!(oldest, newer);
    assert_eq!(third.issue, oldest);
    assert!(third.changes.contains(&Change::Merged {
        from: newer,
        into: oldest
    }));
    // What is known by then is not learned again.
    let fourth = group("login failed for user dave");
    assert_eq!((fourth.issue, fourth.changes), (oldest, Vec::new()));
    assert_eq!(group("login failed for user bob").issue, oldest);
    assert_eq!(grouper.redirects().collect::<Vec<_>>()[0], (newer, oldest));
}

#[test]
fn assigned_codes_names_of_processes_and_announced_codes_become_values() {
    let of = |values: &[&str], message: &str| {
        let messages: Vec<String> = values
            .iter()
            .map(|value| message.replace("{}", value))
            .collect();
        count(&messages)
    };
    let countries = ["DE", "FR", "BR", "JP"];
    assert_eq!(of(&countries, "no shipping rate | country={} | zone 7"), 1);
    assert_eq!(
        of(&countries[..3], "no shipping rate | country={} | zone 7"),
        3
    );
    // What something is in, or of which kind, is told apart however many there are.
    let states = ["OPEN", "CLOSED", "HALF", "GONE", "NEW", "OLD"];
    assert_eq!(of(&states, "no shipping rate | status={} | zone 7"), 6);
    assert_eq!(of(&states, "no shipping rate | order_state={} | zone 7"), 6);
    let processes = ["sshd", "Safari", "QQ", "mdworker"];
    assert_eq!(of(&processes, "sandbox: {}(123) may not look up fonts"), 1);
    assert_eq!(of(&processes, "sandbox: {} may not look up fonts"), 4);
    let currencies = ["EUR", "USD", "XAU", "BTC"];
    assert_eq!(of(&currencies, "unsupported currency {} in cart 7"), 1);
    assert_eq!(
        of(
            &["UP", "DOWN", "LOST", "FAILED"],
            "seen that node {} again after a while"
        ),
        4
    );
}
