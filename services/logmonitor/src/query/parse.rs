//! Reads the search language of `q`.
//!
//! ```text
//! query := term*                     terms are separated by white space; all must hold
//! term  := "-"? ( key ":" value | text )
//! key   := characters other than white space, quotes and ":"
//! value := "*" | text
//! text  := word | '"' phrase '"'     in a phrase, \" is a quote and \\ a backslash
//! ```
//!
//! So that `hyper::Error`, `http://host` and `10:30` can be searched as they are, a word is text and not a key with
//! a value when it has `::` or `://` at its first colon, or starts with a digit. Quotes make any word text.

use issue_grouping::IssueKey;
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
            (Key::Issue, Wanted::Value(ids)) if ids.split(',').any(is_no_issue) => {
                self.error(value_start, "the id of an issue: 32 hex digits")
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

fn is_no_issue(id: &str) -> bool {
    IssueKey::parse(id).is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Term {
        Term::Text {
            text: text.to_owned(),
            negated: false,
        }
    }

    fn key(key: Key, value: &str) -> Term {
        Term::Key {
            key,
            wanted: Wanted::Value(value.to_owned()),
            negated: false,
        }
    }

    fn not(term: Term) -> Term {
        match term {
            Term::Text { text, .. } => Term::Text {
                text,
                negated: true,
            },
            Term::Key { key, wanted, .. } => Term::Key {
                key,
                wanted,
                negated: true,
            },
        }
    }

    fn field(path: &str) -> Key {
        Key::Field(path.to_owned())
    }

    #[test]
    fn good_queries_are_read_into_their_terms() {
        let cases = [
            ("", vec![]),
            ("  \t ", vec![]),
            ("timeout", vec![text("timeout")]),
            (" two  words ", vec![text("two"), text("words")]),
            ("\"two words\"", vec![text("two words")]),
            (
                "\"say \\\"hi\\\" c:\\\\x \\n\"",
                vec![text("say \"hi\" c:\\x \\n")],
            ),
            ("-word -\"a b\"", vec![not(text("word")), not(text("a b"))]),
            ("a-b --x", vec![text("a-b"), not(text("-x"))]),
            ("service:booking", vec![key(Key::Service, "booking")]),
            ("error:\"two words\"", vec![key(Key::Error, "two words")]),
            ("-host:h1", vec![not(key(Key::Host, "h1"))]),
            ("level:fatal", vec![key(Key::Level, "fatal")]),
            ("http.status:500", vec![key(field("http.status"), "500")]),
            ("fields.service:x", vec![key(field("service"), "x")]),
            ("order_id:7", vec![key(field("order_id"), "7")]),
            (
                "user:*",
                vec![Term::Key {
                    key: field("user"),
                    wanted: Wanted::Present,
                    negated: false,
                }],
            ),
            ("user:\"*\"", vec![key(field("user"), "*")]),
            (
                "url:http://x:80/y",
                vec![key(field("url"), "http://x:80/y")],
            ),
            ("target:a::b", vec![key(Key::Target, "a::b")]),
            ("hyper::Error", vec![text("hyper::Error")]),
            ("-http://x:80/", vec![not(text("http://x:80/"))]),
            ("10:30", vec![text("10:30")]),
            ("ärger:größe", vec![key(field("ärger"), "größe")]),
            ("*", vec![text("*")]),
        ];
        for (q, terms) in cases {
            assert_eq!(parse(q), Ok(terms), "{q}");
        }
    }

    #[test]
    fn bad_queries_are_refused_where_they_are_bad() {
        let cases = [
            ("-", 2, "after `-`"),
            ("a - b", 4, "without a space"),
            ("\"open", 6, "closing quote"),
            ("ä \"öf", 6, "closing quote"),
            ("\"\"", 2, "text between"),
            ("\"a\"b", 4, "a space"),
            ("\"a\":b", 4, "without quotes"),
            ("a\"b\"", 2, "a space before the quote"),
            ("key:", 5, "a value after `key:`"),
            ("key: value", 5, "without a space"),
            ("key:a\"b\"", 6, "a space"),
            ("key:\"a\"b", 8, "a space"),
            (":value", 1, "a key before"),
            ("-:value", 2, "a key before"),
            ("level:loud", 7, "a level"),
            ("x level:\"\"", 10, "text between"),
            ("issue:7", 7, "the id of an issue"),
            ("a..b:1", 1, "name of a field"),
            ("fields.:1", 1, "name of a field"),
        ];
        for (q, position, expected) in cases {
            let error = parse(q).unwrap_err();
            assert_eq!(error.position, position, "{q}: {error}");
            assert!(error.expected.contains(expected), "{q}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic_and_errors_point_into_it(q in "[-:\"\\\\a*1ä .\n]{0,12}|\\PC{0,20}") {
            if let Err(error) = parse(&q) {
                prop_assert!((1..=q.chars().count() + 1).contains(&error.position));
            }
        }

        #[test]
        fn any_text_can_be_quoted(wanted in "\\PC{1,20}") {
            let quoted = wanted.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(parse(&format!("\"{quoted}\"")), Ok(vec![text(&wanted)]));
        }
    }
}
