//! Values that are recognised by their first character and may hold anything: quoted text and JSON.

use memchr::memchr;

/// A quoted value longer than this is not looked for: the quote is an apostrophe or was cut off.
const MAX_QUOTED: usize = 1024;

/// Where the quoted value that starts at `at` ends (behind its closing quote), if it is one. `searched` is up to where
/// no closing quote is known to be, so that unclosed quotes cost no more than one search.
pub(super) fn quoted(text: &[u8], at: usize, searched: &mut usize) -> Option<usize> {
    let quote = text[at];
    let limit = text.len().min(at + MAX_QUOTED);
    let mut from = (at + 1).max(*searched).min(limit);
    while let Some(end) = memchr(quote, &text[from..limit]) {
        let end = from + end;
        let escaped = end - 1 > at && text[end - 1] == b'\\';
        let inside = text.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
        if !escaped && !inside {
            return Some(end + 1);
        }
        from = end + 1;
    }
    *searched = limit;
    None
}

/// Ways to write a quote inside a quoted string.
const ESCAPED_QUOTES: [&[u8]; 4] = [b"\\\"", b"\\x22", b"\\042", b"\\u0022"];

/// Where the value between escaped quotes that starts at `at` ends.
pub(super) fn escaped_quoted(text: &[u8], at: usize) -> Option<usize> {
    let quote = ESCAPED_QUOTES
        .iter()
        .find(|quote| text[at..].starts_with(quote))?;
    let begin = at + quote.len();
    let limit = text.len().min(begin + MAX_QUOTED);
    let end = memchr::memmem::find(&text[begin..limit], quote)?;
    Some(begin + end + quote.len())
}

/// Whether quoted text is a sentence, whose words count, and not a value.
pub(super) fn is_sentence(quoted: &[u8]) -> bool {
    const MAX_WORDS_OF_VALUE: usize = 4;
    is_request_line(quoted)
        || quoted.iter().filter(|byte| **byte == b' ').count() >= MAX_WORDS_OF_VALUE
}

/// Whether the value of this key is a text for people.
pub(super) fn is_text_key(key: &[u8]) -> bool {
    matches!(
        key,
        b"msg"
            | b"message"
            | b"error"
            | b"err"
            | b"error_message"
            | b"exception"
            | b"reason"
            | b"cause"
            | b"detail"
            | b"details"
            | b"desc"
            | b"description"
            | b"event"
            | b"status"
            | b"state"
            | b"title"
            | b"text"
    )
}

/// Whether the quoted text is the request line of an access log, whose words say more than its being quoted.
fn is_request_line(quoted: &[u8]) -> bool {
    let Some(method) = quoted.iter().position(|byte| *byte == b' ') else {
        return false;
    };
    (3..=7).contains(&method)
        && quoted[..method].iter().all(u8::is_ascii_uppercase)
        && matches!(quoted.get(method + 1), Some(b'/' | b'h' | b'*'))
        && memchr::memmem::find(quoted, b" HTTP/").is_some()
}

/// Where the list of words ends that starts with the bracket at `at`: `[name, email, city]`, as Java prints one. A single
/// word in brackets is a name more often than a list.
pub(super) fn list(text: &[u8], at: usize) -> Option<usize> {
    if text[at] != b'[' {
        return None;
    }
    let limit = text.len().min(at + MAX_QUOTED);
    let close = at + 1 + memchr(b']', &text[at + 1..limit])?;
    let is_item = |item: &[u8]| {
        let of_word =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        !item.is_empty() && item.iter().all(of_word)
    };
    let mut items = text[at + 1..close].split(|byte| *byte == b',');
    let first = items.next()?;
    let mut rest = items.peekable();
    rest.peek()?;
    let is_list =
        is_item(first) && rest.all(|item| is_item(item.strip_prefix(b" ").unwrap_or(item)));
    is_list.then_some(close + 1)
}

/// Where the JSON that starts at `at` ends. JSON that was cut off ends with the message.
pub(super) fn json(text: &[u8], at: usize) -> Option<usize> {
    let first = text[at + 1..]
        .iter()
        .find(|byte| !byte.is_ascii_whitespace())?;
    let is_json = match text[at] {
        b'{' => matches!(first, b'"' | b'\'' | b'\\'),
        b'[' => matches!(first, b'"' | b'{'),
        _ => false,
    };
    let escaped = *first == b'\\';
    if !is_json {
        return None;
    }
    let mut depth = 0usize;
    let mut at = at;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' if !escaped => at = end_of_string(text, at)?,
            _ => {}
        }
        at += 1;
    }
    Some(text.len())
}

/// Where the closing quote of the JSON string at `at` stands; the end of the message where there is none.
fn end_of_string(text: &[u8], at: usize) -> Option<usize> {
    let mut from = at + 1;
    while let Some(end) = memchr(b'"', text.get(from..)?) {
        let end = from + end;
        let slashes = text[from..end]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if slashes % 2 == 0 {
            return Some(end);
        }
        from = end + 1;
    }
    Some(text.len())
}
