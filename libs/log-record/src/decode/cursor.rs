//! Walking over JSON text once: strict about what JSON is, and without recursion, however deep the text is nested.

use super::plain::plain_length;
use super::value::Value;

/// Deeper nesting than this is passed on as text. Common parsers stop at 128 or more, and the value is wrapped a few
/// times on its way.
const MAX_DEPTH: usize = 64;

/// Where and why text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at byte {at}")]
pub struct JsonError {
    /// Offset in the text.
    pub at: usize,
    /// What should stand there.
    pub expected: &'static str,
}

/// A position in JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Cursor { text, at: 0 }
    }

    /// What has not been walked over yet.
    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// The text from `start` to here.
    pub(crate) fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// Walks over this text, if it is next.
    #[inline(always)]
    pub(crate) fn pass(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        if is_next {
            self.at += text.len();
        }
        is_next
    }

    /// Walks over this ASCII character and the text behind it, if they are next.
    #[inline(always)]
    pub(crate) fn pass_behind(&mut self, character: u8, text: &str) -> bool {
        let rest = self.rest().as_bytes().split_first();
        let is_next = rest
            .is_some_and(|(&first, rest)| first == character && rest.starts_with(text.as_bytes()));
        if is_next {
            self.at += 1 + text.len();
        }
        is_next
    }

    /// The next byte that is no white space; it is not consumed.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    pub(crate) fn fail<T>(&self, expected: &'static str) -> Result<T, JsonError> {
        Err(JsonError {
            at: self.at,
            expected,
        })
    }

    #[inline]
    fn expect(&mut self, wanted: u8, name: &'static str) -> Result<(), JsonError> {
        if self.peek() != Some(wanted) {
            return self.fail(name);
        }
        self.at += 1;
        Ok(())
    }

    /// Steps into an object: calls of [`Cursor::next_key`] follow.
    pub(crate) fn open_object(&mut self) -> Result<(), JsonError> {
        self.expect(b'{', "an object")
    }

    /// The next member's key as it is written, with the colon behind it; `None` at the end of the object.
    #[inline]
    pub(crate) fn next_key(&mut self, is_first: bool) -> Result<Option<Quoted<'a>>, JsonError> {
        match self.peek() {
            Some(b'}') => {
                self.at += 1;
                return Ok(None);
            }
            Some(b',') if !is_first => {
                self.at += 1;
                if self.peek() != Some(b'"') {
                    return self.fail("a key");
                }
            }
            Some(b'"') if is_first => {}
            _ => return self.fail("a key or the end of the object"),
        }
        self.at += 1;
        let key = self.quoted()?;
        self.expect(b':', "a colon")?;
        Ok(Some(key))
    }

    /// Steps into an array: calls of [`Cursor::next_item`] follow.
    pub(crate) fn open_array(&mut self) -> Result<(), JsonError> {
        self.expect(b'[', "an array")
    }

    /// Whether an item follows; its value is next then.
    pub(crate) fn next_item(&mut self, is_first: bool) -> Result<bool, JsonError> {
        match self.peek() {
            Some(b']') => {
                self.at += 1;
                Ok(false)
            }
            Some(b',') if !is_first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if is_first => Ok(true),
            _ => self.fail("a comma or the end of the array"),
        }
    }

    /// Walks over one value.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<Value<'a>, JsonError> {
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.quoted().map(Value::Quoted)
            }
            Some(b'{' | b'[') => self.nested(),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value<'a>, JsonError> {
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            // No JSON, and what Python writes for floats that are no numbers.
            ("NaN", Value::Number("NaN")),
            ("Infinity", Value::Number("Infinity")),
        ] {
            if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        self.fail("a value")
    }

    /// The rest of a string after its opening quote.
    #[inline]
    pub(crate) fn quoted(&mut self) -> Result<Quoted<'a>, JsonError> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut is_escaped = false;
        loop {
            self.at += plain_length(&bytes[self.at..]);
            match bytes.get(self.at) {
                Some(b'"') => {
                    let raw = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(Quoted { raw, is_escaped });
                }
                Some(b'\\') => {
                    is_escaped = true;
                    self.escape()?;
                }
                _ => return self.fail("the end of a string"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let bytes = self.text.as_bytes();
        let length = match bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u')
                if bytes
                    .get(self.at + 2..self.at + 6)
                    .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) =>
            {
                6
            }
            _ => return self.fail("an escape"),
        };
        self.at += length;
        Ok(())
    }

    /// A number as JSON writes it.
    pub(crate) fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
            if self.rest().starts_with("Infinity") {
                self.at += "Infinity".len();
                return Ok(self.since(start));
            }
        }
        match self.byte() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return self.fail("a digit"),
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(self.since(start))
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn digits(&mut self) {
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), JsonError> {
        if !self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fail("a digit");
        }
        self.digits();
        Ok(())
    }

    /// A whole object or array, checked and passed on as it is written.
    fn nested(&mut self) -> Result<Value<'a>, JsonError> {
        let start = self.at;
        let mut nesting = Nesting::default();
        let mut is_tame = true;
        loop {
            // Here a value stands, or a container has just been opened and may end at once.
            match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    self.at += 1;
                    nesting.push(open == b'{');
                    is_tame &= nesting.depth <= MAX_DEPTH;
                    if open == b'[' && self.peek() != Some(b']') {
                        continue;
                    }
                    if open == b'{' && self.next_key_inside(true)? {
                        continue;
                    }
                }
                _ => is_tame &= self.value()?.is_finite(),
            }
            // Behind a value: the next one, or the ends of containers.
            loop {
                let Some(is_object) = nesting.innermost() else {
                    return Ok(Value::Nested(self.since(start).into(), is_tame));
                };
                match (self.peek(), is_object) {
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        nesting.pop();
                    }
                    (Some(b','), true) if self.next_key_inside(false)? => break,
                    (Some(b','), false) => {
                        self.at += 1;
                        break;
                    }
                    _ => return self.fail("a comma or the end of an object or array"),
                }
            }
        }
    }

    /// Whether a key follows; an end is left for the caller.
    fn next_key_inside(&mut self, is_first: bool) -> Result<bool, JsonError> {
        if is_first && self.peek() == Some(b'}') {
            return Ok(false);
        }
        self.next_key(is_first).map(|key| key.is_some())
    }
}

/// A string between its quotes, as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted<'a> {
    pub(crate) raw: &'a str,
    pub(crate) is_escaped: bool,
}

/// Which of the open containers are objects, innermost last: a bit each.
#[derive(Debug, Default)]
struct Nesting {
    depth: usize,
    /// The bits of the innermost 64.
    innermost: u64,
    /// Those of full words further out.
    outer: Vec<u64>,
}

impl Nesting {
    fn push(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.innermost);
        }
        self.innermost = self.innermost << 1 | u64::from(is_object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.innermost >>= 1;
        if self.depth > 0
            && self.depth.is_multiple_of(64)
            && let Some(word) = self.outer.pop()
        {
            self.innermost = word;
        }
    }

    fn innermost(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.innermost & 1 == 1)
    }
}

#[cfg(test)]
mod tests;
