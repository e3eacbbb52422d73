//! The `error` object of a record: type, message, chain and stack of the error that was logged.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::value::{push_formatted, push_text};

/// A chain is cut here: deeper ones are loops or noise.
const MAX_CHAIN: usize = 32;

/// The parts of the object, each JSON without its quotes, empty while unknown.
#[derive(Debug)]
pub(crate) struct Cause {
    kind: Vec<u8>,
    message: Vec<u8>,
    /// Quoted messages, each with a comma behind it.
    chain: Vec<u8>,
    stack: Vec<u8>,
    /// A `dyn Error` has been taken: text under the name `error` comes second to it.
    is_typed: bool,
}

impl Cause {
    pub(crate) const fn new() -> Cause {
        Cause {
            kind: Vec::new(),
            message: Vec::new(),
            chain: Vec::new(),
            stack: Vec::new(),
            is_typed: false,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.kind.clear();
        self.message.clear();
        self.chain.clear();
        self.stack.clear();
        self.is_typed = false;
    }

    /// Whether a `dyn Error` has been taken.
    pub(crate) fn is_typed(&self) -> bool {
        self.is_typed
    }

    /// Takes an error value. Whether anything was cut.
    pub(crate) fn take_error(&mut self, limit: usize, error: &(dyn Error + 'static)) -> bool {
        self.kind.clear();
        self.message.clear();
        self.is_typed = true;
        push_kind(&mut self.kind, error);
        let mut cut = push_formatted(&mut self.message, limit, format_args!("{error}"));
        let mut source = source_of(error);
        for _ in 0..MAX_CHAIN {
            let Some(cause) = source else { break };
            self.chain.push(b'"');
            cut |= push_formatted(&mut self.chain, limit, format_args!("{cause}"));
            self.chain.extend_from_slice(b"\",");
            source = source_of(cause);
        }
        cut
    }

    /// Takes an error that was logged as text. Whether anything was cut.
    pub(crate) fn take_message(&mut self, limit: usize, message: fmt::Arguments<'_>) -> bool {
        self.message.clear();
        push_formatted(&mut self.message, limit, message)
    }

    /// Takes a backtrace that was logged as a field. Whether anything was cut.
    pub(crate) fn take_stack(&mut self, limit: usize, stack: fmt::Arguments<'_>) -> bool {
        self.stack.clear();
        push_formatted(&mut self.stack, limit, stack)
    }

    /// Takes a type and a message, as of a panic.
    pub(crate) fn take_kind_and_message(&mut self, limit: usize, kind: &str, message: &str) {
        push_text(&mut self.kind, limit, kind);
        push_text(&mut self.message, limit, message);
        self.is_typed = true;
    }

    /// Appends `"error":{…},` or nothing. Returns the offset behind the last member.
    pub(crate) fn push(&self, out: &mut Vec<u8>) -> usize {
        if [&self.kind, &self.message, &self.chain, &self.stack]
            .iter()
            .all(|part| part.is_empty())
        {
            return out.len();
        }
        out.extend_from_slice(b"\"error\":{");
        push_member(out, "type", &self.kind);
        push_member(out, "message", &self.message);
        if !self.chain.is_empty() {
            out.extend_from_slice(b"\"chain\":[");
            out.extend_from_slice(&self.chain[..self.chain.len() - 1]);
            out.extend_from_slice(b"],");
        }
        push_member(out, "stack", &self.stack);
        // The last member's comma.
        out.pop();
        let end = out.len();
        out.extend_from_slice(b"},");
        end
    }
}

/// Appends `"key":"value",` unless the value is empty.
fn push_member(out: &mut Vec<u8>, key: &str, value: &[u8]) {
    if value.is_empty() {
        return;
    }
    out.push(b'"');
    out.extend_from_slice(key.as_bytes());
    out.extend_from_slice(b"\":\"");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\",");
}

/// `source()` is foreign code: a panic ends the chain.
fn source_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    catch_unwind(AssertUnwindSafe(|| error.source())).unwrap_or_default()
}

