//! One condition of the search language.

/// A condition; `negated` turns it round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// The text occurs anywhere in message, error, fields, spans or trace ids, in any case.
    Text {
        /// What must occur.
        text: String,
        /// Whether it must not.
        negated: bool,
    },
    /// A named value.
    Key {
        /// Which.
        key: Key,
        /// What it must be.
        wanted: Wanted,
        /// Whether it must not.
        negated: bool,
    },
}

/// What is asked of a named value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// That it is there (`key:*`).
    Present,
    /// That it matches a text; how, depends on the key (see [`Key`]).
    Value(String),
}

/// A named value of a record. Texts are compared in any case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The service, whole.
    Service,
    /// The host, whole.
    Host,
    /// The level, by every name the wire knows for it.
    Level,
    /// The logger's name, whole or a leading part of it up to `::` or `.`.
    Target,
    /// The error's type, message or a cause: the text occurs in one of them.
    Error,
    /// The trace id, whole.
    TraceId,
    /// The span id, whole.
    SpanId,
    /// The service's version, whole.
    Version,
    /// The environment, whole.
    Env,
    /// The source file, whole or a trailing part of it after `/`.
    File,
    /// The issue, by its id; several by comma.
    Issue,
    /// A user's field by its path: names joined by `.`. Strings are compared by their text, numbers and booleans
    /// as written, a list matches when one of its items does.
    Field(String),
}

impl Key {
    /// The key of a name; a name that is none of ours, or stands behind `fields.`, is a field.
    pub(crate) fn of(name: &str) -> Key {
        match name {
            "service" => Key::Service,
            "host" => Key::Host,
            "level" => Key::Level,
            "target" => Key::Target,
            "error" => Key::Error,
            "trace_id" => Key::TraceId,
            "span_id" => Key::SpanId,
            "version" => Key::Version,
            "env" => Key::Env,
            "file" => Key::File,
            "issue" => Key::Issue,
            _ => Key::Field(name.strip_prefix("fields.").unwrap_or(name).to_owned()),
        }
    }

    /// The name in the language, for a field its path.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Key::Service => "service",
            Key::Host => "host",
            Key::Level => "level",
            Key::Target => "target",
            Key::Error => "error",
            Key::TraceId => "trace_id",
            Key::SpanId => "span_id",
            Key::Version => "version",
            Key::Env => "env",
            Key::File => "file",
            Key::Issue => "issue",
            Key::Field(path) => path,
        }
    }
}
