//! The process: arguments and environment in, exit code out.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use logmonitor::config::Config;
use logmonitor::{App, InspectArguments, InspectError, StartError, health_check, inspect, verify};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

/// EX_USAGE of sysexits.h: the configuration is wrong.
const EXIT_CONFIG: u8 = 64;

/// Reads the log topics from Kafka and serves the errors in them.
///
/// Everything is configured by environment variables; README.md lists them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Read and serve (the default).
    Serve,
    /// Exit with 0 if the logmonitor at the configured address is alive, else with 1.
    Healthcheck,
    /// Show how a message is decoded: which format takes it, and which key gives which field.
    Inspect(InspectArguments),
    /// Compare what the archive holds with what it says of it, the counts of issues included. No logmonitor may use it.
    Verify,
}

fn main() -> ExitCode {
    match Arguments::parse().command.unwrap_or(Command::Serve) {
        Command::Serve => with_config(serve),
        Command::Verify => with_config(|config| check(&config)),
        Command::Healthcheck => with_config(|config| match health_check(config.listen) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                complain(&error);
                ExitCode::FAILURE
            }
        }),
        // It can do without most of the configuration.
        Command::Inspect(arguments) => show(&arguments),
    }
}

fn with_config(run: impl FnOnce(Config) -> ExitCode) -> ExitCode {
    match Config::from_env() {
        Ok(config) => run(config),
        Err(error) => refuse(&error),
    }
}

fn show(arguments: &InspectArguments) -> ExitCode {
    match inspect(arguments, &mut std::io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(InspectError::Config(error)) => refuse(&error),
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn check(config: &Config) -> ExitCode {
    let Some(directory) = &config.data_dir else {
        return refuse(&"LOG_MONITOR_DATA_DIR is none: there is no archive to verify");
    };
    match verify(directory, &mut std::io::stdout().lock()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn serve(config: Config) -> ExitCode {
    let filter = match EnvFilter::builder().parse(&config.log_filter) {
        Ok(filter) => filter,
        Err(error) => {
            return refuse(&format!(
                "RUST_LOG is {:?}; expected directives: {error}",
                config.log_filter
            ));
        }
    };
    // Colours are for people; a file or a pipe gets plain text.
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stdout().is_terminal())
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            error!(%error, "the runtime did not start");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        let app = App::bind(config).await?;
        app.run(shutdown()?).await
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(StartError::Config(error)) => refuse(&error),
        Err(StartError::Rules(error)) => refuse(&error),
        Err(error) => {
            error!("{error}");
            ExitCode::FAILURE
        }
    }
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

fn refuse(error: &dyn std::fmt::Display) -> ExitCode {
    complain(error);
    ExitCode::from(EXIT_CONFIG)
}

#[expect(
    clippy::print_stderr,
    reason = "there is no subscriber yet, or none at all"
)]
fn complain(error: &dyn std::fmt::Display) {
    eprintln!("logmonitor: {error}");
}
