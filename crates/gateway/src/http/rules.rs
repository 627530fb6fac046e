//! Rules: what decides without a person, seen and revoked here.

use super::Failure;
use super::extract::{Body, Id};
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_protocol::{ApprovalId, ChangeRule, PreviewRules, Rule, RuleId, RulePreview};
use std::sync::Arc;

/// All rules, revoked ones too, oldest first.
pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Result<Json<Vec<Rule>>, Failure> {
    Ok(Json(shared.runs.rules().await?))
}

/// Makes a rule decide nothing any more.
pub(super) async fn revoke(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RuleId>,
) -> Result<Json<Rule>, Failure> {
    caller.may_change()?;
    Ok(Json(shared.runs.revoke_rule(id, caller.actor).await?))
}

/// Puts another rule in a rule's place.
pub(super) async fn change(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RuleId>,
    Body(change): Body<ChangeRule>,
) -> Result<Json<Rule>, Failure> {
    caller.may_change()?;
    Ok(Json(shared.runs.change_rule(id, change, caller.actor).await?))
}

/// Rules that could be made on an approval, with what each would have covered.
pub(super) async fn preview(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<ApprovalId>,
    Body(wish): Body<PreviewRules>,
) -> Result<Json<Vec<RulePreview>>, Failure> {
    Ok(Json(shared.runs.preview_rules(id, wish).await?))
}
