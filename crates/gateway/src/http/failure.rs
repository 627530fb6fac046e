//! The one place that knows status codes.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use offdesk_protocol::{ErrorCode, Problem};

/// A problem as an answer.
#[derive(Debug)]
pub(crate) struct Failure(pub Problem);

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

pub(crate) fn status(code: ErrorCode) -> StatusCode {
    use ErrorCode::*;
    match code {
        NotFound => StatusCode::NOT_FOUND,
        BadRequest | OutsideRoots | AgentMissing | Unsupported => StatusCode::BAD_REQUEST,
        AlreadyResolved | ApprovalChanged | FileExists | WrongState => StatusCode::CONFLICT,
        NotAllowed => StatusCode::FORBIDDEN,
        Unauthorized => StatusCode::UNAUTHORIZED,
        TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        StorageFailed => StatusCode::INSUFFICIENT_STORAGE,
        Unreachable => StatusCode::BAD_GATEWAY,
        Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if self.0.code == ErrorCode::Internal {
            tracing::error!("A request failed: {}", self.0);
        }
        (status(self.0.code), Json(self.0)).into_response()
    }
}

pub(crate) async fn no_such_route() -> Failure {
    Problem::new(ErrorCode::NotFound, "There is no such address in the API.")
        .hint("GET /api/v1/openapi.json lists them.")
        .into()
}
