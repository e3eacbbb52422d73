//! Random filters.

use log_record::{Severity, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::records::NOW;
use crate::query::{Filter, Key, Order, Term, Wanted};

pub(super) fn term() -> impl Strategy<Value = Term> {
    let needle = prop::sample::select(vec![
        "TIMEOUT",
        "42",
        "Ärger",
        "a\"b",
        "a\\b",
        "line\nbreak",
        "x/y",
        "日本",
        "рубль",
        "connect",
        "e",
        "green",
        "user 42 ",
        "tags",
        "payload 3",
    ]);
    let text = (needle, any::<bool>()).prop_map(|(text, negated)| Term::Text {
        text: text.to_owned(),
        negated,
    });
    let key = prop::sample::select(vec![
        (Key::Service, "BOOKING"),
        (Key::Host, "h1"),
        (Key::Level, "CRITICAL"),
        (Key::Target, "app"),
        (Key::Target, "java.io"),
        (Key::Error, "timeout"),
        (Key::TraceId, "00000000000000000000000000000002"),
        (Key::SpanId, "0000000000000003"),
        (Key::Version, "1.4"),
        (Key::Env, "PROD"),
        (Key::File, "db.rs"),
        (Key::Field("a".into()), "3"),
        (Key::Field("b".into()), "timeout"),
        (Key::Field("a.code".into()), "7"),
        (Key::Field("http.status".into()), "true"),
        (Key::Field("http.tags".into()), "red"),
        (Key::Field("b".into()), "1.5"),
        (Key::Field("a".into()), "ärger"),
        (Key::Field("b".into()), "a\"b"),
    ]);
    let key = (key, any::<bool>(), any::<bool>()).prop_map(|((key, value), present, negated)| {
        Term::Key {
            key,
            wanted: if present {
                Wanted::Present
            } else {
                Wanted::Value(value.to_owned())
            },
            negated,
        }
    });
    prop_oneof![text, key]
}

prop_compose! {
    pub(super) fn filter()(
        services in vec(prop::sample::select(vec!["booking", "user", "nobody", "foreign"]), 0..3),
        hosts in prop_oneof![4 => Just(vec![]), 1 => Just(vec!["h1".to_owned()])],
        levels in prop_oneof![4 => Just(vec![]), 1 => Just(vec![Severity::Critical])],
        terms in vec(term(), 0..3),
        from in option::weighted(0.3, -25_i64..25),
        to in option::weighted(0.3, -25_i64..25),
        trace in option::weighted(0.1, 0..4_u8),
    ) -> Filter {
        let at = |micros: i64| Timestamp::from_micros(NOW + micros).into();
        Filter {
            services: services.into_iter().map(str::to_owned).collect(),
            hosts,
            levels,
            terms,
            from: from.map(at),
            to: to.map(at),
            trace_id: trace.map(|trace| format!("{trace:032X}")),
        }
    }
}

pub(super) fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Descending), Just(Order::Ascending)]
}
