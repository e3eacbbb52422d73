//! Records for the benchmark that look like those of twenty services.

use std::borrow::Cow;

use log_record::{ErrorInfo, Instance, LogRecord, RawJson, Severity, Timestamp};
use logmonitor::store::{Arrival, Coordinates};

/// Records of one `append`.
pub(crate) const BATCH: usize = 500;
/// The timestamp of the first record.
pub(crate) const START_MICROS: i64 = 1_795_000_000_000_000;
/// A record of the service `rarely` comes once in so many.
const RARE: u64 = 50_000;

pub(crate) fn arrivals<'a>(
    batch: &'a [LogRecord<'static>],
    payloads: &'a [String],
    first: u64,
    topic: &'a str,
) -> Vec<Arrival<'a>> {
    (first..)
        .zip(batch.iter().zip(payloads))
        .map(|(number, (record, payload))| Arrival {
            record: borrowed(record, payload),
            coordinates: Coordinates {
                topic,
                partition: (number / 40 % 12) as i32,
                offset: number as i64,
                index: None,
            },
            received_at: record.timestamp.saturating_add_micros(3_000),
            payload: payload.as_bytes(),
        })
        .collect()
}

/// What stands for the message's bytes: all texts of a record, one after the other.
pub(crate) fn payload(record: &LogRecord<'_>) -> String {
    let time = record.timestamp;
    let texts = texts(record);
    let mut payload = String::with_capacity(512);
    for text in texts.into_iter().flatten() {
        payload.push_str(text);
    }
    payload.push_str(&time.to_string());
    payload
}

/// The record with its texts borrowed from the message, as a decoder makes it.
fn borrowed<'a>(record: &LogRecord<'_>, payload: &'a str) -> LogRecord<'a> {
    let mut rest = payload;
    let mut take = |text: Option<&str>| {
        text.map(|text| {
            let (taken, after) = rest.split_at(text.len());
            rest = after;
            Cow::Borrowed(taken)
        })
    };
    let [
        service,
        host,
        version,
        env,
        target,
        module,
        file,
        thread,
        message,
        fields,
        span,
        spans,
        trace_id,
        span_id,
        kind,
        error_message,
        cause,
    ] = texts(record).map(&mut take);
    LogRecord {
        timestamp: record.timestamp,
        level: record.level,
        service: service.unwrap(),
        host,
        instance: record.instance,
        seq: record.seq,
        version,
        env,
        pid: record.pid,
        target,
        module,
        file,
        line: record.line,
        thread,
        message: message.unwrap(),
        error: Some(ErrorInfo {
            kind,
            message: error_message,
            chain: cause.into_iter().collect(),
            stack: None,
        }),
        fields: fields.map(RawJson::from_trusted),
        span,
        spans: spans.map(RawJson::from_trusted),
        trace_id,
        span_id,
        truncated: false,
    }
}

fn texts<'a>(record: &'a LogRecord<'_>) -> [Option<&'a str>; 17] {
    let error = record.error.as_ref().unwrap();
    [
        Some(record.service.as_ref()),
        record.host.as_deref(),
        record.version.as_deref(),
        record.env.as_deref(),
        record.target.as_deref(),
        record.module.as_deref(),
        record.file.as_deref(),
        record.thread.as_deref(),
        Some(record.message.as_ref()),
        record.fields.as_ref().map(RawJson::as_str),
        record.span.as_deref(),
        record.spans.as_ref().map(RawJson::as_str),
        record.trace_id.as_deref(),
        record.span_id.as_deref(),
        error.kind.as_deref(),
        error.message.as_deref(),
        error.chain.first().map(Cow::as_ref),
    ]
}

/// Makes records that look like those of twenty services; the same sequence every time.
pub(crate) struct Maker {
    pub(crate) made: u64,
    pub(crate) raw_bytes: u64,
    random: u64,
}

