//! Storage: measuring it, cleaning it up as somebody asks, and by itself what is provably of no use.

mod delete;
mod plan;

use crate::Shared;
use crate::runs::Runs;
use offdesk_protocol::*;
use offdesk_runner::{Known, KnownRun, Place, Thing};
use plan::{Plan, Planned};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// After a start there is other work first.
const FIRST_LOOK: Duration = Duration::from_secs(90);
const EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What was measured last.
#[derive(Default)]
pub(crate) struct Measured {
    last: Mutex<Option<Storage>>,
    /// Held while something is removed: one at a time.
    cleaning: tokio::sync::Mutex<()>,
}

impl Measured {
    pub(crate) fn last(&self) -> Option<Storage> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Removes what nobody can need, a while after the start and once a day; looks at how much is kept.
pub(crate) async fn tidy_now_and_then(shared: Weak<Shared>) {
    tokio::time::sleep(FIRST_LOOK).await;
    while let Some(shared) = shared.upgrade() {
        if let Err(problem) = shared.tidy().await {
            tracing::warn!("What nobody needs could not be cleaned up: {problem}");
        }
        drop(shared);
        tokio::time::sleep(EVERY).await;
    }
}

impl Runs {
    /// What the log says of runs, as far as it matters for what is kept.
    async fn known(&self) -> Result<Known, Problem> {
        // First what belongs to runs, then the runs: one that comes between has nothing that could be taken for old.
        let pairs = self.read(|reader| reader.belongings()).await?;
        let mut belongings: HashMap<String, Vec<RunId>> = HashMap::new();
        for (id, run) in pairs {
            belongings.entry(id).or_default().push(run);
        }
        let views = self.hub.views(true);
        let runs = views.iter().filter_map(|view| self.hub.run(view.id)).map(|run| (run.id, known_run(&run)));
        Ok(Known { runs: runs.collect(), belongings, since: Timestamp::UNIX_EPOCH })
    }

    /// Whether a run is still one of which something may go.
    fn is_put_away(&self, run: RunId) -> bool {
        self.hub.run(run).is_some_and(|run| is_put_away(&run))
    }

    /// Works with files beside everything else.
    async fn with_files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&offdesk_runner::Runner) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let runner = self.runner.clone();
        let done = tokio::task::spawn_blocking(move || work(&runner)).await;
        done.map_err(|error| Problem::new(ErrorCode::Internal, format!("It was cut short: {error}.")))
    }

    /// Removes a run's worktree, and notes it in the run.
    async fn remove_worktree(self: &Arc<Self>, run: RunId, ignored: bool, by: Actor) -> Result<(), Problem> {
        let wish = RemoveWorktree { save: false, ignored };
        let deed = |done: &RemovedWorktree| {
            let (saved, branch) = (done.saved.clone(), done.branch.clone());
            Some(WorkspaceDeed::WorktreeRemoved { saved, branch })
        };
        self.change(run, by, move |workspaces, at| workspaces.remove(at, &wish), deed).await.map(drop)
    }
}

/// It was put away, is over, and nothing waits to be said to it.
fn is_put_away(run: &Run) -> bool {
    run.archived && run.state().is_over() && run.prompts.is_empty() && run.live_attempt().is_none()
}

fn known_run(run: &Run) -> KnownRun {
    KnownRun {
        id: run.id,
        label: run.label.clone(),
        put_away: is_put_away(run),
        changed_at: run.updated_at,
        at: crate::workspaces::at(run).ok(),
        conversation: run.agent_session.clone(),
    }
}

impl Shared {
    /// How much is kept by what.
    pub(crate) async fn measure_storage(&self) -> Result<Storage, Problem> {
        let known = self.runs.known().await?;
        let folder = self.runs.runner.config().data.display().to_string();
        let storage =
            self.runs.with_files(move |runner| sum(folder, &known, &runner.inventory(&known, None)));
        let storage = storage.await?;
        *self.storage.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(storage.clone());
        Ok(storage)
    }

    /// Shows what would go; with the plan that was shown, removes it.
    pub(crate) async fn clean_storage(
        self: &Arc<Self>,
        wish: CleanStorage,
        by: Actor,
    ) -> Result<StorageClean, Problem> {
        // It goes on to its end also when whoever asked is gone.
        let shared = self.clone();
        let done = self.runs.tasks.spawn(async move {
            let _one_at_a_time = shared.storage.cleaning.lock().await;
            let plan = shared.plan(&wish, &by).await?;
            match &wish.plan {
                None => Ok(plan.shown()),
                Some(named) if *named != plan.id() => Err(changed()),
                Some(_) => shared.carry_out(plan, wish.ignored, &by).await,
            }
        });
        done.await
            .map_err(|error| Problem::new(ErrorCode::Internal, format!("It was cut short: {error}.")))?
    }

