//! Every message of `testdata/`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod by_hand;

use std::fs;
use std::sync::LazyLock;

const TESTDATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata");

/// Every message there is.
pub(crate) static ALL: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut paths = Vec::new();
    for family in fs::read_dir(TESTDATA).unwrap() {
        let family = family.unwrap().path();
        if family.is_dir() {
            let cases = fs::read_dir(family).unwrap();
            paths.extend(cases.map(|entry| entry.unwrap().path()));
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "in"));
    paths.sort();
    let mut messages: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    let by_hand = by_hand::BY_HAND.iter();
    messages.extend(by_hand.map(|case| case["in"].as_str().unwrap().into()));
    messages
});
