//! Devices: who has access, what they did with it, and taking it away.

use super::Failure;
use super::extract::{Body, Id};
use crate::Shared;
use crate::access::{Caller, key_id};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use offdesk_protocol::*;
use std::sync::Arc;

/// Decisions shown of one device.
const MOST_DECISIONS: usize = 200;

/// All devices.
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<Device>>, Failure> {
    if !caller.may_see_devices() {
        return Ok(Json(Vec::new()));
    }
    let devices = tokio::task::spawn_blocking(move || shared.devices.list()).await;
    let devices = devices.map_err(|error| Problem::new(ErrorCode::Internal, error.to_string()))??;
    Ok(Json(devices))
}

/// Gives one another name.
pub(super) async fn rename(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<DeviceId>,
    Body(rename): Body<RenameDevice>,
) -> Result<Json<Device>, Failure> {
    caller.may_manage(id)?;
    Ok(Json(shared.devices.rename(id, &rename.name).await?))
}

/// Takes one's access away, now.
pub(super) async fn revoke(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<DeviceId>,
) -> Result<Json<Device>, Failure> {
    caller.may_manage(id)?;
    Ok(Json(shared.devices.revoke(id).await?))
}

/// What one has decided, latest first.
pub(super) async fn decisions(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<DeviceId>,
) -> Result<Json<Vec<Approval>>, Failure> {
    caller.may_change()?;
    shared.devices.get(id)?;
    Ok(Json(shared.runs.read(move |reader| reader.decided_by(id, MOST_DECISIONS)).await?))
}

/// The device that asks, about itself.
pub(super) async fn own(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Device>, Failure> {
    let device = caller.device.ok_or_else(no_device)?;
    Ok(Json(shared.devices.get(device)?))
}

/// A code by which another page of the same person becomes the same device.
pub(super) async fn adopt(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(wish): Body<MakeAdoption>,
) -> Result<Json<PairingOffer>, Failure> {
    let device = shared.devices.get(caller.device.ok_or_else(no_device)?)?;
    if device.local {
        return Err(Problem::new(ErrorCode::BadRequest, "A page on this machine is no phone.")
            .hint("Show a code for the phone instead: Devices, Connect a phone.")
            .into());
    }
    Ok(Json(shared.adoption(&device, &wish.origin)?))
}

fn no_device() -> Problem {
    Problem::new(ErrorCode::BadRequest, "Only a paired device has this.")
}

/// Bearer keys, oldest first.
pub(super) async fn keys(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<KeyInfo>>, Failure> {
    if !caller.may_see_devices() {
        return Ok(Json(Vec::new()));
    }
    let rows = shared.runs.read(|reader| reader.keys()).await?;
    let keys = rows.into_iter().filter(|row| !row.expired()).map(|row| KeyInfo {
        id: key_id(&row.hash),
        name: row.name,
        role: row.role,
        created_at: row.created_at,
        used_at: row.used_at,
    });
    Ok(Json(keys.collect()))
}

/// Makes a bearer key open nothing any more.
pub(super) async fn forget_key(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<()>, Failure> {
    caller.may_let_in()?;
    let rows = shared.runs.read(|reader| reader.keys()).await?;
    let row = rows.into_iter().find(|row| key_id(&row.hash) == id).ok_or_else(|| {
        Problem::new(ErrorCode::NotFound, "There is no key with this id.")
            .hint("`offdesk devices` lists them.")
    })?;
    shared.access.forget(row.hash).await?;
    Ok(Json(()))
}

/// Where this host can be reached.
pub(super) async fn paths(State(shared): State<Arc<Shared>>) -> Json<Reachable> {
    let signed = shared.reach.signed().borrow().clone();
    Json(Reachable { paths: shared.reach.paths(), signed })
}
