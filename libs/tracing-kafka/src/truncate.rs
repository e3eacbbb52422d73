//! Makes a record's text fit: cuts its strings, the longest first, and marks the record. Works on the JSON that this
//! crate writes (no white space between tokens, members with a comma behind the last).

use std::ops::Range;

/// The member that says that something was cut.
pub(crate) const MARK: &[u8] = b"\"truncated\":true,";

/// Strings up to this length are never cut: ids, names, types.
const KEPT: usize = 64;

/// Cuts string values until `text` is at most `limit` bytes long. If that is not to be had with every string at
/// [`KEPT`] bytes, all but the message goes.
pub(crate) fn fit(text: &mut Vec<u8>, limit: usize) {
    if text.len() <= limit {
        return;
    }
    let marked = text.ends_with(MARK);
    let limit = if marked {
        limit
    } else {
        limit.saturating_sub(MARK.len())
    };
    let values = string_values(text);
    match longest_that_fits(text.len(), &values, limit) {
        Some(longest) => {
            *text = cut_values(text, &values, longest);
            if !marked {
                text.extend_from_slice(MARK);
            }
        }
        None => *text = message_only(text, &values, limit),
    }
}

/// The greatest length of a value at which the text fits, if there is one.
fn longest_that_fits(len: usize, values: &[Range<usize>], limit: usize) -> Option<usize> {
    let fits = |longest: usize| {
        let cut: usize = values
            .iter()
            .map(|value| value.len().saturating_sub(longest))
            .sum();
        len - cut <= limit
    };
    if !fits(KEPT) {
        return None;
    }
    // Fits at `low`, does not at `high`.
    let (mut low, mut high) = (KEPT, len);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if fits(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

fn cut_values(text: &[u8], values: &[Range<usize>], longest: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut copied = 0;
    for value in values {
        if value.len() > longest {
            out.extend_from_slice(&text[copied..value.start]);
            out.extend_from_slice(cut_string(&text[value.clone()], longest));
            copied = value.end;
        }
    }
    out.extend_from_slice(&text[copied..]);
    out
}

fn message_only(text: &[u8], values: &[Range<usize>], limit: usize) -> Vec<u8> {
    const KEY: &[u8] = b"\"message\":\"";
    let mut out = Vec::new();
    if let Some(message) = values.first().filter(|first| text[..first.start] == *KEY) {
        let room = limit.saturating_sub(KEY.len() + 2);
        out.extend_from_slice(KEY);
        out.extend_from_slice(cut_string(&text[message.clone()], room));
        out.extend_from_slice(b"\",");
    }
    out.extend_from_slice(MARK);
    out
}

/// The ranges, without quotes, of all strings that are values rather than keys.
fn string_values(text: &[u8]) -> Vec<Range<usize>> {
    let mut values = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'"' {
            at += 1;
            continue;
        }
        let start = at + 1;
        let mut end = start;
        while end < text.len() && text[end] != b'"' {
            end += if text[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(text.len());
        if text.get(end + 1) != Some(&b':') {
            values.push(start..end);
        }
        at = end + 1;
    }
    values
}

/// The longest beginning of at most `longest` bytes that splits neither an escape nor a character.
fn cut_string(string: &[u8], longest: usize) -> &[u8] {
    let mut end = 0;
    while end < string.len() {
        let unit = match string[end] {
            b'\\' if string.get(end + 1) == Some(&b'u') => 6,
            b'\\' => 2,
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
            _ => 1,
        };
        if end + unit > longest {
            break;
        }
        end += unit;
    }
    &string[..end.min(string.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(text: &str, limit: usize) -> String {
        let mut text = text.as_bytes().to_vec();
        fit(&mut text, limit);
        String::from_utf8(text).unwrap()
    }

    fn parsed(text: &str) -> serde_json::Value {
        serde_json::from_str(&format!("{{{}}}", text.trim_end_matches(','))).unwrap()
    }

    #[test]
    fn what_fits_is_left_alone() {
        let text = r#""message":"hello","fields":{"a":1},"#;
        assert_eq!(fitted(text, 1_000), text);
    }

    #[test]
    fn the_longest_value_is_cut_first() {
        let text = format!(
            r#""message":"short","fields":{{"body":"{}","user":"{}"}},"#,
            "b".repeat(5_000),
            "u".repeat(200)
        );
        let cut = fitted(&text, 1_000);
        assert!(cut.len() <= 1_000 && cut.len() > 990, "{}", cut.len());
        let record = parsed(&cut);
        assert_eq!(record["message"], "short");
        assert_eq!(record["fields"]["user"], "u".repeat(200));
        assert_eq!(record["truncated"], true);
    }

    #[test]
    fn neither_an_escape_nor_a_character_is_split() {
        for unit in [r"\u0001", r"\n", "é", "€", "🦀"] {
            let text = format!(r#""message":"{}","#, unit.repeat(100));
            for limit in 110..140 {
                let record = parsed(&fitted(&text, limit));
                assert_eq!(record["truncated"], true, "{unit} {limit}");
            }
        }
    }

    #[test]
    fn a_record_of_countless_short_values_keeps_its_message() {
        let fields: String = (0..1_000).map(|n| format!(r#""k{n}":"v","#)).collect();
        let text = format!(
            r#""message":"hello","fields":{{{}}},"#,
            fields.trim_end_matches(',')
        );
        assert_eq!(fitted(&text, 500), r#""message":"hello","truncated":true,"#);
    }
}
