//! Which key of a record means what: the table of aliases, each with its rank.
//!
//! A nested object and a dotted key are the same thing: `{"log":{"level":..}}` is looked up as `log.level`.

use Slot::{
    Caller, Chain, Env, Error, ErrorMessage, ErrorStack, ErrorType, Fields, File, Host, Instance,
    Level, Line, Message, Module, Name, Pid, Schema, Seq, Service, Span, SpanId, Spans, Target,
    Thread, Timestamp, TraceId, Truncated, Version,
};

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Timestamp,
    Level,
    Message,
    Service,
    Host,
    Instance,
    Seq,
    Schema,
    Version,
    Env,
    Pid,
    Target,
    Module,
    File,
    Line,
    /// File and line in one.
    Caller,
    Thread,
    /// An error of whatever shape.
    Error,
    ErrorType,
    ErrorMessage,
    ErrorStack,
    Chain,
    Fields,
    Span,
    Spans,
    TraceId,
    SpanId,
    Truncated,
    /// The service in the shape of pino and bunyan, the logger in Python's.
    Name,
}

impl Slot {
    /// How many slots there are.
    pub(super) const COUNT: usize = Name as usize + 1;

    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Slot; Slot::COUNT] = [
        Timestamp,
        Level,
        Message,
        Service,
        Host,
        Instance,
        Seq,
        Schema,
        Version,
        Env,
        Pid,
        Target,
        Module,
        File,
        Line,
        Caller,
        Thread,
        Error,
        ErrorType,
        ErrorMessage,
        ErrorStack,
        Chain,
        Fields,
        Span,
        Spans,
        TraceId,
        SpanId,
        Truncated,
        Name,
    ];

    /// The canonical field that the slot gives its value to.
    pub(super) const fn field(self) -> &'static str {
        match self {
            Timestamp => "timestamp",
            Level => "level",
            Message => "message",
            Service => "service",
            Host => "host",
            Instance => "instance",
            Seq => "seq",
            Schema => "schema",
            Version => "version",
            Env => "env",
            Pid => "pid",
            Target => "target",
            Module => "module",
            File => "file",
            Line => "line",
            Caller => "file, line",
            Thread => "thread",
            Error => "error",
            ErrorType => "error.type",
            ErrorMessage => "error.message",
            ErrorStack => "error.stack",
            Chain => "error.chain",
            Fields => "fields",
            Span => "span",
            Spans => "spans",
            TraceId => "trace_id",
            SpanId => "span_id",
            Truncated => "truncated",
            Name => "name",
        }
    }
}

/// How early the alias stands in its row of the table: 0 is our own key, and the lowest rank wins.
pub(super) type Rank = u8;

/// The rank of [`Slot::Message`] that `fields.message` has, which is looked at last.
pub(super) const MESSAGE_IN_FIELDS: Rank = 9;
/// The rank of [`Slot::Message`] of a template that has to be filled in.
pub(super) const MESSAGE_TEMPLATE: Rank = 11;

/// Keys of levels whose numbers have a meaning of their own, by rank.
pub(super) mod numeric_level {
    use super::Rank;

    pub(crate) const SEVERITY: Rank = 2;
    pub(crate) const OTEL: Rank = 20;
    pub(crate) const LOGBACK: Rank = 22;
    pub(crate) const PYTHON: Rank = 23;
    pub(crate) const SYSLOG: Rank = 25;
}

