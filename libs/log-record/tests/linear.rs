//! Whatever a message is made of, eight times as much of it takes about eight times as long, and not sixty-four times.

use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use log_record::{Hints, Severity, Timestamp, decode, peek, peek_text};

const SMALL: usize = 10_000;
const TIMES: usize = 8;
/// Between linear, which is [`TIMES`], and quadratic, which is its square.
const TOO_MUCH: u32 = 32;
/// Less cannot be told from the noise of the machine.
const NOISE: Duration = Duration::from_micros(500);
/// A machine that is busy is slow once; what is quadratic is slow each time.
const ATTEMPTS: usize = 40;

static ALONE: Mutex<()> = Mutex::new(());

/// What a reader could go back over, or go down into, again and again.
const PIECES: &[&str] = &[
    "{",
    "[",
    "[{",
    "{\"a\":",
    "{\"error\":",
    "{\"log\":{",
    "{\"err\":{\"cause\":",
    "\\\"",
    "a=1 ",
    "a=\"",
    "a='",
    "a ",
    "at=error ",
    "\tat a.B.c(D.java:1)\n",
    "Caused by: a.B: c\n",
    "    at ",
    "at a (b.c:1:2)\n",
    "at a in ",
    "a.rb:1:in 'f': b (C)\n",
    ":1:in '",
    "0: a\nat ",
    "goroutine 1 [running]:\n",
    "main.f()\n\t/a.go:1\n",
    "  File \"a\", line 1, in f\n",
    "Traceback (most recent call last):\n",
    "The above exception was the direct cause\n",
    "thread 'a' panicked at ",
    "   0: a::b\n",
    "Caused by:\n",
    "<1>",
    "<13>1 - - - - - [a b=\"c\"]",
    "<13>1 - - - - - a\n",
    "[a b=\"",
    "2026-11-20T22:15:16Z stdout F a\n",
    "Nov 20 22:15:16 h a[1]: ",
    "{A} ",
    "{A",
    "\u{1b}[",
    "panic: x\n",
    "a: b\n",
    "+-+-",
    " ---> ",
    "^\n",
    "\u{feff}",
    "level=error msg=a\n",
    "{}\n",
    "][",
    "E, [",
    "1 <",
    "{\"kvlistValue\":{\"values\":[{\"key\":\"a\",\"value\":",
    "{\"arrayValue\":{\"values\":[",
    "é",
    "\u{202f}",
];

/// Messages of all families around a text.
const FRAMES: &[fn(&str) -> String] = &[
    |text| text.to_owned(),
    |text| format!("{{\"level\":\"ERROR\",\"message\":{}}}", quoted(text)),
    |text| format!("{{\"log\":{},\"stream\":\"stderr\"}}", quoted(text)),
    |text| format!("{{\"@t\":\"x\",\"@mt\":{},\"A\":1}}", quoted(text)),
    |text| {
        format!(
            "{{\"error\":{{\"stack\":{0}}},\"full_message\":{0}}}",
            quoted(text)
        )
    },
    |text| {
        format!(
            "{{\"exc_info\":[{0},{0}],\"timestamp\":{0},\"level\":{0}}}",
            quoted(text)
        )
    },
    |text| format!("{{\"short_message\":\"a\",\"x\":{text}"),
    |text| format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"body\":{text}"),
    |text| format!("<13>1 - - - - - {text}"),
    |text| format!("<13>Nov 20 22:15:16 host app[1]: {text}"),
    |text| format!("2026-11-20T22:15:16Z stderr F {text}"),
    |text| format!("level=error msg=\"{text}"),
    |text| format!("2026-11-20 22:15:16,515 ERROR app {text}"),
    |text| format!("ValueError: a\n    at a\n{text}"),
    quoted,
];

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// How long it takes to do all with a message that can be done.
fn time(message: &[u8]) -> Duration {
    let hints = Hints::new(Timestamp::from_millis(0));
    let begun = Instant::now();
    black_box(peek(message).or_else(|| peek_text(message, Severity::Info)));
    if let Ok(records) = decode(message, &hints) {
        for decoded in records.as_slice() {
            if let Some(error) = &decoded.record.error {
                black_box(error.frames());
            }
        }
    }
    begun.elapsed()
}

