//! Which lines belong to an error: those of its process, of its service or of its trace.

use std::time::Duration;

use log_record::{Hints, Instance, LogRecord};
use memchr::memmem::Finder;

use crate::config::DecodeConfig;
use crate::decoding;
use crate::store::Event;

/// How far from an error the lines of its service are looked for.
const SPAN: Duration = Duration::from_secs(3_600);
/// A trace is over sooner, and often has fewer lines than are asked for: all of it is read.
const TRACE_SPAN: Duration = Duration::from_secs(60);

/// Whose lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those of the process start that logged the error. Of a record without an instance: those of its service and host.
    #[default]
    Instance,
    /// Those of its service, wherever it runs.
    Service,
    /// Those of its trace, of all services.
    Trace,
}

/// What a record must say to be among the lines.
#[derive(Debug)]
enum Trait {
    Instance(Instance),
    Origin {
        service: String,
        host: Option<String>,
    },
    Service(String),
    Trace(String),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Wanted {
    sought: Trait,
    /// One of these occurs in every message that holds such a record. Empty: it has to be decoded to know.
    needles: Vec<Finder<'static>>,
    decode: DecodeConfig,
}

impl Wanted {
    /// `None`: the scope is the trace, and the error has none.
    pub(super) fn around(event: &Event, scope: Scope, decode: &DecodeConfig) -> Option<Wanted> {
        let record = event.record();
        let service = record.service.clone().into_owned();
        let sought = match (scope, record.instance) {
            (Scope::Instance, Some(instance)) => Trait::Instance(instance),
            (Scope::Instance, None) => Trait::Origin {
                service,
                host: record.host.map(|host| host.into_owned()),
            },
            (Scope::Service, _) => Trait::Service(service),
            (Scope::Trace, _) => Trait::Trace(record.trace_id?.into_owned()),
        };
        let needles = needles(&sought, decode);
        Some(Wanted {
            sought,
            needles: needles
                .iter()
                .map(|needle| Finder::new(needle).into_owned())
                .collect(),
            decode: decode.clone(),
        })
    }

    /// A glance at the bytes of a message: false is certain.
    pub(super) fn may_be_in(&self, payload: &[u8]) -> bool {
        self.needles.is_empty()
            || self
                .needles
                .iter()
                .any(|needle| needle.find(payload).is_some())
    }

    /// Whether the record is one of the lines.
    pub(super) fn is(&self, record: &LogRecord<'_>) -> bool {
        match &self.sought {
            Trait::Instance(instance) => record.instance == Some(*instance),
            Trait::Origin { service, host } => {
                record.service == *service && record.host.as_deref() == host.as_deref()
            }
            Trait::Service(service) => record.service == *service,
            Trait::Trace(trace) => record.trace_id.as_deref() == Some(trace),
        }
    }

    /// Whether the lines are those of one process start, which numbers them.
    pub(super) fn is_numbered(&self) -> bool {
        matches!(self.sought, Trait::Instance(_))
    }

    /// How far from the error lines of several partitions are looked for, on each side.
    pub(super) fn span(&self) -> Duration {
        match self.sought {
            Trait::Trace(_) => TRACE_SPAN,
            Trait::Instance(_) | Trait::Origin { .. } | Trait::Service(_) => SPAN,
        }
    }

    pub(super) fn decode(&self) -> &DecodeConfig {
        &self.decode
    }
}

/// What occurs in the bytes of every such record, however it was written.
fn needles(sought: &Trait, decode: &DecodeConfig) -> Vec<Vec<u8>> {
    match sought {
        Trait::Instance(instance) => hex_needles(&instance.to_string()),
        Trait::Origin {
            service,
            host: Some(host),
        } if !is_verbatim(service, decode) => verbatim_needle(host, decode),
        Trait::Origin { service, .. } | Trait::Service(service) => verbatim_needle(service, decode),
        Trait::Trace(trace) => {
            let mut needles = hex_needles(trace);
            // OTLP in protobuf has the bytes themselves.
            needles.extend(u128::from_str_radix(trace, 16).map(|id| id.to_be_bytes().to_vec()));
            needles
        }
    }
}

fn hex_needles(digits: &str) -> Vec<Vec<u8>> {
    let mut needles = vec![
        digits.to_ascii_lowercase().into_bytes(),
        digits.to_ascii_uppercase().into_bytes(),
    ];
    needles.dedup();
    needles
}

fn verbatim_needle(name: &str, decode: &DecodeConfig) -> Vec<Vec<u8>> {
    let needle = is_verbatim(name, decode).then(|| name.as_bytes().to_vec());
    needle.into_iter().collect()
}

/// Whether a name stands in a record as it is: no logger escapes any of its characters, and it is not one that we give.
fn is_verbatim(name: &str, decode: &DecodeConfig) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:@".contains(&byte);
    !name.is_empty() && name != decode.service && name.bytes().all(is_plain)
}

/// The records of a message, each with its place in it. What cannot be decoded is in quarantine, and no line.
pub(super) fn records<'m>(payload: &'m [u8], hints: &Hints<'_>) -> Vec<(u32, LogRecord<'m>)> {
    let records = decoding::records(payload, hints).into_iter().flatten();
    records
        .map(|(index, decoded)| (index.unwrap_or(0), decoded.record))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sought: Trait) -> Wanted {
        let decode = DecodeConfig::default();
        let needles = needles(&sought, &decode);
        Wanted {
            sought,
            needles: needles
                .iter()
                .map(|needle| Finder::new(needle).into_owned())
                .collect(),
            decode,
        }
    }

    #[test]
    fn a_glance_never_passes_over_a_line_however_it_was_written() {
        let trace = "5b8efff798038103d269b633813fc60c";
        let by_trace = of(Trait::Trace(trace.to_owned()));
        assert!(by_trace.may_be_in(format!("x{trace}x").as_bytes()));
        assert!(by_trace.may_be_in(trace.to_ascii_uppercase().as_bytes()));
        let bytes = u128::from_str_radix(trace, 16).unwrap().to_be_bytes();
        assert!(by_trace.may_be_in(&bytes));
        assert!(!by_trace.may_be_in(b"another trace"));

        let by_service = of(Trait::Service("shop.orders".to_owned()));
        assert!(by_service.may_be_in(br#"{"service":"shop.orders"}"#));
        assert!(!by_service.may_be_in(br#"{"service":"shop-orders"}"#));
        // These may be escaped, and this one may be named by nobody: only decoding tells.
        for name in ["k\u{e4}se", "a/b", "a b", "unknown"] {
            let by_name = of(Trait::Service(name.to_owned()));
            assert!(by_name.may_be_in(br#"{"service":"k\u00e4se"}"#), "{name}");
        }
        let origin = of(Trait::Origin {
            service: "unknown".to_owned(),
            host: Some("h1".to_owned()),
        });
        assert!(origin.may_be_in(b"h1 says") && !origin.may_be_in(b"h2 says"));
    }
}
