//! `docs/producers.md` shows what the tests run: every snippet is, line by line, a part of a program that is tested.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The lines between `snippet: name` and `end snippet`, without their common indentation.
fn snippet(path: &str, name: &str) -> String {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let is_begin = |line: &&str| {
        let named = line
            .split_once("snippet: ")
            .map(|(_, rest)| rest.trim_end_matches("-->"));
        named.is_some_and(|found| found.trim() == name)
    };
    let begun = text.lines().skip_while(|line| !is_begin(line)).skip(1);
    let lines: Vec<&str> = begun
        .take_while(|line| !line.contains("end snippet"))
        .collect();
    assert!(!lines.is_empty(), "{path} has no snippet {name}");
    let indented = lines.iter().filter(|line| !line.trim().is_empty());
    let indent = indented
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap();
    let dedented: Vec<&str> = lines
        .iter()
        .map(|line| line.get(indent..).unwrap_or_default())
        .collect();
    dedented.join("\n").trim_matches('\n').to_owned()
}

/// The code blocks behind a `<!-- path: name -->`, as (path, name, code).
fn shown(guide: &str) -> Vec<(String, String, String)> {
    let mut shown = Vec::new();
    let mut rest = guide;
    while let Some((_, behind)) = rest.split_once("<!-- ") {
        let (reference, behind) = behind.split_once(" -->\n").unwrap();
        let (path, name) = reference.split_once(": ").unwrap();
        let (_, code) = behind.split_once('\n').unwrap();
        let (code, behind) = code.split_once("\n```\n").unwrap();
        shown.push((path.to_owned(), name.to_owned(), code.to_owned()));
        rest = behind;
    }
    shown
}

#[test]
fn the_guide_shows_what_is_tested() {
    let guide = std::fs::read_to_string(root().join("docs/producers.md")).unwrap();
    let shown = shown(&guide);
    let programs: BTreeSet<&str> = shown
        .iter()
        .filter_map(|(path, _, _)| path.strip_prefix("tests/producers/")?.split('/').next())
        .collect();
    assert_eq!(
        programs,
        BTreeSet::from(["go", "java", "node", "python", "shell"])
    );
    for (path, name, code) in &shown {
        assert_eq!(*code, snippet(path, name), "{path}: {name}");
    }
}