/// Appends the error's type as well as it can be known: the name for common types of the standard library, else the
/// name its `Debug` begins with (of a derived `Debug` that is the struct's or the enum variant's), else nothing.
fn push_kind(out: &mut Vec<u8>, error: &(dyn Error + 'static)) {
    if let Some(known) = std_type(error) {
        out.extend_from_slice(known.as_bytes());
        return;
    }
    let start = out.len();
    let mut name = LeadingName {
        out,
        ended: false,
        is_type: true,
    };
    // Ends with an error as soon as the name does; what the rest would have been is of no interest.
    let named = catch_unwind(AssertUnwindSafe(|| write!(name, "{error:?}")));
    let is_type = name.is_type && out.get(start).is_some_and(u8::is_ascii_alphabetic);
    if named.is_err() || !is_type {
        out.truncate(start);
    }
}

fn std_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
    macro_rules! first_of {
        ($($type:ty),+ $(,)?) => {
            $(if error.is::<$type>() { return Some(stringify!($type)); })+
        };
    }
    first_of!(
        std::io::Error,
        std::fmt::Error,
        std::num::ParseIntError,
        std::num::ParseFloatError,
        std::num::TryFromIntError,
        std::str::Utf8Error,
        std::str::ParseBoolError,
        std::string::FromUtf8Error,
        std::net::AddrParseError,
        std::env::VarError,
        std::time::SystemTimeError,
        std::sync::mpsc::RecvError,
    );
    None
}

/// Takes the identifier or path a text begins with, and refuses the rest.
struct LeadingName<'a> {
    out: &'a mut Vec<u8>,
    ended: bool,
    /// What follows the name is what a derived `Debug` would write there. A sentence is no type.
    is_type: bool,
}

impl fmt::Write for LeadingName<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.ended {
            return Err(fmt::Error);
        }
        let of_name = text
            .bytes()
            .take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
            .count();
        let (name, rest) = text.as_bytes().split_at(of_name);
        self.out.extend_from_slice(name);
        if rest.is_empty() {
            return Ok(());
        }
        self.ended = true;
        self.is_type = rest.starts_with(b"(") || rest.starts_with(b" {");
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(error: &(dyn Error + 'static)) -> String {
        let mut out = Vec::new();
        push_kind(&mut out, error);
        String::from_utf8(out).unwrap()
    }

    macro_rules! error_that_prints {
        ($name:ident, $debug:expr) => {
            struct $name;
            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str($debug)
                }
            }
            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("shown")
                }
            }
            impl Error for $name {}
        };
    }

    #[test]
    fn the_type_is_the_name_a_derived_debug_begins_with() {
        #[derive(Debug, thiserror::Error)]
        enum Failure {
            #[error("unit")]
            Unit,
            #[error("tuple")]
            Tuple(u8),
            #[error("named")]
            Named { code: u8 },
        }
        assert_eq!(kind(&Failure::Unit), "Unit");
        assert_eq!(kind(&Failure::Tuple(1)), "Tuple");
        let named = Failure::Named { code: 1 };
        assert_eq!(kind(&named), "Named");
        let Failure::Named { code } = named else {
            unreachable!()
        };
        assert_eq!(code, 1);
        error_that_prints!(Hyper, "hyper::Error(IncompleteMessage)");
        assert_eq!(kind(&Hyper), "hyper::Error");
    }

    #[test]
    fn common_types_of_the_standard_library_are_known() {
        assert_eq!(kind(&std::io::Error::other("x")), "std::io::Error");
        assert_eq!(
            kind(&"x".parse::<u8>().unwrap_err()),
            "std::num::ParseIntError"
        );
    }

    #[test]
    fn a_sentence_is_no_type() {
        error_that_prints!(Sentence, "Payment failed: timeout");
        assert_eq!(kind(&Sentence), "");
        error_that_prints!(Quoted, "\"payment failed\"");
        assert_eq!(kind(&Quoted), "");
    }
}
