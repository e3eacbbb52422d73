//! Every message in `testdata/` decodes to the record beside it; our own format survives the round trip to the byte.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::PathBuf;

use log_record::{Defaults, Severity, Timestamp, decode, encode};

fn defaults() -> Defaults<'static> {
    Defaults {
        timestamp: Timestamp::parse("2026-11-20T22:15:16.515486Z").unwrap(),
        level: Severity::Info,
        service: "unknown",
    }
}

fn messages() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "in"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_golden_message_decodes_to_its_record() {
    let messages = messages();
    assert!(messages.len() >= 8, "testdata is missing");
    for path in messages {
        let message = fs::read(&path).unwrap();
        let expected = fs::read_to_string(path.with_extension("out")).unwrap();
        let mut written = Vec::new();
        encode(&decode(&message, &defaults()).unwrap(), &mut written);
        assert_eq!(
            String::from_utf8(written).unwrap(),
            expected,
            "{}",
            path.display()
        );
    }
}

#[test]
fn what_is_written_is_read_back_as_the_same_record() {
    for path in messages() {
        let expected = fs::read(path.with_extension("out")).unwrap();
        let record = decode(&expected, &defaults()).unwrap();
        let mut written = Vec::new();
        encode(&record, &mut written);
        assert_eq!(written, expected, "{}", path.display());
    }
}