fn is_linear(message: impl Fn(usize) -> Vec<u8>) -> bool {
    let (small, large) = (message(SMALL), message(SMALL * TIMES));
    let mut fastest = (Duration::MAX, Duration::MAX);
    // One at a time: the tests of this file would be each other's noise.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    (0..ATTEMPTS).any(|_| {
        fastest.0 = fastest.0.min(time(&small));
        fastest.1 = fastest.1.min(time(&large));
        fastest.1 < fastest.0.max(NOISE) * TOO_MUCH
    })
}

#[test]
fn text_of_any_kind_takes_linear_time_wherever_it_stands() {
    let special: Vec<String> = (0..128_u8)
        .filter(|byte| !byte.is_ascii_alphanumeric())
        .map(|byte| char::from(byte).to_string())
        .collect();
    for (at, frame) in FRAMES.iter().enumerate() {
        // Single characters where the most is looked for in them.
        let special = special.iter().map(String::as_str).filter(|_| at < 4);
        for piece in PIECES.iter().copied().chain(special) {
            let message = |bytes: usize| frame(&piece.repeat(bytes / piece.len())).into_bytes();
            assert!(is_linear(message), "{piece:?} in {}", frame("..."));
        }
    }
}

#[test]
fn members_of_any_kind_take_linear_time_however_many_they_are() {
    for member in [
        "\"x\":1",
        "\"level\":\"odd\"",
        "\"level\":1",
        "\"message\":\"m\"",
        "\"error\":{\"type\":\"a\"}",
        "\"err\":{\"a\":1}",
        "\"_x\":1",
        "\"fields\":{\"x\":1}",
        "\"kubernetes\":{\"pod_name\":\"a\"}",
        "\"stack\":[{\"func\":\"f\"}]",
        "\"span\":{\"name\":\"a\"}",
        "\"timestamp\":{\"seconds\":1}",
        "\"timestampSeconds\":1",
        "\"severity\":\"CRITICAL\"",
        "\"L\":1",
        "\"app\":{\"x\":1}",
        "\"level\":{\"name\":\"x\"}",
    ] {
        for start in [
            "",
            "\"short_message\":\"s\",",
            "\"@mt\":\"{x}\",",
            "\"level\":\"ERROR\",",
            "\"L\":1,\"M\":\"m\",",
        ] {
            let message = |bytes: usize| {
                let members = vec![member; bytes / (member.len() + 1)].join(",");
                format!("{{{start}{members}}}").into_bytes()
            };
            assert!(is_linear(message), "{member} behind {start}");
        }
    }
}

#[test]
fn protobuf_takes_linear_time_however_deep_it_is_nested() {
    // A value that is a list of one value, and so on: the bytes of each length are written from the inside out.
    let nested = |bytes: usize| {
        let mut value = vec![0x0a, 0x01, b'x'];
        while value.len() < bytes {
            for tag in [0x0a, 0x2a] {
                let mut outer = vec![tag];
                let mut length = value.len();
                while length > 0x7f {
                    outer.push(length as u8 | 0x80);
                    length >>= 7;
                }
                outer.push(length as u8);
                outer.append(&mut value);
                value = outer;
            }
        }
        value
    };
    let mut body = nested(2_000);
    // ResourceLogs, ScopeLogs and LogRecord around it.
    for tag in [0x2a, 0x12, 0x12, 0x0a] {
        let mut outer = vec![tag, body.len() as u8 | 0x80, (body.len() >> 7) as u8];
        outer.append(&mut body);
        body = outer;
    }
    let many = |bytes: usize| body.repeat(bytes / body.len());
    assert!(decode(&many(SMALL), &Hints::new(Timestamp::from_millis(0))).is_ok());
    assert!(is_linear(many));
}
