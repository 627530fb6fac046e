//! Runs' workspaces in git: prepared when a run is made, kept before and after each turn, and changed as people ask.

use crate::deciding::Command;
use crate::runs::{Runs, unknown_run};
use offdesk_protocol::*;
use offdesk_runner::{At, TurnChanges, Workspaces};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, oneshot};

/// A prompt waits at most this long for the workspace to be kept.
const PATIENCE: Duration = Duration::from_secs(20);

/// One lock for each run's workspace.
#[derive(Default)]
pub(crate) struct Busy(Mutex<HashMap<RunId, Arc<tokio::sync::Mutex<()>>>>);

impl Busy {
    /// Waits until nobody else works on it.
    pub(crate) async fn hold(&self, run: RunId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            locks.entry(run).or_default().clone()
        };
        lock.lock_owned().await
    }
}

/// When a snapshot is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snap {
    /// Before a prompt.
    Before,
    /// After a turn.
    After,
}

/// A snapshot that was taken, or was not.
#[derive(Debug)]
pub(crate) struct Snapped {
    pub what: Snap,
    /// The turn it was taken after.
    pub turn: Option<TurnId>,
    base: Option<String>,
    result: Result<TurnChanges, Problem>,
}

impl Snapped {
    /// What is to be noted of it.
    pub(crate) fn commands(self) -> Vec<Command> {
        match (self.what, self.result) {
            (Snap::Before, Ok(kept)) => vec![Command::SnapshotTaken { commit: kept.commit }],
            (Snap::After, Ok(changes)) => match (self.turn, self.base) {
                (Some(turn), Some(base)) => vec![Command::Changed {
                    turn,
                    base,
                    tree: changes.commit,
                    files: changes.files,
                    more: changes.more,
                }],
                _ => Vec::new(),
            },
            (_, Err(problem)) => {
                let what = match self.what {
                    Snap::Before => "The workspace could not be kept as it was before this turn",
                    Snap::After => "What this turn changed could not be noted",
                };
                let text = format!("{what}: {}", problem.message);
                vec![Command::Notice { level: NoticeLevel::Warning, code: "changesUnknown".into(), text }]
            }
        }
    }
}

impl Runs {
    /// The folder a run works in, and what git knows of it. A worktree is made when one is wished for.
    pub(crate) async fn place(
        &self,
        run: RunId,
        dir: PathBuf,
        wish: Option<NewWorktree>,
        words: String,
    ) -> Result<(PathBuf, Option<Workspace>), Problem> {
        self.in_git(move |workspaces| match wish {
            Some(wish) => {
                let (dir, workspace) = workspaces.prepare(run, &dir, &wish, &words)?;
                Ok((dir, Some(workspace)))
            }
            None => {
                // A repository that cannot be used is no reason not to work in its folder.
                let workspace = workspaces.in_place(&dir).unwrap_or_else(|problem| {
                    tracing::warn!(run.id = %run, "The folder's repository is left alone: {problem}");
                    None
                });
                Ok((dir, workspace))
            }
        })
        .await
    }

    /// Keeps a run's workspace as it is, beside everything else.
    pub(crate) fn snap(self: &Arc<Self>, run: Arc<Run>, what: Snap) -> oneshot::Receiver<Snapped> {
        let (send, receive) = oneshot::channel();
        let runs = self.clone();
        self.tasks.spawn(async move {
            let base = run.snapshots.latest.clone().or_else(|| run.workspace.as_ref()?.base_commit.clone());
            let taken = tokio::time::timeout(PATIENCE, async {
                let _turn = runs.busy.hold(run.id).await;
                let at = at(&run)?;
                let from = base.clone();
                runs.in_git(move |workspaces| match (what, from) {
                    (Snap::After, Some(from)) => workspaces.record(&at, &from),
                    _ => {
                        workspaces.keep(&at).map(|commit| TurnChanges { commit, files: Vec::new(), more: 0 })
                    }
                })
                .await
            });
            let result = taken.await.unwrap_or_else(|_| {
                Err(Problem::new(ErrorCode::WrongState, "git took longer than 20 seconds."))
            });
            // The actor may have left; what was kept is kept.
            let _ = send.send(Snapped { what, turn: run.snapshots.due, base, result });
        });
        receive
    }

    /// Looks at a run's workspace.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        id: RunId,
        look: impl FnOnce(&Workspaces, &At) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let at = at(&*self.hub.run(id).ok_or_else(|| unknown_run(id))?)?;
        self.in_git(move |workspaces| look(workspaces, &at)).await
    }

    /// Changes a run's workspace while its agent rests, and notes what was done. It goes on to its end also when
    /// whoever asked is gone.
    pub(crate) async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        id: RunId,
        by: Actor,
        change: impl FnOnce(&Workspaces, &At) -> Result<T, Problem> + Send + 'static,
        deed: impl FnOnce(&T) -> Option<WorkspaceDeed> + Send + 'static,
    ) -> Result<T, Problem> {
        let runs = self.clone();
        let done = self.tasks.spawn(async move {
            let _turn = runs.busy.hold(id).await;
            let run = runs.hub.run(id).ok_or_else(|| unknown_run(id))?;
            rests(&run)?;
            let at = at(&run)?;
            let result = runs.in_git(move |workspaces| change(workspaces, &at)).await?;
            if let Some(deed) = deed(&result) {
                runs.command(id, Command::WorkspaceChanged { deed, by }).await?;
            }
            Ok(result)
        });
        done.await
            .map_err(|error| Problem::new(ErrorCode::Internal, format!("It was cut short: {error}.")))?
    }

    /// The snapshots between which a turn worked.
    pub(crate) async fn turn(&self, id: RunId, turn: TurnId) -> Result<(String, String), Problem> {
        let mut after = 0;
        loop {
            let page = self.read(move |reader| reader.events_after(Some(id), after, 1000)).await?;
            let Some(last) = page.last() else {
                return Err(Problem::new(ErrorCode::NotFound, "It is not known what this turn changed."));
            };
            after = last.seq;
            for stored in &page {
                if !stored.json.contains("changes.recorded") {
                    continue;
                }
                let event = serde_json::from_str::<Envelope>(&stored.json).map(|envelope| envelope.event);
                if let Ok(Event::ChangesRecorded { turn: known, base, tree, .. }) = event
                    && known == turn
                {
                    return Ok((base, tree));
                }
            }
        }
    }

    /// Git blocks its thread.
    pub(crate) async fn in_git<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Workspaces) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let workspaces = self.runner.workspaces().clone();
        let done = tokio::task::spawn_blocking(move || work(&workspaces)).await;
        done.map_err(|error| {
            Problem::new(ErrorCode::Internal, format!("Git's part was cut short: {error}."))
        })?
    }
}

pub(crate) fn at(run: &Run) -> Result<At, Problem> {
    let workspace = run.workspace.clone().ok_or_else(|| {
        Problem::new(
            ErrorCode::Unsupported,
            "This run does not work in a git repository, so its changes are not known.",
        )
        .hint("For the next one: `git init` in its folder, and a first commit.")
    })?;
    Ok(At { run: run.id, dir: PathBuf::from(&run.dir), workspace, snapshots: run.snapshots.clone() })
}

/// Files are not changed under an agent's hands.
fn rests(run: &Run) -> Result<(), Problem> {
    match run.state() {
        state if state.is_over() => Ok(()),
        RunState::Idle | RunState::Queued => Ok(()),
        state => Err(Problem::new(
            ErrorCode::WrongState,
            format!("The run is {state}; its files are not changed while the agent works."),
        )
        .hint("Wait for the end of the turn, or interrupt it.")),
    }
}
