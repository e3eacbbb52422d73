//! Text that is nothing else: the whole of it is the message, up to a stack trace, and its first words may tell the
//! level and the time.

use std::borrow::Cow;

use super::error::complete;
use super::{Decoded, Format, Hints, Source, Told};
use crate::{ErrorInfo, LogRecord, Severity, Timestamp, stack};

/// How much of a line is looked at for its level.
const MAX_HEAD: usize = 256;
/// How many words of it.
const MAX_WORDS: usize = 8;

pub(super) fn decode<'a>(text: &'a str, hints: &Hints<'_>) -> Decoded<'a> {
    let (message, error) = split_trace(text);
    let Head { level, timestamp } = Head::read(text);
    let mut record = LogRecord::new(
        timestamp.unwrap_or(hints.timestamp),
        level.unwrap_or(hints.level),
        Cow::Owned(hints.service.to_owned()),
        message,
    );
    record.error = error;
    Decoded {
        record,
        format: Format::Text,
        shape: None,
        is_level_unknown: false,
        sources: if hints.explain {
            sources(level, timestamp)
        } else {
            Vec::new()
        },
        told: Told {
            level: level.is_some(),
            timestamp: timestamp.is_some(),
            ..Told::default()
        },
    }
}

/// What a text told, for people.
fn sources(level: Option<Severity>, timestamp: Option<Timestamp>) -> Vec<Source> {
    let told = |field: &'static str| Source {
        field,
        key: "the first words of the line".to_owned(),
    };
    let level = level.map(|_| told("level"));
    let timestamp = timestamp.map(|_| told("timestamp"));
    timestamp.into_iter().chain(level).collect()
}

/// The level that the first words of a text tell.
pub(super) fn level(text: &str) -> Option<Severity> {
    Head::read(text).level
}

/// What the first words of a text tell.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    level: Option<Severity>,
    /// Where it was written with its zone. A date without one may be hours off, which the time of the Kafka record is
    /// not.
    timestamp: Option<Timestamp>,
}

impl Head {
    fn read(text: &str) -> Head {
        let mut lines = text.lines();
        let (mut head, is_dated) = head_of_line(lines.next().unwrap_or_default());
        // java.util.logging writes time and class on a line of their own.
        if head.level.is_none()
            && is_dated
            && let Some((word, _)) = lines.next().and_then(|line| line.split_once(": "))
        {
            head.level = Severity::from_text(word).filter(|_| is_upper(word));
        }
        head
    }
}

/// What stands before a stack trace, and the error of the trace.
pub(super) fn split_trace(text: &str) -> (Cow<'_, str>, Option<ErrorInfo<'_>>) {
    let Some((before, trace)) = stack::split(text) else {
        return (Cow::Borrowed(text), None);
    };
    let mut error = ErrorInfo {
        stack: Some(Cow::Borrowed(trace)),
        ..ErrorInfo::default()
    };
    complete(&mut error);
    let before = before.trim_end();
    if !before.is_empty() {
        return (Cow::Borrowed(before), Some(error));
    }
    // Nothing stands before it: its heading is the message.
    let heading = stack::heading(trace)
        .unwrap_or_else(|| Cow::Borrowed(trace.lines().next().unwrap_or(trace)));
    (heading, Some(error))
}

/// What a line tells, and whether it starts with a date.
fn head_of_line(line: &str) -> (Head, bool) {
    let mut end = line.len().min(MAX_HEAD);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let line = without_colours(&line[..end]);
    if let Some(level) = klog(&line) {
        let level = Some(level);
        return (
            Head {
                level,
                timestamp: None,
            },
            false,
        );
    }
    let mut rest = line.trim_start();
    // Ruby's logger: `E, [2026-11-20T22:15:16.515486 #4711] ERROR -- : message`.
    if rest.as_bytes().get(1..4) == Some(b", [") {
        rest = &rest[3..];
    }
    let bare = rest.trim_start_matches(['[', '(']);
    let dated = Timestamp::parse_leading_zoned(bare);
    let (timestamp, rest) = dated.unwrap_or((None, rest));
    let level = level_of_words(rest, dated.is_some());
    (Head { level, timestamp }, dated.is_some())
}

