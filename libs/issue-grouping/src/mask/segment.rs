//! Words with digits in them: which part is a number, and which a word.

use super::class::{DIGIT, LOWER, UPPER, class};

/// Stands for a masked part inside a word. Never in a log as a character of its own.
pub(crate) const MARK: u8 = 1;

/// Appends `word` with what varies in it replaced by [`MARK`]. Parts between dots and slashes are looked at one by
/// one; masked parts beside each other become one.
pub(crate) fn write_masked(word: &[u8], out: &mut Vec<u8>) {
    let begin = out.len();
    for part in
        word.split_inclusive(|byte| matches!(byte, b'.' | b'/' | b'\\' | b'?' | b'&' | b'='))
    {
        let (text, separator) = match part.split_last() {
            Some((last, rest)) if matches!(last, b'.' | b'/' | b'\\' | b'?' | b'&' | b'=') => {
                (rest, Some(*last))
            }
            _ => (part, None),
        };
        // `1.2.3` is one mark, and so is `a/1/2`.
        let mark_before = out.len() >= begin + 2 && out[out.len() - 2] == MARK;
        let from = out.len();
        write_segment(text, out);
        if mark_before && out[from..] == [MARK] {
            out.truncate(from - 1);
        }
        out.extend(separator);
    }
}

/// Appends one part: `attempt_14_m_2` as `attempt_` and a mark, `part-00590` as `part-` and a mark.
fn write_segment(segment: &[u8], out: &mut Vec<u8>) {
    if !segment.iter().any(u8::is_ascii_digit) {
        out.extend_from_slice(segment);
        return;
    }
    let mut kept = 0;
    for part in
        segment.split_inclusive(|byte| matches!(byte, b'-' | b'_' | b'~' | b'+' | b'$' | b':'))
    {
        if part.iter().any(u8::is_ascii_digit) {
            let letters = word_before_number(part);
            let mut prefix = &segment[..kept + letters];
            // `blk_-1` is `blk_` and a negative number.
            while let [rest @ .., b'_' | b'-' | b'~' | b'$' | b':', b'-' | b'+'] = prefix {
                prefix = &prefix[..rest.len() + 1];
            }
            out.extend_from_slice(prefix);
            out.push(MARK);
            return;
        }
        kept += part.len();
    }
}

/// How many letters of `part` are a word with a number behind it. None where the letters are part of an id.
fn word_before_number(part: &[u8]) -> usize {
    let letters = part
        .iter()
        .take_while(|byte| class(**byte) & DIGIT == 0)
        .count();
    if is_hex(part) && part.len() >= 4 {
        return 0;
    }
    let tail = &part[letters..];
    let mixed_tail = tail.iter().any(|byte| class(*byte) & (LOWER | UPPER) != 0);
    if mixed_tail && letters <= 2 && part.len() >= 6 {
        0
    } else {
        letters
    }
}

pub(super) fn is_hex(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_hexdigit)
}
