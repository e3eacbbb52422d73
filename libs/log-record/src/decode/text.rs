//! Text that is nothing else: the whole of it is the message, up to a stack trace, and its first words may tell the
//! level and the time.

use std::borrow::Cow;

use super::error::complete;
use super::{Decoded, Format, Hints, Source, Told};
use crate::{ErrorInfo, LogRecord, Severity, Timestamp, stack};

/// How much of a line is looked at for its level.
const MAX_HEAD: usize = 256;
/// How many words of it.
const MAX_WORDS: usize = 10;

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
    let rest = line.trim_start();
    let bare = bare(rest);
    let epoch = epoch_field(rest);
    let dated = Timestamp::parse_leading_zoned(bare)
        .or_else(|| epoch.map(|(at, rest)| (Some(at), rest)))
        .or_else(|| Timestamp::skip_leading_without_year(bare).map(|rest| (None, rest)));
    let is_dated = dated.is_some();
    let (timestamp, rest) = dated.unwrap_or((None, rest));
    let level = level_of_words(rest, is_dated)
        .or_else(|| level_of_words(&line, false).filter(|_| line.starts_with(char::is_uppercase)));
    // `[ERROR] 2026-11-20T22:15:16.515Z message`
    let timestamp = timestamp.or_else(|| {
        let (_, behind) = rest
            .split_once([' ', '\t'])
            .filter(|_| !is_dated && level.is_some())?;
        Timestamp::parse_leading_zoned(behind.trim_start_matches([' ', '\t', '[']))?.0
    });
    (Head { level, timestamp }, is_dated)
}

/// The line without what may stand before its time.
fn bare(line: &str) -> &str {
    // Ruby's logger: `E, [2026-11-20T22:15:16.515486 #4711] ERROR -- : message`, behind tags of Rails.
    let untagged = line
        .strip_prefix('[')
        .and_then(|rest| Some(rest.split_once("] ")?.1))
        .unwrap_or(line);
    let line = match (line.as_bytes().get(1..4), untagged.as_bytes().get(1..4)) {
        (Some(b", ["), _) => &line[3..],
        (_, Some(b", [")) => &untagged[3..],
        _ => line,
    };
    // A logger in letters of its own: `WARN[2026-11-20T22:15:16Z] message`.
    let behind_level = line.split_once('[').filter(|(word, _)| {
        is_upper(word) && word.len() == 4 && Severity::from_text(word).is_some()
    });
    let line = behind_level.map_or(line, |(_, rest)| rest);
    line.trim_start_matches(['[', '('])
}

/// Seconds since the epoch as the first of fields with tabs between them, as zap's console encoder writes them.
fn epoch_field(line: &str) -> Option<(Timestamp, &str)> {
    let (number, rest) = line.split_at(line.find('\t')?);
    let is_epoch = number.len() >= 10 && number.starts_with(|first: char| first.is_ascii_digit());
    let at = Timestamp::parse_number(number).filter(|_| is_epoch)?;
    Some((at, rest))
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
    let rest = rest.trim_start_matches([']', ' ', '=']);
    let rest = rest.strip_prefix("PHP ").unwrap_or(rest);
    for (at, Word { text, is_field }) in words(rest).take(MAX_WORDS).enumerate() {
        if let Some(level) = pair(text) {
            return Some(level);
        }
        let bracketed = is_field || text.starts_with(['[', '(', '<', '{']) || text.ends_with(']');
        let core = text
            .trim_start_matches(['[', '(', '<', '{', '*', '"'])
            .trim_end_matches([']', ')', '>', '}', ':', ',', ';', '*', '"', '-', '=']);
        let is_first = at == 0;
        let is_marked = bracketed || (text.ends_with(':') && (is_first || plain_words == 0));
        for candidate in parts(core) {
            let Some(level) = level_in_text(candidate) else {
                continue;
            };
            let is_known = is_upper(candidate)
                || is_marked
                || (is_first && candidate == core && is_plain_level(candidate));
            if is_known {
                return Some(level);
            }
        }
        let is_punctuation = !core.contains(|c: char| c.is_alphabetic())
            || text.contains('=')
            || matches!(core, "AM" | "PM" | "UTC")
            // `10:15PM`
            || (core.contains(':') && core.starts_with(|c: char| c.is_ascii_digit()));
        plain_words += usize::from(!bracketed && !is_punctuation);
        // A message has begun. Behind a time, a logger or a host may stand first.
        let allowed = if is_behind_time { 2 } else { 0 };
        let is_process = text.ends_with(':');
        if plain_words > allowed && !(is_process && plain_words <= allowed + 1) {
            return None;
        }
    }
    None
}

/// What stands between white space, bars, or brackets that touch.
struct Word<'a> {
    text: &'a str,
    /// It is a field of its own, between bars or tabs.
    is_field: bool,
}

fn words(line: &str) -> impl Iterator<Item = Word<'_>> {
    let is_end = |c: char| c.is_ascii_whitespace() || c == '|';
    let mut rest = line;
    std::iter::from_fn(move || {
        let begin = rest.trim_start_matches(is_end);
        let between = &rest[..rest.len() - begin.len()];
        let begins_field = between.contains(['|', '\t']);
        if begin.is_empty() {
            return None;
        }
        let end = begin.find(is_end).unwrap_or(begin.len());
        let end = begin[..end].find("][").map_or(end, |at| at + 1);
        let (text, behind) = begin.split_at(end);
        rest = behind;
        let ends_field = behind.trim_start_matches(' ').starts_with(['|', '\t']);
        Some(Word {
            text,
            is_field: begins_field && ends_field,
        })
    })
}

/// The parts of a word that may be a level: Apache writes `[core:error]`, Python `ERROR:root:message`, Monolog
/// `app.ERROR`, Celery `ERROR/Worker-1`, logrus `ERRO[0012]`.
fn parts(core: &str) -> impl Iterator<Item = &str> {
    let before = core.split([':', '/', '[']).next();
    let last = core.rsplit([':', '.']).next();
    // Most words are one part.
    let last = last.filter(|last| Some(*last) != before);
    before.into_iter().chain(last)
}

/// Levels as text has them, and words that stand in their place and are none.
fn level_in_text(word: &str) -> Option<Severity> {
    const NO_LEVELS: [&str; 8] = [
        "success",
        "log",
        "note",
        "statement",
        "detail",
        "hint",
        "context",
        "any",
    ];
    let is_none = NO_LEVELS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word));
    Severity::from_text(word).or(is_none.then_some(Severity::Info))
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
    // Newer ones of C++ write the year as well.
    let (date, time) = line[1..].split_once(' ')?;
    let is_date = matches!(date.len(), 4 | 8) && date.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = time.get(2..3)? == ":" && time.get(5..6)? == ":";
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
