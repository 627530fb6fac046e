//! The gateway itself: what it is, how it is reached, and its end.

use super::Failure;
use super::extract::Body;
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use offdesk_protocol::*;
use offdesk_tunnel::fetch as program;
use std::sync::Arc;

/// The gateway, about itself.
pub(super) async fn about(State(shared): State<Arc<Shared>>) -> Json<About> {
    Json(About {
        version: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        host_name: shared.host_name.clone(),
        url: shared.url.clone(),
        started_at: shared.started_at,
        managed: shared.managed,
    })
}

/// What holds.
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Settings>, Failure> {
    caller.may_settle()?;
    Ok(Json(shared.settings()))
}

/// Changes it.
pub(super) async fn change(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(change): Body<ChangeSettings>,
) -> Result<Json<Settings>, Failure> {
    caller.may_settle()?;
    // Whoever asked may leave in the middle of it; it is done all the same, whole.
    let made = tokio::spawn(async move { shared.change_settings(&change).await }).await;
    Ok(Json(made.map_err(broke_off)??))
}

/// Fetches the tunnel's program; the person has agreed.
pub(super) async fn fetch_program(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<TunnelProgram>, Failure> {
    caller.may_settle()?;
    let asset = program::asset().ok_or_else(|| Problem::new(ErrorCode::Unsupported, program::UNPINNED))?;
    let fetched = tokio::spawn(async move {
        // One after the other: the second finds what the first has brought.
        let _fetching = shared.fetching.lock().await;
        let folder = shared.runs.runner.config().data.join("bin");
        let fetched = program::fetch(asset, program::BASE_URL, &folder).await;
        shared.tunnel().look();
        fetched
    });
    let path = fetched.await.map_err(broke_off)?.map_err(|error| {
        let text = error.to_string();
        let (what, next) = text.rsplit_once(". ").unwrap_or((&text, "Nothing was changed"));
        Problem::new(ErrorCode::WrongState, format!("{what}.")).hint(format!("{next}."))
    })?;
    Ok(Json(TunnelProgram { path: path.display().to_string(), version: program::VERSION.into() }))
}

/// Ends the gateway in order, soon after this has answered.
pub(super) async fn stop(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(stop): Body<StopGateway>,
) -> Result<(StatusCode, Json<()>), Failure> {
    caller.may_settle()?;
    shared.stop.send_replace(Some(stop));
    Ok((StatusCode::ACCEPTED, Json(())))
}

fn broke_off(error: tokio::task::JoinError) -> Problem {
    Problem::new(ErrorCode::Internal, format!("This broke off: {error}."))
}
