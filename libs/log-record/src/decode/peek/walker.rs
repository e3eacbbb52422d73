//! Walking over the bytes of JSON for a glance: as strict as [`crate::decode::cursor`], and faster, because it says
//! neither where nor why something is no JSON, and keeps nothing of what it passes over.

use crate::decode::plain::plain_length;

/// Deeper nesting than this is left to the decoder.
const MAX_DEPTH: u32 = 63;

/// A position in JSON text. `IN_STRING`: in JSON that is the content of a string, and still as that is written: its quotes
/// have backslashes, and what would have more of them is given up.
#[derive(Clone, Copy)]
pub(super) struct Walker<'a, const IN_STRING: bool> {
    rest: &'a [u8],
}

/// A value that was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen<'a> {
    Null,
    Bool,
    /// As it is written.
    Number(&'a [u8]),
    Text(Chars<'a>),
    /// An object or an array.
    Nested,
}

/// A string between its quotes, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chars<'a> {
    pub(super) raw: &'a [u8],
    pub(super) is_escaped: bool,
}

impl<'a, const IN_STRING: bool> Walker<'a, IN_STRING> {
    /// The first byte of a quote.
    const QUOTE: u8 = if IN_STRING { b'\\' } else { b'"' };

    pub(super) fn new(text: &'a [u8]) -> Self {
        Walker { rest: text }
    }

