//! Every message in `testdata/` decodes to the records beside it; our own format survives the round trip to the byte.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use log_record::{Decoded, Format, Hints, LogRecord, Records, Timestamp, decode, encode};
use serde_json::{Value, json};

fn families() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata");
    let entries = fs::read_dir(folder).unwrap();
    let mut families: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    families.sort();
    families
}

fn cases(family: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(family).unwrap();
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "in"))
        .collect();
    cases.sort();
    cases
}

fn hints() -> Hints<'static> {
    Hints::new(Timestamp::parse("2026-11-20T12:00:00.000000Z").unwrap())
}

/// What the case's headers say about its format.
fn format(case: &Path) -> Option<Format> {
    let headers = fs::read_to_string(case.with_extension("headers")).ok()?;
    let content_type = headers
        .lines()
        .find_map(|line| line.strip_prefix("content-type:"))?;
    Format::from_content_type(content_type)
}

fn decode_case<'a>(case: &Path, message: &'a [u8]) -> Vec<Decoded<'a>> {
    let mut hints = hints();
    hints.format = format(case);
    match decode(message, &hints) {
        Ok(Records::One(decoded)) => vec![decoded],
        Ok(Records::Many(decoded)) => decoded,
        Err(error) => panic!("{}: {error}", case.display()),
    }
}

/// The record as its case has it: without the schema's number, and with the frames of its error.
fn written(record: &LogRecord<'_>) -> Value {
    let mut bytes = Vec::new();
    encode(record, &mut bytes);
    let mut value: Value = serde_json::from_slice(&bytes).unwrap();
    value.as_object_mut().unwrap().remove("schema");
    let frames: Vec<Value> = record
        .error
        .iter()
        .flat_map(|error| error.frames())
        .map(|frame| {
            let mut members = serde_json::Map::new();
            members.extend(
                frame
                    .function
                    .map(|text| ("function".to_owned(), json!(text))),
            );
            members.extend(frame.file.map(|text| ("file".to_owned(), json!(text))));
            members.extend(frame.line.map(|line| ("line".to_owned(), json!(line))));
            Value::Object(members)
        })
        .collect();
    if !frames.is_empty() {
        value["error"]["frames"] = Value::Array(frames);
    }
    value
}

/// Where two values differ, a line each.
fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for key in expected
                .keys()
                .chain(found.keys().filter(|key| !expected.contains_key(*key)))
            {
                let (left, right) = (expected.get(key), found.get(key));
                compare(
                    &format!("{path}.{key}"),
                    left.unwrap_or(&Value::Null),
                    right.unwrap_or(&Value::Null),
                    differences,
                );
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{at}]"), expected, found, differences);
            }
        }
        _ if expected == found => {}
        _ => differences.push(format!("  {path}: expected {expected}, found {found}")),
    }
}

#[test]
fn every_golden_message_decodes_to_its_records() {
    let families = families();
    assert!(!families.is_empty(), "testdata is missing");
    let mut wrong = Vec::new();
    for family in &families {
        let cases = cases(family);
        assert!(!cases.is_empty(), "{} has no cases", family.display());
        for case in cases {
            let message = fs::read(&case).unwrap();
            let expected = fs::read_to_string(case.with_extension("expected.json"));
            let expected = expected.unwrap_or_else(|error| panic!("{}: {error}", case.display()));
            let expected: Value = serde_json::from_str(&expected).unwrap();
            let records = decode_case(&case, &message);
            let records: Value = records
                .iter()
                .map(|decoded| written(&decoded.record))
                .collect();
            let mut differences = Vec::new();
            compare("", &expected, &records, &mut differences);
            if !differences.is_empty() {
                wrong.push(format!("{}\n{}", case.display(), differences.join("\n")));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_is_written_is_read_back_as_the_same_record() {
    for case in families().iter().flat_map(|family| cases(family)) {
        let message = fs::read(&case).unwrap();
        for decoded in decode_case(&case, &message) {
            let mut written = Vec::new();
            encode(&decoded.record, &mut written);
            let again = decode(&written, &hints()).unwrap().into_single().unwrap();
            assert_eq!(again, decoded.record, "{}", case.display());
        }
    }
}

#[test]
fn our_own_records_are_written_as_they_were_read() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/own"));
    for case in cases(folder) {
        let message = fs::read(&case).unwrap();
        let mut written = Vec::new();
        encode(&decode_case(&case, &message)[0].record, &mut written);
        assert_eq!(
            String::from_utf8(written).unwrap(),
            String::from_utf8(message).unwrap(),
            "{}",
            case.display()
        );
    }
}
