//! The messages that were written by hand, and what is said of them.

use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

/// The lines of `by-hand.jsonl`: a message each, and what its records say.
pub(crate) static BY_HAND: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let lines = fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/testdata/by-hand.jsonl"
    ))
    .unwrap();
    let lines = lines.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
});