/// Every alias, in the order of the table.
const ALIASES: &[(&str, Slot, Rank)] = &[
    ("timestamp", Timestamp, 0),
    ("@timestamp", Timestamp, 1),
    ("time", Timestamp, 2),
    ("ts", Timestamp, 3),
    ("@t", Timestamp, 4),
    ("timeUnixNano", Timestamp, 5),
    ("asctime", Timestamp, 6),
    ("created", Timestamp, 7),
    ("date", Timestamp, 8),
    ("eventTime", Timestamp, 9),
    ("observedTimeUnixNano", Timestamp, 10),
    ("timeMillis", Timestamp, 11),
    ("record.time.timestamp", Timestamp, 12),
    ("_SOURCE_REALTIME_TIMESTAMP", Timestamp, 13),
    ("__REALTIME_TIMESTAMP", Timestamp, 14),
    ("datetime", Timestamp, 15),
    ("Timestamp", Timestamp, 16),
    ("level", Level, 0),
    ("log.level", Level, 1),
    ("severity", Level, numeric_level::SEVERITY),
    ("severityText", Level, 3),
    ("severity_text", Level, 4),
    ("levelname", Level, 5),
    ("loglevel", Level, 6),
    ("lvl", Level, 7),
    ("@l", Level, 8),
    ("record.level.name", Level, 9),
    ("level_name", Level, 10),
    ("log_level", Level, 11),
    ("Level", Level, 12),
    ("LogLevel", Level, 13),
    ("@level", Level, 14),
    ("severityNumber", Level, numeric_level::OTEL),
    ("severity_number", Level, numeric_level::OTEL + 1),
    ("level_value", Level, numeric_level::LOGBACK),
    ("levelno", Level, numeric_level::PYTHON),
    ("record.level.no", Level, numeric_level::PYTHON + 1),
    ("PRIORITY", Level, numeric_level::SYSLOG),
    ("log.syslog.severity.code", Level, numeric_level::SYSLOG + 1),
    ("message", Message, 0),
    ("msg", Message, 1),
    ("@m", Message, 2),
    ("body", Message, 3),
    ("body.stringValue", Message, 3),
    ("short_message", Message, 4),
    ("event", Message, 5),
    ("log", Message, 6),
    ("MESSAGE", Message, 7),
    ("record.message", Message, 8),
    ("textPayload", Message, 10),
    ("@mt", Message, MESSAGE_TEMPLATE),
    ("jsonPayload.message", Message, 12),
    ("RenderedMessage", Message, 13),
    ("Message", Message, 14),
    ("@message", Message, 15),
    ("MessageTemplate", Message, 16),
    ("service", Service, 0),
    ("service.name", Service, 1),
    ("resource.service.name", Service, 2),
    ("resource.attributes.service.name", Service, 2),
    ("service_name", Service, 3),
    ("otelServiceName", Service, 4),
    ("app", Service, 5),
    ("application", Service, 6),
    ("appname", Service, 7),
    ("kubernetes.labels.app.kubernetes.io/name", Service, 8),
    ("kubernetes.labels.app_kubernetes_io/name", Service, 8),
    ("kubernetes.pod_labels.app.kubernetes.io/name", Service, 8),
    ("kubernetes.labels.app", Service, 9),
    ("kubernetes.pod_labels.app", Service, 9),
    ("kubernetes.container_name", Service, 10),
    ("kubernetes.container.name", Service, 10),
    ("serviceContext.service", Service, 11),
    ("SYSLOG_IDENTIFIER", Service, 12),
    ("host", Host, 0),
    ("host.name", Host, 1),
    ("host.hostname", Host, 2),
    ("hostname", Host, 3),
    ("source_host", Host, 4),
    ("resource.host.name", Host, 5),
    ("resource.attributes.host.name", Host, 5),
    ("kubernetes.host", Host, 6),
    ("kubernetes.pod_name", Host, 7),
    ("kubernetes.pod.name", Host, 7),
    ("_HOSTNAME", Host, 8),
    ("instance", Instance, 0),
    ("seq", Seq, 0),
    ("schema", Schema, 0),
    ("version", Version, 0),
    ("service.version", Version, 1),
    ("serviceContext.version", Version, 2),
    ("resource.service.version", Version, 3),
    ("resource.attributes.service.version", Version, 3),
    ("env", Env, 0),
    ("service.environment", Env, 1),
    ("deployment.environment.name", Env, 2),
    ("deployment.environment", Env, 3),
    ("resource.deployment.environment.name", Env, 4),
    ("pid", Pid, 0),
    ("process.pid", Pid, 1),
    ("_PID", Pid, 2),
    ("record.process.id", Pid, 3),
    ("target", Target, 0),
    ("logger", Target, 1),
    ("logger_name", Target, 2),
    ("log.logger", Target, 3),
    ("loggerName", Target, 4),
    ("SourceContext", Target, 5),
    ("scope.name", Target, 6),
    ("record.name", Target, 7),
    ("@module", Target, 8),
    ("module", Module, 0),
    ("file", File, 0),
    ("filename", File, 1),
    ("log.origin.file.name", File, 2),
    ("code.file.path", File, 3),
    ("code.filepath", File, 4),
    ("pathname", File, 5),
    ("source.file", File, 6),
    ("logging.googleapis.com/sourceLocation.file", File, 7),
    ("record.file.path", File, 8),
    ("line", Line, 0),
    ("line_number", Line, 1),
    ("log.origin.file.line", Line, 2),
    ("code.line.number", Line, 3),
    ("code.lineno", Line, 4),
    ("lineno", Line, 5),
    ("source.line", Line, 6),
    ("logging.googleapis.com/sourceLocation.line", Line, 7),
    ("record.line", Line, 8),
    ("caller", Caller, 0),
    ("thread", Thread, 0),
    ("thread_name", Thread, 1),
    ("threadName", Thread, 2),
    ("process.thread.name", Thread, 3),
    ("thread.name", Thread, 4),
    ("record.thread.name", Thread, 5),
    ("trace_id", TraceId, 0),
    ("trace.id", TraceId, 1),
    ("traceId", TraceId, 2),
    ("traceID", TraceId, 3),
    ("@tr", TraceId, 4),
    ("otelTraceID", TraceId, 5),
    ("logging.googleapis.com/trace", TraceId, 6),
    ("span_id", SpanId, 0),
    ("span.id", SpanId, 1),
    ("spanId", SpanId, 2),
    ("spanID", SpanId, 3),
    ("@sp", SpanId, 4),
    ("otelSpanID", SpanId, 5),
    ("logging.googleapis.com/spanId", SpanId, 6),
    ("error", Error, 0),
    ("err", Error, 1),
    ("exception", Error, 2),
    ("exc_info", Error, 3),
    ("exc_text", Error, 4),
    ("thrown", Error, 5),
    ("@x", Error, 6),
    ("record.exception", Error, 7),
    ("Exception", Error, 8),
    ("error.type", ErrorType, 0),
    ("exception.type", ErrorType, 1),
    ("error.message", ErrorMessage, 0),
    ("exception.message", ErrorMessage, 1),
    ("error.stack_trace", ErrorStack, 0),
    ("exception.stacktrace", ErrorStack, 1),
    ("stack_trace", ErrorStack, 2),
    ("stacktrace", ErrorStack, 3),
    ("errorVerbose", ErrorStack, 4),
    ("stack", ErrorStack, 5),
    ("full_message", ErrorStack, 6),
    ("error.chain", Chain, 0),
    ("fields", Fields, 0),
    ("span", Span, 0),
    ("span.name", Span, 1),
    ("spans", Spans, 0),
    ("truncated", Truncated, 0),
    ("name", Name, 0),
];

