//! One-time codes and the keys they are exchanged for.

use super::Failure;
use super::extract::Body;
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_protocol::{Login, LoginGranted, PairingOffer};
use std::sync::Arc;

/// A new address for a page.
pub(super) async fn offer(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<PairingOffer>, Failure> {
    caller.may_change()?;
    Ok(Json(shared.offer()?))
}

/// The key for a code.
pub(super) async fn login(
    State(shared): State<Arc<Shared>>,
    Body(login): Body<Login>,
) -> Result<Json<LoginGranted>, Failure> {
    let name: String = login.name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(80).collect();
    let name = if name.trim().is_empty() { "a page" } else { name.trim() };
    Ok(Json(LoginGranted { token: shared.access.redeem(&login.code, name).await? }))
}
