//! What is taken from a request; what is malformed becomes a `Problem` like every other.

use super::Failure;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bytes::Bytes;
use offdesk_protocol::{ErrorCode, Problem};
use serde::de::DeserializeOwned;

/// A JSON body. An empty one counts as `{}`, so that commands without content need none.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        // A form of another site can send text, and never JSON without asking first.
        let json = kind
            .is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
        let bytes = Bytes::from_request(request, state).await.map_err(too_large)?;
        if bytes.is_empty() {
            return parse(b"{}").map(Body);
        }
        if !json {
            let text = "The body must be JSON, with `content-type: application/json`.";
            return Err(Problem::new(ErrorCode::BadRequest, text).into());
        }
        parse(&bytes).map(Body)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    // A list would be taken for the fields in their order, which nobody means.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Problem::new(ErrorCode::BadRequest, "The body must be a JSON object.").into());
    }
    serde_json::from_slice(bytes).map_err(|error| {
        Problem::new(ErrorCode::BadRequest, format!("The body is not what this address takes: {error}."))
            .into()
    })
}

fn too_large(rejection: BytesRejection) -> Failure {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ErrorCode::TooLarge, "The body is larger than 8 MiB.")
            .hint("Put the text into a file in the workspace and name the file in the prompt.")
            .into(),
        _ => Problem::new(ErrorCode::BadRequest, format!("The body could not be read: {rejection}.")).into(),
    }
}

/// An id in the address.
pub(crate) struct Id<T>(pub T);

impl<T, S> FromRequestParts<S> for Id<T>
where
    T: std::str::FromStr + Send,
    S: Send + Sync,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let unknown = |text: &str| Problem::new(ErrorCode::NotFound, format!("Nothing has the id “{text}”."));
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| unknown(parts.uri.path()))?;
        text.parse().map(Id).map_err(|_| unknown(&text).into())
    }
}

/// The query.
pub(crate) struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Query(query) =
            Query::<T>::from_request_parts(parts, state).await.map_err(|error: QueryRejection| {
                Problem::new(
                    ErrorCode::BadRequest,
                    format!("The query is not understood: {}.", error.body_text()),
                )
            })?;
        Ok(Asked(query))
    }
}
