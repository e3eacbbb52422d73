//! The one error of the API: a status, a code for programs, a sentence for people.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tracing::error;
use utoipa::ToSchema;

use crate::query::QueryError;
use crate::reader::ReadError;

const TOO_MANY_READERS: &str = "too_many_readers";

/// A request that cannot be answered as asked.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    parameter: Option<String>,
}

/// The body of every 4xx and 5xx answer.
#[derive(Serialize, ToSchema)]
pub(super) struct ErrorBody {
    /// What is wrong, as a sentence.
    message: String,
    error: ErrorDetail,
}

#[derive(Serialize, ToSchema)]
struct ErrorDetail {
    /// For programs: `invalid_parameter`, `not_found` and so on.
    code: &'static str,
    /// What is wrong, as a sentence.
    message: String,
    /// The parameter that is wrong, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError {
            status,
            code,
            message: message.into(),
            parameter: None,
        }
    }

    /// 400: the parameter's value cannot be used.
    pub(super) fn parameter(parameter: &str, message: impl Into<String>) -> ApiError {
        let error = ApiError::new(StatusCode::BAD_REQUEST, "invalid_parameter", message);
        ApiError {
            parameter: Some(parameter.to_owned()),
            ..error
        }
    }

    /// 400: the request's body cannot be used.
    pub(super) fn body(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_body", message)
    }

    /// 400 with a code of its own.
    pub(super) fn bad_request(code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 404.
    pub(super) fn not_found(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// Whether it is that.
    pub(super) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    /// 409: the request is right, but not in this state.
    pub(super) fn conflict(code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::CONFLICT, code, message)
    }

    /// 503: it may succeed later.
    pub(super) fn unavailable(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }

    /// 503 with a code of its own.
    pub(super) fn unavailable_as(code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
    }

    /// 503: so many are doing it that one more would be too many.
    pub(super) fn too_many_readers(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, TOO_MANY_READERS, message)
    }

    /// 405.
    pub(super) fn wrong_method(message: impl Into<String>) -> ApiError {
        ApiError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            message,
        )
    }

    /// 413.
    pub(super) fn too_large(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
    }

    /// 500: our fault.
    pub(super) fn internal(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        // One reader too many is no fault of ours that somebody has to look at.
        if self.status.is_server_error() && self.code != TOO_MANY_READERS {
            error!(code = self.code, "a request failed: {}", self.message);
        }
        let body = ErrorBody {
            message: self.message.clone(),
            error: ErrorDetail {
                code: self.code,
                message: self.message,
                parameter: self.parameter,
            },
        };
        (self.status, Json(body)).into_response()
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> ApiError {
        match error {
            ReadError::Query(QueryError::Limit { .. }) => {
                ApiError::parameter("limit", error.to_string())
            }
            ReadError::Query(QueryError::Cursor(_)) => {
                ApiError::parameter("cursor", error.to_string())
            }
            ReadError::Archive(_) => ApiError::unavailable(error.to_string()),
        }
    }
}
