//! Classes of bytes.

pub(super) const LOWER: u8 = 1;
pub(super) const UPPER: u8 = 2;
pub(super) const DIGIT: u8 = 4;
pub(super) const DOT: u8 = 8;
pub(super) const COLON: u8 = 16;
pub(super) const SLASH: u8 = 32;
pub(super) const AT: u8 = 64;
/// Joins the parts of a word: dash, underscore and the like.
pub(super) const JOIN: u8 = 128;

/// The class of each byte; 0 for what stands between words. Bytes of other alphabets count as lower case.
pub(super) static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | 128..=255 => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'.' => DOT,
            b':' => COLON,
            b'/' | b'\\' => SLASH,
            b'@' => AT,
            b'-' | b'_' | b'~' | b'+' | b'$' | b'%' => JOIN,
            _ => 0,
        };
        byte += 1;
    }
    table
};

pub(super) fn class(byte: u8) -> u8 {
    CLASS[usize::from(byte)]
}

/// The class of the byte at `at`, 0 past the end.
pub(super) fn class_at(text: &[u8], at: usize) -> u8 {
    text.get(at).map_or(0, |byte| class(*byte))
}

pub(super) fn is_alphanumeric(class: u8) -> bool {
    class & (LOWER | UPPER | DIGIT) != 0
}
