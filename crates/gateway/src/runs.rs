//! All runs: who may begin, and the way to each run's actor.

use crate::actor::{Actor as RunActor, Inbox};
use crate::deciding::{Command, Effect, recover};
use crate::hub::Hub;
use crate::pool::Pool;
use crate::rulebook::{self, Rulebook};
use crate::storage_problem;
use offdesk_protocol::*;
use offdesk_runner::{AttemptHandle, Order, Runner};
use offdesk_store::Store;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Commands that may wait for a run's actor.
const INBOX: usize = 64;
/// How long an attempt may take to say how a request would be shown now.
const CHECK_PATIENCE: Duration = Duration::from_secs(5);

/// What every run's actor shares.
pub(crate) struct Runs {
    pub(crate) store: Store,
    pub(crate) hub: Arc<Hub>,
    pub(crate) runner: Arc<Runner>,
    pub(crate) rulebook: Rulebook,
    pool: Mutex<Pool>,
    actors: Mutex<HashMap<RunId, mpsc::Sender<Inbox>>>,
    attempts: Mutex<HashMap<RunId, AttemptHandle>>,
    /// Who works on a run's workspace: one at a time.
    pub(crate) busy: crate::workspaces::Busy,
    /// Terminals that runs are about to be started from.
    desks: Mutex<HashMap<RunId, DeskTerminal>>,
    pub(crate) tasks: TaskTracker,
    stop: CancellationToken,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn gone() -> Problem {
    Problem::new(ErrorCode::Internal, "The gateway is stopping, so nothing was changed.")
        .hint("Try again in a moment.")
}

pub(crate) fn unknown_run(id: impl std::fmt::Display) -> Problem {
    Problem::new(ErrorCode::NotFound, format!("There is no run {id}."))
}

impl Runs {
    pub(crate) fn new(
        store: Store,
        hub: Arc<Hub>,
        runner: Arc<Runner>,
        rulebook: Rulebook,
        limit: usize,
    ) -> Arc<Self> {
        Arc::new(Self {
            store,
            hub,
            runner,
            rulebook,
            pool: Mutex::new(Pool::new(limit)),
            actors: Mutex::default(),
            attempts: Mutex::default(),
            busy: crate::workspaces::Busy::default(),
            desks: Mutex::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        })
    }

    /// Takes up every run where the last gateway left it: those with an attempt first, then the queue in its order.
    pub(crate) fn recover(self: &Arc<Self>, mut runs: Vec<Run>) {
        runs.sort_by_key(|run| run.created_at);
        let (queued, live): (Vec<Run>, Vec<Run>) =
            runs.into_iter().partition(|run| run.state() == RunState::Queued);
        for run in live.into_iter().chain(queued) {
            let effects = recover(&run);
            if !effects.is_empty() {
                self.spawn(Arc::new(run), effects);
            }
        }
    }

