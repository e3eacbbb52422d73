//! The users, in memory, behind what behaves like a database far away: every query takes its time, some take too long,
//! some fail.

mod error;
mod network;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use error::QueryError;
use network::Network;

/// Users kept; the oldest make room.
const CAPACITY: u64 = 100_000;

/// Someone who can log in.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) password: Password,
    /// Wrong passwords since the last right one.
    pub(crate) failed_logins: u32,
}

/// What a user logs in with. It is kept as it came, since nothing here is real; no log ever shows it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(pub(crate) String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(..)")
    }
}

/// A handle to the database; clones see the same users.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    network: Network,
    /// Held for single map operations only, never across an await.
    tables: Arc<Mutex<Tables>>,
}

#[derive(Debug, Default)]
struct Tables {
    users: HashMap<u64, User>,
    ids_by_email: HashMap<String, u64>,
    last_id: u64,
}

impl Database {
    /// An empty database, of whose queries the share `failure_rate` fails.
    pub(crate) fn new(failure_rate: f64) -> Database {
        Database {
            network: Network::new(failure_rate),
            tables: Arc::default(),
        }
    }

    pub(crate) async fn insert_user(
        &self,
        name: &str,
        email: &str,
        password: Password,
    ) -> Result<User, QueryError> {
        self.network.query("insert into users").await?;
        let mut tables = self.tables();
        if tables.ids_by_email.contains_key(email) {
            return Err(QueryError::UniqueViolation {
                constraint: "users_email_key",
            });
        }
        tables.last_id += 1;
        tables.make_room();
        let user = User {
            id: tables.last_id,
            name: name.to_owned(),
            email: email.to_owned(),
            password,
            failed_logins: 0,
        };
        tables.ids_by_email.insert(user.email.clone(), user.id);
        tables.users.insert(user.id, user.clone());
        Ok(user)
    }

    pub(crate) async fn user(&self, id: u64) -> Result<Option<User>, QueryError> {
        self.network
            .query("select from users where id = $1")
            .await?;
        Ok(self.tables().users.get(&id).cloned())
    }

    pub(crate) async fn user_by_email(&self, email: &str) -> Result<Option<User>, QueryError> {
        self.network
            .query("select from users where email = $1")
            .await?;
        let tables = self.tables();
        Ok(tables
            .ids_by_email
            .get(email)
            .and_then(|id| tables.users.get(id))
            .cloned())
    }

    /// Counts a login: one more failed in a row, or none any more. Answers with the new count.
    pub(crate) async fn count_login(&self, id: u64, succeeded: bool) -> Result<u32, QueryError> {
        self.network
            .query("update users set failed_logins = $2 where id = $1")
            .await?;
        Ok(self.tables().users.get_mut(&id).map_or(0, |user| {
            user.failed_logins = if succeeded { 0 } else { user.failed_logins + 1 };
            user.failed_logins
        }))
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // Nothing can panic while it is held and leave a table half changed.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn make_room(&mut self) {
        if let Some(oldest) = self
            .last_id
            .checked_sub(CAPACITY)
            .and_then(|id| self.users.remove(&id))
        {
            self.ids_by_email.remove(&oldest.email);
        }
    }
}
