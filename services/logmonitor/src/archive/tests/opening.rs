//! What an archive cannot be opened for, and what is said then.

use rusqlite::Connection;

use super::*;

fn refusal(directory: &std::path::Path) -> (OpenError, String) {
    let error = Archive::open(directory, archive_limits()).unwrap_err();
    let text = error.to_string();
    (error, text)
}

#[test]
fn a_second_process_is_refused_and_the_directory_is_named() {
    let directory = TempDir::new().unwrap();
    let first = Monitor::start(&directory);
    let (error, text) = refusal(directory.path());
    assert!(matches!(error, OpenError::InUse { .. }));
    assert!(text.contains(directory.path().to_str().unwrap()), "{text}");
    drop(first);
    Monitor::start(&directory);
}

#[test]
fn an_archive_of_a_newer_version_is_refused() {
    let directory = TempDir::new().unwrap();
    drop(Monitor::start(&directory));
    let database = Connection::open(directory.path().join("logmonitor.db")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let (error, text) = refusal(directory.path());
    assert!(matches!(error, OpenError::Newer { found: 99, .. }));
    assert!(text.contains("version 99"), "{text}");
}

#[test]
fn a_directory_that_cannot_be_written_is_refused() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let (error, text) = refusal(&file);
    assert!(matches!(error, OpenError::Directory { .. }));
    assert!(text.contains("a-file"), "{text}");
    // Nobody may create anything there, not even root.
    let (error, text) = refusal(std::path::Path::new("/proc/logmonitor"));
    assert!(matches!(error, OpenError::Directory { .. }));
    assert!(text.contains("/proc/logmonitor"), "{text}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let directory = TempDir::new().unwrap();
    let noise: Vec<u8> = (0..10_000_u32).map(|byte| byte as u8).collect();
    std::fs::write(directory.path().join("logmonitor.db"), noise).unwrap();
    let (error, text) = refusal(directory.path());
    assert!(matches!(error, OpenError::Sqlite(_)));
    assert!(text.contains("not a database"), "{text}");
}

#[test]
fn a_damaged_block_is_passed_over_and_the_others_are_read() {
    let directory = TempDir::new().unwrap();
    let monitor = Monitor::start(&directory);
    for seq in 0..3 {
        monitor
            .read(ERRORS, seq, &[&own(seq.unsigned_abs(), "ERROR")])
            .unwrap();
    }
    drop(monitor);
    let database = Connection::open(directory.path().join("logmonitor.db")).unwrap();
    let sql = "UPDATE blocks SET data = zeroblob(100) WHERE arrival = 1";
    database.execute(sql, ()).unwrap();
    drop(database);
    assert_eq!(Monitor::start(&directory).shown(), ["number 0", "number 2"]);
}
