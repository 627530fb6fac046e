//! The API over HTTP: one file per resource.

mod again;
mod agents;
mod approvals;
mod artifacts;
mod controls;
mod devices;
mod door;
mod extract;
mod failure;
mod files;
mod history;
mod host;
mod keys;
mod models;
mod notifications;
mod openapi;
mod pairings;
mod presets;
mod rules;
mod runs;
mod settings;
mod storage;
mod uploads;
mod usage;
mod workspaces;

use crate::Shared;
use crate::link::Gate;
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::middleware;
use axum::routing::{get, post};
pub(crate) use door::Door;
pub(crate) use failure::Failure;
use offdesk_protocol::PathKind;
use std::sync::Arc;
use tokio_util::task::TaskTracker;
use tower_http::compression::CompressionLayer;

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
        .route("/runs/{id}/restart", post(again::restart))
        .route("/runs/{id}/clone", post(again::clone))
        .route("/runs/{id}/archive", post(runs::archive))
        .route("/runs/{id}/label", post(runs::label))
        .route("/runs/{id}/keys", post(keys::type_keys))
        .route("/runs/{id}/events", get(runs::events))
        .route("/runs/{id}/output", get(runs::output))
        .merge(workspaces::routes())
        .merge(files::routes())
        .merge(artifacts::routes())
        .merge(notifications::routes())
        .route("/runs/{id}/offers", get(controls::offers))
        .route("/runs/{id}/model", post(controls::model))
        .route("/runs/{id}/mode", post(controls::mode))
        .route("/runs/{id}/resume-when-reset", post(controls::resume_when_reset))
        .route("/prompts/{id}/withdraw", post(controls::withdraw))
        .route("/prompts/{id}/text", post(controls::say_instead))
        .route("/prompts/{id}/place", post(controls::place))
        .route("/agents/{kind}/offers", get(controls::agent_offers))
        .route("/uploads", post(uploads::begin))
        .route("/uploads/{id}", get(uploads::show).put(uploads::take))
        .route("/uploads/{id}/remove", post(uploads::remove))
        .route("/runs/{id}/delete", post(storage::delete))
        .route("/storage", get(storage::show))
        .route("/storage/clean", post(storage::clean))
        .route("/usage", get(usage::usage))
        .route("/events", get(runs::all_events))
        .route("/approvals", get(approvals::list))
        .route("/approvals/decisions", post(approvals::decide_many))
        .route("/approvals/{id}", get(approvals::show))
        .route("/approvals/{id}/decision", post(approvals::decide))
        .route("/approvals/{id}/rules", post(rules::preview))
        .route("/rules", get(rules::list))
        .route("/rules/{id}", post(rules::change))
        .route("/rules/{id}/revoke", post(rules::revoke))
        .route("/agents", get(agents::list))
        .route("/agents/ollama/models", get(models::list))
        .route("/agents/own", get(agents::own).post(agents::put))
        .route("/agents/own/remove", post(agents::remove))
        .route("/agents/test", post(agents::test))
        .route("/agents/program", post(agents::choose))
        .route("/agents/look", post(agents::look))
        .route("/presets", get(presets::list).post(presets::put))
        .route("/presets/remove", post(presets::remove))
        .route("/history", get(history::list))
        .route("/history/{agent}/{id}", get(history::show))
        .route("/history/{agent}/{id}/stop", post(history::stop))
        .route("/folders", get(host::folders))
        .route("/search", get(host::search))
        .route("/health", get(host::health))
        .route("/pairings", get(pairings::waiting).post(pairings::offer))
        .route("/pairings/{id}/decision", post(pairings::decide))
        .route("/devices", get(devices::list))
        .route("/devices/self", get(devices::own))
        .route("/devices/self/adoption", post(devices::adopt))
        .route("/devices/{id}/name", post(devices::rename))
        .route("/devices/{id}/revoke", post(devices::revoke))
        .route("/devices/{id}/decisions", get(devices::decisions))
        .route("/keys", get(devices::keys))
        .route("/keys/{id}/revoke", post(devices::forget_key))
        .route("/paths", get(devices::paths))
        .route("/tunnel", get(host::tunnel))
        .route("/tunnel/program", post(settings::fetch_program))
        .route("/settings", get(settings::show).post(settings::change))
        .route("/about", get(settings::about))
        .route("/stop", post(settings::stop))
}

/// What needs no key.
fn open_resources() -> Router<Arc<Shared>> {
    Router::new()
        .route("/login", post(pairings::login))
        .route("/live", get(crate::live::connect))
        .route("/openapi.json", get(openapi::document))
}

/// The API for pages and scripts on this machine, by TCP.
pub(crate) fn page_router(shared: Arc<Shared>, door: Door) -> Router {
    let keyed = resources().route_layer(middleware::from_fn_with_state(shared.clone(), door::needs_key));
    let metrics = Router::new()
        .route("/metrics", get(host::metrics))
        .route_layer(middleware::from_fn_with_state(shared.clone(), door::needs_key));
    let gate = Gate::new(PathKind::Local, shared.leaving.clone(), TaskTracker::new());
    let router = shell(gate)
        .nest("/api/v1", keyed.merge(open_resources()).fallback(failure::no_such_route))
        .merge(metrics)
        .route("/readyz", get(host::ready));
    behind(shared, door, router)
}

/// What is served to the network and through tunnels: the shell, the link, and whether somebody is here. Nothing else.
pub(crate) fn outer_router(shared: Arc<Shared>, gate: Arc<Gate>, door: Door) -> Router {
    behind(shared, door, shell(gate))
}

fn shell(gate: Arc<Gate>) -> Router<Arc<Shared>> {
    let link = move |State(shared): State<Arc<Shared>>, headers: HeaderMap, upgrade: WebSocketUpgrade| {
        crate::link::connect(shared, gate.clone(), headers, upgrade)
    };
    // The shell is public and the same for everyone, so its length tells nothing.
    let files = get(crate::page::serve).layer(CompressionLayer::new());
    Router::new().route("/link", get(link)).route("/healthz", get(host::live)).fallback_service(files)
}

/// Every request passes the door, whatever it is for.
fn behind(shared: Arc<Shared>, door: Door, router: Router<Arc<Shared>>) -> Router {
    router
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn_with_state((shared.clone(), Arc::new(door)), door::check))
        .with_state(shared)
}

/// The API for paired devices, inside their link.
pub(crate) fn link_router(shared: Arc<Shared>) -> Router {
    Router::new()
        .nest("/api/v1", resources().fallback(failure::no_such_route))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
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
