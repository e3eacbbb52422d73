//! What a word looks like: an ordinary one, a state, a name from code, the name of an error type.

use super::class::{DIGIT, LOWER, UPPER, class};
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

/// Whether the word reads like random bits in base64: it goes from one to another of lower case, upper case and digits
/// at a rate that no name reaches. Without digits it also has to hold several runs of capitals.
pub(super) fn is_random(word: &[u8]) -> bool {
    const MIN_LEN: usize = 20;
    if word.len() < MIN_LEN {
        return false;
    }
    let (mut seen, mut before, mut switches, mut capitals) = (0, 0, 0, 0);
    for pair in word.windows(2) {
        let kinds = [class(pair[0]), class(pair[1])].map(|kind| kind & (LOWER | UPPER | DIGIT));
        seen |= kinds[0] | kinds[1];
        switches += usize::from(kinds[0] != kinds[1] && kinds[0] != 0 && kinds[1] != 0);
        let capital = kinds == [UPPER, UPPER];
        capitals += usize::from(capital && before != UPPER);
        before = if capital { UPPER } else { 0 };
    }
    match seen {
        _ if seen == LOWER | UPPER | DIGIT => switches * 4 >= word.len(),
        _ if seen == LOWER | UPPER => switches * 2 >= word.len() && capitals >= 2,
        _ => false,
    }
}
