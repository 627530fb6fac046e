//! Approvals and their decisions.

use super::Failure;
use super::extract::{Asked, Body, Id};
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_protocol::{Approval, ApprovalId, DecideMany, Decided, Decision, ErrorCode, Problem, RunId};
use serde::Deserialize;
use std::sync::Arc;

/// Decisions in one request.
const MANY: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    Open,
    All,
}

#[derive(Deserialize)]
pub(super) struct ListQuery {
    run: Option<RunId>,
    state: Option<Which>,
}

/// Approvals, oldest first.
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Asked(query): Asked<ListQuery>,
) -> Result<Json<Vec<Approval>>, Failure> {
    let open = !matches!(query.state, Some(Which::All));
    if let Some(run) = query.run.filter(|run| shared.hub.run(*run).is_none()) {
        return Err(crate::runs::unknown_run(run).into());
    }
    Ok(Json(shared.runs.read(move |reader| reader.approvals(query.run, open)).await?))
}

/// One approval.
pub(super) async fn show(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<ApprovalId>,
) -> Result<Json<Approval>, Failure> {
    Ok(Json(shared.runs.approval(id).await?))
}

/// A person's decision.
pub(super) async fn decide(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<ApprovalId>,
    Body(decision): Body<Decision>,
) -> Result<Json<Approval>, Failure> {
    caller.may_change()?;
    Ok(Json(shared.runs.decide(id, decision, caller.actor).await?))
}

/// Several decisions, each for itself: one that is refused does not hold up the others.
pub(super) async fn decide_many(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(many): Body<DecideMany>,
) -> Result<Json<Vec<Decided>>, Failure> {
    caller.may_change()?;
    if many.decisions.len() > MANY {
        let text = format!("{} decisions are too many at once; {MANY} is the most.", many.decisions.len());
        return Err(Problem::new(ErrorCode::TooLarge, text).into());
    }
    let mut decided = Vec::with_capacity(many.decisions.len());
    for one in many.decisions {
        let done = shared.runs.decide(one.approval, one.decision, caller.actor.clone()).await;
        let (approval, problem) = match done {
            Ok(approval) => (Some(approval), None),
            Err(problem) => (None, Some(problem)),
        };
        decided.push(Decided { id: one.approval, approval, problem });
    }
    Ok(Json(decided))
}
