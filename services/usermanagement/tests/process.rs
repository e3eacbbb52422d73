//! The real process: environment, signals, exit codes. Kafka is away, which must not matter.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// The process with this variable set, and Kafka at a port where nobody listens.
fn start(variable: &str, value: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_usermanagement"))
        .env_clear()
        .env("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        .env(variable, value)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_wrong_variable_ends_it_with_64_and_is_named() {
    for (variable, value) in [
        ("USERMANAGEMENT_SERVER_PORT", "many"),
        ("KAFKA_BOOTSTRAP_SERVERS", ""),
        ("RUST_LOG", "a=b=c"),
    ] {
        let output = start(variable, value).wait_with_output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{complaint}");
        assert!(complaint.contains(variable), "{complaint}");
    }
}

#[test]
fn a_signal_ends_it_with_0() {
    let ended = ["TERM", "INT"].map(|signal| {
        let mut process = start("USERMANAGEMENT_SERVER_PORT", "0");
        let mut lines = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        assert!(lines.any(|line| line.contains("serving http://127.0.0.1:")));
        let kill = Command::new("kill")
            .args(["-s", signal, &process.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        (process, lines)
    });
    // Both at once: without Kafka each of them waits for the layer's deadline.
    for (mut process, mut lines) in ended {
        assert!(lines.any(|line| line.contains("stopped")));
        assert_eq!(process.wait().unwrap().code(), Some(0));
    }
}
