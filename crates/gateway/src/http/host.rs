//! This host: its folders, messages and health.

use super::Failure;
use super::extract::Asked;
use crate::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use offdesk_protocol::*;
use serde::Deserialize;
use std::sync::Arc;

/// Workspaces shown as recent.
const RECENT: usize = 8;

#[derive(Deserialize)]
pub(super) struct FoldersQuery {
    dir: Option<String>,
}

pub(super) async fn folders(
    State(shared): State<Arc<Shared>>,
    Asked(query): Asked<FoldersQuery>,
) -> Result<Json<Folders>, Failure> {
    let runner = &shared.runs.runner;
    let (dir, children) = match query.dir {
        Some(dir) => (Some(runner.workspace(&dir)?.display().to_string()), runner.children(&dir)?),
        None => (None, Vec::new()),
    };
    let recent = shared.runs.read(|reader| reader.recent_dirs(RECENT)).await?;
    let roots = runner.roots().iter().map(|root| root.display().to_string()).collect();
    let recent = recent.into_iter().filter(|dir| runner.workspace(dir).is_ok()).collect();
    Ok(Json(Folders { roots, recent, dir, children }))
}

#[derive(Deserialize)]
pub(super) struct SearchQuery {
    q: String,
    run: Option<RunId>,
    limit: Option<usize>,
}

pub(super) async fn search(
    State(shared): State<Arc<Shared>>,
    Asked(query): Asked<SearchQuery>,
) -> Result<Json<Vec<SearchHit>>, Failure> {
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    Ok(Json(shared.runs.read(move |reader| reader.search(&query.q, query.run, limit)).await?))
}

pub(super) async fn health(State(shared): State<Arc<Shared>>) -> Json<Health> {
    Json(crate::health::check(&shared).await)
}

/// Whether somebody is here. To a question of our own, which has come round from outside, there is an answer.
pub(super) async fn live(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let question = headers.get(crate::probe::HEADER).and_then(|value| value.to_str().ok());
    let text =
        question.and_then(|question| shared.questions.answer(question)).unwrap_or_else(|| "live".into());
    ([(header::CACHE_CONTROL, "no-store")], format!("{text}\n")).into_response()
}

pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Result<&'static str, Failure> {
    shared.runs.read(|reader| reader.events_after(None, 0, 1)).await?;
    Ok("ready\n")
}

pub(super) async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], crate::health::metrics(&shared)).into_response()
}

/// The way in from outside.
pub(super) async fn tunnel(State(shared): State<Arc<Shared>>) -> Json<offdesk_tunnel::Status> {
    Json(shared.tunnel().status())
}
