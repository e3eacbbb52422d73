//! A program under test as a process: started with an environment of its own, and never left behind.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::wait_for;

/// The path of a program of this workspace, built with the tests.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    // target/debug/deps/<this test> -> target/debug/<program>
    let path = std::env::current_exe()
        .unwrap()
        .ancestors()
        .nth(2)
        .unwrap()
        .join(name);
    assert!(
        path.is_file(),
        "{} is missing; build it with: cargo build --workspace --all-features",
        path.display()
    );
    path
}

/// A running program; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts the program with these variables and no others. What it prints goes to `stdout`; a pipe that nobody
    /// reads would block it in the end.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(name: &str, variables: &[(&str, &str)], stdout: Stdio) -> Process {
        Process::run(Command::new(program(name)), name, variables, stdout)
    }

    /// The same, with a file system of its own at `directory` that holds so many bytes and is gone with the process.
    ///
    /// # Panics
    /// When the kernel lets nobody have one.
    #[must_use]
    pub fn start_on_small_disk(
        name: &str,
        variables: &[(&str, &str)],
        directory: &Path,
        bytes: u64,
    ) -> Process {
        let script = r#"mount -t tmpfs -o "size=$1" tmpfs "$2" && exec "$3""#;
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", script, "sh"])
            .arg(bytes.to_string())
            .arg(directory)
            .arg(program(name));
        Process::run(command, name, variables, Stdio::inherit())
    }

    fn run(mut command: Command, name: &str, variables: &[(&str, &str)], stdout: Stdio) -> Process {
        let child = command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Process {
            child,
            name: name.to_owned(),
        }
    }

    /// Its standard input and its output, which was piped, to talk to it.
    ///
    /// # Panics
    /// When they were taken before.
    pub fn pipes(&mut self) -> (std::process::ChildStdin, std::process::ChildStdout) {
        (
            self.child.stdin.take().unwrap(),
            self.child.stdout.take().unwrap(),
        )
    }

    /// A path as the process sees it.
    #[must_use]
    pub fn path_inside(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.child.id()));
        root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The processor time it has used, of all its threads, in steps of the kernel's hundredths of a second.
    ///
    /// # Panics
    /// When it is gone.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // The name, in parentheses, may hold anything; the times are the 14th and the 15th member.
        let (_, members) = stat.rsplit_once(')').unwrap();
        let ticks = members.split_whitespace().skip(11).take(2);
        Duration::from_millis(ticks.map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum())
    }

    /// Asks it to stop with SIGTERM, and returns how it ended.
    ///
    /// # Panics
    /// When it does not end.
    pub fn terminate(mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is gone.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args(["-s", signal])
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(sent.success(), "{} was gone already", self.name);
    }

    /// Kills it with SIGKILL, as a crash would.
    ///
    /// # Panics
    /// When the operating system refuses.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// When it does not.
    pub fn wait(&mut self) -> ExitStatus {
        wait_for(&format!("{} ends", self.name), || {
            self.child.try_wait().unwrap()
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        if let Ok(Some(status)) = self.child.try_wait()
            && std::thread::panicking()
        {
            eprintln!("{} had ended: {status}", self.name);
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
