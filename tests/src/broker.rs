//! Apache Kafka: the one that all tests share, and one that a test may stop.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::PATIENCE;

/// The broker that `kafka/with-broker` started around the tests.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn shared_bootstrap() -> String {
    environment("KAFKA_TEST_BOOTSTRAP").unwrap_or_else(|| {
        panic!("no broker: run these tests as `kafka/with-broker cargo test -p pipeline-tests`, or all of them as `make test`")
    })
}

fn environment(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "how the test run is told where the broker is"
    )]
    std::env::var(name).ok()
}

/// A broker on a free port with its own data, for a test that stops it.
#[derive(Debug)]
pub struct Broker {
    data: TempDir,
    bootstrap: String,
}

impl Broker {
    /// Starts one and waits until it answers.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Broker {
        let mut broker = Broker {
            data: TempDir::new().unwrap(),
            bootstrap: String::new(),
        };
        broker.up();
        broker
    }

    /// Where clients find it; the same after a stop and a start.
    #[must_use]
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// Stops it; the data stays.
    pub fn stop(&self) {
        self.script("stop");
    }

    /// Ends it as a crash would.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        self.script("kill");
    }

    /// Starts it again, with the data it had.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn up(&mut self) {
        let answer = self.script("up");
        answer
            .trim()
            .strip_prefix("bootstrap ")
            .unwrap()
            .clone_into(&mut self.bootstrap);
    }

    /// Ends it, and starts another cluster in its place: nothing of this one is left but its address.
    ///
    /// # Panics
    /// When the other one does not answer.
    pub fn replace(&mut self) {
        self.kill();
        std::fs::remove_dir_all(self.data.path().join("storage")).unwrap();
        self.up();
    }

    /// Lets it do nothing, not even answer, until [`thaw`](Broker::thaw): to its clients it is there.
    ///
    /// # Panics
    /// When it does not run.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// When it does not run.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.script("pid");
        let sent = Command::new("kill")
            .args(["-s", signal, pid.trim()])
            .status()
            .unwrap();
        assert!(sent.success(), "the broker was gone");
    }

    /// Ends it as a crash would, and starts it again with only the first half of each partition of these topics.
    ///
    /// # Panics
    /// When it does not come back.
    pub fn truncate(&mut self, topics: &[&str]) {
        self.kill();
        let storage = std::fs::read_dir(self.data.path().join("storage")).unwrap();
        for directory in storage.map(|entry| entry.unwrap().path()) {
            let name = directory.file_name().unwrap_or_default().to_string_lossy();
            let topic = name.rsplit_once('-').map(|(topic, _)| topic);
            if !topic.is_some_and(|topic| topics.contains(&topic)) {
                continue;
            }
            for file in std::fs::read_dir(&directory).unwrap() {
                let file = file.unwrap().path();
                match file.extension().and_then(|extension| extension.to_str()) {
                    Some("log") => {
                        let length = std::fs::metadata(&file).unwrap().len();
                        let segment = std::fs::File::options().write(true).open(&file).unwrap();
                        segment.set_len(length / 2).unwrap();
                    }
                    // Made again of what is left.
                    Some("index" | "timeindex" | "snapshot") => {
                        std::fs::remove_file(&file).unwrap();
                    }
                    _ => {}
                }
            }
        }
        self.up();
    }

    fn script(&self, command: &str) -> String {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../kafka/broker");
        let output = Command::new(script)
            .arg(command)
            .env("KAFKA_DATA_DIR", self.data.path())
            .env("KAFKA_PORT", "0")
            .env("KAFKA_START_TIMEOUT", PATIENCE.as_secs().to_string())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "kafka/broker {command}: {complaints}"
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.script("clean");
    }
}
