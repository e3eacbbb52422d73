//! A running logmonitor, and asking it over HTTP as any client would.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::{Process, Topics, wait_for};

/// A running logmonitor.
#[derive(Debug)]
pub struct Monitor {
    process: Process,
    base: String,
}

impl Monitor {
    /// Starts one on a free port and waits until it is ready.
    ///
    /// # Panics
    /// When it does not get ready.
    #[must_use]
    pub fn start(bootstrap: &str, topics: &Topics) -> Monitor {
        let monitor = Monitor::start_on(free_port(), bootstrap, topics);
        monitor.wait_until_ready();
        monitor
    }

    /// Starts one on that port; the port names the member of the group, so a second start goes on where the first was.
    ///
    /// # Panics
    /// When it does not listen.
    #[must_use]
    pub fn start_on(port: u16, bootstrap: &str, topics: &Topics) -> Monitor {
        Monitor::start_with(port, bootstrap, topics, &[])
    }

    /// The same with more variables.
    ///
    /// # Panics
    /// When it does not listen.
    #[must_use]
    pub fn start_with(
        port: u16,
        bootstrap: &str,
        topics: &Topics,
        more: &[(&str, &str)],
    ) -> Monitor {
        let port_text = port.to_string();
        let mut variables = vec![
            ("KAFKA_BOOTSTRAP_SERVERS", bootstrap),
            ("KAFKA_TOPIC_LOGS", &topics.logs),
            ("KAFKA_TOPIC_ERRORS", &topics.errors),
            ("KAFKA_GROUP_ID", &topics.logs),
            ("LOG_MONITOR_SERVER_PORT", &port_text),
            ("HOSTNAME", "test"),
            ("RUST_LOG", "warn"),
        ];
        variables.extend(more);
        let monitor = Monitor {
            process: Process::start("logmonitor", &variables, Stdio::inherit()),
            base: format!("http://127.0.0.1:{port}"),
        };
        wait_for("logmonitor listens", || {
            (monitor.status("/health") == Some(200)).then_some(())
        });
        monitor
    }

    /// Waits until it reads both topics.
    pub fn wait_until_ready(&self) {
        wait_for("logmonitor is ready", || {
            (self.status("/ready") == Some(200)).then_some(())
        });
    }

    /// The JSON at a path.
    ///
    /// # Panics
    /// When the answer is not 200, or no JSON.
    #[must_use]
    pub fn get(&self, path: &str) -> Value {
        let mut answer = ureq::get(format!("{}{path}", self.base)).call().unwrap();
        answer.body_mut().read_json().unwrap()
    }

    /// The status code at a path; `None` when nobody answers.
    #[must_use]
    pub fn status(&self, path: &str) -> Option<u16> {
        let timeout = Some(Duration::from_secs(2));
        let request = ureq::get(format!("{}{path}", self.base))
            .config()
            .timeout_global(timeout);
        match request.http_status_as_error(false).build().call() {
            Ok(answer) => Some(answer.status().as_u16()),
            Err(_) => None,
        }
    }

    /// The errors that a search finds, once there are so many.
    ///
    /// # Panics
    /// When there are not so many in time, or more.
    #[must_use]
    pub fn wait_for_errors(&self, search: &str, count: usize) -> Vec<Value> {
        let path = format!("/api/v1/logs/errors?limit=1000&{search}");
        let page = wait_for(&format!("{count} errors at {path}"), || {
            let page = self.get(&path);
            (page["total"].as_u64().unwrap() >= count as u64).then_some(page)
        });
        assert_eq!(page["total"], count, "more errors than expected at {path}");
        page["errors"].as_array().unwrap().clone()
    }

    /// Waits until it has read so many records of a topic.
    pub fn wait_until_consumed(&self, topic: &str, records: i64) {
        wait_for(&format!("{records} records of {topic} are read"), || {
            let status = self.get("/api/v1/status");
            let partitions = status["partitions"].as_array().unwrap().iter();
            let read: i64 = partitions
                .filter(|p| p["topic"] == topic)
                .filter_map(|p| p["position"].as_i64())
                .sum();
            (read >= records).then_some(())
        });
    }

    /// Ends it with SIGTERM; returns how it ended.
    ///
    /// # Panics
    /// When it does not end.
    #[must_use]
    pub fn terminate(self) -> ExitStatus {
        self.process.terminate()
    }

    /// Kills it with SIGKILL, as a crash would.
    ///
    /// # Panics
    /// When the operating system refuses.
    pub fn kill(self) {
        self.process.kill();
    }
}

/// A port that nobody listens on at the moment.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
