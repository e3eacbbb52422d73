//! Numbers with a unit, and the words of a date.

use super::class::{AT, COLON, DIGIT, DOT, JOIN, LOWER, SLASH, UPPER, class_at, is_alphanumeric};
use super::kind::Mask;
use super::token::Token;

/// Longer words are no unit.
const MAX_UNIT: usize = 12;

/// The unit behind the number that ends at `at`, one space between them, and where the unit ends.
pub(super) fn unit_behind(text: &[u8], at: usize) -> Option<(Mask, usize)> {
    if text.get(at) != Some(&b' ') {
        return None;
    }
    let letters = text[at + 1..]
        .iter()
        .take(MAX_UNIT + 1)
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let end = at + 1 + letters;
    let next = class_at(text, end);
    let continues = next & (LOWER | UPPER | DIGIT | JOIN | SLASH | AT) != 0
        || (next & (DOT | COLON) != 0 && is_alphanumeric(class_at(text, end + 1)));
    let word = &text[at + 1..end];
    // One letter behind a space may be anything, except for bytes and seconds.
    if continues || (word.len() == 1 && !matches!(word, b"B" | b"s")) {
        return None;
    }
    unit(word).map(|kind| (kind, end))
}

/// What a number with this unit is.
pub(super) fn unit(word: &[u8]) -> Option<Mask> {
    let mut lower = [0; MAX_UNIT];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    match &*lower {
        b"ns" | b"nsec" | b"nanoseconds" | b"us" | b"usec" | b"microseconds" | b"ms" | b"msec"
        | b"msecs" | b"millis" | b"millisecond" | b"milliseconds" | b"s" | b"sec" | b"secs"
        | b"second" | b"seconds" | b"m" | b"min" | b"mins" | b"minute" | b"minutes" | b"h"
        | b"hr" | b"hrs" | b"hour" | b"hours" | b"d" | b"day" | b"days" | b"week" | b"weeks" => {
            Some(Mask::Duration)
        }
        [0xc2, 0xb5, b's'] | [0xce, 0xbc, b's'] => Some(Mask::Duration),
        b"b" | b"byte" | b"bytes" | b"k" | b"kb" | b"kib" | b"mb" | b"mib" | b"g" | b"gb"
        | b"gib" | b"tb" | b"tib" => Some(Mask::Size),
        _ => None,
    }
}

/// `3h20m`, `1m30.5s`: spans written in one word.
pub(super) fn is_compound_duration(word: &[u8]) -> bool {
    let number = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let mut rest = word;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|byte| number(byte)).count();
        let letters = rest[digits..]
            .iter()
            .take_while(|byte| !number(byte))
            .count();
        if digits == 0 || unit(&rest[digits..digits + letters]) != Some(Mask::Duration) {
            return false;
        }
        rest = &rest[digits + letters..];
    }
    true
}

/// Whether the word from `start` to `end` belongs to a date: a month or weekday before a number, a zone behind a time.
pub(super) fn is_part_of_date(text: &[u8], start: usize, end: usize, last: Option<&Token>) -> bool {
    let word = &text[start..end];
    let zone = matches!(
        word,
        b"AM" | b"PM" | b"UTC" | b"GMT" | b"EST" | b"EDT" | b"CET" | b"CEST" | b"PST" | b"PDT"
    );
    if zone {
        return last.is_some_and(|last| last.is_masked() && last.until as usize + 1 >= start);
    }
    if !is_month_or_weekday(word) {
        return false;
    }
    let gap = text[end..]
        .iter()
        .take(3)
        .take_while(|byte| matches!(byte, b' ' | b','))
        .count();
    let next = end + gap;
    let name_follows = text.get(next..next + 3).is_some_and(is_month_or_weekday);
    class_at(text, next) & DIGIT != 0
        || (name_follows && !is_alphanumeric(class_at(text, next + 3)))
}

fn is_month_or_weekday(word: &[u8]) -> bool {
    matches!(
        word,
        b"Jan"
            | b"Feb"
            | b"Mar"
            | b"Apr"
            | b"May"
            | b"Jun"
            | b"Jul"
            | b"Aug"
            | b"Sep"
            | b"Oct"
            | b"Nov"
            | b"Dec"
            | b"Mon"
            | b"Tue"
            | b"Wed"
            | b"Thu"
            | b"Fri"
            | b"Sat"
            | b"Sun"
    )
}
