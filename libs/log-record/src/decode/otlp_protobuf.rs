//! OpenTelemetry's export request in protobuf, what the Collector's kafka exporter writes unless told otherwise.
//! Numbers of fields are those of `opentelemetry/proto/logs/v1/logs.proto` and `common/v1/common.proto`.

use std::borrow::Cow;

use super::otlp::{Attribute, Builder, MAX_DEPTH, Origin, OtlpRecord};
use super::otlp_json::{hex, nested};
use super::protobuf::{Fields, Malformed, Wire};
use super::value::Value;
use super::{Decoded, Format, Hints};
use crate::json::{push_f64, push_str};

/// Whether the bytes start with the only field that a request has.
pub(super) fn may_be(payload: &[u8]) -> bool {
    payload.first() == Some(&0x0a)
}

/// Reads a request; `None` where the bytes are none.
pub(super) fn decode<'a>(payload: &'a [u8], hints: &Hints<'_>) -> Option<Vec<Decoded<'a>>> {
    if payload.is_empty() {
        return None;
    }
    let mut reader = Reader {
        builder: Builder::new(hints, Format::OtlpProtobuf, payload.len()),
        records: Vec::new(),
    };
    for field in Fields::new(payload) {
        match field.ok()? {
            (1, Wire::Bytes(resource)) => reader.resource(resource).ok()?,
            _ => return None,
        }
    }
    Some(reader.records)
}

struct Reader<'a, 'h> {
    builder: Builder<'h>,
    records: Vec<Decoded<'a>>,
}

impl<'a> Reader<'a, '_> {
    /// `ResourceLogs`
    fn resource(&mut self, message: &'a [u8]) -> Result<(), Malformed> {
        let mut origin = Origin::default();
        let mut scopes = Vec::new();
        for field in Fields::new(message) {
            match field? {
                (1, Wire::Bytes(resource)) => {
                    for field in Fields::new(resource) {
                        if let (1, Wire::Bytes(attribute)) = field? {
                            origin.add(key_value(attribute, 0)?);
                        }
                    }
                }
                (2, Wire::Bytes(scope)) => scopes.push(scope),
                // The address of the schema, and what 1.0 has removed.
                (3, Wire::Bytes(_)) | (1000, _) => {}
                _ => return Err(Malformed),
            }
        }
        for scope in scopes {
            self.scope(scope, &mut origin)?;
        }
        Ok(())
    }

    /// `ScopeLogs`
    fn scope(&mut self, message: &'a [u8], origin: &mut Origin<'a>) -> Result<(), Malformed> {
        origin.scope = None;
        let mut records = Vec::new();
        for field in Fields::new(message) {
            match field? {
                (1, Wire::Bytes(scope)) => {
                    for field in Fields::new(scope) {
                        if let (1, Wire::Bytes(name)) = field? {
                            origin.scope = Some(text(name)).filter(|name| !name.is_empty());
                        }
                    }
                }
                (2, Wire::Bytes(record)) => records.push(record),
                _ => {}
            }
        }
        for record in records {
            let record = record_of(record)?;
            self.records.push(self.builder.build(record, origin));
        }
        Ok(())
    }
}

/// `LogRecord`
fn record_of(message: &[u8]) -> Result<OtlpRecord<'_>, Malformed> {
    let mut record = OtlpRecord::default();
    let mut push = |name, value| record.members.push((name, value));
    for field in Fields::new(message) {
        match field? {
            (1, Wire::Fixed64(nanos)) => push("timeUnixNano", unsigned(nanos)),
            (11, Wire::Fixed64(nanos)) => push("observedTimeUnixNano", unsigned(nanos)),
            (2, Wire::Varint(number)) => push("severityNumber", unsigned(number)),
            (3, Wire::Bytes(word)) => push("severityText", Value::Text(text(word))),
            (9, Wire::Bytes(id)) => push("traceId", Value::Text(Cow::Owned(hex(id)))),
            (10, Wire::Bytes(id)) => push("spanId", Value::Text(Cow::Owned(hex(id)))),
            (5, Wire::Bytes(body)) => record.body = any_value(body, 0)?,
            (6, Wire::Bytes(attribute)) => record.attributes.push(key_value(attribute, 0)?),
            (12, Wire::Bytes(name)) => {
                let name = Value::Text(text(name));
                record.unknown.push((Cow::Borrowed("eventName"), name));
            }
            _ => {}
        }
    }
    Ok(record)
}

fn unsigned(number: u64) -> Value<'static> {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Text that should be UTF-8 and from some encoders is not.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// `KeyValue`
fn key_value(message: &[u8], depth: usize) -> Result<Attribute<'_>, Malformed> {
    let mut key = Cow::Borrowed("");
    let mut value = None;
    for field in Fields::new(message) {
        match field? {
            (1, Wire::Bytes(name)) => key = text(name),
            (2, Wire::Bytes(inner)) => value = any_value(inner, depth)?,
            _ => {}
        }
    }
    Ok((key, value.unwrap_or(Value::Null)))
}

/// `AnyValue`; what is nested too deeply is left out.
fn any_value(message: &[u8], depth: usize) -> Result<Option<Value<'_>>, Malformed> {
    let mut found = None;
    for field in Fields::new(message) {
        found = Some(match field? {
            (1, Wire::Bytes(word)) => Value::Text(text(word)),
            (2, Wire::Varint(is_true)) => Value::Bool(is_true != 0),
            (3, Wire::Varint(number)) => Value::Integer(number.cast_signed()),
            (4, Wire::Fixed64(bits)) => {
                let mut json = Vec::new();
                push_f64(&mut json, f64::from_bits(bits));
                nested(json)
            }
            (5 | 6, Wire::Bytes(_)) if depth >= MAX_DEPTH => Value::Null,
            (5, Wire::Bytes(list)) => array_value(list, depth)?,
            (6, Wire::Bytes(list)) => kvlist_value(list, depth)?,
            (7, Wire::Bytes(bytes)) => Value::Text(Cow::Owned(hex(bytes))),
            _ => continue,
        });
    }
    Ok(found)
}

fn array_value(message: &[u8], depth: usize) -> Result<Value<'static>, Malformed> {
    let mut json = vec![b'['];
    for field in Fields::new(message) {
        if let (1, Wire::Bytes(item)) = field? {
            if json.len() > 1 {
                json.push(b',');
            }
            any_value(item, depth + 1)?
                .unwrap_or(Value::Null)
                .write(&mut json);
        }
    }
    json.push(b']');
    Ok(nested(json))
}

fn kvlist_value(message: &[u8], depth: usize) -> Result<Value<'static>, Malformed> {
    let mut json = vec![b'{'];
    for field in Fields::new(message) {
        if let (1, Wire::Bytes(member)) = field? {
            let (key, value) = key_value(member, depth + 1)?;
            if json.len() > 1 {
                json.push(b',');
            }
            push_str(&mut json, &key);
            json.push(b':');
            value.write(&mut json);
        }
    }
    json.push(b'}');
    Ok(nested(json))
}
