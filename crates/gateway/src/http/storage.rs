//! What is kept on the disk, cleaning it up, and deleting a run for good.

use super::Failure;
use super::extract::{Body, Id};
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_protocol::{CleanStorage, DeleteRun, RunId, Storage, StorageClean};
use std::sync::Arc;

pub(super) async fn show(State(shared): State<Arc<Shared>>) -> Result<Json<Storage>, Failure> {
    Ok(Json(shared.measure_storage().await?))
}

pub(super) async fn clean(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(wish): Body<CleanStorage>,
) -> Result<Json<StorageClean>, Failure> {
    caller.may_change()?;
    Ok(Json(shared.clean_storage(wish, caller.actor).await?))
}

pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<DeleteRun>,
) -> Result<Json<StorageClean>, Failure> {
    caller.may_change()?;
    Ok(Json(shared.delete_run(id, wish, caller.actor).await?))
}
