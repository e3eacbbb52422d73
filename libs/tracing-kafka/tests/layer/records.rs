//! What a record looks like when it arrives: every key, every kind of value, spans, errors, ids.

use std::error::Error;
use std::fmt;

use crate::broker::{Broker, DEADLINE, Received};
use serde_json::{Value, json};
use tracing::{Dispatch, error, info, info_span};
use tracing_kafka::{KafkaLayerBuilder, critical};
use tracing_subscriber::prelude::*;

/// The records of what `log` logs, in order.
pub(crate) fn records_of(log: impl FnOnce()) -> Vec<Received> {
    records_through(|builder| builder, log)
}

fn records_through(
    configure: impl FnOnce(KafkaLayerBuilder) -> KafkaLayerBuilder,
    log: impl FnOnce(),
) -> Vec<Received> {
    let broker = Broker::start();
    let (layer, guard) = configure(broker.layer("booking")).build().unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), log);
    let counters = guard.flush(DEADLINE).unwrap();
    assert_eq!(counters.delivered(), counters.emitted(), "{counters:?}");
    broker.read_logs(usize::try_from(counters.emitted()).unwrap())
}

/// The one record of what `log` logs.
pub(crate) fn record_of(log: impl FnOnce()) -> Value {
    let mut received = records_of(log);
    assert_eq!(received.len(), 1, "{received:?}");
    received.remove(0).record
}

#[test]
fn a_record_has_every_key_in_the_order_of_the_wire() {
    let broker = Broker::start();
    let (layer, guard) = broker
        .layer("usermanagement")
        .version("1.4.2")
        .env("prod")
        .host("ip-10-0-12-34")
        .build()
        .unwrap();
    let first_line = line!();
    let before = now_ms();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let _request = info_span!("http_request", method = "POST").entered();
        let _charge = info_span!(
            "charge",
            customer_id = 4242,
            trace_id = "5B8EFFF798038103D269B633813FC60C",
            span_id = "eee19b7ec3c1b174"
        )
        .entered();
        let failure = Failure::new("payment refused", Failure::new("connection timeout", None));
        critical!(
            error = &failure as &dyn Error,
            order_id = 7,
            elapsed_ms = 12.5,
            backtrace = "at main",
            "payment failed: {}",
            "connection timeout"
        );
    });
    guard.flush(DEADLINE).unwrap();
    let on_errors = broker.read_errors(1);
    let on_logs = broker.read_logs(1);
    assert_eq!(
        on_logs[0].text, on_errors[0].text,
        "both topics carry the same bytes"
    );

    let record = &on_logs[0].record;
    let line = record["line"].as_u64().unwrap();
    assert!((first_line..line!()).contains(&(line as u32)), "{line}");
    let instance = record["instance"].as_str().unwrap();
    assert!(
        instance.len() == 32 && instance.bytes().all(|c| c.is_ascii_hexdigit()),
        "{instance}"
    );
    let timestamp = record["timestamp"].as_str().unwrap();
    let expected = include_str!("testdata/record.json")
        .trim_end()
        .replace("<timestamp>", timestamp)
        .replace("<instance>", instance)
        .replace("\"<pid>\"", &std::process::id().to_string())
        .replace("\"<line>\"", &line.to_string());
    assert_eq!(on_logs[0].text, expected);

    let happened = log_record::Timestamp::parse(timestamp).unwrap().as_millis();
    assert!((before..=now_ms()).contains(&happened));
    for received in [&on_logs[0], &on_errors[0]] {
        assert_eq!(
            received.timestamp_ms, happened,
            "Kafka's timestamp is the event's"
        );
        assert_eq!(received.key, format!("usermanagement/{instance}"));
        let headers = [
            ("content-type", "application/json"),
            ("level", "CRITICAL"),
            ("service", "usermanagement"),
        ];
        assert_eq!(
            received.headers,
            headers.map(|(k, v)| (k.to_owned(), v.to_owned()))
        );
    }
}