/// Objects that are groups of dotted keys rather than values of their own.
const GROUPS: &[&str] = &[
    "log",
    "log.origin",
    "log.origin.file",
    "log.syslog",
    "log.syslog.severity",
    "service",
    "serviceContext",
    "host",
    "process",
    "process.thread",
    "thread",
    "trace",
    "span",
    "scope",
    "source",
    "code",
    "code.file",
    "code.line",
    "deployment",
    "deployment.environment",
    "kubernetes",
    "kubernetes.labels",
    "kubernetes.pod_labels",
    "kubernetes.pod",
    "kubernetes.container",
    "resource",
    "resource.attributes",
    "logging.googleapis.com/sourceLocation",
    "body",
    "jsonPayload",
    "record",
    "record.level",
    "record.time",
    "record.file",
    "record.process",
    "record.thread",
];

/// The longest key of the tables.
const MAX_LENGTH: usize = 48;
const BUCKETS: usize = 1024;

/// Position in [`ALIASES`] plus one by hash, or 0; the next bucket where one is taken.
static ALIAS_INDEX: [u8; BUCKETS] = {
    let mut index = [0_u8; BUCKETS];
    let mut at = 0;
    while at < ALIASES.len() {
        let mut bucket = hash(ALIASES[at].0.as_bytes());
        while index[bucket] != 0 {
            bucket = (bucket + 1) % BUCKETS;
        }
        assert!(at < 255 && ALIASES[at].0.len() <= MAX_LENGTH);
        index[bucket] = at as u8 + 1;
        at += 1;
    }
    index
};

