//! Turns actions into HTTP requests. Blocks its thread.

use std::time::Duration;

use booking::TrafficConfig;
use serde_json::{Value, json};

use crate::action::{Action, Learned};

/// How long an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Who is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Service {
    Usermanagement,
    Booking,
}

/// What came of an action.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status, or why there is none.
    pub(crate) status: Result<u16, ureq::Error>,
    pub(crate) learned: Option<Learned>,
}

/// Sends requests to both services.
#[derive(Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    booking_url: String,
    usermanagement_url: String,
}

impl Client {
    pub(crate) fn new(config: &TrafficConfig) -> Client {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false);
        Client {
            agent: agent.build().into(),
            booking_url: config.booking_url.clone(),
            usermanagement_url: config.usermanagement_url.clone(),
        }
    }

    pub(crate) fn url(&self, service: Service) -> &str {
        match service {
            Service::Usermanagement => &self.usermanagement_url,
            Service::Booking => &self.booking_url,
        }
    }

    pub(crate) fn is_up(&self, service: Service) -> bool {
        matches!(self.get(service, "/health"), Ok((200, _)))
    }

    pub(crate) fn perform(&self, action: &Action) -> Answer {
        let answered = match action {
            Action::CreateUser { name, email, password } => self.post(
                Service::Usermanagement,
                "/users",
                json!({"name": name, "email": email, "password": password}),
            ),
            Action::ShowUser { id } => self.get(Service::Usermanagement, &format!("/users/{id}")),
            Action::LogIn { email, password } => self.post(
                Service::Usermanagement,
                "/login",
                json!({"email": email, "password": password}),
            ),
            Action::Book { user_id, item, amount_cents, currency } => self.post(
                Service::Booking,
                "/bookings",
                json!({"user_id": user_id, "item": item, "amount_cents": amount_cents, "currency": currency}),
            ),
            Action::ShowBooking { id } => self.get(Service::Booking, &format!("/bookings/{id}")),
        };
        match answered {
            Ok((status, body)) => {
                let learned = action.learned_from(status, body["id"].as_u64());
                Answer {
                    status: Ok(status),
                    learned,
                }
            }
            Err(error) => Answer {
                status: Err(error),
                learned: None,
            },
        }
    }

    fn get(&self, service: Service, path: &str) -> Result<(u16, Value), ureq::Error> {
        self.agent
            .get(format!("{}{path}", self.url(service)))
            .call()
            .map(read)
    }

    fn post(&self, service: Service, path: &str, body: Value) -> Result<(u16, Value), ureq::Error> {
        self.agent
            .post(format!("{}{path}", self.url(service)))
            .send_json(body)
            .map(read)
    }
}

/// Status and body. A body that is no JSON is null: some refusals are plain text.
fn read(mut response: ureq::http::Response<ureq::Body>) -> (u16, Value) {
    (
        response.status().as_u16(),
        response.body_mut().read_json().unwrap_or_default(),
    )
}
