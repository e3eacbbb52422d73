//! Writes the golden inputs of the Rust families: each line as the library, or the runtime, made it.

mod crash;
mod json;
mod text;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["crash", how] => {
            crash::crash(how);
            Ok(())
        }
        [testdata] => generate(Path::new(testdata)),
        _ => {
            eprintln!("usage: generate <directory of the families>");
            return ExitCode::from(64);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generate: {error}");
            ExitCode::FAILURE
        }
    }
}

fn generate(testdata: &Path) -> io::Result<()> {
    json::write(&Family::new(testdata, "tracing-subscriber")?)?;
    text::write(&Family::new(testdata, "text-rust")?)
}

/// A directory of golden inputs.
struct Family(PathBuf);

impl Family {
    fn new(testdata: &Path, name: &str) -> io::Result<Family> {
        let directory = testdata.join(name);
        std::fs::create_dir_all(&directory)?;
        Ok(Family(directory))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(self.0.join(format!("{name}.in")), bytes)
    }
}

/// The time of all golden inputs, in the form that tracing-subscriber writes.
struct FixedTime;

impl FormatTime for FixedTime {
    fn format_time(&self, out: &mut Writer<'_>) -> std::fmt::Result {
        out.write_str("2026-11-20T22:15:16.515486Z")
    }
}

/// Keeps what a subscriber writes.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Capture {
    fn take(&self) -> Vec<u8> {
        std::mem::take(
            &mut self
                .0
                .lock()
                .unwrap_or_else(|poisoned| poisoned.into_inner()),
        )
    }
}

impl io::Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Capture {
    type Writer = Capture;

    fn make_writer(&self) -> Capture {
        self.clone()
    }
}