/// Cheap, and spread well enough over keys as loggers have them.
#[inline]
const fn hash(key: &[u8]) -> usize {
    let length = key.len();
    if length == 0 {
        return 0;
    }
    let (first, middle, last) = (key[0], key[length / 2], key[length - 1]);
    let mixed =
        length * 0x9E5 + first as usize * 0x1F1 + middle as usize * 0x47 + last as usize * 0xB;
    (mixed ^ (mixed >> 7)) % BUCKETS
}

/// Looks a key up. `None`: it is one of the user's, and goes to `fields`.
#[inline]
pub(super) fn slot(key: &str) -> Option<(Slot, Rank)> {
    let mut bucket = hash(key.as_bytes());
    loop {
        let at = usize::from(ALIAS_INDEX[bucket]).checked_sub(1)?;
        let &(alias, slot, rank) = ALIASES.get(at)?;
        if alias == key {
            return Some((slot, rank));
        }
        bucket = (bucket + 1) % BUCKETS;
    }
}

/// Looks up the key of a member of a group.
pub(super) fn slot_in(group: &str, key: &str) -> Option<(Slot, Rank)> {
    if group.is_empty() {
        return slot(key);
    }
    let length = group.len() + 1 + key.len();
    let mut dotted = [0; MAX_LENGTH];
    let dotted = dotted.get_mut(..length)?;
    dotted[..group.len()].copy_from_slice(group.as_bytes());
    dotted[group.len()] = b'.';
    dotted[group.len() + 1..].copy_from_slice(key.as_bytes());
    slot(std::str::from_utf8(dotted).ok()?)
}

/// The group that a member's object is, if it is one.
pub(super) fn group_in(group: &str, key: &str) -> Option<&'static str> {
    GROUPS.iter().copied().find(|known| {
        if group.is_empty() {
            *known == key
        } else {
            let inner = known.strip_prefix(group);
            inner.and_then(|rest| rest.strip_prefix('.')) == Some(key)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_is_found_under_its_own_name_only() {
        for &(alias, slot_of, rank) in ALIASES {
            assert_eq!(slot(alias), Some((slot_of, rank)), "{alias}");
        }
        for foreign in ["", "x", "LEVEL", "levels", "log.", "kubernetes"] {
            assert_eq!(slot(foreign), None, "{foreign}");
        }
        assert_eq!(slot_in("log", "level"), Some((Level, 1)));
        assert_eq!(slot_in("log", &"x".repeat(100)), None);
    }

    #[test]
    fn a_group_inside_a_group_is_found() {
        assert_eq!(group_in("", "log"), Some("log"));
        assert_eq!(group_in("log", "origin"), Some("log.origin"));
        assert_eq!(group_in("log", "level"), None);
        assert_eq!(group_in("", "origin"), None);
    }
}
