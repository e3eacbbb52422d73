//! Messages that nobody meant to write: any text is grouped, in time linear in its length.

mod common;

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::error;
use issue_grouping::{Error, Grouper};
use proptest::prelude::*;

/// As long as a record may be.
const LEN: usize = 64 * 1024;

/// What the messages repeat.
#[rustfmt::skip]
const PATTERNS: &[&str] = &[
    "a", "1", " ", "\n", "a ", "1 ", "1a", "a1", "\"", "'", " 'a", " '1", "`1 ", "\\", "\\\"", "\\\" 1", "{", "{\"",
    "[{", "[ ", "[\"a\",", "(", "()", "=", "a=", "1=", ":", "::", "1:", "a:", "a::", "f:", "://", "a://", "/", "/1",
    "1/", "a/", "@", "a@", "1@", "1a@", "1.", ".", ".1", "-", "-1", "a-1", "0x", "ff", "fe80::", "1:2:3:4 ",
    "2024-01-02T03:04:05Z ", "Jan ", "Jan 1 ", "12 ms ", "é", "aéé", "\u{1}", "a.b@c ", "x1@1a@", "a=\"b c d e f g\" ",
    "msg=\"a", "550e8400-e29b-41d4-a716-446655440000",
];

#[test]
fn long_messages_of_every_kind_take_linear_time() {
    for pattern in PATTERNS {
        for message in [
            pattern.repeat(LEN / pattern.len()),
            format!("start {}", pattern.repeat(LEN / pattern.len())),
        ] {
            let mut grouper = Grouper::default();
            let begun = Instant::now();
            grouper.group(&error(&message));
            black_box(grouper.explain(&error(&message)));
            let taken = begun.elapsed();
            // Ten times what it takes unoptimised on a busy machine; quadratic time would be minutes.
            assert!(
                taken < Duration::from_millis(500),
                "{pattern:?} takes {taken:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_grouped_and_again_in_the_same_way(message in any::<String>(), kind in any::<Option<String>>(), stack in any::<String>()) {
        let mut grouper = Grouper::default();
        let frames = log_record::frames(&stack);
        let error = Error { kind: kind.as_deref(), frames: &frames, ..error(&message) };
        let first = grouper.group(&error);
        prop_assert_eq!(grouper.group(&error).issue, first.issue);
        black_box(grouper.explain(&error));
    }

    #[test]
    fn text_of_what_messages_are_made_of_is_grouped(
        message in "([a-f0-9]{1,9}|[ \"'`(){}=:/.@\\\\-]|0x|::|://|Jan|ms|true|\\\\u0022|\n\tat ){0,60}",
        stack in "(\\s*(at |File \"|[0-9]: |\tfrom )?[a-z.(:/]{0,9}(\\(|:[0-9]{1,3}|\\)|, line 3, in | in )*\n){0,6}",
    ) {
        let mut grouper = Grouper::default();
        let frames = log_record::frames(&stack);
        let error = Error { kind: Some("x"), frames: &frames, ..error(&message) };
        let issue = grouper.group(&error).issue;
        prop_assert_eq!(Grouper::default().group(&error).issue, issue);
        black_box(grouper.explain(&error));
    }
}
