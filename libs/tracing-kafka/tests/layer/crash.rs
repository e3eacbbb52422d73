//! Processes that are killed, or run side by side on one path, and the spool they leave behind. Each program here is
//! this binary, started again with the ignored test at the end of the file.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tracing::{dispatcher, error};
use tracing_kafka::KafkaLayer;

use crate::broker::{Broker, Received, eventually};
use crate::pressure::{NOWHERE, start};

/// A process that logs errors and cannot reach a broker.
struct Program(Child);

impl Program {
    /// It logs `errors` errors of more than `bytes` bytes each, and then waits.
    fn start(spool: &Path, errors: usize, bytes: usize) -> Program {
        Program::start_limited(spool, errors, bytes, "unlimited")
    }

    /// The same, but the system kills it in the middle of the write that makes a file longer than this many blocks of
    /// 512 bytes.
    fn start_limited(spool: &Path, errors: usize, bytes: usize, blocks: &str) -> Program {
        let child = Command::new("sh")
            .args([
                "-c",
                "ulimit -c 0 && ulimit -f \"$BLOCKS\" && exec \"$0\" \"$@\"",
            ])
            .arg(std::env::current_exe().unwrap())
            .args(["crash::program_that_logs_errors", "--exact", "--ignored"])
            .arg("--nocapture")
            .env("BLOCKS", blocks)
            .env("SPOOL", spool)
            .env("ERRORS", errors.to_string())
            .env("BYTES", bytes.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Program(child)
    }

    /// As `kill -9` does.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Lets the program shut its layer down.
    fn end(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

/// A test that fails leaves no process behind.
impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        let _already_gone = self.0.kill();
    }
}

/// `(instance, seq)` of every whole record in a spool file, and whether a part of one follows.
fn frames(path: &Path) -> (Vec<(String, u64)>, bool) {
    let bytes = std::fs::read(path).unwrap();
    let mut rest = bytes.get(8..).unwrap_or_default();
    let mut identities = Vec::new();
    while let Some((len, _)) = rest.split_first_chunk() {
        let end = 8 + u32::from_le_bytes(*len) as usize;
        // Length and checksum, severity and timestamp, the record.
        let Some(record) = rest.get(17..end) else {
            break;
        };
        identities.push(identity(&serde_json::from_slice(record).unwrap()));
        rest = &rest[end..];
    }
    (identities, !rest.is_empty())
}

fn identity(record: &serde_json::Value) -> (String, u64) {
    let instance = record["instance"].as_str().unwrap().to_owned();
    (instance, record["seq"].as_u64().unwrap())
}

fn identities(received: &[Received]) -> Vec<(String, u64)> {
    let records = received.iter().map(|received| &received.record);
    records.map(identity).collect()
}

fn len_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn siblings(directory: &tempfile::TempDir) -> [PathBuf; 3] {
    ["spool", "spool.1", "spool.2"].map(|name| directory.path().join(name))
}

#[test]
fn what_killed_processes_have_spooled_arrives_at_the_next_start_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spool");
    let mut spooled = Vec::new();
    for round in 1..=2 {
        let program = Program::start(&path, usize::MAX, 150_000);
        eventually("the spool grows", || len_of(&path) > round * 1_500_000);
        program.kill();
        let before = std::mem::replace(&mut spooled, frames(&path).0);
        assert!(spooled.len() > before.len() && spooled.starts_with(&before));
    }
    let mut program = Program::start_limited(&path, usize::MAX, 150_000, "14000");
    eventually("the system kills it", || {
        program.0.try_wait().unwrap().is_some()
    });
    let before = spooled;
    let (spooled, is_torn) = frames(&path);
    assert!(spooled.len() > before.len() && spooled.starts_with(&before));
    assert!(
        is_torn,
        "not in the middle of a write: the test proves nothing"
    );

    let broker = Broker::start();
    let (_dispatch, guard) = start(broker.layer("crash").spool(&path, 1 << 30));
    assert_eq!(guard.counters().torn(), 1);
    let received = broker.read_errors(spooled.len());
    assert_eq!(identities(&received), spooled);
    eventually("the spool is empty", || len_of(&path) == 8);
}

#[test]
fn two_processes_at_once_both_keep_their_errors() {
    let directory = tempfile::tempdir().unwrap();
    let paths = siblings(&directory);
    let programs = [(); 2].map(|()| Program::start(&paths[0], 200, 1_000));
    eventually("both have spooled all", || {
        frames_of_all(&paths[..2]).is_some_and(|all| all.iter().all(|all| all.len() == 200))
    });
    programs.into_iter().for_each(Program::end);

    assert_adopted(&paths[..2], 200);
}

#[test]
fn the_files_of_three_killed_processes_are_adopted() {
    let directory = tempfile::tempdir().unwrap();
    let paths = siblings(&directory);
    let programs = [(); 3].map(|()| Program::start(&paths[0], 100, 1_000));
    eventually("all have spooled all", || {
        frames_of_all(&paths).is_some_and(|all| all.iter().all(|all| all.len() == 100))
    });
    programs.into_iter().for_each(Program::kill);

    assert_adopted(&paths, 100);
}

/// The frames of each of these files, if they are all there.
fn frames_of_all(paths: &[PathBuf]) -> Option<Vec<Vec<(String, u64)>>> {
    let all_there = paths.iter().all(|path| path.exists());
    all_there.then(|| paths.iter().map(|path| frames(path).0).collect())
}

/// Asserts that a new process replays these files, with `each` records of one process in each, and empties them.
#[track_caller]
fn assert_adopted(paths: &[PathBuf], each: usize) {
    let spooled = frames_of_all(paths).unwrap();
    for file in &spooled {
        let instance = &file[0].0;
        let alone: Vec<_> = (0..each as u64)
            .map(|seq| (instance.clone(), seq))
            .collect();
        assert_eq!(file, &alone, "one process's file");
    }
    let broker = Broker::start();
    let (dispatch, guard) = start(broker.layer("adopts").spool(&paths[0], 1 << 20));
    dispatcher::with_default(&dispatch, || error!("of this process"));
    let received = broker.read_errors(each * paths.len() + 1);
    let mut received = identities(&received);
    let known: std::collections::HashSet<_> = spooled.iter().flatten().cloned().collect();
    received.retain(|identity| known.contains(identity));
    assert_eq!(received, spooled.concat());
    eventually("all are empty", || {
        paths.iter().all(|path| len_of(path) == 8)
    });
    let counters = guard.counters();
    assert_eq!(
        (counters.emitted(), counters.delivered(), counters.spooled()),
        (1, 1, 0),
        "other processes' records"
    );
}

#[test]
#[ignore = "a program for another test"]
fn program_that_logs_errors() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how the test tells its program what to do"
    )]
    let read = |variable| std::env::var(variable).unwrap();
    let errors: usize = read("ERRORS").parse().unwrap();
    let filler = "x".repeat(read("BYTES").parse().unwrap());
    let builder = KafkaLayer::builder("crash")
        .bootstrap_servers(NOWHERE)
        .spool(read("SPOOL"), 1 << 30)
        .max_record_bytes(500_000)
        .thread_queue_bytes(4_000_000)
        .property("message.timeout.ms", "100");
    let (dispatch, guard) = start(builder);
    dispatcher::with_default(&dispatch, || {
        for n in 0..errors {
            error!(n, filler, "for the spool");
            while guard.counters().in_flight() > 250 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    });
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).unwrap();
    let counters = guard.shutdown(Duration::ZERO);
    assert_eq!(counters.spooled(), errors as u64, "{counters:?}");
}
