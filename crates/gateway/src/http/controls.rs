//! Models, modes, the queue, and going on when a limit resets.

use super::Failure;
use super::extract::{Body, Id};
use crate::Shared;
use crate::access::Caller;
use crate::deciding::{Command, QueueChange, Steer};
use crate::runs::unknown_run;
use crate::starting::check_prompt;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use offdesk_protocol::*;
use std::sync::Arc;

type Answer = Result<Json<RunView>, Failure>;

pub(super) async fn model(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(choice): Body<Choose>,
) -> Answer {
    caller.may_change()?;
    Ok(Json(shared.runs.choose(id, Control::Model { id: choice.id }, caller.actor).await?))
}

pub(super) async fn mode(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(choice): Body<Choose>,
) -> Answer {
    caller.may_change()?;
    Ok(Json(shared.runs.choose(id, Control::Mode { id: choice.id }, caller.actor).await?))
}

pub(super) async fn offers(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<RunId>,
) -> Result<Json<Offers>, Failure> {
    let run = shared.hub.run(id).ok_or_else(|| unknown_run(id))?;
    Ok(Json(shared.runs.offers(&run.agent, Some(id)).await?))
}

/// What this kind of agent offered last, for runs that are not there yet.
pub(super) async fn agent_offers(
    State(shared): State<Arc<Shared>>,
    Path(kind): Path<String>,
) -> Result<Json<Offers>, Failure> {
    shared.runs.runner.capabilities(&kind)?;
    Ok(Json(shared.runs.offers(&kind, None).await?))
}

pub(super) async fn resume_when_reset(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<ResumeWhenReset>,
) -> Answer {
    caller.may_change()?;
    let steer = Steer::ResumeWhenReset { on: wish.on, by: caller.actor };
    Ok(Json(shared.runs.command(id, Command::Steer(steer)).await?))
}

pub(super) async fn withdraw(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<PromptId>,
) -> Answer {
    caller.may_change()?;
    Ok(Json(shared.runs.requeue(id, QueueChange::Withdraw, caller.actor).await?))
}

pub(super) async fn say_instead(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<PromptId>,
    Body(change): Body<ChangePrompt>,
) -> Answer {
    caller.may_change()?;
    check_prompt(&change.text)?;
    Ok(Json(shared.runs.requeue(id, QueueChange::Say(change.text), caller.actor).await?))
}

pub(super) async fn place(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<PromptId>,
    Body(place): Body<MovePrompt>,
) -> Answer {
    caller.may_change()?;
    Ok(Json(shared.runs.requeue(id, QueueChange::Move { before: place.before }, caller.actor).await?))
}
