//! What spans add to a record: their fields, and the ids of traces.

use serde_json::json;
use tracing::{info, info_span};
use tracing_subscriber::prelude::*;

use crate::broker::{Broker, DEADLINE};
use crate::records::{record_of, records_of};

#[test]
fn an_explicit_parent_wins_over_the_current_span() {
    let record = record_of(|| {
        let elsewhere = info_span!("elsewhere", id = 1);
        let _here = info_span!("here").entered();
        info!(parent: &elsewhere, "from elsewhere");
    });
    assert_eq!(record["span"], "elsewhere");
    assert_eq!(record["spans"], json!([{"name": "elsewhere", "id": 1}]));
}

#[test]
fn an_event_without_a_parent_has_no_spans() {
    let record = record_of(|| {
        let _here = info_span!("here").entered();
        info!(parent: None, "from nowhere");
    });
    assert!(record.get("spans").is_none(), "{record}");
}

#[test]
fn what_a_span_records_late_shows_in_later_events_and_never_twice() {
    let received = records_of(|| {
        let span = info_span!(
            "charge",
            status = tracing::field::Empty,
            amount = 1,
            user = tracing::field::Empty,
            name = "shadow"
        );
        let _in = span.enter();
        info!("first");
        span.record("status", "pending with a long text");
        span.record("amount", 22);
        span.record("status", "ok");
        span.record("user", "ada");
        info!("second");
    });
    assert_eq!(
        received[0].record["spans"][0],
        json!({"name": "charge", "amount": 1, "field.name": "shadow"})
    );
    let expected = r#""spans":[{"name":"charge","amount":22,"field.name":"shadow","status":"ok","user":"ada"}]"#;
    assert!(received[1].text.contains(expected), "{}", received[1].text);
}

#[test]
fn two_layers_do_not_see_each_others_spans_twice() {
    let (first, second) = (Broker::start(), Broker::start());
    let (first_layer, first_guard) = first.layer("first").build().unwrap();
    let (second_layer, second_guard) = second.layer("second").build().unwrap();
    let both = tracing_subscriber::registry()
        .with(first_layer)
        .with(second_layer);
    tracing::subscriber::with_default(both, || {
        let span = info_span!("charge", id = 1);
        let _in = span.enter();
        span.record("id", 2);
        info!("hello");
    });
    for (broker, guard, service) in [
        (&first, first_guard, "first"),
        (&second, second_guard, "second"),
    ] {
        guard.flush(DEADLINE).unwrap();
        let received = broker.read_logs(1);
        assert_eq!(received[0].record["service"], service);
        assert_eq!(
            received[0].record["spans"],
            json!([{"name": "charge", "id": 2}])
        );
    }
}

#[test]
fn ids_come_from_the_event_or_its_innermost_span() {
    const OUTER: &str = "11111111111111111111111111111111";
    const INNER: &str = "22222222222222222222222222222222";
    let received = records_of(|| {
        let _outer = info_span!("outer", trace_id = OUTER, span_id = "1111111111111111").entered();
        info!("outer");
        let _inner = info_span!("inner", trace_id = %INNER).entered();
        info!("inner");
        info!(
            trace_id = "33333333333333333333333333333333",
            span_id = "4444444444444444",
            "own"
        );
        info!(trace_id = "no id", "not an id");
    });
    let ids: Vec<_> = received
        .iter()
        .map(|received| {
            (
                received.record["trace_id"].as_str(),
                received.record["span_id"].as_str(),
            )
        })
        .collect();
    let expected = [
        (Some(OUTER), Some("1111111111111111")),
        (Some(INNER), None),
        (
            Some("33333333333333333333333333333333"),
            Some("4444444444444444"),
        ),
        (Some(INNER), None),
    ];
    assert_eq!(ids, expected);
    assert_eq!(received[3].record["fields"], json!({"trace_id": "no id"}));
}

#[cfg(feature = "opentelemetry")]
#[test]
fn ids_come_from_the_opentelemetry_span_unless_a_field_names_them() {
    use opentelemetry::Context;
    use opentelemetry::trace::{
        SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
    };
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;

    let broker = Broker::start();
    let (layer, guard) = broker.layer("booking").build().unwrap();
    let subscriber = tracing_subscriber::registry()
        .with(layer)
        .with(tracing_opentelemetry::layer());
    tracing::subscriber::with_default(subscriber, || {
        let remote = SpanContext::new(
            TraceId::from(0x5b8e_fff7_9803_8103_d269_b633_813f_c60c),
            SpanId::from(0xeee1_9b7e_c3c1_b174),
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        );
        let span = info_span!("request");
        span.set_parent(Context::new().with_remote_span_context(remote))
            .unwrap();
        let _in = span.enter();
        info!("from OpenTelemetry");
        info!(
            trace_id = "33333333333333333333333333333333",
            "from a field"
        );
    });
    guard.flush(DEADLINE).unwrap();
    let received = broker.read_logs(2);
    assert_eq!(
        received[0].record["trace_id"],
        "5b8efff798038103d269b633813fc60c"
    );
    assert_eq!(received[0].record["span_id"], "eee19b7ec3c1b174");
    assert_eq!(
        received[1].record["trace_id"],
        "33333333333333333333333333333333"
    );
}
