//! The error of a record, from an object, or from text where a logger writes no more than that.

use super::value::{Members, Value};
use crate::ErrorInfo;

/// Reads the value of an `error` key into `error`; members it has no place for come back under `error.`.
pub(super) fn read<'a>(value: Value<'a>, error: &mut ErrorInfo<'a>) -> Vec<(String, Value<'a>)> {
    let Some(Members(members)) = value.members() else {
        // Text: the message of the error, or a whole stack trace.
        if let Some(text) = value.text() {
            if text.contains('\n') {
                error.stack.get_or_insert(text);
            } else {
                error.message.get_or_insert(text);
            }
        }
        return Vec::new();
    };
    let mut rest = Vec::new();
    for (key, value) in members {
        let taken = match key.as_ref() {
            "type" | "name" | "kind" | "class" => set(&mut error.kind, value),
            "message" | "msg" => set(&mut error.message, value),
            "stack" | "stack_trace" | "stacktrace" => set(&mut error.stack, value),
            "chain" => set_chain(error, value),
            _ => false,
        };
        if !taken && !value.is_null() {
            rest.push((format!("error.{key}"), value));
        }
    }
    rest
}

fn set<'a>(slot: &mut Option<std::borrow::Cow<'a, str>>, value: Value<'a>) -> bool {
    if slot.is_some() {
        return false;
    }
    *slot = value.text();
    slot.is_some()
}

fn set_chain<'a>(error: &mut ErrorInfo<'a>, value: Value<'a>) -> bool {
    let Some(items) = value.items() else {
        return false;
    };
    let chain: Option<Vec<_>> = items.into_iter().map(Value::text).collect();
    match chain {
        Some(chain) if error.chain.is_empty() => {
            error.chain = chain;
            true
        }
        _ => false,
    }
}
