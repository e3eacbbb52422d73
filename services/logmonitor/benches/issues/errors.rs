//! Errors of 50 services in 10,000 issues, and rules for them.

use log_record::Timestamp;

/// How many issues the errors are.
pub(crate) const ISSUES: usize = 10_000;
const SERVICES: usize = 50;
const TARGETS: usize = 20;

/// As different as ten places in a program are.
const MESSAGES: [&str; ISSUES / SERVICES / TARGETS] = [
    "payment of order {n} failed: card {hex} was declined",
    "no answer from 10.0.{b}.{b}:5432 after {n}ms",
    "cannot open /var/lib/app/{n}/segment-{hex}.db",
    "request {hex} to https://api.example.com/v1/customers/{n} came back with 503",
    "row {n} of the import has no date, it is left out of the report",
    "the queue is full, {n} messages wait",
    "retrying job {hex}, attempt {b} of 20",
    "user {n} has no permission to see invoice INV-{n}",
    "lock wait timeout exceeded; try restarting transaction {n}",
    "cache miss for key session:{hex}, backend said {b} bytes",
];

/// The payload of an error; each issue has one in 10,000.
pub(crate) fn error(number: usize) -> Vec<u8> {
    // Neighbours are of different issues, as those of different services are.
    let issue = number.wrapping_mul(7_919) % ISSUES;
    let (service, rest) = (issue % SERVICES, issue / SERVICES);
    let (target, message) = (rest % TARGETS, rest / TARGETS);
    let value = number.wrapping_mul(2_654_435_761) % 1_000_003;
    let message = MESSAGES[message]
        .replace("{n}", &value.to_string())
        .replace("{hex}", &format!("7f{value:06x}{number:08x}"))
        .replace("{b}", &(value % 250).to_string());
    let at = Timestamp::now().saturating_add_micros(-((number % 86_400) as i64) * 1_000_000);
    format!(
        r#"{{"timestamp":"{at}","level":"ERROR","service":"service-{service}","host":"host-{}","instance":"{:032x}","seq":{number},"version":"1.{}.0","target":"app::module_{target}","message":"{message}","fields":{{"order_id":{value},"attempt":2,"region":"eu-central-1"}}}}"#,
        value % 20,
        service + 1,
        value % 4,
    )
    .into_bytes()
}

/// Rules of all kinds: those that fit do so for the messages of one place in ten, of half of the services.
pub(crate) fn rules(number: usize, fitting: bool) -> String {
    let word = if fitting { "job" } else { "never" };
    let rules: Vec<String> = (0..number)
        .map(|number| match number % 4 {
            0 => format!(
                r#"{{"match": {{"service": "service-{number}$", "message": "{word} (\\w+), attempt"}}, "fingerprint": ["{word}", "$1"]}}"#
            ),
            1 => format!(
                r#"{{"match": {{"message": "{word}\\s+.* of {number} \\w+"}}, "fingerprint": ["{{{{ default }}}}", "{{{{ target }}}}"]}}"#
            ),
            2 => format!(
                r#"{{"match": {{"target": "module_{number}$"}}, "mask": [{{"pattern": "{word} [0-9a-f]{{12,}}", "as": "{word} <job>"}}]}}"#
            ),
            _ => format!(
                r#"{{"match": {{"type": "Timeout{number}", "message": "(?i){word}"}}, "fingerprint": ["timeouts"]}}"#
            ),
        })
        .collect();
    format!("[{}]", rules.join(","))
}
