//! A chunk: a run of characters that is one word or value, or several joined by colons and slashes.

use xxhash_rust::xxh3::xxh3_64;

use super::class::{CLASS, COLON, DIGIT, DOT, SLASH, class, class_at, is_alphanumeric};
use super::network::colon_address;
use super::segment::write_masked;
use super::token::Shape;

/// A run of characters without punctuation in it, other than what joins the parts of words and values.
pub(super) struct Chunk {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) flags: u8,
    /// What it was seen to be while it was read.
    pub(super) known: Option<Shape>,
}

impl Chunk {
    /// Reads the chunk at `at`. None where there is only punctuation.
    pub(super) fn read(text: &[u8], at: usize) -> Option<Chunk> {
        if (text[at].is_ascii_hexdigit() || text[at] == b':')
            && let Some((kind, end)) = colon_address(text, at)
        {
            return Some(Chunk {
                start: at,
                end,
                flags: COLON,
                known: Some(Shape::Masked(kind)),
            });
        }
        let mut start = at;
        // A sign or a currency is no part of the value.
        while matches!(
            text.get(start),
            Some(b'-' | b'+' | b'.' | b'~' | b'$' | b'%' | b'@')
        ) {
            start += 1;
        }
        let (mut end, mut flags) = (start, 0);
        while let Some(byte) = text.get(end) {
            let class = CLASS[usize::from(*byte)];
            if class == 0 {
                break;
            }
            if class == COLON {
                match colon(text, start, end) {
                    Colon::Ends => break,
                    Colon::Joins { len, as_class } => {
                        flags |= as_class;
                        end += len;
                        continue;
                    }
                    Colon::Url => return Some(Self::url(text, start, end)),
                }
            }
            flags |= class;
            end += 1;
        }
        if flags & SLASH != 0 && text.get(end) == Some(&b'?') {
            return Some(Self::url(text, start, end));
        }
        while end > start
            && !is_alphanumeric(class(text[end - 1]))
            && !matches!(text[end - 1], b'%' | b'/' | b'\\')
        {
            end -= 1;
        }
        (end > start).then_some(Chunk {
            start,
            end,
            flags,
            known: None,
        })
    }

    /// An address with a scheme, or a path with a query.
    fn url(text: &[u8], start: usize, at: usize) -> Chunk {
        let ends = |byte: &u8| {
            byte.is_ascii_whitespace()
                || matches!(
                    byte,
                    b'"' | b'\'' | b'`' | b'<' | b'>' | b')' | b']' | b'}' | b',' | b';' | b'|'
                )
        };
        let mut end = at + text[at..].iter().position(ends).unwrap_or(text.len() - at);
        while matches!(text[end - 1], b'.' | b':' | b'!' | b'?') {
            end -= 1;
        }
        Chunk {
            start,
            end,
            flags: SLASH,
            known: Some(Shape::Path),
        }
    }
}

/// Hash of a word or path after masking.
pub(super) fn hash(word: &[u8], shape: Shape) -> u64 {
    if !matches!(shape, Shape::Numbered | Shape::Path | Shape::ErrorType) {
        return xxh3_64(word);
    }
    let mut masked = Vec::with_capacity(word.len());
    write_masked(word, &mut masked);
    xxh3_64(&masked)
}

enum Colon {
    Ends,
    Joins { len: usize, as_class: u8 },
    Url,
}

/// What the colon at `at` is in the chunk from `start`.
fn colon(text: &[u8], start: usize, at: usize) -> Colon {
    if at == start {
        return Colon::Ends;
    }
    let (previous, next) = (class(text[at - 1]), class_at(text, at + 1));
    if text[at + 1..].starts_with(b"//") {
        return Colon::Url;
    }
    if next == COLON && is_alphanumeric(class_at(text, at + 2)) {
        // `hyper::Error`
        return Colon::Joins {
            len: 2,
            as_class: DOT,
        };
    }
    let drive = at == start + 1 && text.get(at + 1) == Some(&b'\\');
    if drive || (previous == DIGIT && next == DIGIT) {
        return Colon::Joins {
            len: 1,
            as_class: COLON,
        };
    }
    Colon::Ends
}
