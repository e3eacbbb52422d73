//! The process: environment in, exit code out.

use std::process::ExitCode;

use booking::{App, Config, StartError};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};
use tracing_kafka::InitError;

/// EX_USAGE of sysexits.h: the configuration is wrong.
const EXIT_CONFIG: u8 = 64;

fn main() -> ExitCode {
    let config = match Config::from_env() {
        Ok(config) => config,
        Err(error) => return refuse(&error, ExitCode::from(EXIT_CONFIG)),
    };
    // Dropped last, when nothing logs any more: it delivers what is still on its way.
    let _guard = match tracing_kafka::init("booking") {
        Ok(guard) => guard,
        Err(error @ InitError::Subscriber(_)) => return refuse(&error, ExitCode::FAILURE),
        Err(error) => return refuse(&error, ExitCode::from(EXIT_CONFIG)),
    };
    match serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!(
                error = &error as &dyn std::error::Error,
                "the service failed"
            );
            ExitCode::FAILURE
        }
    }
}

fn serve(config: Config) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(StartError::Runtime)?;
    runtime.block_on(async {
        let app = App::bind(config).await?;
        app.run(shutdown()?).await
    })
}

/// Ends with SIGTERM or SIGINT.
fn shutdown() -> Result<impl Future<Output = ()>, StartError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(StartError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(StartError::Signals)?;
    Ok(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        info!(signal = name, "shutting down");
    })
}

#[expect(clippy::print_stderr, reason = "there is no subscriber yet")]
fn refuse(error: &dyn std::fmt::Display, code: ExitCode) -> ExitCode {
    eprintln!("booking: {error}");
    code
}
