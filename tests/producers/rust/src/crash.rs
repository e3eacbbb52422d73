//! Panics, by the hand of the runtime, and errors as `main` returns them.

use std::error::Error;
use std::fmt;

pub fn crash(how: &str) {
    match how {
        "panic" => panic!("database is gone"),
        "unwrap" => charge(1001).unwrap(),
        "index" => println!("{}", [1, 2, 3][how.len()]),
        "thread" => {
            let worker = std::thread::Builder::new()
                .name("worker-1".to_owned())
                .spawn(|| panic!("two lines:\n  the second"));
            drop(worker.map(std::thread::JoinHandle::join));
        }
        _ => {}
    }
}

/// Fails the way business code does: a cause below, wrapped where it means something.
pub fn charge(order: u32) -> Result<(), ChargeError> {
    connect().map_err(|cause| ChargeError { order, cause })
}

fn connect() -> Result<(), TimeoutError> {
    Err(TimeoutError)
}

#[derive(Debug)]
pub struct ChargeError {
    order: u32,
    cause: TimeoutError,
}

impl fmt::Display for ChargeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "charge of order {} failed", self.order)
    }
}

impl Error for ChargeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

#[derive(Debug)]
pub struct TimeoutError;

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connect to card-gateway:443 timed out")
    }
}

impl Error for TimeoutError {}
