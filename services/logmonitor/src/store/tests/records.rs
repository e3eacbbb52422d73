//! Random arrivals.

use log_record::{ErrorInfo, Instance, LogRecord, RawJson, Severity, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub(super) const NOW: i64 = 1_795_000_000_000_000;

pub(super) fn now() -> Timestamp {
    Timestamp::from_micros(NOW)
}

/// One arrival, owned.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) record: LogRecord<'static>,
    pub(super) topic: &'static str,
    pub(super) partition: i32,
    /// Whether it comes with the offset of the one before: a redelivery, or the next in the same message.
    pub(super) same_offset: bool,
    pub(super) index: Option<u32>,
    pub(super) payload: u8,
}

pub(super) fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "timeout",
        "Timeout",
        "user 42",
        "ärger",
        "ÄRGER",
        "a\"b",
        "a\\b",
        "line\nbreak",
        "x/y",
        "",
        "日本",
        "рубль",
        "РУБЛЬ",
        "failed to connect to the database at 10.0.0.1",
    ]);
    vec(word, 0..4).prop_map(|words| words.join(" "))
}

pub(super) fn text() -> impl Strategy<Value = Option<std::borrow::Cow<'static, str>>> {
    option::of(words().prop_map(Into::into))
}

pub(super) fn fields() -> impl Strategy<Value = Option<RawJson<'static>>> {
    let value = prop_oneof![
        words().prop_map(serde_json::Value::from),
        (0..5_i64).prop_map(serde_json::Value::from),
        Just(serde_json::json!({"code": 7, "tags": ["Red", "green"]})),
        Just(serde_json::json!(true)),
        Just(serde_json::json!(1.5)),
    ];
    let entry = (
        prop::sample::select(vec!["a", "b", "http.status", "http"]),
        value,
    );
    let ascii = any::<bool>();
    option::of((vec(entry, 0..3), ascii).prop_map(|(entries, ascii)| {
        let object: serde_json::Map<String, serde_json::Value> = entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect();
        let json = serde_json::Value::Object(object).to_string();
        RawJson::from_trusted(if ascii { only_ascii(&json) } else { json })
    }))
}

pub(super) fn only_ascii(json: &str) -> String {
    json.chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                format!("\\u{:04x}", u32::from(c))
            }
        })
        .collect()
}

prop_compose! {
    pub(super) fn error()(
        kind in text(), message in text(), stack in text(), chain in vec(words(), 0..3),
    ) -> ErrorInfo<'static> {
        ErrorInfo { kind, message, stack, chain: chain.into_iter().map(Into::into).collect() }
    }
}

prop_compose! {
    pub(super) fn origin()(
        service in prop::sample::select(vec!["booking", "user", "billing", "Rare"]),
        host in option::of(prop::sample::select(vec!["h1", "h2"])),
        instance in option::weighted(0.7, 0..3_u128),
        seq in option::weighted(0.9, 0..60_u64),
        version in option::of(Just("1.4")),
        env in option::of(Just("prod")),
        pid in option::of(1..3_u32),
    ) -> LogRecord<'static> {
        let mut record = LogRecord::new(now(), Severity::Error, service, "");
        record.host = host.map(Into::into);
        record.instance = instance.map(Instance);
        record.seq = seq;
        record.version = version.map(Into::into);
        record.env = env.map(Into::into);
        record.pid = pid;
        record
    }
}

prop_compose! {
    pub(super) fn record()(
        origin in origin(),
        micros in -20_i64..20,
        is_late in prop::bool::weighted(0.1),
        is_critical in prop::bool::weighted(0.2),
        message in words(),
        error in option::of(error()),
        fields in fields(),
        (target, file, line) in (
            option::of(prop::sample::select(vec!["app::db", "app", "java.io.Reader"])),
            option::of(prop::sample::select(vec!["src/db.rs", "db.rs"])),
            option::of(0..3_u32),
        ),
        (thread, module, span) in (text(), option::of(Just("m")), text()),
        (spans, truncated) in (fields(), any::<bool>()),
        (trace, span_id) in (option::of(0..4_u8), option::of(0..4_u8)),
    ) -> LogRecord<'static> {
        let mut record = origin;
        let micros = if is_late { micros - 1_000_000 } else { micros };
        record.timestamp = Timestamp::from_micros(NOW + micros);
        record.level = if is_critical { Severity::Critical } else { Severity::Error };
        record.message = message.into();
        record.error = error;
        record.fields = fields;
        record.target = target.map(Into::into);
        record.module = module.map(Into::into);
        record.file = file.map(Into::into);
        record.line = line;
        record.thread = thread;
        record.span = span;
        record.spans = spans;
        record.truncated = truncated;
        record.trace_id = trace.map(|trace: u8| format!("{trace:032x}").into());
        record.span_id = span_id.map(|id: u8| format!("{id:016x}").into());
        record
    }
}

prop_compose! {
    pub(super) fn made()(
        record in record(),
        topic in prop::sample::select(vec!["errors", "logs"]),
        partition in 0..2,
        same_offset in prop::bool::weighted(0.1),
        index in option::weighted(0.2, 0..3_u32),
        payload in 0..6_u8,
    ) -> Made {
        let mut record = record;
        // Equal bytes are equal records; what tells them apart here is the message.
        if record.instance.is_none() || record.seq.is_none() {
            let timestamp = record.timestamp;
            record = LogRecord::new(timestamp, Severity::Error, "foreign", format!("payload {payload}"));
        }
        Made { record, topic, partition, same_offset, index, payload }
    }
}
