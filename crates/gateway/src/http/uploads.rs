//! Files for prompts, in pieces.

use super::Failure;
use super::extract::{Asked, Body, Id};
use crate::Shared;
use crate::access::Caller;
use axum::Extension;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offdesk_protocol::*;
use offdesk_runner::Uploads;
use serde::Deserialize;
use std::sync::Arc;

type Answer = Result<Json<Upload>, Failure>;

/// Disks are slow; nobody else waits for them.
async fn with<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&Uploads) -> Result<T, Problem> + Send + 'static,
) -> Result<Json<T>, Failure> {
    let uploads = shared.runs.runner.uploads().clone();
    let done = tokio::task::spawn_blocking(move || work(&uploads)).await;
    Ok(Json(done.map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))??))
}

pub(super) async fn begin(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(begin): Body<BeginUpload>,
) -> Answer {
    caller.may_change()?;
    with(&shared, |uploads| uploads.begin(begin)).await
}

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<UploadId>,
) -> Answer {
    caller.may_change()?;
    with(&shared, move |uploads| uploads.show(id)).await
}

#[derive(Deserialize)]
pub(super) struct PieceQuery {
    offset: u64,
}

/// The next piece: its bytes, or JSON with them in base64 from pages whose line carries text only.
pub(super) async fn take(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<UploadId>,
    Asked(query): Asked<PieceQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    caller.may_change()?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bytes = match kind {
        "application/octet-stream" => body,
        "application/json" => {
            let garbled = |why: String| {
                Problem::new(
                    ErrorCode::BadRequest,
                    format!("The piece is not what this address takes: {why}."),
                )
            };
            let piece: UploadPiece =
                serde_json::from_slice(&body).map_err(|error| garbled(error.to_string()))?;
            STANDARD.decode(piece.data).map_err(|error| garbled(error.to_string()))?.into()
        }
        _ => {
            let text = "A piece is sent as application/octet-stream, or as JSON with its bytes in base64.";
            return Err(Problem::new(ErrorCode::BadRequest, text).into());
        }
    };
    with(&shared, move |uploads| uploads.take(id, query.offset, &bytes)).await
}

pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<UploadId>,
) -> Result<Json<()>, Failure> {
    caller.may_change()?;
    with(&shared, move |uploads| uploads.remove(id)).await
}
