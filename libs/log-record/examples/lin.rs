//! dev only
use std::time::Instant;
fn main() {
    let hints = log_record::Hints::new(log_record::Timestamp::from_millis(0));
    let run = |message: &str| {
        let b = Instant::now();
        if let Ok(r) = log_record::decode(message.as_bytes(), &hints) {
            for d in r.as_slice() {
                if let Some(e) = &d.record.error {
                    std::hint::black_box(e.frames());
                }
            }
        }
        b.elapsed().as_secs_f64() * 1e3
    };
    let pieces = [
        "{",
        "[",
        "[{",
        "\"",
        "\\",
        "{\"a\":",
        "{\"error\":",
        "{\"log\":{",
        "{\"err\":{\"cause\":",
        "a=1 ",
        "a=\"",
        "a ",
        "\n",
        "\tat a.B.c(D.java:1)\n",
        "Caused by: a.B: c\n",
        "    at ",
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
        "[a b=\"",
        "2026-11-20T22:15:16Z stdout F ",
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
        "\0",
    ];
    for piece in pieces {
        for k in 0..6 {
            let t = |n: usize| {
                let text = piece.repeat(n / piece.len());
                let q = serde_json::Value::String(text.clone()).to_string();
                let m = match k {
                    0 => text,
                    1 => format!("{{\"level\":\"ERROR\",\"message\":{q}}}"),
                    2 => format!("{{\"log\":{q},\"stream\":\"stderr\"}}"),
                    3 => format!("{{\"@t\":\"x\",\"@mt\":{q},\"A\":1}}"),
                    4 => format!("{{\"error\":{{\"stack\":{q}}},\"full_message\":{q}}}"),
                    _ => format!("{{\"exc_info\":[{q},{q}]}}"),
                };
                run(&m)
            };
            let (a, b) = (t(100_000), t(800_000));
            if b > 60.0 || (b > 10.0 && b / a > 16.0) {
                println!("{piece:?} {k}: {a:.1} {b:.1}");
            }
        }
    }
    for members in [
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
    ] {
        for start in [
            "",
            "\"short_message\":\"s\",",
            "\"@mt\":\"{x}\",",
            "\"level\":\"ERROR\",",
        ] {
            let t = |n: usize| {
                run(&format!(
                    "{{{start}{}}}",
                    vec![members; n / (members.len() + 1)].join(",")
                ))
            };
            let (a, b) = (t(100_000), t(800_000));
            if b > 60.0 || (b > 10.0 && b / a > 16.0) {
                println!("{members:?} {start}: {a:.1} {b:.1}");
            }
        }
    }
    let at = vec!["{\"key\":\"a\",\"value\":{\"stringValue\":\"b\"}}"; 25000].join(",");
    let rec = vec!["{\"severityNumber\":17}"; 50000].join(",");
    println!(
        "otlp {}",
        run(&format!(
            "{{\"resourceLogs\":[{{\"resource\":{{\"attributes\":[{at}]}},\"scopeLogs\":[{{\"logRecords\":[{rec}]}}]}}]}}"
        ))
    );
}
