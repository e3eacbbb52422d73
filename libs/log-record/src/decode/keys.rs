//! Which key of a record means what: the table of aliases, each with its rank.
//!
//! A nested object and a dotted key are the same thing: `{"log":{"level":..}}` is looked up as `log.level`.

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
    Thread,
    Error,
    ErrorType,
    ErrorMessage,
    ErrorStack,
    Fields,
    Span,
    Spans,
    TraceId,
    SpanId,
    Truncated,
}

impl Slot {
    /// How many slots there are.
    pub(super) const COUNT: usize = Slot::Truncated as usize + 1;
}

/// How early the alias stands in its row of the table: 0 is our own key, and the lowest rank wins.
pub(super) type Rank = u8;

/// Numeric level keys rank behind every text key: text beats number.
pub(super) const NUMERIC_LEVEL: Rank = 64;

/// Looks a key up. `None`: it is one of the user's, and goes to `fields`.
#[expect(clippy::too_many_lines, reason = "it is a table, a line each")]
pub(super) fn slot(key: &str) -> Option<(Slot, Rank)> {
    let found = match key {
        "timestamp" => (Slot::Timestamp, 0),
        "@timestamp" => (Slot::Timestamp, 1),
        "time" => (Slot::Timestamp, 2),
        "ts" => (Slot::Timestamp, 3),
        "@t" => (Slot::Timestamp, 4),
        "timeUnixNano" => (Slot::Timestamp, 5),
        "asctime" => (Slot::Timestamp, 6),
        "created" => (Slot::Timestamp, 7),
        "date" => (Slot::Timestamp, 8),
        "eventTime" => (Slot::Timestamp, 9),
        "observedTimeUnixNano" => (Slot::Timestamp, 10),

        "level" => (Slot::Level, 0),
        "log.level" => (Slot::Level, 1),
        "severity" => (Slot::Level, 2),
        "severityText" => (Slot::Level, 3),
        "severity_text" => (Slot::Level, 4),
        "levelname" => (Slot::Level, 5),
        "loglevel" => (Slot::Level, 6),
        "lvl" => (Slot::Level, 7),
        "@l" => (Slot::Level, 8),
        "severityNumber" => (Slot::Level, NUMERIC_LEVEL),
        "severity_number" => (Slot::Level, NUMERIC_LEVEL + 1),
        "level_value" => (Slot::Level, NUMERIC_LEVEL + 2),
        "levelno" => (Slot::Level, NUMERIC_LEVEL + 3),
        "PRIORITY" => (Slot::Level, NUMERIC_LEVEL + 4),
        "log.syslog.severity.code" => (Slot::Level, NUMERIC_LEVEL + 5),

        "message" => (Slot::Message, 0),
        "msg" => (Slot::Message, 1),
        "@m" => (Slot::Message, 2),
        "body" => (Slot::Message, 3),
        "short_message" => (Slot::Message, 4),
        "event" => (Slot::Message, 5),
        "log" => (Slot::Message, 6),
        "textPayload" => (Slot::Message, 7),
        "@mt" => (Slot::Message, 8),

        "service" => (Slot::Service, 0),
        "service.name" => (Slot::Service, 1),
        "service_name" => (Slot::Service, 2),
        "otelServiceName" => (Slot::Service, 3),
        "app" => (Slot::Service, 4),
        "application" => (Slot::Service, 5),
        "appname" => (Slot::Service, 6),

        "host" => (Slot::Host, 0),
        "host.name" => (Slot::Host, 1),
        "host.hostname" => (Slot::Host, 2),
        "hostname" => (Slot::Host, 3),
        "source_host" => (Slot::Host, 4),

        "instance" => (Slot::Instance, 0),
        "seq" => (Slot::Seq, 0),
        "schema" => (Slot::Schema, 0),
        "version" => (Slot::Version, 0),
        "service.version" => (Slot::Version, 1),
        "env" => (Slot::Env, 0),
        "service.environment" => (Slot::Env, 1),
        "pid" => (Slot::Pid, 0),
        "process.pid" => (Slot::Pid, 1),

        "target" => (Slot::Target, 0),
        "logger" => (Slot::Target, 1),
        "logger_name" => (Slot::Target, 2),
        "log.logger" => (Slot::Target, 3),
        "loggerName" => (Slot::Target, 4),
        "SourceContext" => (Slot::Target, 5),
        "module" => (Slot::Module, 0),
        "file" => (Slot::File, 0),
        "filename" => (Slot::File, 1),
        "pathname" => (Slot::File, 2),
        "line" => (Slot::Line, 0),
        "line_number" => (Slot::Line, 1),
        "lineno" => (Slot::Line, 2),
        "thread" => (Slot::Thread, 0),
        "thread_name" => (Slot::Thread, 1),
        "threadName" => (Slot::Thread, 2),
        "process.thread.name" => (Slot::Thread, 3),

        "error" => (Slot::Error, 0),
        "err" => (Slot::Error, 1),
        "exception" => (Slot::Error, 2),
        "exc_info" => (Slot::Error, 3),
        "error.type" => (Slot::ErrorType, 0),
        "exception.type" => (Slot::ErrorType, 1),
        "error.message" => (Slot::ErrorMessage, 0),
        "exception.message" => (Slot::ErrorMessage, 1),
        "error.stack_trace" => (Slot::ErrorStack, 0),
        "exception.stacktrace" => (Slot::ErrorStack, 1),
        "stack_trace" => (Slot::ErrorStack, 2),
        "stacktrace" => (Slot::ErrorStack, 3),
        "@x" => (Slot::ErrorStack, 4),

        "fields" => (Slot::Fields, 0),
        "span" => (Slot::Span, 0),
        "spans" => (Slot::Spans, 0),
        "trace_id" => (Slot::TraceId, 0),
        "trace.id" => (Slot::TraceId, 1),
        "traceId" => (Slot::TraceId, 2),
        "traceID" => (Slot::TraceId, 3),
        "@tr" => (Slot::TraceId, 4),
        "otelTraceID" => (Slot::TraceId, 5),
        "span_id" => (Slot::SpanId, 0),
        "span.id" => (Slot::SpanId, 1),
        "spanId" => (Slot::SpanId, 2),
        "spanID" => (Slot::SpanId, 3),
        "@sp" => (Slot::SpanId, 4),
        "otelSpanID" => (Slot::SpanId, 5),
        "truncated" => (Slot::Truncated, 0),
        _ => return None,
    };
    Some(found)
}

/// Keys whose object is a group of dotted keys rather than a value of its own.
pub(super) fn is_group(key: &str) -> bool {
    matches!(
        key,
        "log" | "service" | "host" | "process" | "trace" | "span"
    )
}
