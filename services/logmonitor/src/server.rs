//! The HTTP server: accepts connections, gives up those that take nothing, and ends when it is told to.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tracing::{debug, warn};

/// How long open requests may take to finish when the process is told to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a client is looked at that takes nothing of what is sent to it.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// At so many looks it is given up; when the process is to stop, at the first. It may come back.
const MAX_LOOKS: u32 = 60;

/// Serves until `shutdown` ends, and then what is open, for a while.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, mut stopped) = watch::channel(false);
    let listener = Connections {
        listener,
        stopping: stopped.clone(),
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        shutdown.await;
        // A receiver lives as long as this function waits for the server.
        stopping.send(true).ok();
    });
    let deadline = async {
        // An error means the server ended first, and with it the sender.
        if stopped.wait_for(|&stopping| stopping).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
    };
    tokio::select! {
        outcome = server => outcome,
        () = deadline => {
            warn!("some requests did not finish within {} s", SHUTDOWN_TIMEOUT.as_secs());
            Ok(())
        }
    }
}

struct Connections {
    listener: TcpListener,
    stopping: watch::Receiver<bool>,
}

impl axum::serve::Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // Axum's, which waits where the process has no descriptor left.
        let (stream, address) = axum::serve::Listener::accept(&mut self.listener).await;
        // A line of a live stream must not wait until the one before is acknowledged.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "a connection may be slower than it could be");
        }
        let connection = Connection {
            stream,
            stopping: self.stopping.clone(),
            stalled: None,
        };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection whose client must take something now and then, or it would hold its place for ever.
struct Connection {
    stream: TcpStream,
    stopping: watch::Receiver<bool>,
    /// While the client takes nothing: when to look again, and how often that was done.
    stalled: Option<(Pin<Box<Interval>>, u32)>,
}

impl Connection {
    /// What a writing came to; an error where nothing was taken for too long.
    fn look(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let (next_look, looks) = self.stalled.get_or_insert_with(|| {
            let mut looks = interval(LOOK_EVERY);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            // The first tick of an interval comes at once.
            looks.reset();
            (Box::pin(looks), 0)
        });
        loop {
            ready!(next_look.poll_tick(cx));
            *looks += 1;
            if *looks >= MAX_LOOKS || *self.stopping.borrow() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.look(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.look(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