    async fn plan(&self, wish: &CleanStorage, by: &Actor) -> Result<Plan, Problem> {
        let mut kinds = wish.kinds.clone();
        if let Some(kind) = kinds.iter().find(|kind| !kind.can_be_cleaned()) {
            let text = format!("“{kind}” is what Offdesk needs to work; nothing of it can be cleaned up.");
            return Err(Problem::new(ErrorCode::BadRequest, text));
        }
        if kinds.is_empty() {
            kinds = StorageKind::ALL.into_iter().filter(|kind| kind.by_default()).collect();
        }
        let mut known = self.runs.known().await?;
        // Where the log was lost or put back, everything looks like nobody's. A person may still say so.
        if *by == Actor::Gateway {
            let began = self.runs.read(|reader| reader.began_at()).await?;
            known.since = began.unwrap_or_else(Timestamp::now);
        }
        let unused = match kinds.contains(&StorageKind::Log) {
            true => self.runs.read(|reader| reader.unused_bytes()).await?,
            false => 0,
        };
        let (older_than, ignored) = (wish.older_than_days, wish.ignored);
        self.runs
            .with_files(move |runner| {
                let things = runner.inventory(&known, None);
                let mut plan = Plan::default();
                for thing in things {
                    // The log itself stays; what it has too much of goes.
                    if thing.kind == StorageKind::Log {
                        continue;
                    }
                    let fate = known.fate(&thing, &kinds, older_than, Timestamp::now());
                    plan.take(&known, runner.workspaces(), thing, fate, ignored);
                }
                if unused > 0 {
                    plan.compact(unused);
                }
                plan
            })
            .await
    }

    async fn carry_out(&self, plan: Plan, ignored: bool, by: &Actor) -> Result<StorageClean, Problem> {
        let mut done = Plan { stays: plan.stays.clone(), ..Plan::default() };
        for planned in plan.goes {
            match self.remove(&planned, ignored, by).await {
                Ok(()) => done.goes.push(planned),
                Err(problem) => done.stays.push(Planned { why: problem.message, ..planned }),
            }
        }
        self.measure_storage().await?;
        Ok(StorageClean { done: true, ..done.shown() })
    }

    async fn remove(&self, planned: &Planned, ignored: bool, by: &Actor) -> Result<(), Problem> {
        let Some(thing) = &planned.thing else {
            return self.runs.store.compact().await.map_err(crate::storage_problem);
        };
        if let Some(run) = planned.runs.iter().find(|run| !self.runs.is_put_away(**run)) {
            let text = format!("The run {run} is in use again, so this stays.");
            return Err(Problem::new(ErrorCode::WrongState, text));
        }
        match (&thing.place, planned.runs.first()) {
            (Place::Worktree(_), Some(run)) => self.runs.remove_worktree(*run, ignored, by.clone()).await,
            _ => {
                let thing = thing.clone();
                self.runs.with_files(move |runner| runner.remove_kept(&thing)).await?
            }
        }
    }

    /// What is provably of no use goes by itself: what no run needs and is older than a week, and old copies of our
    /// own program.
    async fn tidy(self: &Arc<Self>) -> Result<(), Problem> {
        self.runs.with_files(|runner| runner.uploads().sweep()).await?;
        let kinds = vec![StorageKind::Leftovers, StorageKind::Programs];
        let wish = CleanStorage { kinds, older_than_days: 7, ..CleanStorage::default() };
        let shown = self.clean_storage(wish.clone(), Actor::Gateway).await?;
        if shown.goes.is_empty() {
            return self.measure_storage().await.map(drop);
        }
        let done =
            self.clean_storage(CleanStorage { plan: Some(shown.plan), ..wish }, Actor::Gateway).await?;
        tracing::info!(bytes = done.bytes, "What no run needs was cleaned up.");
        Ok(())
    }
}

fn changed() -> Problem {
    Problem::new(ErrorCode::WrongState, "What would go is not what was shown any more; nothing was removed.")
        .hint("Look again, and confirm what is shown then.")
}

/// What is kept, added up.
fn sum(folder: String, known: &Known, things: &[Thing]) -> Storage {
    let mut uses: BTreeMap<StorageKind, StorageUse> = BTreeMap::new();
    for thing in things {
        let kind = thing.kind;
        let of = uses.entry(kind).or_insert(StorageUse { kind, bytes: 0, items: 0, put_away: 0 });
        of.bytes += thing.bytes;
        of.items += thing.items;
        if known.is_put_away(thing) {
            of.put_away += thing.bytes;
        }
    }
    let uses: Vec<StorageUse> = uses.into_values().collect();
    Storage {
        folder,
        bytes: uses.iter().map(|of| of.bytes).sum(),
        put_away: uses.iter().map(|of| of.put_away).sum(),
        uses,
        measured_at: Timestamp::now(),
    }
}
