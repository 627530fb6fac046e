//! Runs' changes and worktrees.

use super::Failure;
use super::extract::{Asked, Body, Id};
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use offdesk_protocol::*;
use serde::Deserialize;
use std::sync::Arc;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/runs/{id}/changes", get(changes))
        .route("/runs/{id}/changes/diff", get(diff))
        .route("/runs/{id}/changes/stage", post(stage))
        .route("/runs/{id}/changes/commit", post(commit))
        .route("/runs/{id}/changes/discard", post(discard))
        .route("/runs/{id}/changes/restore", post(restore))
        .route("/runs/{id}/merge", post(merge))
        .route("/runs/{id}/pull-request", post(pull_request))
        .route("/runs/{id}/worktree/remove", post(remove))
        .route("/worktrees", get(worktrees))
}

#[derive(Deserialize)]
struct ChangesQuery {
    turn: Option<TurnId>,
}

async fn changes(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<RunId>,
    Asked(query): Asked<ChangesQuery>,
) -> Answer<Changes> {
    let turn = match query.turn {
        Some(turn) => {
            let (base, tree) = shared.runs.turn(id, turn).await?;
            Some((turn, base, tree))
        }
        None => None,
    };
    Ok(Json(shared.runs.look(id, move |workspaces, at| workspaces.changes(at, turn)).await?))
}

#[derive(Deserialize)]
struct DiffQuery {
    path: String,
    turn: Option<TurnId>,
}

async fn diff(
    State(shared): State<Arc<Shared>>,
    Id(id): Id<RunId>,
    Asked(query): Asked<DiffQuery>,
) -> Answer<ChangeDiff> {
    let turn = match query.turn {
        Some(turn) => Some(shared.runs.turn(id, turn).await?),
        None => None,
    };
    Ok(Json(shared.runs.look(id, move |workspaces, at| workspaces.diff(at, &query.path, turn)).await?))
}

async fn stage(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<StageChanges>,
) -> Answer<StagedChanges> {
    caller.may_change()?;
    let change =
        move |workspaces: &offdesk_runner::Workspaces, at: &offdesk_runner::At| workspaces.stage(at, &wish);
    Ok(Json(shared.runs.change(id, caller.actor, change, |_| None).await?))
}

async fn commit(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<CommitChanges>,
) -> Answer<Committed> {
    caller.may_change()?;
    let subject = wish.message.trim().lines().next().unwrap_or_default().to_string();
    let programs = wish.programs.is_some() && !wish.without_programs;
    let deed = move |done: &Committed| {
        Some(WorkspaceDeed::Committed { commit: done.commit.clone(), subject, programs })
    };
    let change =
        move |workspaces: &offdesk_runner::Workspaces, at: &offdesk_runner::At| workspaces.commit(at, &wish);
    Ok(Json(shared.runs.change(id, caller.actor, change, deed).await?))
}

fn files(done: &PutBack) -> u32 {
    u32::try_from(done.paths.len()).unwrap_or(u32::MAX)
}

async fn discard(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<DiscardChanges>,
) -> Answer<PutBack> {
    caller.may_change()?;
    let deed = |done: &PutBack| {
        let deed = WorkspaceDeed::Discarded { files: files(done), snapshot: done.snapshot.clone() };
        (!done.paths.is_empty()).then_some(deed)
    };
    Ok(Json(
        shared
            .runs
            .change(id, caller.actor, move |workspaces, at| workspaces.discard(at, &wish), deed)
            .await?,
    ))
}

async fn restore(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<RestoreSnapshot>,
) -> Answer<PutBack> {
    caller.may_change()?;
    let deed = |done: &PutBack| {
        let deed = WorkspaceDeed::Restored { files: files(done), snapshot: done.snapshot.clone() };
        (!done.paths.is_empty()).then_some(deed)
    };
    Ok(Json(
        shared
            .runs
            .change(id, caller.actor, move |workspaces, at| workspaces.restore(at, &wish), deed)
            .await?,
    ))
}

async fn merge(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<MergeBack>,
) -> Answer<Merged> {
    caller.may_change()?;
    let deed =
        |done: &Merged| Some(WorkspaceDeed::Merged { into: done.into.clone(), commit: done.commit.clone() });
    Ok(Json(
        shared.runs.change(id, caller.actor, move |workspaces, at| workspaces.merge(at, &wish), deed).await?,
    ))
}

async fn pull_request(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<OpenPullRequest>,
) -> Answer<PullRequestPlan> {
    caller.may_change()?;
    let deed = |done: &PullRequestPlan| done.url.clone().map(|url| WorkspaceDeed::PullRequestOpened { url });
    let change = move |workspaces: &offdesk_runner::Workspaces, at: &offdesk_runner::At| {
        workspaces.pull_request(at, &wish)
    };
    Ok(Json(shared.runs.change(id, caller.actor, change, deed).await?))
}

async fn remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<RunId>,
    Body(wish): Body<RemoveWorktree>,
) -> Answer<RemovedWorktree> {
    caller.may_change()?;
    let run = shared.hub.run(id).ok_or_else(|| crate::runs::unknown_run(id))?;
    if run.live_attempt().is_some() {
        return Err(Problem::new(
            ErrorCode::WrongState,
            "The agent still lives in this worktree, so it stays.",
        )
        .hint("Stop the run first.")
        .into());
    }
    let known = run.workspace.as_ref().is_some_and(|workspace| workspace.removed);
    let deed = move |done: &RemovedWorktree| {
        let (saved, branch) = (done.saved.clone(), done.branch.clone());
        (!known).then_some(WorkspaceDeed::WorktreeRemoved { saved, branch })
    };
    Ok(Json(
        shared
            .runs
            .change(id, caller.actor, move |workspaces, at| workspaces.remove(at, &wish), deed)
            .await?,
    ))
}

async fn worktrees(State(shared): State<Arc<Shared>>) -> Answer<Vec<WorktreeInfo>> {
    let found = shared.runs.in_git(|workspaces| workspaces.worktrees()).await?;
    let views = shared.hub.views(true);
    let list = found.into_iter().map(|(path, branch)| {
        let view = views.iter().find(|view| {
            let made =
                view.workspace.as_ref().is_some_and(|workspace| workspace.worktree && !workspace.removed);
            made && std::path::Path::new(&view.dir).starts_with(&path)
        });
        WorktreeInfo {
            path: path.display().to_string(),
            run: view.map(|view| view.id),
            label: view.map(|view| view.label.clone()),
            branch,
            state: view.map(|view| view.state),
        }
    });
    Ok(Json(list.collect()))
}
