//! Services in other languages, with the loggers they have: what their records say is shown as they meant it. The same
//! programs are what `docs/producers.md` shows.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use log_record::Timestamp;
use pipeline_tests::{Home, Monitor, Topics, shared_bootstrap, wait_for};
use serde_json::Value;

const TRACE_ID: &str = "5b8efff798038103d269b633813fc60c";
const SPAN_ID: &str = "eee19b7ec3c1b174";

/// A monitor of the topics that everybody has: the programs write to them.
fn monitor(service: &str) -> Monitor {
    let topics = Topics {
        logs: "application-logs".to_owned(),
        errors: "application-logs-errors".to_owned(),
    };
    let home = Home::new(&shared_bootstrap(), &topics).with("KAFKA_GROUP_ID", service);
    let monitor = Monitor::at(&Arc::new(home));
    monitor.wait_until_ready();
    monitor
}

/// What a program logged, as the API shows it.
struct Logged {
    monitor: Monitor,
    service: String,
    begun: Timestamp,
    error: Value,
    critical: Value,
}

/// Runs a program of `tests/producers` that logs `order 1001 accepted`, an ERROR `payment failed` and a CRITICAL
/// `database is gone`.
fn log_with(program: &str, arguments: &[&str], service: &str) -> Logged {
    let monitor = monitor(service);
    let begun = Timestamp::now();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("producers");
    let output = Command::new(path.join(program))
        .args(arguments)
        .args([&*shared_bootstrap(), service])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{program}: {output:?}; `make producers` installs what it needs"
    );
    let path = format!("/api/v1/logs/errors/{service}?order=asc");
    let errors = wait_for(&format!("the errors of {service} arrive"), || {
        let page = monitor.get(&path);
        let errors = page["errors"].as_array().unwrap();
        (errors.len() >= 2).then(|| errors.clone())
    });
    let [error, critical] = <[Value; 2]>::try_from(errors).unwrap();
    Logged {
        monitor,
        service: service.to_owned(),
        begun,
        error,
        critical,
    }
}

impl Logged {
    /// What all of them say, and the level of the worst that this logger has.
    fn check(&self, worst: &str) {
        for (record, level) in [(&self.error, "ERROR"), (&self.critical, worst)] {
            assert_eq!(record["level"], level, "{record}");
            assert_eq!(record["service"], self.service.as_str(), "{record}");
            let text = record["timestamp"].as_str().unwrap();
            let timestamp = Timestamp::parse(text).unwrap();
            // Syslog knows seconds only, and rounds.
            let earliest = self.begun.saturating_add_micros(-1_000_000);
            assert!(
                timestamp >= earliest && timestamp <= Timestamp::now(),
                "{record}"
            );
        }
        assert_eq!(self.critical["message"], "database is gone");
        assert_eq!(self.error["trace_id"], TRACE_ID, "{}", self.error);
        assert_eq!(self.error["span_id"], SPAN_ID, "{}", self.error);
        let counted = wait_for("all of its records are counted", || {
            let stats = self.monitor.get("/api/v1/logs/stats");
            let by_level = stats["logs"]["by_service"][&self.service].clone();
            (by_level["INFO"] == 1).then_some(by_level)
        });
        let count = |level: &str| counted[level].as_u64().unwrap_or(0);
        assert_eq!(count("ERROR") + count("CRITICAL"), 2, "{counted}");
        assert_eq!(count("CRITICAL"), u64::from(worst == "CRITICAL"));
    }

    /// Those that say on which host they run.
    fn check_host(&self) {
        for record in [&self.error, &self.critical] {
            assert!(record["host"].is_string(), "{record}");
        }
    }

    /// A caught exception with a cause: its type, the type of the cause, and a function that it passed through.
    fn check_exception(&self, kind: &str, cause: &str, function: &str) {
        assert_eq!(self.error["message"], "payment failed");
        let error = &self.error["error"];
        assert_eq!(error["type"], kind, "{error}");
        let chain = error["chain"][0].as_str().unwrap_or_default();
        assert!(chain.contains(cause), "{error}");
        assert!(
            error["stack"].as_str().unwrap().contains(function),
            "{error}"
        );
    }
}

#[test]
fn python_with_its_own_logging() {
    let logged = log_with("python/send", &["logging"], "shop-python-logging");
    logged.check("CRITICAL");
    logged.check_host();
    logged.check_exception("checkout.PaymentError", "ConnectionError", "in charge");
    assert_eq!(logged.error["target"], "checkout");
    assert_eq!(logged.error["fields"]["order_id"], 1001);
}

#[test]
fn python_with_structlog() {
    let logged = log_with("python/send", &["structlog"], "shop-structlog");
    logged.check("CRITICAL");
    logged.check_host();
    logged.check_exception("checkout.PaymentError", "ConnectionError", "in charge");
    assert_eq!(logged.error["target"], "checkout");
    assert_eq!(logged.error["fields"]["order_id"], 1001);
}

#[test]
fn node_with_pino() {
    let logged = log_with("node/send", &[], "shop-pino");
    logged.check("CRITICAL");
    logged.check_host();
    logged.check_exception("PaymentError", "", "at charge");
}

#[test]
fn java_with_logback() {
    let logged = log_with("java/send", &[], "shop-logback");
    // SLF4J knows nothing worse than an error.
    logged.check("ERROR");
    logged.check_exception(
        "java.lang.IllegalStateException",
        "java.net.SocketTimeoutException",
        "PaymentService.charge",
    );
}

#[test]
fn go_with_slog() {
    let logged = log_with("go/send", &[], "shop-slog");
    logged.check("CRITICAL");
    assert_eq!(logged.error["message"], "payment failed");
    let error = &logged.error["error"]["message"];
    assert!(error.as_str().unwrap().contains("timed out"), "{error}");
}

#[test]
fn syslog_through_rsyslog() {
    let logged = log_with("shell/rsyslog", &[], "shop-rsyslog");
    logged.check("CRITICAL");
    logged.check_host();
}

#[test]
fn a_script_with_kcat() {
    let logged = log_with("shell/kcat", &[], "shop-kcat");
    logged.check("CRITICAL");
    logged.check_host();
    assert_eq!(logged.error["message"], "payment failed");
}
