//! The error of a record, from an object of whatever logger, from keys of their own, and from the text of its stack.

use std::borrow::Cow;

use super::candidates::{Candidates, Key};
use super::cursor::{Cursor, JsonError, Quoted};
use super::keys::Rank;
use super::read::{read_chain, read_lines};
use super::value::{Value, items, members};
use crate::ErrorInfo;
use crate::stack;

/// No error has more causes that anybody would read, and each is looked for inside the one before.
const MAX_CAUSES: usize = 32;

/// What the best object told so far.
#[derive(Debug, Default)]
pub(super) struct ErrorDraft<'a> {
    held: Option<(Rank, Key<'a>, Value<'a>)>,
    kind: Option<Cow<'a, str>>,
    message: Option<Cow<'a, str>>,
    stack: Option<Cow<'a, str>>,
    chain: Vec<Cow<'a, str>>,
    /// Members that it has no place for.
    rest: Vec<(Key<'a>, Value<'a>)>,
}

/// Reads the object of an error key that the cursor stands at.
pub(super) fn read_object<'a>(
    cursor: &mut Cursor<'a>,
    rank: Rank,
    key: Key<'a>,
    into: &mut Candidates<'a>,
) -> Result<(), JsonError> {
    let mut draft = ErrorDraft::default();
    cursor.peek();
    let start = cursor.position();
    cursor.open_object()?;
    let mut is_first = true;
    let mut is_tame = true;
    while let Some(name) = cursor.next_key(is_first)? {
        is_first = false;
        let value = cursor.value()?;
        is_tame &= value.is_tame();
        draft.take(&key, name, value);
    }
    let whole = Value::Nested(Cow::Borrowed(cursor.since(start)), is_tame);
    let has_better = into
        .error
        .held
        .as_ref()
        .is_some_and(|(held, ..)| *held <= rank);
    if has_better || draft.is_empty() {
        // `exception: {}` says as little as none.
        if !is_first {
            into.extra.push((key, whole));
        }
        return Ok(());
    }
    draft.held = Some((rank, key, whole));
    let loser = std::mem::replace(&mut into.error, draft);
    into.extra
        .extend(loser.held.map(|(_, key, value)| (key, value)));
    Ok(())
}

impl<'a> ErrorDraft<'a> {
    /// The key that it came from.
    pub(super) fn key(&self) -> Option<String> {
        self.held
            .as_ref()
            .map(|(_, key, _)| key.dotted().into_owned())
    }

    fn is_empty(&self) -> bool {
        self.kind.is_none()
            && self.message.is_none()
            && self.stack.is_none()
            && self.chain.is_empty()
    }

    fn take(&mut self, key: &Key<'a>, name: Quoted<'a>, value: Value<'a>) {
        let is_taken = match name.raw {
            "type" | "name" | "kind" | "class" | "exception_class" | "exc_type"
            | "exceptionType" | "className" => set(&mut self.kind, value.text()),
            "message" | "msg" | "exception_message" | "exc_value" | "value" => {
                set(&mut self.message, value.text())
            }
            "stack" | "stack_trace" | "stacktrace" | "stackTrace" | "extendedStackTrace"
            | "backtrace" => set(&mut self.stack, read_lines(&value)),
            "chain" => match read_chain(&value) {
                Some(chain) if self.chain.is_empty() => {
                    self.chain = chain;
                    true
                }
                _ => false,
            },
            "cause" | "causes" | "causedBy" if self.chain.is_empty() => {
                self.chain = causes(&value);
                !self.chain.is_empty()
            }
            _ => false,
        };
        if !is_taken && !value.is_nothing() {
            // `err` is but a short name for it.
            let object = key.dotted();
            let object = if object == "err" { "error" } else { &object };
            let name = Cow::Owned(format!("{object}.{}", name.text()));
            self.rest.push((Key::new("", name), value));
        }
    }

    /// The error, with what the stack's text tells where nothing else does.
    pub(super) fn finish(
        mut self,
        kind: Option<Cow<'a, str>>,
        message: Option<Cow<'a, str>>,
        stack: Option<Cow<'a, str>>,
        chain: Vec<Cow<'a, str>>,
        extra: &mut Vec<(Key<'a>, Value<'a>)>,
    ) -> Option<ErrorInfo<'a>> {
        extra.append(&mut self.rest);
        if let Some(raw) = &stack
            && self.stack.as_ref().is_some_and(|held| held != raw)
        {
            let key = Key::new("", "stack_trace");
            extra.push((key, Value::Text(raw.clone())));
        }
        let mut error = ErrorInfo {
            kind: self.kind.or(kind),
            message: self.message.or(message),
            chain: if self.chain.is_empty() {
                chain
            } else {
                self.chain
            },
            stack: self.stack.or(stack),
        };
        complete(&mut error);
        (!error.is_empty()).then_some(error)
    }
}

/// Fills in what only the text of the stack tells.
pub(super) fn complete(error: &mut ErrorInfo<'_>) {
    let is_complete = error.kind.is_some() && error.message.is_some() && !error.chain.is_empty();
    let Some(text) = error.stack.as_ref().filter(|_| !is_complete) else {
        return;
    };
    let found = stack::summary(text);
    let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
    let (kind, message) = (found.kind.map(owned), found.message.map(owned));
    let chain: Vec<_> = found.chain.into_iter().map(owned).collect();
    if error.kind.is_none() {
        error.kind = kind;
    }
    if error.message.is_none() {
        error.message = message;
    }
    if error.chain.is_empty() {
        error.chain = chain;
    }
}

fn set<'a>(slot: &mut Option<Cow<'a, str>>, text: Option<Cow<'a, str>>) -> bool {
    if slot.is_some() || text.is_none() {
        return false;
    }
    *slot = text;
    true
}

/// The causes of an error, outermost first: objects inside each other, an array of them, or text.
fn causes<'a>(value: &Value<'a>) -> Vec<Cow<'a, str>> {
    let mut chain = Vec::new();
    let Value::Nested(Cow::Borrowed(raw), _) = value else {
        chain.extend(value.text().filter(|_| value.is_text()));
        return chain;
    };
    if raw.starts_with('[') {
        for item in items(raw).iter().take(MAX_CAUSES) {
            match item {
                Value::Nested(Cow::Borrowed(inner), _) => chain.extend(cause(inner).0),
                _ => chain.extend(item.text()),
            }
        }
        return chain;
    }
    let mut next = Some(*raw);
    while let Some(raw) = next.filter(|_| chain.len() < MAX_CAUSES) {
        let (text, inner) = cause(raw);
        let Some(text) = text else { break };
        chain.push(text);
        next = inner;
    }
    chain
}

/// `Type: message` of one cause, and the object of its own.
fn cause(object: &str) -> (Option<Cow<'_, str>>, Option<&str>) {
    let (mut kind, mut message, mut inner) = (None, None, None);
    for (name, value) in members(object) {
        match name.raw {
            "type" | "name" | "class" | "exception_class" | "exceptionType" | "className" => {
                set(&mut kind, value.text());
            }
            "message" | "msg" | "exception_message" => {
                set(&mut message, value.text());
            }
            // Quarkus puts the cause into an object of its own.
            "cause" | "causedBy" | "exception" => {
                if let Value::Nested(Cow::Borrowed(raw), _) = value {
                    inner = Some(raw);
                }
            }
            _ => {}
        }
    }
    let text = match (kind, message) {
        (Some(kind), Some(message)) => Some(Cow::Owned(format!("{kind}: {message}"))),
        (kind, message) => kind.or(message),
    };
    (text, inner)
}
