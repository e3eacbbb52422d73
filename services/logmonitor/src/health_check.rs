//! The other side of `/health`: what a container's health check runs.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(2);

/// Asks the logmonitor that listens on `address` whether it is alive.
///
/// # Errors
/// It does not answer within two seconds, or not with 200.
pub fn health_check(address: SocketAddr) -> io::Result<()> {
    // A server on all interfaces is reached through the loopback one.
    let ip = if address.ip().is_unspecified() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        address.ip()
    };
    let address = SocketAddr::new(ip, address.port());
    let in_address = |error: io::Error| {
        io::Error::new(error.kind(), format!("http://{address}/health: {error}"))
    };
    let answer = ask(address).map_err(in_address)?;
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    if status == "200" {
        return Ok(());
    }
    Err(in_address(io::Error::other(format!(
        "answered {status:?}; expected 200"
    ))))
}

fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(64 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;

    #[test]
    fn only_200_is_healthy() {
        for (answer, healthy) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", false),
            ("", false),
        ] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                // To the empty line: closing on unread bytes would reset the connection.
                let lines = BufReader::new(&stream).lines();
                lines
                    .map(Result::unwrap)
                    .take_while(|line| !line.is_empty())
                    .for_each(drop);
                stream.write_all(answer.as_bytes()).unwrap();
            });
            assert_eq!(health_check(address).is_ok(), healthy, "{answer:?}");
            server.join().unwrap();
        }
    }

    #[test]
    fn nobody_listening_is_not_healthy() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = health_check(address).unwrap_err().to_string();
        assert!(error.contains(&address.to_string()), "{error}");
    }
}
