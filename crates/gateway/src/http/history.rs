//! Conversations that agents kept by themselves.

use super::Failure;
use super::extract::{Asked, Body};
use crate::Shared;
use crate::access::Caller;
use crate::history::Wanted;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use offdesk_protocol::*;
use serde::Deserialize;
use std::sync::Arc;

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<HistoryList>, Failure> {
    caller.may_look_back()?;
    Ok(Json(shared.history.list(&shared, wanted).await?))
}

#[derive(Deserialize)]
pub(super) struct PageQuery {
    before: Option<u64>,
    limit: Option<usize>,
}

pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path((agent, id)): Path<(String, String)>,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<HistoryPage>, Failure> {
    caller.may_look_back()?;
    Ok(Json(shared.history.page(&shared, (&agent, &id), query.before, query.limit).await?))
}

pub(super) async fn stop(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path((agent, id)): Path<(String, String)>,
    Body(stop): Body<StopHistory>,
) -> Result<Json<HistoryEntry>, Failure> {
    caller.may_change()?;
    Ok(Json(shared.history.stop(&shared, (&agent, &id), stop.pid).await?))
}
