//! What a word looks like: an ordinary one, a state, a name from code, the name of an error type.

use super::class::{LOWER, UPPER, class};
use super::token::Shape;

/// The shape of a word without digits. `lower` says whether it has lower-case letters.
pub(super) fn shape(word: &[u8], lower: bool) -> Shape {
    if is_error_type(word) {
        return Shape::ErrorType;
    }
    if !lower && word.len() >= 2 {
        return Shape::Caps;
    }
    let joined = word
        .iter()
        .any(|byte| matches!(byte, b'_' | b'.' | b':' | b'$' | b'~'));
    let camel = word
        .windows(2)
        .any(|pair| class(pair[0]) & LOWER != 0 && class(pair[1]) & UPPER != 0);
    // A letter alone is a symbol, unless it is a word of English.
    let symbol = word.len() == 1 && !matches!(word[0], b'a' | b'A' | b'I');
    if joined || camel || symbol {
        Shape::Name
    } else {
        Shape::Plain
    }
}

/// `IOException`, `java.io.IOException`, `TypeError`, `hyper::Error`, but not the words `Error` and `Exception`.
pub(super) fn is_error_type(word: &[u8]) -> bool {
    let last = word
        .rsplit(|byte| matches!(byte, b'.' | b':' | b'$'))
        .next()
        .unwrap_or(word);
    ["Exception", "Error"]
        .iter()
        .any(|ending| last.ends_with(ending.as_bytes()) && word.len() > ending.len())
}

/// Whether the word reads like random bits in base64: letters of both cases and digits follow each other at a rate that
/// no name reaches.
pub(super) fn is_random(word: &[u8]) -> bool {
    const MIN_LEN: usize = 20;
    if word.len() < MIN_LEN {
        return false;
    }
    let (mut lower, mut upper, mut digits, mut switches) = (false, false, false, 0);
    let mut before = 0;
    for byte in word {
        let kind = match byte {
            b'a'..=b'z' => 1,
            b'A'..=b'Z' => 2,
            b'0'..=b'9' => 3,
            _ => 0,
        };
        lower |= kind == 1;
        upper |= kind == 2;
        digits |= kind == 3;
        switches += usize::from(kind != before && kind != 0 && before != 0);
        before = kind;
    }
    lower && upper && digits && switches * 4 >= word.len()
}
