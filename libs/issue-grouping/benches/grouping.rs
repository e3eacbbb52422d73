//! What grouping adds to each error. `cargo bench -p issue-grouping`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::hint::black_box;
use std::time::Instant;

use issue_grouping::{Error, Grouper};

/// Errors of each kind.
const ERRORS: u32 = 200_000;

const STACK: &str = "java.lang.IllegalStateException: no order\n\
    \tat java.base/java.util.Optional.orElseThrow(Optional.java:403)\n\
    \tat com.shop.orders.Orders.load(Orders.java:112)\n\
    \tat com.shop.orders.Orders.lambda$save$0(Orders.java:87)\n\
    \tat org.springframework.transaction.support.TransactionTemplate.execute(TransactionTemplate.java:140)\n\
    \tat com.shop.orders.Orders.save(Orders.java:85)\n\
    \tat com.shop.http.OrderController.post(OrderController.java:41)\n\
    \tat org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)\n\
    \tat java.base/java.lang.Thread.run(Thread.java:833)\n";

fn main() {
    // `cargo test --all-targets` runs benchmarks too, without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("| errors | bytes | ns each | wanted |\n|---|---|---|---|");
    measure("with a known message", |number| {
        format!(
            "payment 7f3a{number:04x} of order {number} failed: timeout after {}ms at 10.0.0.{}:5432",
            number % 977,
            number % 250
        )
    });
    measure("with one of 1,000 messages", |number| {
        let word = |number: u32| char::from(b'g' + (number % 10) as u8);
        let words: String = [number, number / 10, number / 100]
            .map(word)
            .iter()
            .collect();
        format!(
            "payment of order {number} failed in phase {words} after {} tries, giving up until 2024-01-02T03:04:05Z",
            number % 9
        )
    });
    measure("with a name in each", |number| {
        let letter = |shift: u32| {
            char::from(b'g' + (number.wrapping_mul(2_654_435_761) >> shift) as u8 % 20)
        };
        let name: String = [0, 4, 8, 12, 16, 20, 24].map(letter).iter().collect();
        format!(
            "login of user {name} from 10.0.0.{} failed: account is locked until further notice",
            number % 250
        )
    });
    let frames = log_record::frames(STACK);
    let with_frames = Error {
        kind: Some("a.B"),
        frames: &frames,
        ..Error::default()
    };
    measure_errors(
        "with a type and frames",
        STACK.len(),
        &vec![with_frames; ERRORS as usize],
    );
    let begun = Instant::now();
    for _ in 0..ERRORS {
        black_box(log_record::frames(black_box(STACK)));
    }
    let nanos = begun.elapsed().as_nanos() as f64 / f64::from(ERRORS);
    println!(
        "| a stack read into frames | {} | {nanos:.0} | |",
        STACK.len()
    );
    for (name, part) in [
        ("with 64 KiB of text", "a word and 17 numbers, "),
        ("with 64 KiB of numbers", "17, "),
    ] {
        let long = part.repeat(64 * 1024 / part.len());
        measure_errors(name, long.len(), &[error(&long); 1_000]);
    }
}

fn error(message: &str) -> Error<'_> {
    Error {
        service: "shop",
        target: Some("shop::payments"),
        message,
        ..Error::default()
    }
}

fn measure(name: &str, message: impl Fn(u32) -> String) {
    let messages: Vec<String> = (0..ERRORS).map(message).collect();
    let errors: Vec<Error<'_>> = messages.iter().map(|message| error(message)).collect();
    measure_errors(name, messages[messages.len() / 2].len(), &errors);
}

fn measure_errors(name: &str, bytes: usize, errors: &[Error<'_>]) {
    let mut grouper = Grouper::default();
    let begun = Instant::now();
    for error in errors {
        black_box(grouper.group(error));
    }
    let nanos = begun.elapsed().as_nanos() as f64 / errors.len() as f64;
    println!("| {name} | {bytes} | {nanos:.0} | 2000 |");
}
