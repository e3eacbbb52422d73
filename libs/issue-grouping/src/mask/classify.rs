//! What a chunk is: a word, a value, or several of them.

use super::chunk::Chunk;
use super::class::{AT, COLON, DIGIT, DOT, JOIN, LOWER, SLASH, UPPER, class, class_at};
use super::kind::Mask;
use super::measure::{is_compound_duration, is_part_of_date, unit, unit_behind};
use super::network::{has_port, is_host, is_ipv4};
use super::segment::{is_hex, write_masked};
use super::token::{Shape, Token};
use super::words;

/// What is longer is no word: a key, a picture, a dump.
const MAX_WORD: usize = 1024;

impl Chunk {
    /// What it is, and where that ends: a chunk that is several things ends behind the first. `before` is the
    /// last punctuation, a space where a word was read since; `last` is the token before.
    pub(super) fn classify(&self, text: &[u8], before: u8, last: Option<&Token>) -> (Shape, usize) {
        let word = &text[self.start..self.end];
        if let Some(shape) = self.known {
            return (shape, self.end);
        }
        if word.len() > MAX_WORD {
            return (Shape::Masked(Mask::Token), self.end);
        }
        if self.flags == LOWER {
            return (self.lower_case(text, before, last), self.end);
        }
        let has = |classes| self.flags & classes != 0;
        if !has(DIGIT | DOT | COLON | SLASH | AT) {
            return (self.word(text, before, last), self.end);
        }
        if has(DIGIT) && !has(LOWER | UPPER) {
            return self.number(text, word);
        }
        if has(SLASH) {
            return self.path(text, word);
        }
        if let Some(at) = memchr::memchr(b'@', word) {
            return self.at_sign(text, word, at);
        }
        if has(DOT) && (is_host(word) || has_port(text, word, self.end)) {
            return (Shape::Masked(Mask::Host), self.end);
        }
        if has(DIGIT) {
            return self.mixed(text, word);
        }
        (words::shape(word, true), self.end)
    }

    /// The part of it that ends at `end`.
    fn part(&self, text: &[u8], end: usize) -> (Shape, usize) {
        let flags = text[self.start..end]
            .iter()
            .fold(0, |flags, byte| flags | class(*byte));
        let part = Chunk {
            start: self.start,
            end,
            flags,
            known: None,
        };
        part.classify(text, b' ', None)
    }

    /// A word of lower-case letters, as most are: what [`Chunk::word`] says, without looking for what has capitals.
    fn lower_case(&self, text: &[u8], before: u8, last: Option<&Token>) -> Shape {
        let word = &text[self.start..self.end];
        match word.len() {
            1 if word != b"a" => Shape::Name,
            2..=5 if self.is_value(text, before, last) => Shape::Masked(Mask::Bool),
            8.. if is_hex(word) => Shape::Masked(Mask::Hex),
            _ => Shape::Plain,
        }
    }

    fn word(&self, text: &[u8], before: u8, last: Option<&Token>) -> Shape {
        let word = &text[self.start..self.end];
        if self.is_value(text, before, last) {
            return Shape::Masked(Mask::Bool);
        }
        if word.len() >= 8 && is_hex(word) {
            return Shape::Masked(Mask::Hex);
        }
        if words::is_random(word) {
            return Shape::Masked(Mask::Token);
        }
        if word.len() <= 4 && is_part_of_date(text, self.start, self.end, last) {
            return Shape::Masked(Mask::Time);
        }
        words::shape(word, self.flags & LOWER != 0)
    }

    /// Whether it is `true`, `null` or the like where a value is expected.
    fn is_value(&self, text: &[u8], before: u8, last: Option<&Token>) -> bool {
        let word = &text[self.start..self.end];
        let literal = matches!(
            word,
            b"true" | b"false" | b"null" | b"nil" | b"None" | b"True" | b"False"
        );
        let next = text.get(self.end).copied().unwrap_or(b')');
        let spoken = || last.is_some_and(|last| is_copula(last.word(text)));
        match before {
            b' ' => matches!(word, b"true" | b"false") && spoken(),
            b'=' => literal || matches!(word, b"yes" | b"no"),
            b':' => literal,
            b'(' | b'[' | b',' => literal && matches!(next, b')' | b']' | b'}' | b',' | b';'),
            _ => false,
        }
    }

