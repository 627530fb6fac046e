//! Agents: which there are, those of the person's own, and which programs they are.

use super::Failure;
use super::extract::Body;
use crate::Shared;
use crate::access::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use offdesk_protocol::*;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) async fn list(State(shared): State<Arc<Shared>>) -> Json<Vec<AgentInfo>> {
    Json(shared.runs.runner.agents().await)
}

/// Those of the person's own.
pub(super) async fn own(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<OwnAgent>>, Failure> {
    caller.may_equip()?;
    Ok(Json(shared.settings.own_agents()))
}

/// Adds one, or changes it.
pub(super) async fn put(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(put): Body<PutOwnAgent>,
) -> Result<Json<OwnAgent>, Failure> {
    caller.may_equip()?;
    let before = shared.settings.agents().own;
    let otherwise = before.iter().any(|known| known.kind == put.agent.kind && known.how != put.agent.how);
    if put.change && otherwise {
        nothing_lives(&shared, &put.agent.kind, "driven otherwise")?;
    }
    Ok(Json(
        written(&shared, move |shared| {
            let taken = built_in();
            shared.settings.put_agent(put.agent, put.change, &taken)
        })
        .await?,
    ))
}

/// Removes one. Its runs stay, and can be read.
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(remove): Body<RemoveOwnAgent>,
) -> Result<Json<Vec<OwnAgent>>, Failure> {
    caller.may_equip()?;
    nothing_lives(&shared, &remove.kind, "removed")?;
    Ok(Json(
        written(&shared, move |shared| {
            shared.settings.remove_agent(&remove.kind)?;
            Ok(shared.settings.own_agents())
        })
        .await?,
    ))
}

/// Tries one, as it is written here; keeps nothing.
pub(super) async fn test(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(agent): Body<OwnAgent>,
) -> Result<Json<OwnAgentTest>, Failure> {
    caller.may_equip()?;
    let agent = shared.settings.filled(agent)?;
    Ok(Json(shared.runs.runner.try_agent(agent).await))
}

/// Chooses an agent's program.
pub(super) async fn choose(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Body(choice): Body<ChooseProgram>,
) -> Result<Json<Vec<AgentInfo>>, Failure> {
    caller.may_equip()?;
    let runner = &shared.runs.runner;
    runner.capabilities(&choice.kind)?;
    let program = choice.program.filter(|program| !program.is_empty()).map(PathBuf::from);
    if let Some(program) = &program {
        runner.try_program(&choice.kind, program).await?;
    }
    written(&shared, move |shared| shared.settings.choose_program(&choice.kind, program)).await?;
    Ok(list(State(shared)).await)
}

/// Looks for all of them anew, in the login shell's environment where the gateway was started with it.
pub(super) async fn look(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Vec<AgentInfo>>, Failure> {
    caller.may_equip()?;
    let news = match shared.login.clone() {
        // Asking a shell may take seconds.
        Some(login) => {
            tokio::task::spawn_blocking(move || login.ask()).await.map_err(broke_off)?.map_err(|why| {
                Problem::new(
                    ErrorCode::WrongState,
                    format!("Your login shell did not say its environment: {why}."),
                )
                .hint("What was known before holds. Open a terminal and see that it starts, then try again.")
            })?
        }
        None => Vec::new(),
    };
    shared.runs.runner.look_again(news);
    Ok(list(State(shared)).await)
}

/// Kinds that are not the person's own.
fn built_in() -> Vec<String> {
    offdesk_runner::built_in_kinds()
}

/// What a living run is read by stays as it is.
fn nothing_lives(shared: &Shared, kind: &str, what: &str) -> Result<(), Problem> {
    let views = shared.hub.views(true);
    let living: Vec<&str> = views
        .iter()
        .filter(|view| view.agent == kind && !view.state.is_over())
        .map(|view| view.label.as_str())
        .collect();
    if living.is_empty() {
        return Ok(());
    }
    let text =
        format!("“{kind}” cannot be {what} while it is at work: {}. Nothing was changed.", living.join(", "));
    Err(Problem::new(ErrorCode::WrongState, text).hint("Stop these runs first."))
}

/// Writes settings where that holds up nobody, and lets the runner have them.
async fn written<T: Send + 'static>(
    shared: &Arc<Shared>,
    write: impl FnOnce(&Shared) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let shared = shared.clone();
    let done = tokio::task::spawn_blocking(move || {
        let done = write(&shared)?;
        shared.runs.runner.set_agents(shared.settings.agents());
        Ok(done)
    });
    done.await.map_err(broke_off)?
}

fn broke_off(error: tokio::task::JoinError) -> Problem {
    Problem::new(ErrorCode::Internal, format!("This broke off: {error}."))
}
