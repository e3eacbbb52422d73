//! Reads the search language of `q`.
//!
//!     query := term*                     terms are separated by white space; all must hold
//!     term  := "-"? ( key ":" value | text )
//!     key   := characters other than white space, quotes and ":"
//!     value := "*" | text
//!     text  := word | '"' phrase '"'     in a phrase, \" is a quote and \\ a backslash
//!
//! So that `hyper::Error`, `http://host` and `10:30` can be searched as they are, a word is text and not a key with
//! a value when it has `::` or `://` at its first colon, or starts with a digit. Quotes make any word text.

use std::str::FromStr;

use log_record::Severity;

use super::term::{Key, Term, Wanted};

/// The query is not in the language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: expected {expected}")]
pub struct ParseError {
    /// The character where it went wrong, counted from 1.
    pub position: usize,
    /// What would have been right there.
    pub expected: String,
}

/// Reads a query into its terms; an empty query has none.
///
/// # Errors
/// Where the text leaves the language, and what was expected there.
pub fn parse(q: &str) -> Result<Vec<Term>, ParseError> {
    let mut reader = Reader { text: q, at: 0 };
    let mut terms = Vec::new();
    loop {
        reader.skip_white_space();
        if reader.rest().is_empty() {
            return Ok(terms);
        }
        terms.push(reader.term()?);
    }
}

/// Whether a word that ends before `rest`, which may start with a colon, is text whatever follows.
fn is_text(word: &str, rest: &str) -> bool {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit()) && rest.starts_with(':');
    is_number || (!word.is_empty() && (rest.starts_with("::") || rest.starts_with("://")))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.at += wanted.len_utf8();
        }
        is_there
    }

    fn skip_white_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn error<T>(&self, at: usize, expected: impl Into<String>) -> Result<T, ParseError> {
        Err(ParseError {
            position: self.text[..at].chars().count() + 1,
            expected: expected.into(),
        })
    }

    fn term(&mut self) -> Result<Term, ParseError> {
        let negated = self.take('-');
        let start = self.at;
        match self.peek() {
            None => return self.error(start, "a word, a phrase or key:value after `-`"),
            Some(c) if c.is_whitespace() => {
                return self.error(
                    start,
                    "a word, a phrase or key:value after `-`, without a space",
                );
            }
            Some('"') => {
                let text = self.phrase()?;
                if self.peek() == Some(':') {
                    return self.error(
                        self.at,
                        "a space after the phrase; a key is written without quotes",
                    );
                }
                return Ok(Term::Text { text, negated });
            }
            Some(_) => {}
        }
        let word = self.word(true);
        if is_text(word, self.rest()) {
            self.at = start;
            let text = self.word(false).to_owned();
            return Ok(Term::Text { text, negated });
        }
        if self.peek() == Some('"') {
            return self.error(
                self.at,
                "a space before the quote, or `:` between key and value",
            );
        }
        if !self.take(':') {
            let text = word.to_owned();
            return Ok(Term::Text { text, negated });
        }
        if word.is_empty() {
            return self.error(start, "a key before `:`");
        }
        self.key_term(word, start, negated)
    }

    fn key_term(&mut self, name: &str, start: usize, negated: bool) -> Result<Term, ParseError> {
        if name == "issue" {
            return self.error(
                start,
                "a key other than `issue`: events cannot be searched by issue yet",
            );
        }
        let value_start = self.at;
        let wanted = match self.peek() {
            Some('"') => Wanted::Value(self.phrase()?),
            Some(c) if !c.is_whitespace() => match self.word(false) {
                "*" => Wanted::Present,
                value => Wanted::Value(value.to_owned()),
            },
            _ => {
                return self.error(
                    value_start,
                    format!("a value after `{name}:` (`*` for any), without a space"),
                );
            }
        };
        if self.peek() == Some('"') {
            return self.error(self.at, "a space before the quote");
        }
        let key = Key::of(name);
        match (&key, &wanted) {
            (Key::Level, Wanted::Value(level)) if Severity::from_str(level).is_err() => {
                self.error(value_start, "a level: ERROR or CRITICAL")
            }
            (Key::Field(path), _) if path.split('.').any(str::is_empty) => {
                self.error(start, "the name of a field: names joined by single dots")
            }
            _ => Ok(Term::Key {
                key,
                wanted,
                negated,
            }),
        }
    }

    /// Up to white space, a quote or, in a key, a colon.
    fn word(&mut self, stop_at_colon: bool) -> &'a str {
        let rest = self.rest();
        let is_end = |c: char| c.is_whitespace() || c == '"' || (stop_at_colon && c == ':');
        let word = &rest[..rest.find(is_end).unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    fn phrase(&mut self) -> Result<String, ParseError> {
        let start = self.at;
        self.take('"');
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                return self.error(self.at, "a closing quote");
            };
            self.at += c.len_utf8();
            match c {
                '"' => break,
                '\\' if matches!(self.peek(), Some('"' | '\\')) => {
                    text.extend(self.peek());
                    self.at += 1;
                }
                _ => text.push(c),
            }
        }
        let is_separate = |c: char| c.is_whitespace() || c == ':';
        if text.is_empty() {
            return self.error(start + 1, "text between the quotes");
        }
        if self.peek().is_some_and(|c| !is_separate(c)) {
            return self.error(self.at, "a space after the closing quote");
        }
        Ok(text)
    }
}
