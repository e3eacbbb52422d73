//! A running logmonitor, and asking it over HTTP as any client would.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Process, Topics, wait_for};

/// What a logmonitor keeps from one start to the next: its port, which names the member of the group, its archive and
/// its variables.
#[derive(Debug)]
pub struct Home {
    port: u16,
    data: TempDir,
    /// Bytes of a file system of its own for the archive.
    disk: Option<u64>,
    variables: Vec<(String, String)>,
}

impl Home {
    /// A new one that reads these topics, in a group of their own.
    ///
    /// # Panics
    /// When there is no room for its archive.
    #[must_use]
    pub fn new(bootstrap: &str, topics: &Topics) -> Home {
        let (port, data) = (free_port(), TempDir::new().unwrap());
        let port_text = port.to_string();
        let issues = format!("{}-issues", topics.logs);
        let variables = [
            ("KAFKA_BOOTSTRAP_SERVERS", bootstrap),
            ("KAFKA_TOPIC_LOGS", &topics.logs),
            ("KAFKA_TOPIC_ERRORS", &topics.errors),
            ("KAFKA_TOPIC_ISSUES", &issues),
            ("KAFKA_GROUP_ID", &topics.logs),
            ("LOG_MONITOR_SERVER_PORT", &port_text),
            ("LOG_MONITOR_DATA_DIR", data.path().to_str().unwrap()),
            ("HOSTNAME", "test"),
            ("RUST_LOG", "warn"),
        ];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Home {
            port,
            variables: variables.map(owned).into(),
            disk: None,
            data,
        }
    }

    /// With one more variable, or another value of one.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Home {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same member of the same group, reading other topics.
    #[must_use]
    pub fn reading(self, topics: &Topics) -> Home {
        self.with("KAFKA_TOPIC_LOGS", &topics.logs)
            .with("KAFKA_TOPIC_ERRORS", &topics.errors)
    }

    /// With its archive on a file system that holds so many bytes, and is gone when the process ends.
    #[must_use]
    pub fn on_small_disk(mut self, bytes: u64) -> Home {
        self.disk = Some(bytes);
        self
    }

    /// Where its archive is.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.data.path()
    }
}

/// A running logmonitor.
#[derive(Debug)]
pub struct Monitor {
    /// Before the process: it is dropped first.
    address: Address,
    process: Process,
    /// Deleted with it, unless somebody else keeps it for another start.
    home: Arc<Home>,
}

impl Monitor {
    /// Starts a new one and waits until it is ready.
    ///
    /// # Panics
    /// When it does not get ready.
    #[must_use]
    pub fn start(bootstrap: &str, topics: &Topics) -> Monitor {
        let monitor = Monitor::at(&Arc::new(Home::new(bootstrap, topics)));
        monitor.wait_until_ready();
        monitor
    }

    /// Starts one where another may have been before, and waits until it listens.
    ///
    /// # Panics
    /// When it does not listen.
    #[must_use]
    pub fn at(home: &Arc<Home>) -> Monitor {
        let variables: Vec<(&str, &str)> = home
            .variables
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let process = match home.disk {
            Some(bytes) => {
                Process::start_on_small_disk("logmonitor", &variables, home.data(), bytes)
            }
            None => Process::start("logmonitor", &variables, Stdio::inherit()),
        };
        let monitor = Monitor {
            address: Address(home.port),
            process,
            home: Arc::clone(home),
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
        let mut answer = ureq::get(self.url(path)).call().unwrap();
        answer.body_mut().read_json().unwrap()
    }

    /// The ids of all errors, page by page, oldest first.
    ///
    /// # Panics
    /// When a page cannot be read.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        let first = "/api/v1/logs/errors?limit=1000&order=asc";
        let mut path = first.to_owned();
        loop {
            let page = self.get(&path);
            ids.extend(ids_on(&page));
            match page["next_cursor"].as_str() {
                Some(next) => path = format!("{first}&cursor={next}"),
                None => return ids,
            }
        }
    }

    /// The ids of the newest errors, the newest first.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn newest_ids(&self, number: usize) -> Vec<String> {
        ids_on(&self.get(&format!("/api/v1/logs/errors?limit={number}")))
    }

    /// Where its archive is, seen from outside.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.process.path_inside(self.home.data())
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        self.address.of(path)
    }

    /// The processor time it has used.
    ///
    /// # Panics
    /// When it is gone.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        self.process.cpu_time()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is gone.
    pub fn signal(&self, signal: &str) {
        self.process.signal(signal);
    }

    /// The status code at a path; `None` when nobody answers.
    #[must_use]
    pub fn status(&self, path: &str) -> Option<u16> {
        let timeout = Some(Duration::from_secs(2));
        let request = ureq::get(self.url(path)).config().timeout_global(timeout);
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

    /// Waits until it has counted so many records, however long that takes, as long as it goes on.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait_until_counted(&self, records: u64) {
        let counted = || {
            let stats = self.get("/api/v1/logs/stats");
            stats["logs"]["total"].as_u64().unwrap()
        };
        let mut before = counted();
        while before < records {
            let what = format!("after {before} of {records} records another is counted");
            before = wait_for(&what, || Some(counted()).filter(|&now| now > before));
        }
    }

    /// Waits until it knows of nothing more in its partitions.
    pub fn wait_until_all_is_read(&self) {
        wait_for("everything is read", || {
            let status = self.get("/api/v1/status");
            let mut partitions = status["partitions"].as_array()?.iter();
            partitions.all(|at| at["lag"] == 0).then_some(())
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

/// Where a logmonitor listens. When a test fails, what the logmonitor says of itself is printed.
#[derive(Debug)]
struct Address(u16);

impl Address {
    fn of(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.0)
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for path in ["/api/v1/status", "/api/v1/logs/stats"] {
            let request = ureq::get(self.of(path))
                .config()
                .timeout_global(Some(Duration::from_secs(2)))
                .build();
            match request
                .call()
                .and_then(|mut answer| answer.body_mut().read_to_string())
            {
                Ok(text) => eprintln!("{path}: {text}"),
                Err(error) => eprintln!("{path}: {error}"),
            }
        }
    }
}

fn ids_on(page: &Value) -> Vec<String> {
    let errors = page["errors"].as_array().unwrap().iter();
    errors
        .map(|error| error["id"].as_str().unwrap().to_owned())
        .collect()
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