    /// Brings a run to life.
    pub(crate) fn spawn(self: &Arc<Self>, run: Arc<Run>, effects: Vec<Effect>) -> mpsc::Sender<Inbox> {
        let (send, receive) = mpsc::channel(INBOX);
        locked(&self.actors).insert(run.id, send.clone());
        let actor = RunActor::new(run, self.clone());
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = actor.live(receive, effects) => {}
                () = stop.cancelled() => {}
            }
        });
        send
    }

    /// Does something beside whoever asks, until the gateway leaves.
    pub(crate) fn spawn_task(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = task => {}
                () = stop.cancelled() => {}
            }
        });
    }

    /// The way to a run's actor; one is started if the run has none.
    fn actor(self: &Arc<Self>, id: RunId) -> Result<mpsc::Sender<Inbox>, Problem> {
        if let Some(actor) = locked(&self.actors).get(&id).filter(|actor| !actor.is_closed()) {
            return Ok(actor.clone());
        }
        let run = self.hub.run(id).ok_or_else(|| unknown_run(id))?;
        Ok(self.spawn(run, Vec::new()))
    }

    /// Gives a run a command and the view after it.
    pub(crate) async fn command(self: &Arc<Self>, id: RunId, command: Command) -> Result<RunView, Problem> {
        let actor = self.actor(id)?;
        let (reply, answer) = oneshot::channel();
        actor.send(Inbox::Command(command, reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())??;
        self.hub.view(id).ok_or_else(|| unknown_run(id))
    }

    /// A person's decision. An allowed edit is compared with the file as it is now first.
    pub(crate) async fn decide(
        self: &Arc<Self>,
        id: ApprovalId,
        decision: Decision,
        by: Actor,
    ) -> Result<Approval, Problem> {
        let known = self.approval(id).await?;
        let run = known.request.run;
        if known.state == ApprovalState::Requested
            && let Some(run) = self.hub.run(run)
        {
            rulebook::check_new(&run, &known.request, &decision)?;
        }
        if matches!(decision.verdict, Verdict::AllowEdited { .. }) && !self.takes_edits(run) {
            return Err(
                Refusal::Unsupported("take a changed request; deny it and say what to do instead").into()
            );
        }
        if known.state == ApprovalState::Requested
            && known.request.kind == ApprovalKind::Edit
            && decision.verdict.resolution() == Resolution::Allowed
            && let Some(request) = self.check(run, id).await
            && request.hash != known.request.hash
        {
            self.command(run, Command::Refresh { request }).await?;
        }
        let made = decision.id;
        let makes_rule = decision.rule.is_some();
        match self.command(run, Command::Decide { approval: id, decision, by }).await {
            Ok(_) => {
                if makes_rule {
                    self.rules_changed().await?;
                }
                self.approval(id).await
            }
            // The run has forgotten what is finished; the log has not.
            Err(problem) if problem.code == ErrorCode::NotFound => {
                let approval = self.approval(id).await?;
                match &approval.decision {
                    Some(decision) if decision.id == made => Ok(approval),
                    _ => Err(Refusal::AlreadyResolved(Box::new(approval)).into()),
                }
            }
            Err(problem) => Err(problem),
        }
    }

    /// Whether the run's agent runs what it is given instead of what it asked for.
    fn takes_edits(&self, run: RunId) -> bool {
        let agent = self.hub.run(run).map(|run| run.agent.clone());
        agent.is_some_and(|agent| self.runner.capabilities(&agent).is_ok_and(|can| can.edit_input))
    }

    async fn check(&self, run: RunId, approval: ApprovalId) -> Option<ApprovalRequest> {
        let handle = self.attempt(run)?;
        let (reply, answer) = oneshot::channel();
        handle.send(Order::Check { approval, reply }).await.ok()?;
        tokio::time::timeout(CHECK_PATIENCE, answer).await.ok()?.ok()?
    }

    /// The approval as it stands.
    pub(crate) async fn approval(&self, id: ApprovalId) -> Result<Approval, Problem> {
        let found = self.read(move |reader| reader.approval(id)).await?;
        found.ok_or_else(|| Problem::new(ErrorCode::NotFound, format!("There is no approval {id}.")))
    }

    /// Reads from the store without holding up anything else.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&offdesk_store::Reader) -> Result<T, offdesk_store::StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        let done = tokio::task::spawn_blocking(move || store.read(read)).await;
        done.map_err(|error| Problem::new(ErrorCode::Internal, format!("Reading the log failed: {error}.")))?
            .map_err(storage_problem)
    }

    /// Keeps the terminal a run is about to be started from.
    pub(crate) fn keep_desk(&self, run: RunId, desk: DeskTerminal) {
        locked(&self.desks).insert(run, desk);
    }

    /// The terminal the run is started from; once.
    pub(crate) fn take_desk(&self, run: RunId) -> Option<DeskTerminal> {
        locked(&self.desks).remove(&run)
    }

    /// Ends the actor of a run that is not there any more.
    pub(crate) fn forget(&self, id: RunId) {
        locked(&self.actors).remove(&id);
    }

    /// The way to the run's living attempt.
    pub(crate) fn attempt(&self, run: RunId) -> Option<AttemptHandle> {
        locked(&self.attempts).get(&run).cloned()
    }

    pub(crate) fn set_attempt(&self, run: RunId, handle: Option<AttemptHandle>) {
        match handle {
            Some(handle) => locked(&self.attempts).insert(run, handle),
            None => locked(&self.attempts).remove(&run),
        };
    }

    /// Changes the pool, lets those begin that may, and shows the queue.
    pub(crate) fn pool(&self, change: impl FnOnce(&mut Pool)) {
        let (granted, order) = {
            let mut pool = locked(&self.pool);
            change(&mut pool);
            (pool.grant(), pool.order())
        };
        self.hub.queue(order);
        for run in granted {
            let actor = locked(&self.actors).get(&run).cloned();
            if let Some(actor) = actor {
                // The inbox may be full for a moment, and the pool must not wait for it.
                self.tasks.spawn(async move {
                    let _ = actor.send(Inbox::PlaceFree).await;
                });
            }
        }
    }

    /// Stops every living run and waits until they are over, at most this long.
    pub(crate) async fn stop_all(self: &Arc<Self>, by: Actor, patience: Duration) {
        let alive = |view: &RunView| !view.state.is_over();
        for view in self.hub.views(true).iter().filter(|view| alive(view)) {
            if let Err(problem) =
                self.command(view.id, Command::Stop { by: by.clone(), timed_out: false }).await
            {
                tracing::warn!(run.id = %view.id, "A run could not be stopped: {problem}");
            }
        }
        let mut marks = self.hub.marks();
        let over = async {
            while self.hub.views(true).iter().any(alive) {
                if marks.changed().await.is_err() {
                    break;
                }
            }
        };
        if tokio::time::timeout(patience, over).await.is_err() {
            tracing::warn!("Some runs were still ending when the gateway left.");
        }
    }

    /// Ends all actors; attempts stay as they are.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