    fn number(&self, text: &[u8], word: &[u8]) -> (Shape, usize) {
        // Java prints an address without a name as `/10.0.0.1`.
        let bare = word.strip_prefix(b"/").unwrap_or(word);
        if is_ipv4(bare) {
            return (Shape::Masked(Mask::Ip), self.end);
        }
        let count = |wanted: u8| word.iter().filter(|byte| **byte == wanted).count();
        let clock = word.windows(3).any(|three| {
            three[0] == b':' && three[1].is_ascii_digit() && three[2].is_ascii_digit()
        });
        if count(b'-') == 2 || count(b'/') == 2 || clock {
            return self.time(text);
        }
        let (kind, end) = unit_behind(text, self.end).unwrap_or((Mask::Num, self.end));
        (Shape::Masked(kind), end)
    }

    /// A time may have a fraction behind a comma.
    fn time(&self, text: &[u8]) -> (Shape, usize) {
        let mut end = self.end;
        if text.get(end) == Some(&b',') && class_at(text, end + 1) & DIGIT != 0 {
            end += 1;
            while class_at(text, end) & DIGIT != 0 {
                end += 1;
            }
        }
        (Shape::Masked(Mask::Time), end)
    }

    fn path(&self, text: &[u8], word: &[u8]) -> (Shape, usize) {
        let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
        let slashes = word.iter().filter(|byte| is_slash(byte)).count();
        let drive = word.get(1) == Some(&b':');
        let rooted =
            is_slash(&word[0]) || drive || word.starts_with(b"./") || word.starts_with(b"../");
        let ending = word.rsplit(|byte| *byte == b'.').next().unwrap_or(word);
        let file = ending.len() < word.len()
            && ending.len() <= 5
            && ending.iter().all(u8::is_ascii_lowercase);
        if rooted || slashes >= 2 || file {
            return (Shape::Path, self.end);
        }
        // `name/address`, `either/or`.
        let first = word.iter().position(is_slash).unwrap_or(word.len());
        self.part(text, self.start + first)
    }

    fn at_sign(&self, text: &[u8], word: &[u8], at: usize) -> (Shape, usize) {
        let behind = &word[at + 1..];
        // `Object@1a2b3c` is how Java prints an object.
        let object = is_hex(behind) && behind.iter().any(u8::is_ascii_digit);
        if object {
            return self.part(text, self.start + at);
        }
        (Shape::Masked(Mask::Email), self.end)
    }

    /// Letters and digits.
    fn mixed(&self, text: &[u8], word: &[u8]) -> (Shape, usize) {
        let mask = |kind| (Shape::Masked(kind), self.end);
        let joined = self.flags & (JOIN | DOT | COLON) != 0;
        if is_uuid(word) || (word.len() == 32 && is_hex(word)) {
            return mask(Mask::Uuid);
        }
        if word.len() > 2 && word[0] == b'0' && word[1] | 32 == b'x' && is_hex(&word[2..]) {
            return mask(Mask::Hex);
        }
        if is_ulid(word) {
            return mask(Mask::Ulid);
        }
        if !joined && word.len() >= 6 && is_hex(word) {
            return mask(Mask::Hex);
        }
        if words::is_random(word) {
            return mask(Mask::Token);
        }
        if word[0].is_ascii_digit() {
            if word.len() > 10 && word[10] | 32 == b't' && word[4] == b'-' {
                return self.time(text);
            }
            let digits = word
                .iter()
                .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
                .count();
            if is_compound_duration(word) {
                return mask(Mask::Duration);
            }
            return mask(unit(&word[digits..]).unwrap_or(Mask::Id));
        }
        if words::is_error_type(word) {
            return (Shape::ErrorType, self.end);
        }
        let mut masked = Vec::with_capacity(word.len());
        write_masked(word, &mut masked);
        let has_letters = masked
            .iter()
            .any(|byte| class(*byte) & (LOWER | UPPER) != 0);
        if has_letters {
            (Shape::Numbered, self.end)
        } else {
            mask(Mask::Id)
        }
    }
}

/// What `true` or `false` behind it is a value of.
fn is_copula(word: &[u8]) -> bool {
    matches!(word, b"is" | b"was" | b"to" | b"as")
}

fn is_uuid(word: &[u8]) -> bool {
    word.len() == 36
        && word.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_ulid(word: &[u8]) -> bool {
    word.len() == 26
        && word[0] <= b'7'
        && word.iter().all(|byte| {
            byte.is_ascii_digit()
                || (byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'L' | b'O' | b'U'))
        })
}
