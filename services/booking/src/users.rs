//! Asks usermanagement for users. The trace goes along, so that what both services log about a request belongs together.

use std::time::Duration;

use serde::Deserialize;
use tokio::task::{JoinError, spawn_blocking};

use crate::trace_context::TraceContext;

/// How long usermanagement may take: longer than its slowest query.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What booking needs to know of a user.
#[derive(Debug, Deserialize)]
pub(crate) struct User {
    pub(crate) name: String,
}

/// usermanagement did not say who a user is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsersError {
    #[error("cannot reach usermanagement at {url}")]
    Unreachable { url: String, source: ureq::Error },
    #[error("usermanagement answered {status} to GET {path}")]
    Refused { status: u16, path: String },
    #[error("usermanagement answered with something else than a user")]
    Unreadable(#[source] ureq::Error),
    #[error("the call to usermanagement was given up")]
    GivenUp(#[source] JoinError),
}

/// A client of usermanagement; clones share its connections.
#[derive(Clone, Debug)]
pub(crate) struct Users {
    agent: ureq::Agent,
    url: String,
}

impl Users {
    pub(crate) fn at(url: String) -> Users {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false);
        Users {
            agent: config.build().into(),
            url,
        }
    }

    /// The user with this id, if there is one.
    pub(crate) async fn find(
        &self,
        id: u64,
        within: TraceContext,
    ) -> Result<Option<User>, UsersError> {
        let users = self.clone();
        // The client blocks its thread.
        spawn_blocking(move || users.find_blocking(id, within))
            .await
            .map_err(UsersError::GivenUp)?
    }

    fn find_blocking(&self, id: u64, within: TraceContext) -> Result<Option<User>, UsersError> {
        let path = format!("/users/{id}");
        let mut response = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("traceparent", within.to_string())
            .call()
            .map_err(|source| UsersError::Unreachable {
                url: self.url.clone(),
                source,
            })?;
        match response.status().as_u16() {
            200 => response
                .body_mut()
                .read_json()
                .map(Some)
                .map_err(UsersError::Unreadable),
            404 => Ok(None),
            status => Err(UsersError::Refused { status, path }),
        }
    }
}
