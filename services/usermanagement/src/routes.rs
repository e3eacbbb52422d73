//! The HTTP interface: create a user, show one, log in.

use std::error::Error;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};
use tracing::{error, info, warn};

use crate::database::{Database, Password, QueryError, User};
use crate::request_span::in_request_span;

/// All routes, each request in its span.
pub(crate) fn router(database: Database) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/users", post(create_user))
        .route("/users/{id}", get(show_user))
        .route("/login", post(login))
        .layer(middleware::from_fn(in_request_span))
        .with_state(database)
}

async fn health() -> &'static str {
    "ok"
}

/// An answer that is not the one the client hoped for. What stands behind it is logged where it is known.
#[derive(Debug)]
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            message: String,
        }
        (self.0, Json(Body { message: self.1 })).into_response()
    }
}

impl Refusal {
    fn unavailable() -> Refusal {
        Refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "the database is not available".to_owned(),
        )
    }

    fn wrong_credentials() -> Refusal {
        // The same whether the address or the password is wrong: which addresses exist is nobody's business.
        Refusal(
            StatusCode::UNAUTHORIZED,
            "wrong email address or password".to_owned(),
        )
    }
}

#[derive(Deserialize)]
struct NewUser {
    name: String,
    email: String,
    password: String,
}

#[derive(Serialize)]
struct ShownUser {
    id: u64,
    name: String,
    email: String,
    initial: String,
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
}

#[derive(Serialize)]
struct Session {
    user_id: u64,
    token: String,
}

async fn create_user(
    State(database): State<Database>,
    Json(new): Json<NewUser>,
) -> Result<Response, Refusal> {
    if new.name.is_empty() || !new.email.contains('@') {
        info!(
            email = new.email,
            "refused a user without name or email address"
        );
        let message = "name and email are required".to_owned();
        return Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    match database
        .insert_user(&new.name, &new.email, Password(new.password))
        .await
    {
        Ok(user) => {
            info!(
                user_id = user.id,
                email = user.email,
                "created user {}",
                user.id
            );
            // Not shown: showing one is another matter, and may fail.
            Ok((StatusCode::CREATED, Json(Created { id: user.id })).into_response())
        }
        Err(QueryError::UniqueViolation { constraint }) => {
            warn!(email = new.email, constraint, "email address is taken");
            Err(Refusal(
                StatusCode::CONFLICT,
                format!("{} is taken", new.email),
            ))
        }
        Err(error) => {
            error!(
                error = &error as &dyn Error,
                email = new.email,
                "cannot create user"
            );
            Err(Refusal::unavailable())
        }
    }
}

#[derive(Serialize)]
struct Created {
    id: u64,
}

async fn show_user(
    State(database): State<Database>,
    Path(id): Path<u64>,
) -> Result<Json<ShownUser>, Refusal> {
    let user = database.user(id).await.map_err(|error| {
        error!(
            error = &error as &dyn Error,
            user_id = id,
            "cannot load user {id}"
        );
        Refusal::unavailable()
    })?;
    let Some(user) = user else {
        info!(user_id = id, "no such user");
        return Err(Refusal(
            StatusCode::NOT_FOUND,
            format!("there is no user {id}"),
        ));
    };
    Ok(Json(ShownUser {
        id,
        initial: initial(&user),
        name: user.name,
        email: user.email,
    }))
}

/// The first letter of the name, for the picture of those who have none.
///
/// This is the bug of the demo: a letter outside ASCII has more than one byte, and the handler panics.
fn initial(user: &User) -> String {
    user.name[..1].to_uppercase()
}

async fn login(
    State(database): State<Database>,
    Json(credentials): Json<Credentials>,
) -> Result<Json<Session>, Refusal> {
    let fail = |error: QueryError| {
        error!(
            error = &error as &dyn Error,
            email = credentials.email,
            "login failed"
        );
        Refusal::unavailable()
    };
    let Some(user) = database
        .user_by_email(&credentials.email)
        .await
        .map_err(fail)?
    else {
        info!(
            email = credentials.email,
            "login with an unknown email address"
        );
        return Err(Refusal::wrong_credentials());
    };
    let is_right = user.password == Password(credentials.password.clone());
    let failed = database
        .count_login(user.id, is_right)
        .await
        .map_err(fail)?;
    if !is_right {
        // Once is a typo.
        if failed < 3 {
            info!(user_id = user.id, failed, "wrong password");
        } else {
            warn!(
                user_id = user.id,
                failed, "{failed} wrong passwords in a row"
            );
        }
        return Err(Refusal::wrong_credentials());
    }
    if user.failed_logins > 0 {
        info!(
            user_id = user.id,
            failed = user.failed_logins,
            "logged in after wrong passwords"
        );
    } else {
        info!(user_id = user.id, "logged in");
    }
    Ok(Json(Session {
        user_id: user.id,
        token: format!("{:032x}", fastrand::u128(..)),
    }))
}