/// The line without the sequences that colour it on a terminal.
pub(super) fn without_colours(line: &str) -> Cow<'_, str> {
    if !line.contains('\u{1b}') {
        return Cow::Borrowed(line);
    }
    let mut plain = String::with_capacity(line.len());
    let mut parts = line.split('\u{1b}');
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let text = part.strip_prefix('[').and_then(|sequence| {
            let end = sequence.find(|c: char| c.is_ascii_alphabetic())?;
            sequence.get(end + 1..)
        });
        plain.push_str(text.unwrap_or(part));
    }
    Cow::Owned(plain)
}

/// Looks for the level among the words in front of a message.
fn level_of_words(rest: &str, is_behind_time: bool) -> Option<Severity> {
    let mut plain_words = 0;
    for (at, word) in rest.split_ascii_whitespace().take(MAX_WORDS).enumerate() {
        if let Some(level) = pair(word) {
            return Some(level);
        }
        let is_first = at == 0 && !is_behind_time;
        let bracketed = word.starts_with(['[', '(', '<', '|', '{']) || word.ends_with([']', '|']);
        let core = word
            .trim_start_matches(['[', '(', '<', '|', '{', '*', '"'])
            .trim_end_matches([']', ')', '>', '|', '}', ':', ',', ';', '*', '"', '-']);
        // Apache writes `[core:error]`, Python `ERROR:root:message`.
        let (before, behind) = core.split_once(':').unwrap_or((core, ""));
        let last = core.rsplit(':').next().unwrap_or(core);
        let is_marked = bracketed || (word.ends_with(':') && (is_first || plain_words == 0));
        for candidate in [before, last] {
            let Some(level) = Severity::from_text(candidate) else {
                continue;
            };
            let is_known = is_upper(candidate)
                || is_marked
                || (is_first && behind.is_empty() && is_plain_level(candidate));
            if is_known {
                return Some(level);
            }
        }
        let is_punctuation =
            core.is_empty() || word.contains('=') || !core.contains(|c: char| c.is_alphabetic());
        plain_words += usize::from(!bracketed && !is_punctuation);
        // A message has begun. Behind a time, a logger or a host may stand first.
        let allowed = if is_behind_time { 2 } else { 0 };
        let is_process = word.ends_with("]:") || word.ends_with(':');
        if plain_words > allowed && !(is_process && plain_words <= allowed + 1) {
            return None;
        }
    }
    None
}

/// `level=error` among other words.
fn pair(word: &str) -> Option<Severity> {
    let (key, value) = word.split_once('=')?;
    let is_level = matches!(key, "level" | "lvl" | "severity" | "loglevel");
    is_level
        .then(|| Severity::from_text(value.trim_matches('"')))
        .flatten()
}

/// `E1120 22:15:16.515486   4711 file.go:42] message` of Kubernetes' own programs.
fn klog(line: &str) -> Option<Severity> {
    let level = match line.as_bytes().first()? {
        b'I' => Severity::Info,
        b'W' => Severity::Warn,
        b'E' => Severity::Error,
        b'F' => Severity::Critical,
        _ => return None,
    };
    let is_date = line.get(1..5)?.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = line.get(5..8)?.starts_with(' ') && line.get(8..9)? == ":";
    (is_date && is_time).then_some(level)
}

fn is_upper(word: &str) -> bool {
    !word.is_empty() && !word.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Words that hardly begin a sentence as anything but a level: not `default`, `fine`, `notice` or `failure`.
fn is_plain_level(word: &str) -> bool {
    const PLAIN: [&str; 12] = [
        "trace", "debug", "info", "warn", "warning", "error", "err", "crit", "critical", "fatal",
        "severe", "emerg",
    ];
    PLAIN.iter().any(|plain| plain.eq_ignore_ascii_case(word))
}
