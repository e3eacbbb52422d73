//! The HTTP interface: book something, show a booking.

use std::error::Error;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router, middleware};
use serde::{Deserialize, Serialize};
use tracing::{Instrument as _, error, info, info_span, warn};
use tracing_kafka::critical;

use crate::bookings::{Booking, Bookings};
use crate::payments::{PaymentError, Payments};
use crate::request_span::in_request_span;
use crate::trace_context::TraceContext;
use crate::users::Users;

/// What the handlers work with.
#[derive(Clone, Debug)]
pub(crate) struct Services {
    pub(crate) bookings: Bookings,
    pub(crate) payments: Payments,
    pub(crate) users: Users,
}

/// All routes, each request in its span.
pub(crate) fn router(services: Services) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/bookings", post(book))
        .route("/bookings/{id}", get(show_booking))
        .layer(middleware::from_fn(in_request_span))
        .with_state(services)
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

#[derive(Deserialize)]
struct Order {
    user_id: u64,
    item: String,
    amount_cents: u64,
    currency: String,
}

async fn book(
    State(services): State<Services>,
    Extension(context): Extension<TraceContext>,
    Json(order): Json<Order>,
) -> Result<(StatusCode, Json<Booking>), Refusal> {
    check_user(&services.users, order.user_id, context).await?;
    let order_id = services.bookings.next_id();
    pay(services.payments, order_id, &order).await?;
    let booking = Booking {
        id: order_id,
        user_id: order.user_id,
        item: order.item,
        amount_cents: order.amount_cents,
        currency: order.currency,
    };
    if let Err(error) = services.bookings.store(booking.clone()) {
        // The customer has paid for nothing, and only a person can put that right.
        critical!(
            error = &error as &dyn Error,
            order_id,
            user_id = booking.user_id,
            amount_cents = booking.amount_cents,
            "order {order_id} is paid but not booked"
        );
        let message = format!("order {order_id} could not be booked; our support will contact you");
        return Err(Refusal(StatusCode::INTERNAL_SERVER_ERROR, message));
    }
    info!(
        order_id,
        user_id = booking.user_id,
        item = booking.item,
        "booked {}",
        booking.item
    );
    Ok((StatusCode::CREATED, Json(booking)))
}

async fn check_user(users: &Users, user_id: u64, context: TraceContext) -> Result<(), Refusal> {
    match users.find(user_id, context).await {
        Ok(Some(user)) => {
            info!(user_id, user_name = user.name, "booking for user {user_id}");
            Ok(())
        }
        Ok(None) => {
            info!(user_id, "order of an unknown user");
            Err(Refusal(
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("there is no user {user_id}"),
            ))
        }
        Err(error) => {
            error!(
                error = &error as &dyn Error,
                user_id, "cannot check user {user_id}"
            );
            Err(Refusal(
                StatusCode::BAD_GATEWAY,
                "cannot check the user now".to_owned(),
            ))
        }
    }
}

async fn pay(payments: Payments, order_id: u64, order: &Order) -> Result<(), Refusal> {
    let (amount_cents, currency) = (order.amount_cents, order.currency.as_str());
    let span = info_span!("payment", order_id, amount_cents, currency);
    async {
        match payments.charge(amount_cents, currency).await {
            Ok(()) => {
                info!(order_id, amount_cents, "paid");
                Ok(())
            }
            Err(error @ PaymentError::Declined { .. }) => {
                warn!(error = &error as &dyn Error, order_id, "payment declined");
                Err(Refusal(StatusCode::PAYMENT_REQUIRED, error.to_string()))
            }
            Err(error @ PaymentError::Gateway(_)) => {
                error!(error = &error as &dyn Error, order_id, "payment failed");
                Err(Refusal(
                    StatusCode::BAD_GATEWAY,
                    "payment is not possible now".to_owned(),
                ))
            }
        }
    }
    .instrument(span)
    .await
}

async fn show_booking(
    State(services): State<Services>,
    Path(id): Path<u64>,
) -> Result<Json<Booking>, Refusal> {
    match services.bookings.find(id) {
        Some(booking) => Ok(Json(booking)),
        None => {
            info!(booking_id = id, "no such booking");
            Err(Refusal(
                StatusCode::NOT_FOUND,
                format!("there is no booking {id}"),
            ))
        }
    }
}
