//! Traffic for the demo: asks usermanagement and booking for this and that until it is told to stop, whatever they
//! answer. It logs nothing to Kafka; what is worth seeing is what the services log.

mod action;
mod client;
mod mix;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use booking::TrafficConfig;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinSet, spawn_blocking};

use client::{Answer, Client, Service};
use mix::Mix;

/// EX_USAGE of sysexits.h: the configuration is wrong.
const EXIT_CONFIG: u8 = 64;
/// Requests that may be open at once. When services hang, further ones are not sent.
const MAX_OPEN: usize = 32;
/// How often a service that is not there yet is asked again.
const RETRY: Duration = Duration::from_millis(200);
/// How often a line says what was sent.
const REPORT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let config = match TrafficConfig::from_env() {
        Ok(config) => config,
        Err(error) => {
            complain(&error);
            return ExitCode::from(EXIT_CONFIG);
        }
    };
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format_args!("cannot start the runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = run(config) => {}
        }
        Ok::<(), std::io::Error>(())
    });
    // Nobody waits for the answers to open requests.
    runtime.shutdown_background();
    match outcome {
        Ok(()) => {
            say(&"stopped");
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format_args!("cannot listen for signals: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Waits for the services, then sends requests for ever.
async fn run(config: TrafficConfig) {
    let client = Arc::new(Client::new(&config));
    for service in [Service::Usermanagement, Service::Booking] {
        wait_for(&client, service).await;
    }
    say(&format_args!(
        "sending a request every {:?}",
        config.interval
    ));
    let mut mix = Mix::new(fastrand::Rng::new());
    let mut open = JoinSet::new();
    let mut report = Report::default();
    let mut reports = tokio::time::interval(REPORT);
    let mut next_request = tokio::time::Instant::now();
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(next_request) => {
                let action = mix.next_action();
                // A burst is four times as dense.
                let pause = if mix.is_in_burst() { config.interval / 4 } else { config.interval };
                next_request = tokio::time::Instant::now() + pause.mul_f64(0.5 + fastrand::f64());
                if open.len() < MAX_OPEN {
                    let client = Arc::clone(&client);
                    open.spawn_blocking(move || client.perform(&action));
                }
            }
            // A request that panicked has told so itself.
            Some(Ok(answer)) = open.join_next() => {
                report.count(&answer);
                mix.learn(answer.learned);
            }
            _ = reports.tick() => report.say(),
        }
    }
}

async fn wait_for(client: &Arc<Client>, service: Service) {
    let mut has_told = false;
    loop {
        let asking = Arc::clone(client);
        if spawn_blocking(move || asking.is_up(service))
            .await
            .unwrap_or(false)
        {
            return;
        }
        if !has_told {
            say(&format_args!("waiting for {}", client.url(service)));
            has_told = true;
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// What was answered since the last line.
#[derive(Debug, Default)]
struct Report {
    succeeded: u32,
    refused: u32,
    failed: u32,
    unanswered: u32,
    last_failure: Option<String>,
}

impl Report {
    fn count(&mut self, answer: &Answer) {
        match &answer.status {
            Ok(..400) => self.succeeded += 1,
            Ok(400..500) => self.refused += 1,
            Ok(_) => self.failed += 1,
            Err(error) => {
                self.unanswered += 1;
                self.last_failure = Some(error.to_string());
            }
        }
    }

    /// Prints the counts and starts over.
    fn say(&mut self) {
        let Report {
            succeeded,
            refused,
            failed,
            unanswered,
            last_failure,
        } = std::mem::take(self);
        if succeeded + refused + failed + unanswered == 0 {
            return;
        }
        let reason = last_failure
            .map(|error| format!(" ({error})"))
            .unwrap_or_default();
        say(&format_args!(
            "{succeeded} succeeded, {refused} refused (4xx), {failed} failed (5xx), {unanswered} unanswered{reason}"
        ));
    }
}

#[expect(clippy::print_stdout, reason = "it is a program for a terminal")]
fn say(line: &dyn std::fmt::Display) {
    println!("traffic: {line}");
}

#[expect(clippy::print_stderr, reason = "it is a program for a terminal")]
fn complain(error: &dyn std::fmt::Display) {
    eprintln!("traffic: {error}");
}
