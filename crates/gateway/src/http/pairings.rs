//! Offers, and devices that wait to be let in.

use super::Failure;
use super::extract::{Body, Id};
use crate::Shared;
use crate::access::{Caller, spent};
use crate::pairings::Wanted;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_link::LocalCode;
use offdesk_protocol::*;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A new address for a page or a phone.
pub(super) async fn offer(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(wish): Body<MakeOffer>,
) -> Result<Json<PairingOffer>, Failure> {
    caller.may_let_in()?;
    Ok(Json(shared.offer(&wish)?))
}

/// Devices that wait.
pub(super) async fn waiting(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Json<Vec<PairingRequest>> {
    Json(if caller.may_see_devices() { shared.pairings.waiting() } else { Vec::new() })
}

/// Yes or no to one of them.
pub(super) async fn decide(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<DeviceId>,
    Body(decision): Body<PairingDecision>,
) -> Result<Json<PairingEnd>, Failure> {
    caller.may_let_in()?;
    let (device, key) = shared.pairings.candidate(id)?;
    let state = if decision.approved {
        shared.devices.let_in(device, key).await?;
        Consent::Approved
    } else {
        Consent::Refused
    };
    shared.pairings.answer(id, state);
    Ok(Json(PairingEnd { state }))
}

/// The key for a code of this machine, for programs that have no link.
pub(super) async fn login(
    State(shared): State<Arc<Shared>>,
    Body(login): Body<Login>,
) -> Result<Json<LoginGranted>, Failure> {
    let code = LocalCode::decode(&login.code).map_err(|_| spent())?;
    let known = shared.pairings.secret(&code.id, PathKind::Local);
    // Their digests, so that the time it takes says nothing of how much was right.
    if known.map(Sha256::digest) != Some(Sha256::digest(code.secret)) {
        shared.pairings.fail(&code.id);
        return Err(spent().into());
    }
    let open = shared.pairings.take(&code.id).filter(|open| open.wanted == Wanted::Page);
    let open = open.ok_or_else(spent)?;
    let name = crate::devices::name_of(&login.name.unwrap_or_default());
    let name = name.unwrap_or_else(|| "a program".into());
    Ok(Json(LoginGranted { token: shared.access.grant(&name, open.role).await? }))
}
