//! The real processes, booking and traffic: environment, signals, exit codes. Kafka and usermanagement are away, which
//! must not matter.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

const BOOKING: &str = env!("CARGO_BIN_EXE_booking");
const TRAFFIC: &str = env!("CARGO_BIN_EXE_traffic");

/// The program with this variable set, and everything it could talk to at a port where nobody listens.
fn start(program: &str, variable: &str, value: &str) -> Child {
    Command::new(program)
        .env_clear()
        .env("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        .env("USERMANAGEMENT_URL", "http://127.0.0.1:1")
        .env("BOOKING_URL", "http://127.0.0.1:1")
        .env(variable, value)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_wrong_variable_ends_it_with_64_and_is_named() {
    for (program, variable, value) in [
        (BOOKING, "BOOKING_SERVER_PORT", "many"),
        (BOOKING, "USERMANAGEMENT_URL", "nowhere"),
        (BOOKING, "KAFKA_BOOTSTRAP_SERVERS", ""),
        (TRAFFIC, "BOOKING_URL", "nowhere"),
        (TRAFFIC, "TRAFFIC_REQUESTS_PER_SECOND", "0"),
    ] {
        let output = start(program, variable, value).wait_with_output().unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(64), "{complaint}");
        assert!(complaint.contains(variable), "{complaint}");
    }
}

#[test]
fn a_signal_ends_it_with_0() {
    let ended = [
        (BOOKING, "serving http://127.0.0.1:", "TERM"),
        (BOOKING, "serving http://127.0.0.1:", "INT"),
        (TRAFFIC, "waiting for http://127.0.0.1:1", "TERM"),
        (TRAFFIC, "waiting for http://127.0.0.1:1", "INT"),
    ]
    .map(|(program, ready, signal)| {
        let mut process = start(program, "BOOKING_SERVER_PORT", "0");
        let mut lines = BufReader::new(process.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        assert!(lines.any(|line| line.contains(ready)));
        let kill = Command::new("kill")
            .args(["-s", signal, &process.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        (process, lines)
    });
    // All at once: without Kafka the services wait for the layer's deadline.
    for (mut process, mut lines) in ended {
        assert!(lines.any(|line| line.contains("stopped")));
        assert_eq!(process.wait().unwrap().code(), Some(0));
    }
}
