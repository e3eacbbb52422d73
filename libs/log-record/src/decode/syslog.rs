//! Lines of syslog: RFC 5424, and the BSD form of RFC 3164 as daemons really write it.

use std::borrow::Cow;

use super::candidates::{Candidates, Key};
use super::value::Value;
use super::{Decoded, Format, Hints};
use crate::{Severity, Timestamp};

/// What the lines of both forms say before their message.
#[derive(Debug, Default)]
pub(super) struct Header<'a> {
    pub(super) priority: Option<u16>,
    timestamp: Option<Timestamp>,
    host: Option<&'a str>,
    pub(super) app: Option<&'a str>,
    process: Option<&'a str>,
    message_id: Option<&'a str>,
}

pub(super) fn decode<'a>(text: &'a str, hints: &Hints<'_>) -> Option<Decoded<'a>> {
    let mut fields = Vec::new();
    let (header, message) = split(text, &mut fields, hints)?;
    Some(record(text, message, &header, fields, hints))
}

/// What the line says before its message, and the message.
pub(super) fn split<'a>(
    text: &'a str,
    fields: &mut Vec<(Key<'a>, Value<'a>)>,
    hints: &Hints<'_>,
) -> Option<(Header<'a>, &'a str)> {
    let priority = priority(without_count(text));
    let rest = priority.map_or(text, |(_, rest)| rest);
    let mut header = Header {
        priority: priority.map(|(priority, _)| priority),
        ..Header::default()
    };
    let message = match rest.strip_prefix("1 ").filter(|_| priority.is_some()) {
        Some(rest) => rfc5424(rest, &mut header, fields, hints)?,
        None => bsd(rest, &mut header, hints)?,
    };
    // Python's handler ends its messages with a zero byte.
    Some((header, message.trim_end_matches('\0')))
}

/// Whether it depends on the time of the Kafka record how the line is read.
pub(super) fn depends_on_year(text: &str) -> bool {
    let dated = match priority(without_count(text)) {
        Some((_, rest)) => without_number(rest.trim_start()),
        None => text,
    };
    Timestamp::is_leading_of_some_years(dated)
}

/// The program's own line, where that looks like an object: some mark JSON with a cookie.
pub(super) fn object(message: &str) -> Option<&str> {
    let line = message.strip_prefix("@cee:").unwrap_or(message).trim();
    line.starts_with('{').then_some(line)
}

/// The line without its length, which stands in front of it where a stream has been cut into lines by it.
fn without_count(text: &str) -> &str {
    let counted = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    match counted.strip_prefix(' ') {
        Some(line) if counted.len() < text.len() && line.starts_with('<') => line,
        _ => text,
    }
}

/// `<PRI>`: facility times eight plus severity.
fn priority(text: &str) -> Option<(u16, &str)> {
    let (number, rest) = text.strip_prefix('<')?.split_once('>')?;
    let is_number =
        (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number
        .parse()
        .ok()
        .filter(|number| is_number && *number <= 191)?;
    Some((number, rest))
}

/// `TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`, each of which may be `-`.
fn rfc5424<'a>(
    rest: &'a str,
    header: &mut Header<'a>,
    fields: &mut Vec<(Key<'a>, Value<'a>)>,
    hints: &Hints<'_>,
) -> Option<&'a str> {
    let mut words = rest.splitn(6, ' ');
    let mut word = || {
        words
            .next()
            .map(|word| Some(word).filter(|word| *word != "-"))
    };
    let time = word()?;
    header.timestamp = time.and_then(|time| Timestamp::parse_local(time, hints.utc_offset_seconds));
    header.host = word()?;
    header.app = word()?;
    header.process = word()?;
    header.message_id = word()?;
    let rest = words.next().unwrap_or("-");
    let message = match rest.strip_prefix('-') {
        Some(message) => message,
        None => structured_data(rest, fields)?,
    };
    Some(
        message
            .trim_start_matches(' ')
            .trim_start_matches('\u{feff}'),
    )
}

/// `[id name="value" ..][id ..]`: an object for each element. Returns what stands behind.
fn structured_data<'a>(text: &'a str, fields: &mut Vec<(Key<'a>, Value<'a>)>) -> Option<&'a str> {
    let mut rest = text;
    while let Some(element) = rest.strip_prefix('[') {
        let end = element.find([' ', ']'])?;
        let id = &element[..end];
        rest = &element[end..];
        let mut object = Vec::new();
        loop {
            rest = rest.trim_start_matches(' ');
            if let Some(behind) = rest.strip_prefix(']') {
                rest = behind;
                break;
            }
            let (name, quoted) = rest.split_once("=\"")?;
            let (value, behind) = parameter(quoted)?;
            object.push(if object.is_empty() { b'{' } else { b',' });
            crate::json::push_str(&mut object, name);
            object.push(b':');
            crate::json::push_str(&mut object, &value);
            rest = behind;
        }
        if object.is_empty() {
            object.push(b'{');
        }
        object.push(b'}');
        let object = String::from_utf8(object).ok()?;
        fields.push((Key::new("", id), Value::Nested(Cow::Owned(object), true)));
    }
    Some(rest)
}

