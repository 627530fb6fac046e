//! The API over HTTP: one file per resource.

mod approvals;
mod door;
mod extract;
mod failure;
mod host;
mod openapi;
mod pairings;
mod runs;

use crate::Shared;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
pub(crate) use door::{Door, local_door};
pub(crate) use failure::Failure;
use std::sync::Arc;

/// Largest body, in bytes.
const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// Everything a caller that is known may use.
fn resources() -> Router<Arc<Shared>> {
    Router::new()
        .route("/runs", get(runs::list).post(runs::create))
        .route("/runs/{id}", get(runs::show))
        .route("/runs/{id}/prompts", post(runs::prompt))
        .route("/runs/{id}/interrupt", post(runs::interrupt))
        .route("/runs/{id}/stop", post(runs::stop))
        .route("/runs/{id}/resume", post(runs::resume))
        .route("/runs/{id}/archive", post(runs::archive))
        .route("/runs/{id}/label", post(runs::label))
        .route("/runs/{id}/events", get(runs::events))
        .route("/runs/{id}/output", get(runs::output))
        .route("/events", get(runs::all_events))
        .route("/approvals", get(approvals::list))
        .route("/approvals/{id}", get(approvals::show))
        .route("/approvals/{id}/decision", post(approvals::decide))
        .route("/agents", get(host::agents))
        .route("/folders", get(host::folders))
        .route("/search", get(host::search))
        .route("/health", get(host::health))
        .route("/pairings", post(pairings::offer))
}

/// What needs no key.
fn open_resources() -> Router<Arc<Shared>> {
    Router::new()
        .route("/login", post(pairings::login))
        .route("/live", get(crate::live::connect))
        .route("/openapi.json", get(openapi::document))
}

/// The API for pages on this machine, by TCP.
pub(crate) fn page_router(shared: Arc<Shared>, door: Door) -> Router {
    let keyed = resources().route_layer(middleware::from_fn_with_state(shared.clone(), door::needs_key));
    let metrics = Router::new()
        .route("/metrics", get(host::metrics))
        .route_layer(middleware::from_fn_with_state(shared.clone(), door::needs_key));
    Router::new()
        .nest("/api/v1", keyed.merge(open_resources()).fallback(failure::no_such_route))
        .merge(metrics)
        .route("/healthz", get(host::live))
        .route("/readyz", get(host::ready))
        .fallback(crate::page::serve)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state(Arc::new(door), door::check_origin))
        .with_state(shared)
}

/// The API for programs of this user, by the local socket.
pub(crate) fn socket_router(shared: Arc<Shared>) -> Router {
    Router::new()
        .nest("/api/v1", resources().merge(open_resources()).fallback(failure::no_such_route))
        .route("/metrics", get(host::metrics))
        .route("/healthz", get(host::live))
        .route("/readyz", get(host::ready))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn(door::by_peer))
        .with_state(shared)
}