    /// The next byte that is no white space; it is not consumed.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.rest {
                [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] => self.rest = rest,
                [byte, ..] => return Some(*byte),
                [] => return None,
            }
        }
    }

    /// Passes over a byte that must come next.
    #[inline(always)]
    pub(super) fn expect(&mut self, wanted: u8) -> Option<()> {
        let is_next = self.peek()? == wanted;
        self.pass(1);
        is_next.then_some(())
    }

    #[inline(always)]
    fn pass(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// The next member's key, with the colon behind it passed over; `Some(None)` at the end of the object.
    #[inline(always)]
    pub(super) fn key(&mut self, is_first: bool) -> Option<Option<Chars<'a>>> {
        let mut next = self.peek()?;
        if next == b',' && !is_first {
            self.pass(1);
            next = self.peek()?;
        } else if next == b'}' {
            self.pass(1);
            return Some(None);
        } else if !is_first {
            return None;
        }
        if next != Self::QUOTE {
            return None;
        }
        let key = self.string()?;
        if self.rest.first() != Some(&b':') && self.peek()? != b':' {
            return None;
        }
        self.pass(1);
        Some(Some(key))
    }

    /// A string, of whose opening quote the first byte comes next.
    #[inline(always)]
    fn string(&mut self) -> Option<Chars<'a>> {
        let (([b'"', text @ ..], false) | ([b'\\', b'"', text @ ..], true)) =
            (self.rest, IN_STRING)
        else {
            return None;
        };
        let (raw, behind) = text.split_at_checked(plain_length(text))?;
        let is_escaped = false;
        match (behind, IN_STRING) {
            ([b'"', rest @ ..], false) | ([b'\\', b'"', rest @ ..], true) => {
                self.rest = rest;
                Some(Chars { raw, is_escaped })
            }
            (_, false) => {
                let (chars, rest) = escaped_string(text, raw.len())?;
                self.rest = rest;
                Some(chars)
            }
            (_, true) => None,
        }
    }

    /// Passes over one value.
    #[inline(always)]
    pub(super) fn value(&mut self) -> Option<Seen<'a>> {
        match self.peek()? {
            quote if quote == Self::QUOTE => self.string().map(Seen::Text),
            b'{' | b'[' => {
                *self = self.behind_nested()?;
                Some(Seen::Nested)
            }
            b'-' | b'0'..=b'9' => self.number().map(Seen::Number),
            _ => {
                let (seen, rest) = word(self.rest)?;
                self.rest = rest;
                Some(seen)
            }
        }
    }

    #[inline(always)]
    fn number(&mut self) -> Option<&'a [u8]> {
        let text = self.rest;
        if let [b'-', rest @ ..] = text {
            self.rest = rest;
            if rest.starts_with(b"Infinity") {
                self.pass(b"Infinity".len());
                return self.since(text);
            }
        }
        if let [b'0', rest @ ..] = self.rest {
            self.rest = rest;
        } else {
            self.digits()?;
        }
        if let [b'.', rest @ ..] = self.rest {
            self.rest = rest;
            self.digits()?;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = rest;
            if let [b'+' | b'-', rest @ ..] = rest {
                self.rest = rest;
            }
            self.digits()?;
        }
        self.since(text)
    }

    /// One digit at least.
    #[inline(always)]
    fn digits(&mut self) -> Option<()> {
        let mut rest = self.rest;
        while let [b'0'..=b'9', behind @ ..] = rest {
            rest = behind;
        }
        let is_some = rest.len() < self.rest.len();
        self.rest = rest;
        is_some.then_some(())
    }

    /// The string that opens behind this text, which ends with its quote, if that comes next; `None` also where an escape
    /// would have to be resolved.
    #[inline(always)]
    pub(super) fn string_behind(&mut self, opening: &[u8]) -> Option<&'a [u8]> {
        let text = self.rest.strip_prefix(opening)?;
        let (raw, behind) = text.split_at_checked(plain_length(text))?;
        self.rest = behind.strip_prefix(b"\"")?;
        Some(raw)
    }

    /// The whole number behind this text, if that comes next.
    #[inline(always)]
    pub(super) fn number_behind(&mut self, opening: &[u8]) -> Option<&'a [u8]> {
        let text = self.rest.strip_prefix(opening)?;
        self.rest = text;
        self.digits()?;
        let is_whole = matches!(self.rest, [b',' | b'}', ..]);
        self.since(text).filter(|_| is_whole)
    }

    /// What has been passed over since `text` was the rest.
    #[inline(always)]
    fn since(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        text.get(..text.len() - self.rest.len())
    }

    /// What stands behind the object or array that comes next.
    #[inline(never)]
    pub(super) fn behind_nested(mut self) -> Option<Self> {
        // A bit for each of those that are open, set for an object; the innermost is the lowest.
        let (mut kinds, mut depth) = (0_u64, 0_u32);
        loop {
            // Here a value stands, or a container has just been opened and may end at once.
            match self.peek()? {
                open @ (b'{' | b'[') => {
                    self.pass(1);
                    if depth == MAX_DEPTH {
                        return None;
                    }
                    depth += 1;
                    kinds = kinds << 1 | u64::from(open == b'{');
                    let is_empty = matches!((open, self.peek()?), (b'{', b'}') | (b'[', b']'));
                    if !is_empty {
                        if open == b'{' {
                            self.key(true)??;
                        }
                        continue;
                    }
                }
                quote if quote == Self::QUOTE => drop(self.string()?),
                b'-' | b'0'..=b'9' => drop(self.number()?),
                _ => self.rest = word(self.rest)?.1,
            }
            // Behind a value: the next one, or the ends of containers.
            loop {
                if depth == 0 {
                    return Some(self);
                }
                match (self.peek()?, kinds & 1) {
                    (b'}', 1) | (b']', 0) => {
                        self.pass(1);
                        kinds >>= 1;
                        depth -= 1;
                    }
                    (b',', 1) => {
                        self.key(false)??;
                        break;
                    }
                    (b',', _) => {
                        self.pass(1);
                        break;
                    }
                    _ => return None,
                }
            }
        }
    }
}

/// A string behind its opening quote, whose first `end` bytes stand for themselves, and what stands behind it.
#[cold]
fn escaped_string(text: &[u8], mut end: usize) -> Option<(Chars<'_>, &[u8])> {
    loop {
        match text.get(end)? {
            b'"' => {
                let raw = text.get(..end)?;
                let is_escaped = true;
                return Some((Chars { raw, is_escaped }, text.get(end + 1..)?));
            }
            b'\\' => end += escape_length(text.get(end..)?)?,
            _ => return None,
        }
        end += plain_length(text.get(end..)?);
    }
}

