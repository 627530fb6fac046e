//! Notifications: what is told, to whom, and how far it came.

use super::Failure;
use super::extract::{Body, Id};
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use offdesk_protocol::*;
use std::sync::Arc;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/notifications", get(list))
        .route("/notifications/settings", post(set))
        .route("/notifications/subscriptions", post(subscribe))
        .route("/notifications/subscriptions/remove", post(unsubscribe))
        .route("/notifications/channels", post(add_channel))
        .route("/notifications/channels/{id}/remove", post(remove_channel))
        .route("/notifications/test", post(test))
        .route("/notifications/attention", post(attention))
        .route("/notifications/{id}", get(show))
        .route("/notifications/{id}/receipt", post(receipt))
}

async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Notifications> {
    caller.may_be_told()?;
    Ok(Json(shared.notifier.view()))
}

async fn show(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<NotificationId>,
) -> Answer<Notification> {
    caller.may_be_told()?;
    Ok(Json(shared.notifier.get(id)?))
}

async fn set(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(settings): Body<NotifySettings>,
) -> Answer<Notifications> {
    caller.may_change()?;
    Ok(Json(shared.notifier.set(settings).await?))
}

async fn subscribe(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(given): Body<PutSubscription>,
) -> Answer<Notifications> {
    let device = shared.devices.get(caller.device.ok_or_else(no_device)?)?;
    Ok(Json(shared.notifier.subscribe(&device, given).await?))
}

async fn unsubscribe(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(remove): Body<RemoveSubscription>,
) -> Answer<Notifications> {
    caller.may_be_told()?;
    // Who may revoke devices may also silence them.
    let only = match caller.role {
        DeviceRole::Admin => None,
        _ => Some(caller.device.ok_or_else(no_device)?),
    };
    Ok(Json(shared.notifier.unsubscribe(remove.subscription, only).await?))
}

async fn add_channel(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(given): Body<PutChannel>,
) -> Answer<Notifications> {
    caller.may_add_channels()?;
    Ok(Json(shared.notifier.add_channel(given, caller.here).await?))
}

async fn remove_channel(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<ChannelId>,
) -> Answer<Notifications> {
    caller.may_add_channels()?;
    Ok(Json(shared.notifier.remove_channel(id)?))
}

async fn test(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Answer<Notification> {
    caller.may_be_told()?;
    Ok(Json(shared.notifier.try_out().await?))
}

async fn receipt(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<NotificationId>,
    Body(receipt): Body<NotificationReceipt>,
) -> Answer<()> {
    let device = caller.device.ok_or_else(no_device)?;
    shared.notifier.receipt(id, device, receipt.opened)?;
    Ok(Json(()))
}

/// A page says that somebody looks at it and touches it.
async fn attention(State(shared): State<Arc<Shared>>, Extension(caller): Extension<Caller>) -> Answer<()> {
    caller.may_be_told()?;
    shared.notifier.attend();
    Ok(Json(()))
}

fn no_device() -> Problem {
    Problem::new(ErrorCode::BadRequest, "Only a paired device has this.")
}
