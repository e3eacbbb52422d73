//! One request as the traffic generator thinks of it, and what its answer teaches. Which comes next is not here.

/// One request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    CreateUser {
        name: &'static str,
        email: String,
        password: &'static str,
    },
    ShowUser {
        id: u64,
    },
    LogIn {
        email: String,
        password: &'static str,
    },
    Book {
        user_id: u64,
        item: &'static str,
        amount_cents: u64,
        currency: &'static str,
    },
    ShowBooking {
        id: u64,
    },
}

/// What an answer taught.
#[derive(Clone, Debug)]
pub(crate) enum Learned {
    User { id: u64, email: String },
    Booking { id: u64 },
    NoUser { id: u64 },
    NoBooking { id: u64 },
}

impl Action {
    /// What is known once the action has been answered with this status, and with the id of what it has created.
    pub(crate) fn learned_from(&self, status: u16, id: Option<u64>) -> Option<Learned> {
        match (self, status) {
            (Action::CreateUser { email, .. }, 201) => Some(Learned::User {
                id: id?,
                email: email.clone(),
            }),
            (Action::Book { .. }, 201) => Some(Learned::Booking { id: id? }),
            // The service has been started again.
            (&Action::ShowUser { id } | &Action::Book { user_id: id, .. }, 404 | 422) => {
                Some(Learned::NoUser { id })
            }
            (&Action::ShowBooking { id }, 404) => Some(Learned::NoBooking { id }),
            _ => None,
        }
    }
}