impl Maker {
    pub(crate) fn new() -> Maker {
        Maker {
            made: 0,
            raw_bytes: 0,
            random: 0x9E37_79B9_7F4A_7C15,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_micros(START_MICROS + self.made as i64 * 500 + 1_000_000)
    }

    fn next(&mut self) -> u64 {
        // xorshift64*
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        self.random.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(crate) fn batch(&mut self) -> Vec<LogRecord<'static>> {
        (0..BATCH).map(|_| self.record()).collect()
    }

    fn record(&mut self) -> LogRecord<'static> {
        let number = self.made;
        self.made += 1;
        let random = self.next();
        let pick = random % 100;
        let late = if random.is_multiple_of(50) {
            2_000_000
        } else {
            0
        };
        let time = START_MICROS + number as i64 * 500 + (random % 3_000) as i64 - late;
        let service_number = (random >> 8) % 8 * ((random >> 16) % 4) % 20;
        let is_rare = number % RARE == RARE / 2;
        let service = if is_rare {
            "rarely".to_owned()
        } else {
            format!(
                "{}-{service_number:02}",
                ["billing", "booking", "user", "gateway"][service_number as usize % 4]
            )
        };
        let (message, error) = text(pick, random, is_rare);
        let level = if pick == 0 {
            Severity::Critical
        } else {
            Severity::Error
        };
        let mut record = LogRecord::new(Timestamp::from_micros(time), level, service, message);
        let process = service_number * 3 + (random >> 24) % 3;
        // A place in the code logs one kind of message.
        let kind = record.message.len() as u64 % 8;
        let module =
            ["db", "http", "login", "charge", "queue"][(kind + service_number) as usize % 5];
        record.host = Some(format!("ip-10-0-{service_number}-{process}").into());
        // One in ten comes from a logger that gives no identity.
        if !(random >> 40).is_multiple_of(10) {
            record.instance = Some(Instance(u128::from(process) << 100 | 0xABCD_EF01_2345_6789));
            record.seq = Some(number);
        }
        record.version = Some("1.4.2".into());
        record.env = Some("prod".into());
        record.pid = Some(4_000 + process as u32);
        record.target = Some(format!("service::{module}").into());
        record.module = Some(format!("service::{module}").into());
        record.file = Some(format!("src/{module}.rs").into());
        record.line = Some(10 + 20 * kind as u32 + service_number as u32);
        record.thread = Some("tokio-runtime-worker".into());
        record.error = Some(error);
        let order = self.next() % 1_000_000;
        let elapsed = self.next() % 100_000;
        record.fields = Some(RawJson::from_trusted(format!(
            "{{\"order_id\":{order},\"elapsed_ms\":{}.{},\"attempt\":{}}}",
            elapsed / 10,
            elapsed % 10,
            elapsed % 4
        )));
        record.span = Some("charge".into());
        record.spans = Some(RawJson::from_trusted(format!(
            "[{{\"name\":\"http_request\",\"method\":\"POST\"}},{{\"name\":\"charge\",\"customer\":{}}}]",
            order * 7 % 10_000
        )));
        record.trace_id = Some(format!("{:016x}{:016x}", self.next(), self.next()).into());
        record.span_id = Some(format!("{:016x}", self.next()).into());
        self.raw_bytes += raw_bytes(&record);
        record
    }
}

fn text(pick: u64, random: u64, is_rare: bool) -> (String, ErrorInfo<'static>) {
    let number = random >> 44;
    let (message, kind, cause) = match pick {
        _ if is_rare => (
            format!("gearbox jammed at {number}"),
            "gear::Error",
            "too little oil",
        ),
        0..2 => (
            format!("payment {number} failed"),
            "io::Error",
            "connection refused (os error 111)",
        ),
        2..12 => (
            format!("request {number} to usermanagement failed"),
            "hyper::Error",
            "operation timeout",
        ),
        12..40 => (
            format!("insert of booking {number} failed: unique constraint"),
            "sqlx::Error",
            "duplicate key value violates unique constraint \"bookings_pkey\"",
        ),
        40..70 => (
            format!("user {number} not found"),
            "app::NotFound",
            "no rows in result set",
        ),
        _ => (
            format!(
                "upstream answered {} to /v1/items/{number}",
                500 + number % 5
            ),
            "http::Status",
            "bad gateway",
        ),
    };
    let error = ErrorInfo {
        kind: Some(kind.into()),
        message: Some(cause.into()),
        chain: vec!["os error 111".into()],
        stack: None,
    };
    (message, error)
}

/// The bytes of all values as text.
fn raw_bytes(record: &LogRecord<'_>) -> u64 {
    let digits = |number: Option<u64>| number.map_or(0, |number| number.to_string().len());
    let total = texts(record)
        .into_iter()
        .flatten()
        .map(str::len)
        .sum::<usize>()
        + record.level.as_str().len()
        + Timestamp::TEXT_LEN
        + record.instance.map_or(0, |_| 32)
        + digits(record.seq)
        + digits(record.pid.map(u64::from))
        + digits(record.line.map(u64::from));
    total as u64
}
