//! The real binary: what it refuses, how it stops, and that it works with nothing but itself (`embedded`).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod embedded;
mod inspect;

// Has what the linker puts in the place of librdkafka's own (`build.rs`).
use logmonitor as _;

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn logmonitor(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logmonitor"));
    command
        .env_clear()
        .env("LOG_MONITOR_DATA_DIR", "none")
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn run(variables: &[(&str, &str)]) -> Output {
    logmonitor(variables).output().unwrap()
}

fn free_port() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port().to_string()
}

fn wait_for<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited 60 s in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Kills what a failing test would leave behind.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn a_wrong_value_refuses_to_start_with_64_and_one_line_that_names_it() {
    let servers = ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    for (variables, named) in [
        (vec![], "KAFKA_BOOTSTRAP_SERVERS"),
        (
            vec![servers, ("LOG_MONITOR_SERVER_PORT", "high")],
            "LOG_MONITOR_SERVER_PORT is \"high\"; expected",
        ),
        (
            vec![servers, ("LOG_MONITOR_RETENTION", "7 days")],
            "LOG_MONITOR_RETENTION is \"7 days\"; expected",
        ),
        (
            vec![servers, ("KAFKA_PROPERTIES", "no.such.property=1")],
            "no.such.property",
        ),
        (
            vec![
                servers,
                ("LOG_MONITOR_GROUPING_RULES", "/nowhere/rules.json"),
            ],
            "LOG_MONITOR_GROUPING_RULES names the file \"/nowhere/rules.json\", which cannot be read",
        ),
        (
            vec![servers, ("RUST_LOG", "=[")],
            "RUST_LOG is \"=[\"; expected",
        ),
    ] {
        let output = run(&variables);
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{variables:?}: {complaint}");
        assert!(complaint.contains(named), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
}

#[test]
fn rules_for_grouping_are_read_at_start_and_when_their_file_changes() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("rules.json");
    let name = path.to_str().unwrap();
    let port = free_port();
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
        ("LOG_MONITOR_SERVER_PORT", port.as_str()),
        ("LOG_MONITOR_GROUPING_RULES", name),
    ];
    std::fs::write(
        &path,
        r#"{"rules": [{"match": {"type": "["}, "mask": []}]}"#,
    )
    .unwrap();
    let refused = run(&variables);
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(64), "{complaint}");
    for part in [
        "LOG_MONITOR_GROUPING_RULES",
        name,
        "rules[0].match.type",
        "unclosed",
    ] {
        assert!(complaint.contains(part), "{complaint}");
    }
    assert_eq!(complaint.lines().count(), 1, "{complaint}");

    std::fs::write(&path, r#"{"rules": [{"fingerprint": ["a"]}]}"#).unwrap();
    let _running = Running(logmonitor(&variables).spawn().unwrap());
    let rules = |what: &str, probe: &dyn Fn(&Value) -> bool| {
        wait_for(what, || {
            let url = format!("http://127.0.0.1:{port}/api/v1/status");
            let mut answer = ureq::get(url).call().ok()?;
            let status: Value = answer.body_mut().read_json().ok()?;
            let rules = status["issues"]["grouping_rules"].clone();
            probe(&rules).then_some(rules)
        })
    };
    let first = rules("it has one rule", &|rules| rules["count"] == 1);
    assert_eq!(first["path"], name);
    let two = r#"{"rules": [{"fingerprint": ["a"]}, {"fingerprint": ["b"]}]}"#;
    std::fs::write(&path, two).unwrap();
    let second = rules("it has two", &|rules| rules["count"] == 2);
    assert_ne!(first["version"], second["version"]);
    std::fs::write(&path, "no rules").unwrap();
    let third = rules("it complains", &|rules| rules["problem"].is_string());
    assert_eq!(
        (&third["count"], &third["version"]),
        (&2.into(), &second["version"])
    );
}

#[test]
fn an_address_that_is_taken_is_named() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
        ("LOG_MONITOR_SERVER_PORT", &port),
    ];
    let output = logmonitor(&variables)
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8(output.stdout).unwrap();
    assert!(
        log.contains(&format!("127.0.0.1:{port}")) && log.contains("LOG_MONITOR_SERVER_PORT"),
        "{log}"
    );
}

#[test]
fn it_lives_without_kafka_says_so_and_stops_when_told() {
    let port = free_port();
    let variables = [
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1"),
        ("LOG_MONITOR_SERVER_PORT", port.as_str()),
    ];
    for signal in ["-TERM", "-INT"] {
        let mut running = Running(logmonitor(&variables).spawn().unwrap());
        let base = format!("http://127.0.0.1:{port}");
        wait_for("it listens", || {
            ureq::get(format!("{base}/health")).call().ok()
        });
        let check = Command::new(env!("CARGO_BIN_EXE_logmonitor"))
            .arg("healthcheck")
            .envs(variables)
            .status()
            .unwrap();
        assert!(check.success(), "{check}");
        let answer = ureq::get(format!("{base}/ready"))
            .config()
            .http_status_as_error(false)
            .build()
            .call()
            .unwrap();
        assert_eq!(answer.status(), 503);
        let page: Value = ureq::get(format!("{base}/api/v1/logs/errors"))
            .call()
            .unwrap()
            .body_mut()
            .read_json()
            .unwrap();
        assert_eq!(page["total"], 0);
        assert!(
            Command::new("kill")
                .arg(signal)
                .arg(running.0.id().to_string())
                .status()
                .unwrap()
                .success()
        );
        let status = wait_for("it ends", || running.0.try_wait().unwrap());
        let mut complaint = String::new();
        running
            .0
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut complaint)
            .unwrap();
        assert_eq!(
            (status.code(), complaint.as_str()),
            (Some(0), ""),
            "{signal}"
        );
    }
    let check = Command::new(env!("CARGO_BIN_EXE_logmonitor"))
        .arg("healthcheck")
        .envs(variables)
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(1));
}
