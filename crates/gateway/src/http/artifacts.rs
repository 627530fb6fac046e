//! Runs' artifacts.

use super::Failure;
use super::extract::{Asked, Body, Id};
use super::files::{Given, give};
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use offdesk_protocol::*;
use serde::Deserialize;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/runs/{id}/artifacts", get(list).post(add))
        .route("/runs/{id}/artifacts/content", get(content))
        .route("/runs/{id}/artifacts/piece", get(piece))
        .route("/runs/{id}/artifacts/remove", post(remove))
}

#[derive(Deserialize)]
struct ArtifactQuery {
    artifact: ArtifactId,
    #[serde(default)]
    offset: u64,
    limit: Option<u32>,
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
) -> Answer<Vec<Artifact>> {
    caller.may_see_artifacts()?;
    Ok(Json(shared.runs.artifacts(id).await?))
}

async fn add(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<AddArtifact>,
) -> Answer<Artifact> {
    caller.may_change()?;
    Ok(Json(shared.runs.add_artifact(id, wish, caller.actor).await?))
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<RemoveArtifact>,
) -> Answer<()> {
    caller.may_change()?;
    Ok(Json(shared.runs.in_artifacts(move |artifacts| artifacts.remove(id, wish.artifact)).await?))
}

async fn piece(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Asked(query): Asked<ArtifactQuery>,
) -> Answer<FilePiece> {
    caller.may_see_artifacts()?;
    let (offset, limit) = (query.offset, query.limit.unwrap_or(LARGEST_PIECE).clamp(1, LARGEST_PIECE));
    let read = move |artifacts: &offdesk_runner::Artifacts| {
        let (known, mut file) = artifacts.open(id, query.artifact)?;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.take(limit.into()).read_to_end(&mut bytes))
            .map_err(|error| Problem::new(ErrorCode::Internal, format!("It cannot be read: {error}.")))?;
        Ok(FilePiece { offset, size: known.size, etag: known.sha256, data: STANDARD.encode(bytes) })
    };
    Ok(Json(shared.runs.in_artifacts(read).await?))
}

async fn content(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Asked(query): Asked<ArtifactQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    caller.may_see_artifacts()?;
    let opened = shared.runs.in_artifacts(move |artifacts| artifacts.open(id, query.artifact)).await;
    let (known, file) = opened?;
    give(
        &headers,
        Given { name: known.name, media_type: known.media_type, etag: known.sha256, size: known.size, file },
    )
}
