//! OpenTelemetry's export request in JSON. Walks over it once.

use std::borrow::Cow;

use super::cursor::{Cursor, JsonError};
use super::otlp::{Attribute, Builder, MAX_DEPTH, Origin, OtlpRecord};
use super::value::Value;
use super::{Decoded, Format, Hints};
use crate::json::push_str;

/// Reads the request that the cursor stands at.
pub(super) fn decode<'a>(
    cursor: &mut Cursor<'a>,
    hints: &Hints<'_>,
) -> Result<Vec<Decoded<'a>>, JsonError> {
    let mut reader = Reader {
        builder: Builder::new(hints, Format::OtlpJson, cursor.rest().len()),
        records: Vec::new(),
    };
    object(cursor, |cursor, key| match key {
        "resourceLogs" | "resource_logs" => array(cursor, |cursor| reader.resource(cursor)),
        _ => cursor.value().map(drop),
    })?;
    Ok(reader.records)
}

struct Reader<'a, 'h> {
    builder: Builder<'h>,
    records: Vec<Decoded<'a>>,
}

impl<'a> Reader<'a, '_> {
    fn resource(&mut self, cursor: &mut Cursor<'a>) -> Result<(), JsonError> {
        let mut origin = Origin::default();
        // Scopes in front of the resource they belong to are read after it.
        let mut has_resource = false;
        let mut early = Vec::new();
        object(cursor, |cursor, key| match key {
            "resource" => {
                has_resource = true;
                object(cursor, |cursor, key| match key {
                    "attributes" => attributes(cursor, |attribute| origin.add(attribute)),
                    _ => cursor.value().map(drop),
                })
            }
            "scopeLogs" | "scope_logs" | "instrumentationLibraryLogs" if has_resource => {
                array(cursor, |cursor| self.scope(cursor, &mut origin))
            }
            "scopeLogs" | "scope_logs" | "instrumentationLibraryLogs" => {
                cursor.peek();
                early.push(cursor.clone());
                cursor.value().map(drop)
            }
            _ => cursor.value().map(drop),
        })?;
        for mut cursor in early {
            array(&mut cursor, |cursor| self.scope(cursor, &mut origin))?;
        }
        Ok(())
    }

    fn scope(&mut self, cursor: &mut Cursor<'a>, origin: &mut Origin<'a>) -> Result<(), JsonError> {
        origin.scope = None;
        let mut has_scope = false;
        let mut early = Vec::new();
        object(cursor, |cursor, key| match key {
            "scope" | "instrumentationLibrary" => {
                has_scope = true;
                object(cursor, |cursor, key| {
                    let value = cursor.value()?;
                    if key == "name" {
                        origin.scope = value.text();
                    }
                    Ok(())
                })
            }
            "logRecords" | "log_records" | "logs" if has_scope => {
                array(cursor, |cursor| self.record(cursor, origin))
            }
            "logRecords" | "log_records" | "logs" => {
                cursor.peek();
                early.push(cursor.clone());
                cursor.value().map(drop)
            }
            _ => cursor.value().map(drop),
        })?;
        for mut cursor in early {
            array(&mut cursor, |cursor| self.record(cursor, origin))?;
        }
        Ok(())
    }

    fn record(&mut self, cursor: &mut Cursor<'a>, origin: &Origin<'a>) -> Result<(), JsonError> {
        let mut record = OtlpRecord::default();
        cursor.peek();
        let start = cursor.position();
        object(cursor, |cursor, key| {
            match key {
                "body" => record.body = any_value(cursor, 0)?,
                "attributes" => attributes(cursor, |attribute| record.attributes.push(attribute))?,
                _ => {
                    let value = cursor.value()?;
                    match member(key) {
                        Some("") => {}
                        Some("severityNumber") => {
                            record.members.push(("severityNumber", severity(value)))
                        }
                        Some(name @ ("traceId" | "spanId")) => {
                            record.members.push((name, hex_id(value)))
                        }
                        Some(name) => record.members.push((name, value)),
                        None if value.is_nothing() => {}
                        None => record.unknown.push((Cow::Owned(key.to_owned()), value)),
                    }
                }
            }
            Ok(())
        })?;
        record.text = cursor.since(start);
        self.records.push(self.builder.build(record, origin));
        Ok(())
    }
}

/// The member's name in the table; the empty one for those that say nothing about the event.
fn member(key: &str) -> Option<&'static str> {
    Some(match key {
        "timeUnixNano" | "time_unix_nano" => "timeUnixNano",
        "observedTimeUnixNano" | "observed_time_unix_nano" => "observedTimeUnixNano",
        "severityText" | "severity_text" => "severityText",
        "severityNumber" | "severity_number" => "severityNumber",
        "traceId" | "trace_id" => "traceId",
        "spanId" | "span_id" => "spanId",
        "flags" | "droppedAttributesCount" | "dropped_attributes_count" => "",
        _ => return None,
    })
}

