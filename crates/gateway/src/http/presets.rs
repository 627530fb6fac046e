//! Presets: ways to start runs that all devices of a person have.

use super::Failure;
use super::extract::Body;
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_protocol::*;
use std::sync::Arc;

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<Preset>> {
    Json(shared.settings.presets())
}

/// Keeps one, or changes it. What it says is checked when a run is started with it, as for any run.
pub(super) async fn put(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(preset): Body<Preset>,
) -> Result<Json<Preset>, Failure> {
    caller.may_change()?;
    Ok(Json(written(&shared, move |shared| shared.settings.put_preset(preset)).await?))
}

/// Removes one; gives those that are left.
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(remove): Body<RemovePreset>,
) -> Result<Json<Vec<Preset>>, Failure> {
    caller.may_change()?;
    Ok(Json(
        written(&shared, move |shared| {
            shared.settings.remove_preset(remove.id)?;
            Ok(shared.settings.presets())
        })
        .await?,
    ))
}

/// Writes where that holds up nobody.
async fn written<T: Send + 'static>(
    shared: &Arc<Shared>,
    write: impl FnOnce(&Shared) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let shared = shared.clone();
    tokio::task::spawn_blocking(move || write(&shared))
        .await
        .map_err(|error| Problem::new(ErrorCode::Internal, format!("This broke off: {error}.")))?
}
