//! Doing a run again: from its first prompt, or as another run.

use super::Failure;
use super::extract::{Body, Id};
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_protocol::*;
use std::sync::Arc;

pub(super) async fn restart(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(restart): Body<RestartRun>,
) -> Result<Json<RunView>, Failure> {
    caller.may_change()?;
    Ok(Json(shared.runs.restart(id, restart.prompt, caller.actor).await?))
}

pub(super) async fn clone(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(clone): Body<CloneRun>,
) -> Result<Json<RunView>, Failure> {
    caller.may_change()?;
    let start = shared.runs.like(id, clone).await?;
    Ok(Json(shared.runs.create(start, caller.actor).await?))
}
