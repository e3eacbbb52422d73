//! The pass over a message.

use super::chunk::{self, Chunk};
use super::class::{COLON, SLASH, class, class_at, is_alphanumeric};
use super::kind::Mask;
use super::list;
use super::span;
use super::token::{Shape, Token};

/// Words and values behind these are ignored.
const MAX_TOKENS: usize = 64;
/// Text behind this is ignored, too, so that no message takes long: a list may be long and still one value.
const MAX_BYTES: usize = 16 * 1024;

/// Reads `message` into `tokens`. Lists become one item: they may be of any length.
///
/// Takes time linear in the message's length. A stack trace in the message ends it.
pub(crate) fn scan(message: &[u8], tokens: &mut Vec<Token>) {
    tokens.clear();
    let message = cut(message);
    let mut scanner = Scanner {
        text: message,
        at: 0,
        before: b' ',
        unquoted: [0; 3],
        closing: 0,
        document: 0,
        tokens,
    };
    while scanner.at < message.len() && scanner.tokens.len() < MAX_TOKENS {
        scanner.step();
    }
}

/// The part of a message that is read, cut between characters.
fn cut(message: &[u8]) -> &[u8] {
    let mut end = message.len().min(MAX_BYTES);
    while end < message.len() && end > 0 && message[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    &message[..end]
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    /// The last character that was neither space nor part of a word.
    before: u8,
    /// Up to where no quoted text ends, for each kind of quote: what was searched is not searched again.
    unquoted: [usize; 3],
    /// Where the quoted text ends that is read word by word.
    closing: usize,
    /// Where the JSON ends that is read word by word, because nothing else is there.
    document: usize,
    tokens: &'a mut Vec<Token>,
}

impl Scanner<'_> {
    fn step(&mut self) {
        let byte = self.text[self.at];
        match byte {
            b' ' | b'\t' | b'\r' => self.at += 1,
            b'\n' if is_stack(&self.text[self.at + 1..]) => self.at = self.text.len(),
            b'\n' => self.at += 1,
            b'"' | b'\'' | b'`' => self.quote(byte),
            b'\\' => self.backslash(),
            b'=' => self.equals(),
            b'(' | b'[' | b'{' => self.bracket(byte),
            _ if class(byte) == 0 => self.punctuation(byte),
            _ => self.chunk(),
        }
    }

    fn punctuation(&mut self, byte: u8) {
        self.before = byte;
        self.at += 1;
    }

    fn is_behind_word(&self) -> bool {
        self.at
            .checked_sub(1)
            .is_some_and(|at| is_alphanumeric(class(self.text[at])))
    }

    fn quote(&mut self, byte: u8) {
        if self.is_behind_word() {
            // An apostrophe: `can't`. What is behind it says nothing that the word did not.
            self.at += 1;
            while byte == b'\'' && is_alphanumeric(class_at(self.text, self.at)) {
                self.at += 1;
            }
            return;
        }
        if self.at < self.closing {
            // What is quoted here is a sentence; its end, and what it quotes, is punctuation.
            return self.punctuation(byte);
        }
        let kind = usize::from(byte == b'\'') + 2 * usize::from(byte == b'`');
        match span::quoted(self.text, self.at, &mut self.unquoted[kind]) {
            Some(end) if self.is_text(end) => {
                self.closing = end;
                self.at += 1;
            }
            Some(end) => self.mask(Mask::Quoted, self.at, end),
            None => self.punctuation(byte),
        }
    }

    /// Whether the quoted text from here to `end` is to be read word by word: it is a sentence, the message, the
    /// value of a key such as `msg`, or a key itself.
    fn is_text(&self, end: usize) -> bool {
        let of_text_key = || {
            matches!(self.before, b'=' | b':')
                && self.tokens.last().is_some_and(|key| {
                    span::is_text_key(&self.text[key.start as usize..key.end as usize])
                })
        };
        let is_key = || matches!(self.before, b'{' | b',') && self.text.get(end) == Some(&b':');
        let is_message = end == self.text.len() && self.is_at_start();
        is_message
            || span::is_sentence(&self.text[self.at + 1..end - 1])
            || is_key()
            || of_text_key()
    }

    /// A quote that is escaped is a quote; another escape is a space.
    fn backslash(&mut self) {
        if let Some(end) = span::escaped_quoted(self.text, self.at) {
            self.mask(Mask::Quoted, self.at, end);
        } else if matches!(self.text.get(self.at + 1), Some(b'"' | b'n' | b'r' | b't')) {
            self.at += 2;
        } else {
            self.chunk();
        }
    }

    /// `key=` with nothing behind it has a value all the same, so that it is like `key=value`.
    fn equals(&mut self) {
        let named = self.is_behind_word();
        self.punctuation(b'=');
        let ends = self
            .text
            .get(self.at)
            .is_none_or(|next| matches!(next, b' ' | b',' | b';' | b')' | b']' | b'}' | b'\n'));
        if named && ends {
            self.mask(Mask::Empty, self.at, self.at);
            self.before = b'=';
        }
    }

    fn bracket(&mut self, open: u8) {
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            _ => b'}',
        };
        if self.text.get(self.at + 1) == Some(&close) && !self.is_behind_word() {
            // Brackets with nothing in them stand for a value, unless they call a function.
            self.mask(Mask::Empty, self.at + 1, self.at + 1);
        } else if self.at < self.document {
            self.punctuation(open);
        } else if let Some(end) = span::list(self.text, self.at) {
            self.mask(Mask::Json, self.at, end);
        } else if let Some(end) = span::json(self.text, self.at) {
            if end == self.text.len() && self.is_at_start() {
                self.document = end;
                self.punctuation(open);
            } else {
                self.mask(Mask::Json, self.at, end);
            }
        } else {
            self.punctuation(open);
        }
    }

    fn is_at_start(&self) -> bool {
        self.tokens.is_empty() && self.before == b' '
    }

    fn chunk(&mut self) {
        let Some(chunk) = Chunk::read(self.text, self.at) else {
            self.joints();
            return;
        };
        let (shape, end) = chunk.classify(self.text, self.before, self.tokens.last());
        if let Shape::Masked(kind) = shape {
            self.mask(kind, chunk.start, end);
        } else {
            let hash = chunk::hash(&self.text[chunk.start..end], shape);
            let assigned = self.before == b'=';
            let token = Token {
                hash,
                start: chunk.start as u32,
                end: end as u32,
                until: end as u32,
                shape,
                assigned,
            };
            list::push(self.text, self.tokens, token);
        }
        self.at = end;
        self.before = b' ';
        let next = class_at(self.text, end);
        if next == COLON && class_at(self.text, end + 1) != COLON {
            self.punctuation(b':');
        } else if next == SLASH && end < chunk.end {
            self.punctuation(b'/');
        }
    }

    /// Passes characters that join the parts of a word where there is none.
    fn joints(&mut self) {
        loop {
            self.punctuation(self.text[self.at]);
            let next = class_at(self.text, self.at);
            if next == 0 || next == SLASH || is_alphanumeric(next) {
                return;
            }
        }
    }

    fn mask(&mut self, kind: Mask, start: usize, end: usize) {
        let assigned = self.before == b'=';
        self.at = end;
        self.before = b' ';
        let shape = Shape::Masked(kind);
        let token = Token {
            hash: 0,
            start: start as u32,
            end: end as u32,
            until: end as u32,
            shape,
            assigned,
        };
        list::push(self.text, self.tokens, token);
    }
}

/// Whether a stack trace starts here. It is looked at elsewhere.
fn is_stack(rest: &[u8]) -> bool {
    let rest = &rest[..rest.len().min(64)];
    let line = rest.trim_ascii_start();
    let indented = line.len() < rest.len();
    (indented && (line.starts_with(b"at ") || line.starts_with(b"File \"")))
        || line.starts_with(b"Traceback (most")
        || line.starts_with(b"stack backtrace:")
        || line.starts_with(b"goroutine ")
}
