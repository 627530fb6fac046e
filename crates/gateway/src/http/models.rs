//! Models on this host.

use super::Failure;
use crate::{Shared, local_models};
use axum::Json;
use axum::extract::State;
use offdesk_protocol::LocalModels;
use std::sync::Arc;

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Result<Json<LocalModels>, Failure> {
    Ok(Json(local_models::list(&shared.runs.runner.environment()).await?))
}