#[test]
fn every_kind_of_value_keeps_its_type_as_far_as_json_has_one() {
    let record = record_of(|| {
        info!(
            text = "a \"b\" \n é",
            negative = -7_i64,
            large = u64::MAX,
            float = 0.1,
            nan = f64::NAN,
            infinite = f64::NEG_INFINITY,
            yes = true,
            wide = u128::MAX,
            wide_negative = i128::MIN,
            debug = ?Some(1),
            display = %"shown",
            bytes = &[0_u8, 0xff][..],
            absent = Option::<u8>::None,
            r#type = "raw",
            dotted.name = 1,
            "kinds"
        );
    });
    let expected = json!({
        "text": "a \"b\" \n é", "negative": -7, "large": u64::MAX, "float": 0.1, "nan": "NaN", "infinite": "-inf",
        "yes": true, "wide": u128::MAX.to_string(), "wide_negative": i128::MIN.to_string(), "debug": "Some(1)",
        "display": "shown", "bytes": "00ff", "type": "raw", "dotted.name": 1,
    });
    assert_eq!(record["fields"], expected);
    assert_eq!(record["message"], "kinds");
}

#[test]
fn user_fields_cannot_pretend_to_be_ours() {
    let record = record_of(|| info!(service = "other", level = "loud", seq = 99, "mine"));
    assert_eq!(record["service"], "booking");
    assert_eq!(record["level"], "INFO");
    assert_eq!(record["seq"], 0);
    assert_eq!(
        record["fields"],
        json!({"service": "other", "level": "loud", "seq": 99})
    );
}

#[test]
fn what_is_unknown_is_absent() {
    let record = record_of(|| info!(answer = 42));
    let keys = [
        "message",
        "error",
        "span",
        "spans",
        "trace_id",
        "span_id",
        "version",
        "env",
        "truncated",
    ];
    for key in keys {
        assert!(record.get(key).is_none(), "{key} in {record}");
    }
    assert!(record_of(|| info!("no fields")).get("fields").is_none());
}

#[test]
fn the_message_comes_first_wherever_it_was_logged() {
    let received = records_of(|| {
        error!(a = 1, message = "late", b = 2);
        error!(a = 1, message = "late", error = %"why", b = 2);
    });
    let fields = r#""fields":{"a":1,"b":2}}"#;
    let expected = [
        format!(r#","message":"late",{fields}"#),
        format!(r#","message":"late","error":{{"message":"why"}},{fields}"#),
    ];
    for (received, expected) in received.iter().zip(expected) {
        assert!(received.text.ends_with(&expected), "{}", received.text);
    }
}

#[test]
fn a_repeated_field_appears_once() {
    let mut received = records_of(|| info!(n = 1, n = 2, "twice"));
    let received = received.remove(0);
    assert_eq!(
        received.text.matches("\"n\":").count(),
        1,
        "{}",
        received.text
    );
    assert_eq!(received.record["fields"]["n"], 1);
}

#[test]
fn a_value_that_panics_while_it_is_formatted_spoils_nothing_but_itself() {
    struct Bomb;
    impl fmt::Debug for Bomb {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "half a \" value")?;
            panic!("bomb");
        }
    }
    let received = records_of(|| {
        let span = info_span!("span", at_start = ?Bomb, later = tracing::field::Empty);
        let _in = span.enter();
        span.record("later", tracing::field::debug(&Bomb));
        info!(before = 1, bomb = ?Bomb, after = 2, "with a bomb");
        info!("message {:?}", Bomb);
        info!("the next one");
    });
    assert_eq!(received.len(), 3);
    let note = "<panicked while formatting>";
    assert_eq!(
        received[0].record["fields"],
        json!({"before": 1, "bomb": note, "after": 2})
    );
    assert_eq!(received[1].record["message"], note);
    assert_eq!(received[2].record["message"], "the next one");
    assert_eq!(
        received[2].record["spans"],
        json!([{"name": "span", "at_start": note, "later": note}])
    );
}