/// Some encoders write the number's name: `SEVERITY_NUMBER_ERROR2`.
fn severity(value: Value<'_>) -> Value<'_> {
    let Some(name) = value.string() else {
        return value;
    };
    let Some(name) = name.strip_prefix("SEVERITY_NUMBER_") else {
        return value;
    };
    let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (word, digit) = name.split_at(name.len() - digits);
    let known = crate::Severity::from_text(word);
    let above = digit.parse::<i64>().unwrap_or(1) - 1;
    known.map_or(Value::Null, |level| {
        Value::Integer(i64::from(level.otel_number()) + above)
    })
}

/// The ids are hex in OTLP, but plain encoders of protobuf write them as base64.
fn hex_id(value: Value<'_>) -> Value<'_> {
    let text = value.string().unwrap_or_default();
    let is_base64 = matches!((text.len(), text.ends_with('=')), (24 | 12, true));
    match base64(&text).filter(|_| is_base64) {
        Some(bytes) => Value::Text(Cow::Owned(hex(&bytes))),
        None => value,
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut quoted = Vec::with_capacity(bytes.len() * 2 + 2);
    crate::json::push_hex(&mut quoted, bytes);
    String::from_utf8_lossy(&quoted)
        .trim_matches('"')
        .to_owned()
}

/// The bytes of base64, of either alphabet, with or without padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

/// Reads an array of keys with values.
fn attributes<'a>(
    cursor: &mut Cursor<'a>,
    mut take: impl FnMut(Attribute<'a>),
) -> Result<(), JsonError> {
    array(cursor, |cursor| {
        let mut name = None;
        let mut value = None;
        object(cursor, |cursor, key| {
            match key {
                "key" => name = cursor.value()?.text(),
                "value" => value = any_value(cursor, 0)?,
                _ => drop(cursor.value()?),
            }
            Ok(())
        })?;
        if let Some(name) = name {
            take((name, value.unwrap_or(Value::Null)));
        }
        Ok(())
    })
}

/// Reads `{"stringValue":..}` and its kin; a value that is not wrapped is taken as it is.
fn any_value<'a>(cursor: &mut Cursor<'a>, depth: usize) -> Result<Option<Value<'a>>, JsonError> {
    if cursor.peek() != Some(b'{') || depth > MAX_DEPTH {
        return cursor.value().map(Some);
    }
    let mut found = None;
    object(cursor, |cursor, key| {
        found = match key {
            "intValue" | "int_value" => {
                let value = cursor.value()?;
                Some(value.integer().map_or(value, Value::Integer))
            }
            "arrayValue" | "array_value" => Some(array_value(cursor, depth)?),
            "kvlistValue" | "kvlist_value" => Some(kvlist_value(cursor, depth)?),
            "bytesValue" | "bytes_value" => {
                let value = cursor.value()?;
                let bytes = value.string().and_then(|text| base64(&text));
                Some(bytes.map_or(value, |bytes| Value::Text(Cow::Owned(hex(&bytes)))))
            }
            _ => Some(cursor.value()?),
        };
        Ok(())
    })?;
    Ok(found)
}

fn array_value<'a>(cursor: &mut Cursor<'a>, depth: usize) -> Result<Value<'a>, JsonError> {
    let mut json = vec![b'['];
    object(cursor, |cursor, key| {
        if key != "values" {
            return cursor.value().map(drop);
        }
        array(cursor, |cursor| {
            if json.len() > 1 {
                json.push(b',');
            }
            any_value(cursor, depth + 1)?
                .unwrap_or(Value::Null)
                .write(&mut json);
            Ok(())
        })
    })?;
    json.push(b']');
    Ok(nested(json))
}

fn kvlist_value<'a>(cursor: &mut Cursor<'a>, depth: usize) -> Result<Value<'a>, JsonError> {
    let mut json = vec![b'{'];
    object(cursor, |cursor, key| {
        if key != "values" {
            return cursor.value().map(drop);
        }
        array(cursor, |cursor| {
            let mut name = None;
            let mut value = None;
            object(cursor, |cursor, key| {
                match key {
                    "key" => name = cursor.value()?.text(),
                    "value" => value = any_value(cursor, depth + 1)?,
                    _ => drop(cursor.value()?),
                }
                Ok(())
            })?;
            if json.len() > 1 {
                json.push(b',');
            }
            push_str(&mut json, &name.unwrap_or_default());
            json.push(b':');
            value.unwrap_or(Value::Null).write(&mut json);
            Ok(())
        })
    })?;
    json.push(b'}');
    Ok(nested(json))
}

pub(super) fn nested(json: Vec<u8>) -> Value<'static> {
    // Written here, so it is text.
    String::from_utf8(json).map_or(Value::Null, |json| Value::Nested(Cow::Owned(json), true))
}

/// Calls `read` at the value of each member; a value that is no object is passed over.
fn object<'a>(
    cursor: &mut Cursor<'a>,
    mut read: impl FnMut(&mut Cursor<'a>, &str) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    if cursor.peek() != Some(b'{') {
        return cursor.value().map(drop);
    }
    cursor.open_object()?;
    let mut is_first = true;
    while let Some(key) = cursor.next_key(is_first)? {
        is_first = false;
        read(cursor, &key.text())?;
    }
    Ok(())
}

/// Calls `read` at each item; a value that is no array is passed over.
fn array<'a>(
    cursor: &mut Cursor<'a>,
    mut read: impl FnMut(&mut Cursor<'a>) -> Result<(), JsonError>,
) -> Result<(), JsonError> {
    if cursor.peek() != Some(b'[') {
        return cursor.value().map(drop);
    }
    cursor.open_array()?;
    let mut is_first = true;
    while cursor.next_item(is_first)? {
        is_first = false;
        read(cursor)?;
    }
    Ok(())
}
