//! Whether a JSON value that is well-formed can also be read by everybody: many parsers give up on deep nesting, and
//! on numbers that no float can hold. A record must not make the answers unreadable that it is part of.

/// Deeper nesting than this is passed on as text. Common parsers stop at 128 or more, and the value is wrapped a few
/// times on its way.
const MAX_DEPTH: usize = 64;

/// Whether the well-formed JSON value is nested at most 64 deep, with no number beyond the range of a float.
pub(super) fn is_tame(json: &str) -> bool {
    let bytes = json.as_bytes();
    let mut depth = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at += string_length(&bytes[at..]),
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return false;
                }
            }
            b'}' | b']' => depth -= 1,
            b'0'..=b'9' => {
                let from = at - 1;
                at += number_length(&bytes[at..]);
                if !is_finite(&json[from..at]) {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

/// Length of a string's rest after its opening quote, closing quote included.
fn string_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &rest[at..]) {
        at += found + 1;
        if rest[at - 1] == b'"' {
            return at;
        }
        // Whatever the backslash escapes is no closing quote.
        at = (at + 1).min(rest.len());
    }
    rest.len()
}

fn number_length(rest: &[u8]) -> usize {
    rest.iter()
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
        .count()
}

fn is_finite(number: &str) -> bool {
    // Short and without an exponent is the common case, and always in range.
    let is_small = number.len() < 300 && !number.contains(['e', 'E']);
    is_small || number.parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_range_are_limited_where_they_are_said_to_be() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_tame(&nested(MAX_DEPTH)));
        assert!(!is_tame(&nested(MAX_DEPTH + 1)));
        for tame in [
            "1e308",
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
}