/// The word that the text starts with, and what stands behind it.
#[cold]
fn word(text: &[u8]) -> Option<(Seen<'_>, &[u8])> {
    let words: [(&[u8], Seen<'_>); 5] = [
        (b"null", Seen::Null),
        (b"true", Seen::Bool),
        (b"false", Seen::Bool),
        // No JSON, and what Python writes for floats that are no numbers.
        (b"NaN", Seen::Number(b"NaN")),
        (b"Infinity", Seen::Number(b"Infinity")),
    ];
    words.into_iter().find_map(|(word, seen)| {
        let rest = text.strip_prefix(word)?;
        Some((seen, rest))
    })
}

/// How long the escape is that the text starts with.
fn escape_length(text: &[u8]) -> Option<usize> {
    match text.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => {
            let digits = text.get(2..6)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(6)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decode::cursor::Cursor;
    use crate::decode::value::Value;

    /// What the decoder's cursor says of the same text, and how much it leaves.
    fn by_cursor(text: &str) -> Option<(Seen<'_>, usize)> {
        let mut cursor = Cursor::new(text);
        let seen = match cursor.value().ok()? {
            Value::Null => Seen::Null,
            Value::Bool(_) => Seen::Bool,
            Value::Number(number) => Seen::Number(number.as_bytes()),
            Value::Quoted(quoted) => Seen::Text(Chars {
                raw: quoted.raw.as_bytes(),
                is_escaped: quoted.is_escaped,
            }),
            Value::Nested(..) | Value::Text(_) | Value::Integer(_) => Seen::Nested,
        };
        Some((seen, cursor.rest().len()))
    }

    fn by_walker(text: &str) -> Option<(Seen<'_>, usize)> {
        let mut walker = Walker::<false>::new(text.as_bytes());
        let seen = walker.value()?;
        Some((seen, walker.rest.len()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn what_is_json_and_where_it_ends_is_what_the_decoder_says(
            pieces in prop::collection::vec(prop_oneof![
                8 => prop::sample::select(&[
                    "{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\"a\"", "\"a\":", "\"\\u00e9\\n\"", "\\\"",
                    "\\u12", "\u{1}", "null", "true", "false", "NaN", "-Infinity", "0", "-1.5e+3", "01", "1.", "1e", "-",
                    "{\"a\":1}", "[1,[2]]", "é", "\"twelve bytes\"", "\u{7f}",
                ][..]).prop_map(str::to_owned),
                1 => "[ -~]{0,12}",
            ], 0..12),
        ) {
            let text = pieces.concat();
            for text in [text.clone(), format!("[{text}]"), format!("{{\"a\":{text}}}"), format!("\"{text}\"")] {
                prop_assert_eq!(by_walker(&text), by_cursor(&text), "{}", text);
                if text.contains('\\') {
                    continue;
                }
                let inside = quotes_escaped(&text);
                let mut walker = Walker::<true>::new(inside.as_bytes());
                let seen = walker.value().map(|seen| (seen, walker.rest.to_vec()));
                let expected = by_walker(&text);
                let rest = |left: usize| quotes_escaped(&text[text.len() - left..]).into_bytes();
                prop_assert_eq!(seen, expected.map(|(seen, left)| (seen, rest(left))), "{}", text);
            }
        }
    }

    /// A string with nothing escaped but its quotes.
    fn quotes_escaped(text: &str) -> String {
        text.replace('"', "\\\"")
    }

    #[test]
    fn what_is_nested_too_deeply_is_left_to_the_decoder() {
        for (depth, is_walked) in [(63, true), (64, false), (100_000, false)] {
            let text = "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(by_walker(&text).is_some(), is_walked, "{depth}");
        }
    }
}
