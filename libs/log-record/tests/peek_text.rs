//! A glance at a line of text never contradicts the decoder, whatever it is made of.

#[path = "messages/agrees.rs"]
mod agrees;
#[path = "messages/lines.rs"]
mod lines;
mod messages;

use std::sync::LazyLock;

use log_record::{Severity, peek_text};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use agrees::{agrees, config};
use lines::{lines, piece};

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_glance_at_lines_of_whatever_pieces_agrees(line in lines()) {
        agrees(line.as_bytes())?;
    }

    #[test]
    fn a_glance_at_lines_that_have_been_changed_agrees(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, prop::option::of(piece())), 0..4),
        wrapper in prop::sample::select(&["", "2026-11-20T22:15:16Z stdout F ", "<14>Nov 20 22:15:16 h a: "][..]),
    ) {
        let mut line: String = which.get(&LINES).clone();
        for (at, cut, piece) in changes {
            let characters: Vec<char> = line.chars().collect();
            let at = at.index(characters.len() + 1);
            let behind = characters.iter().skip(at + cut);
            line = characters[..at].iter().collect();
            line.push_str(piece.as_deref().unwrap_or_default());
            line.extend(behind);
        }
        agrees((wrapper.to_owned() + &line).as_bytes())?;
    }
}

/// The messages of one line that are no JSON.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let messages = messages::ALL.iter();
    messages
        .filter_map(|message| String::from_utf8(message.clone()).ok())
        .filter(|message| !message.starts_with('{') && !message.trim().contains('\n'))
        .collect()
});

#[test]
fn a_glance_at_a_line_tells_level_and_service() {
    for (line, level, service) in [
        (
            "level=warn service=a msg=\"said \\\"x\\\"\" b",
            Severity::Warn,
            Some("a"),
        ),
        ("at=info service=30ms method=GET", Severity::Info, None),
        (
            "<14>Nov 20 22:15:16 host cron[12]: ran",
            Severity::Info,
            Some("cron"),
        ),
        (
            "<132>1 2026-11-20T22:15:16Z host app - - [a b=\"c\"] said",
            Severity::Warn,
            Some("app"),
        ),
        (
            "<14>Nov 20 22:15:16 host app: @cee:{\"level\":\"debug\",\"msg\":\"m\"}",
            Severity::Debug,
            Some("app"),
        ),
        (
            "Nov 20 22:15:16 host app[1]: WARN said",
            Severity::Warn,
            Some("app"),
        ),
        ("2026-11-20 22:15:16 DEBUG a: said", Severity::Debug, None),
        ("nothing is told", Severity::Trace, None),
        (
            "2026-11-20T22:15:16Z stdout F level=warn app=a msg=m",
            Severity::Warn,
            Some("a"),
        ),
        (
            "2026-11-20T22:15:16Z stdout F 2026-11-20 22:15:16 WARN said",
            Severity::Warn,
            None,
        ),
    ] {
        let peeked = peek_text(line.as_bytes(), Severity::Trace);
        let peeked = peeked.map(|peeked| (peeked.level, peeked.service));
        assert_eq!(peeked, Some((level, service)), "{line}");
        agrees(line.as_bytes()).unwrap();
    }
}

#[test]
fn a_glance_at_a_line_is_left_to_the_decoder_where_it_is_not_certain() {
    for line in [
        "",
        "ERROR said",
        "<11>Nov 20 22:15:16 host app: said",
        "level=error msg=m",
        "level=info msg=\"\\u007b\\\"level\\\":\\\"error\\\"}\"",
        "level=\u{1b}[31merror\u{1b}[0m severity=info",
        // Not every year has the day, and a year that is written may lie ahead.
        "<14>Feb 29 22:15:16 host app: said",
        "<14>Nov 20 2026 22:15:16 host app: said",
        "2026-11-20T22:15:16Z {\"level\":\"error\",\"msg\":\"m\"}",
        "\u{feff}{\"level\":\"error\",\"msg\":\"m\"}",
        "\"level=error msg=m\"",
        "said\nERROR said",
    ] {
        assert_eq!(peek_text(line.as_bytes(), Severity::Trace), None, "{line}");
    }
    assert_eq!(peek_text(b"said", Severity::Error), None);
}

/// Each is one thing at first sight and another one to the decoder.
#[test]
fn a_glance_at_lines_that_mislead_agrees() {
    for line in [
        // No version of GELF, whose levels are those of syslog.
        "version=1.1 level=4 msg=m",
        "version=1.1 level=30 msg=m",
        "at=\"err\\u006fr\" PRIORITY=6",
        "level=info service=\"3\\u0030ms\"",
        // Without a message the whole line is one.
        "Nov 20 22:15:16 host ERROR[1]:",
        "Nov 20 22:15:16 host app[1]: {\"level\":\"error\",\"msg\":\"m\"}",
        "<14>1 2026-11-20T22:15:16Z host  - - - said",
        // A backslash and a letter, which is no line feed here.
        "2026-11-20T22:15:16Z stdout F {\"level\":\"warn\",\"msg\":\"m\"}\\n",
        "\u{2003}{\"level\":\"error\",\"msg\":\"m\"}",
        "\u{2003}[{\"level\":\"error\",\"msg\":\"m\"}]",
        // An export request without a record.
        "\n\0",
    ] {
        agrees(line.as_bytes()).unwrap();
    }
}

#[test]
fn many_lines_of_whatever_pieces_are_told_at_a_glance() {
    let mut runner = TestRunner::deterministic();
    let told = (0..1_000).filter(|_| {
        let line = lines().new_tree(&mut runner).unwrap().current();
        peek_text(line.as_bytes(), Severity::Trace).is_some()
    });
    assert!(told.count() > 300);
}