/// A parameter's value, whose quotes, backslashes and brackets are escaped; and what stands behind its closing quote.
fn parameter(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\'])?;
        value.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'"' {
            return Some((value, &rest[at + 1..]));
        }
        let escaped = rest[at + 1..].chars().next()?;
        if !matches!(escaped, '"' | '\\' | ']') {
            value.push('\\');
        }
        value.push(escaped);
        rest = &rest[at + 1 + escaped.len_utf8()..];
    }
}

/// `Nov 20 22:15:16 host app[123]: message`, of which daemons leave out what they like once there is a priority.
fn bsd<'a>(text: &'a str, header: &mut Header<'a>, hints: &Hints<'_>) -> Option<&'a str> {
    let offset = hints.utc_offset_seconds;
    let has_priority = header.priority.is_some();
    let text = if has_priority {
        without_number(text.trim_start())
    } else {
        text
    };
    let dated = Timestamp::parse_leading_without_year(text, hints.timestamp, offset)
        // rsyslog's own form has a complete date.
        .or_else(|| Timestamp::parse_leading(text, offset));
    let Some((timestamp, rest)) = dated else {
        if has_priority {
            return Some(tag(text, header).unwrap_or(text));
        }
        return None;
    };
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let Some((host, message)) = rest.strip_prefix(' ').and_then(|rest| rest.split_once(' ')) else {
        return has_priority.then_some(rest.trim_start());
    };
    let is_host = !host.ends_with(':')
        && !host.contains(['[', '=', '"'])
        && !host.is_empty()
        // A level, in a line that is no syslog.
        && (has_priority || Severity::from_text(host).is_none());
    if has_priority {
        header.timestamp = Some(timestamp);
        // A tag right behind the time: the host is left out.
        if !is_host {
            return tag(rest.trim_start(), header).or(Some(rest.trim_start()));
        }
        header.host = Some(host);
        return Some(tag(message, header).unwrap_or(message));
    }
    // Without a priority, only the whole form is syslog; a process id proves it where the date does not.
    let message = tag(message, header).filter(|_| is_host)?;
    if !text.starts_with(|first: char| first.is_ascii_alphabetic()) && header.process.is_none() {
        return None;
    }
    header.timestamp = Some(timestamp);
    header.host = Some(host);
    Some(message)
}

/// The line without the number that Cisco's devices put in front: `123: `, and `*` where their clock is not set.
fn without_number(text: &str) -> &str {
    let behind = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    match behind.strip_prefix(": ") {
        Some(rest) if behind.len() < text.len() => rest.trim_start_matches('*'),
        _ => text,
    }
}

/// `app[123]: message` or `app: message`.
fn tag<'a>(text: &'a str, header: &mut Header<'a>) -> Option<&'a str> {
    let end = text.find([':', '[', ' ', '\n'])?;
    let (app, rest) = text.split_at(end);
    let is_app = !app.is_empty() && app.len() <= 64 && !app.contains(['=', '"', '{', '}', '%']);
    if !is_app {
        return None;
    }
    let (process, rest) = match rest.strip_prefix('[') {
        Some(inside) => {
            let (process, rest) = inside.split_once(']')?;
            (Some(process), rest)
        }
        None => (None, rest),
    };
    let message = rest.strip_prefix(':')?;
    if !message.is_empty() && !message.starts_with(' ') {
        return None;
    }
    header.app = Some(app);
    header.process = process;
    Some(message.strip_prefix(' ').unwrap_or(message))
}

fn record<'a>(
    text: &'a str,
    message: &'a str,
    header: &Header<'a>,
    fields: Vec<(Key<'a>, Value<'a>)>,
    hints: &Hints<'_>,
) -> Decoded<'a> {
    let hints = Hints {
        timestamp: header.timestamp.unwrap_or(hints.timestamp),
        ..hints.clone()
    };
    let mut candidates = Candidates::new(&hints);
    let mut add = |key: &'static str, value: Option<&'a str>| {
        if let Some(value) = value {
            candidates.add(Key::new("", key), Value::Text(Cow::Borrowed(value)));
        }
    };
    add("appname", header.app);
    add("hostname", header.host);
    match header.process {
        Some(process) if process.parse::<u32>().is_ok() => add("pid", Some(process)),
        process => add("procid", process),
    }
    add("msgid", header.message_id);
    add("MESSAGE", Some(object(message).unwrap_or(message)));
    if let Some(priority) = header.priority {
        candidates.add(
            Key::new("", "facility"),
            Value::Integer(i64::from(priority / 8)),
        );
        candidates.add(
            Key::new("", "PRIORITY"),
            Value::Integer(i64::from(priority % 8)),
        );
    }
    for (key, value) in fields {
        candidates.extra.push((key, value));
    }
    let has_message = !message.trim().is_empty();
    let mut decoded = candidates.finish(text, Format::Syslog, &hints);
    if !has_message {
        decoded.record.message = Cow::Borrowed(message);
    }
    if header.priority.is_none()
        && let Some(level) = super::text::level(message)
    {
        decoded.record.level = level;
    }
    decoded
}