#[test]
fn a_record_that_is_too_long_is_cut_and_delivered() {
    let limit = 10_000;
    let received = records_through(
        |builder| builder.max_record_bytes(limit),
        || {
            info!(body = %"é\n".repeat(1_000_000), user = "ada", "short");
            info!(body = ?vec![7_u8; 100_000], "{}", "m".repeat(100_000));
        },
    );
    for received in &received {
        assert_eq!(received.record["truncated"], true);
        assert!(
            (limit / 2..=limit).contains(&received.text.len()),
            "{}",
            received.text.len()
        );
    }
    assert_eq!(received[0].record["fields"]["user"], "ada");
    assert_eq!(received[0].record["message"], "short");
}

#[test]
fn what_the_layer_writes_is_what_the_contract_reads() {
    let received = records_through(
        |builder| builder.version("1.4.2").env("prod").host("pod-7"),
        || {
            let _in = info_span!(
                "charge",
                customer_id = 1,
                trace_id = "5b8efff798038103d269b633813fc60c"
            )
            .entered();
            let failure = Failure::new("refused", Failure::new("timeout", None));
            critical!(
                order_id = 7,
                error = &failure as &dyn Error,
                "payment \"failed\""
            );
        },
    );
    let nothing = log_record::Hints::new(log_record::Timestamp::MIN);
    let records = log_record::decode(received[0].text.as_bytes(), &nothing).unwrap();
    let record = records.into_single().unwrap();
    assert_eq!(record.timestamp.as_millis(), received[0].timestamp_ms);
    assert_eq!(record.level, log_record::Severity::Critical);
    assert_eq!(
        (&*record.service, record.host.as_deref()),
        ("booking", Some("pod-7"))
    );
    assert_eq!(
        (record.version.as_deref(), record.env.as_deref()),
        (Some("1.4.2"), Some("prod"))
    );
    assert_eq!(
        (record.seq, record.pid),
        (Some(0), Some(std::process::id()))
    );
    assert_eq!(
        record.instance.unwrap().to_string(),
        received[0].record["instance"]
    );
    assert_eq!(record.target.as_deref(), Some(module_path!()));
    assert_eq!(record.file.as_deref(), Some(file!()));
    assert_eq!(record.message, "payment \"failed\"");
    let error = record.error.unwrap();
    assert_eq!(error.kind.as_deref(), Some("Failure"));
    assert_eq!(
        (error.message.as_deref(), error.chain),
        (Some("refused"), vec!["timeout".into()])
    );
    assert_eq!(record.fields.unwrap().as_str(), r#"{"order_id":7}"#);
    assert_eq!(record.span.as_deref(), Some("charge"));
    assert_eq!(
        record.spans.unwrap().as_str(),
        r#"[{"name":"charge","customer_id":1}]"#
    );
    assert_eq!(
        record.trace_id.as_deref(),
        Some("5b8efff798038103d269b633813fc60c")
    );
}

#[test]
fn a_record_is_the_same_beside_other_layers_and_filters() {
    let broker = Broker::start();
    let (layer, guard) = broker.layer("booking").build().unwrap();
    let subscriber = tracing_subscriber::registry()
        .with(layer)
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::sink))
        .with(tracing_subscriber::EnvFilter::new("info,noisy=off"));
    tracing::dispatcher::with_default(&Dispatch::new(subscriber), || {
        tracing::debug!("filtered");
        tracing::error!(target: "noisy", "filtered");
        info!("passed");
    });
    assert_eq!(guard.flush(DEADLINE).unwrap().emitted(), 1);
    assert_eq!(broker.read_logs(1)[0].record["message"], "passed");
}

fn now_ms() -> i64 {
    log_record::Timestamp::now().as_millis()
}

/// An error with a source.
#[derive(Debug)]
pub(crate) struct Failure {
    message: &'static str,
    source: Option<Box<Failure>>,
}

impl Failure {
    pub(crate) fn new(message: &'static str, source: impl Into<Option<Failure>>) -> Failure {
        Failure {
            message,
            source: source.into().map(Box::new),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
