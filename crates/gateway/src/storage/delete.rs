//! Deleting a run for good: its events, its files, its snapshots.

use super::plan::{Plan, Planned};
use super::{changed, known_run};
use crate::Shared;
use crate::runs::unknown_run;
use offdesk_protocol::*;
use offdesk_runner::{Owner, Place};
use std::sync::Arc;

impl Shared {
    /// Shows what would go with a run; with the plan that was shown, deletes it.
    pub(crate) async fn delete_run(
        self: &Arc<Self>,
        id: RunId,
        wish: DeleteRun,
        by: Actor,
    ) -> Result<StorageClean, Problem> {
        // It goes on to its end also when whoever asked is gone.
        let shared = self.clone();
        let done = self.runs.tasks.spawn(async move {
            let _one_at_a_time = shared.storage.cleaning.lock().await;
            let plan = shared.plan_deleting(id, &wish).await?;
            match &wish.plan {
                None => Ok(plan.shown()),
                Some(named) if *named != plan.id() => Err(changed()),
                Some(_) => shared.carry_out_deleting(id, plan, &wish, by).await,
            }
        });
        done.await
            .map_err(|error| Problem::new(ErrorCode::Internal, format!("It was cut short: {error}.")))?
    }

    async fn plan_deleting(&self, id: RunId, wish: &DeleteRun) -> Result<Plan, Problem> {
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        if !run.state().is_over() || run.live_attempt().is_some() {
            let text = format!("The run is {}, so it is not deleted.", run.state());
            return Err(Problem::new(ErrorCode::WrongState, text).hint("Stop it first."));
        }
        let known = self.runs.known().await?;
        let (events, bytes) = self.runs.read(move |reader| reader.weight(id)).await?;
        let (lose, ignored) = (wish.lose_work, wish.ignored);
        let name = known_run(&run).label;
        self.runs
            .with_files(move |runner| {
                let mut plan = Plan::default();
                plan.goes.push(Planned {
                    thing: None,
                    kind: StorageKind::Log,
                    name: visible_line(&name, 80),
                    runs: vec![id],
                    items: u32::try_from(events).unwrap_or(u32::MAX),
                    bytes,
                    why: "all that was said and done in it".into(),
                });
                for thing in runner.inventory(&known, Some(id)) {
                    let why = "it goes with its run".to_string();
                    match (&thing.place, &thing.owner) {
                        (Place::Snapshots(..), _) => {
                            plan.take_snapshots(&known, runner.workspaces(), &thing, why, lose);
                        }
                        (Place::Worktree(_), _) => {
                            let at = known.runs.get(&id).and_then(|run| run.at.as_ref());
                            if let Some(Err(problem)) = at.map(|at| runner.workspaces().removable(at, ignored)) {
                                let hint = "Commit it, or have it saved: `offdesk worktree rm ID --save`. Then delete the run.";
                                return Err(Problem::new(problem.code, problem.message).hint(hint));
                            }
                            plan.goes.push(Planned::of(&known, thing, why));
                        }
                        (_, Owner::Runs(runs)) if runs.len() > 1 => {
                            let why = "another run needs it, too".into();
                            plan.stays.push(Planned::of(&known, thing, why));
                        }
                        _ => plan.goes.push(Planned::of(&known, thing, why)),
                    }
                }
                Ok(plan)
            })
            .await?
    }

    async fn carry_out_deleting(
        &self,
        id: RunId,
        plan: Plan,
        wish: &DeleteRun,
        by: Actor,
    ) -> Result<StorageClean, Problem> {
        let mut done = Plan { stays: plan.stays.clone(), ..Plan::default() };
        // Git first: it may still refuse, and then the run is there to say so.
        let (git, files): (Vec<Planned>, Vec<Planned>) = plan.goes.into_iter().partition(|planned| {
            let place = planned.thing.as_ref().map(|thing| &thing.place);
            matches!(place, Some(Place::Worktree(_) | Place::Snapshots(..)))
        });
        for planned in git {
            let Some(thing) = &planned.thing else { continue };
            match &thing.place {
                Place::Worktree(_) => self.runs.remove_worktree(id, wish.ignored, by.clone()).await?,
                Place::Snapshots(repository, snapshots) => {
                    let (repository, snapshots) = (repository.clone(), snapshots.clone());
                    let lose = wish.lose_work;
                    self.runs
                        .in_git(move |workspaces| workspaces.forget_snapshots(&repository, &snapshots, lose))
                        .await?;
                }
                _ => {}
            }
            done.goes.push(planned);
        }
        self.runs.store.delete_run(id, by).await.map_err(crate::storage_problem)?;
        self.runs.forget(id);
        for planned in files {
            let Some(thing) = planned.thing.clone() else {
                done.goes.push(planned);
                continue;
            };
            // What is not removed now belongs to nobody from here on, and goes as such.
            match self.runs.with_files(move |runner| runner.remove_kept(&thing)).await? {
                Ok(()) => done.goes.push(planned),
                Err(problem) => done.stays.push(Planned { why: problem.message, ..planned }),
            }
        }
        Ok(StorageClean { done: true, ..done.shown() })
    }
}
