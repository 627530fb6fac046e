//! Keys typed into a run's terminal, with a receipt.

use super::Failure;
use super::extract::{Body, Id};
use crate::Shared;
use crate::access::Caller;
use crate::runs::unknown_run;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_protocol::*;
use offdesk_runner::Order;
use std::sync::Arc;
use std::time::Duration;

/// How long keys may take to be written.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most that is typed at once, in bytes.
const MOST: usize = 64 * 1024;

/// Types, where somebody answered what a screen seemed to ask only while it still asks that.
pub(super) async fn type_keys(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(typed): Body<TypeKeys>,
) -> Result<Json<RunView>, Failure> {
    caller.may_change()?;
    let run = shared.hub.run(id).ok_or_else(|| unknown_run(id))?;
    if !run.terminal {
        return Err(Problem::new(ErrorCode::Unsupported, "This run has no terminal to type into.").into());
    }
    if typed.keys.is_empty() || typed.keys.len() > MOST || typed.id.is_empty() || typed.id.len() > 100 {
        return Err(Problem::new(ErrorCode::BadRequest, "From 1 byte to 64 KiB can be typed at once.").into());
    }
    let state = run.state();
    let attempt = shared.runs.attempt(id).ok_or_else(|| {
        Problem::new(ErrorCode::WrongState, format!("Nothing can be typed: the run is {state}."))
            .hint("Resume it first.")
    })?;
    let (written, done) = tokio::sync::oneshot::channel();
    let TypeKeys { id: keys, keys: text, prompt } = typed;
    let order = Order::Input { id: keys, bytes: text.into_bytes(), written, prompt };
    let unsure = || {
        Problem::new(ErrorCode::WrongState, "The terminal has not confirmed what was typed.")
            .hint("Look at the screen before you type it again.")
    };
    attempt.send(order).await.map_err(|_| unsure())?;
    // Whether the screen still asks that is for the attempt to say: of two who answer at once, one does.
    if !tokio::time::timeout(PATIENCE, done).await.map_err(|_| unsure())?.map_err(|_| unsure())? {
        return Err(Problem::new(
            ErrorCode::ApprovalChanged,
            "The screen does not ask what you saw any more, so nothing was typed.",
        )
        .hint("Look at the screen as it is now.")
        .into());
    }
    Ok(Json(shared.hub.view(id).ok_or_else(|| unknown_run(id))?))
}
