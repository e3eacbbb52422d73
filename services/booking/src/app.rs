//! The application: what can fail early fails in [`App::bind`]; [`App::run`] serves until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tracing::{info, warn};

use crate::bookings::Bookings;
use crate::config::Config;
use crate::payments::Payments;
use crate::routes::{self, Services};
use crate::users::Users;

/// How long open requests may take to finish when the process is told to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// Why the service did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address} (BOOKING_SERVER_HOST, BOOKING_SERVER_PORT)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why; for example, that another program has the port.
        source: io::Error,
    },
    /// The runtime did not start.
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
    /// The process cannot be told to stop.
    #[error("cannot listen for signals")]
    Signals(#[source] io::Error),
    /// The HTTP server ended by itself.
    #[error("the HTTP server failed")]
    Serve(#[source] io::Error),
}

/// The service, bound to its address and not serving yet.
#[derive(Debug)]
pub struct App {
    listener: TcpListener,
    address: SocketAddr,
    services: Services,
}

impl App {
    /// Listens on the configured address. Does not look for usermanagement: it may come later, or come back.
    ///
    /// # Errors
    /// When the address is taken or not this machine's.
    pub async fn bind(config: Config) -> Result<App, StartError> {
        let cannot_listen = |source| StartError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let services = Services {
            bookings: Bookings::new(config.failure_rate),
            payments: Payments::new(config.failure_rate),
            users: Users::at(config.usermanagement_url),
        };
        Ok(App {
            listener,
            address,
            services,
        })
    }

    /// Where the service listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` ends, and then until open requests are finished, or a few seconds have passed.
    ///
    /// # Errors
    /// When the server cannot go on.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), StartError> {
        info!(address = %self.address, "serving http://{}", self.address);
        let (stopping, mut is_stopping) = tokio::sync::watch::channel(false);
        let server = axum::serve(self.listener, routes::router(self.services))
            .with_graceful_shutdown(async move {
                shutdown.await;
                stopping.send_replace(true);
            });
        let deadline = async {
            // An error means that the server has ended, and with it the sender.
            if is_stopping.wait_for(|&stopping| stopping).await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
        };
        tokio::select! {
            outcome = server => outcome.map_err(StartError::Serve)?,
            () = deadline => warn!("gave up on requests that were still open"),
        }
        info!("stopped");
        Ok(())
    }
}
