//! Plain text: panics with and without a backtrace, tracing-subscriber's own text format, an error's debug form.

use std::io;
use std::process::{Command, Stdio};

use tracing::{error, info};
use tracing_subscriber::fmt;

use crate::crash::charge;
use crate::{Capture, Family, FixedTime};

pub fn write(family: &Family) -> io::Result<()> {
    family.write("panic", &crashed("panic", "0")?)?;
    family.write("panic-backtrace", &crashed("panic", "1")?)?;
    family.write("unwrap-backtrace", &crashed("unwrap", "1")?)?;
    family.write("index", &crashed("index", "0")?)?;
    family.write("thread", &crashed("thread", "0")?)?;

    let out = Capture::default();
    let subscriber = fmt()
        .with_ansi(false)
        .with_timer(FixedTime)
        .with_writer(out.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        info!(order_id = 1001, "order accepted");
        family.write("tracing-info", &out.take())?;
        if let Err(failure) = charge(1001) {
            error!(error = %failure, "payment failed");
        }
        family.write("tracing-error", &out.take())
    })?;
    let subscriber = fmt()
        .with_ansi(true)
        .with_timer(FixedTime)
        .with_writer(out.clone());
    tracing::subscriber::with_default(subscriber.finish(), || {
        error!("payment failed");
        family.write("tracing-error-colours", &out.take())
    })
}

/// What this program prints when it ends like that. The id of the thread differs from run to run.
fn crashed(how: &str, backtrace: &str) -> io::Result<Vec<u8>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["crash", how])
        .env("RUST_BACKTRACE", backtrace)
        .stdout(Stdio::null())
        .output()?;
    Ok(with_fixed_id(&String::from_utf8_lossy(&output.stderr)).into_bytes())
}

/// `thread 'main' (12345) panicked` becomes `thread 'main' (4711) panicked`.
fn with_fixed_id(text: &str) -> String {
    let Some((before, rest)) = text.split_once("' (") else {
        return text.to_owned();
    };
    match rest.split_once(") panicked") {
        Some((id, after)) if id.parse::<u64>().is_ok() => {
            format!("{before}' (4711) panicked{after}")
        }
        _ => text.to_owned(),
    }
}
