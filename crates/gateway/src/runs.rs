//! All runs: who may begin, and the way to each run's actor.

use crate::actor::{Actor as RunActor, Inbox};
use crate::hub::Hub;
use crate::local_models;
use crate::pool::Pool;
use crate::rulebook::{self, Rulebook};
use crate::rules::{Command, Effect, recover};
use crate::storage_problem;
use offdesk_protocol::*;
use offdesk_runner::{AttemptHandle, Order, Runner};
use offdesk_store::{Append, NewEvent, Store};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Commands that may wait for a run's actor.
const INBOX: usize = 64;
/// Longest prompt, in bytes.
pub(crate) const LONGEST_PROMPT: usize = 4 * 1024 * 1024;
/// Longest command line, in bytes.
const LONGEST_COMMAND: usize = 64 * 1024;
/// Longest name of a run made from its prompt, in characters.
const LABEL_LENGTH: usize = 60;
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

    fn spawn(self: &Arc<Self>, run: Arc<Run>, effects: Vec<Effect>) -> mpsc::Sender<Inbox> {
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

    /// Starts a run. Asking again with the same id gives the same run.
    pub(crate) async fn create(self: &Arc<Self>, start: StartRun, by: Actor) -> Result<RunView, Problem> {
        if let Some(view) = self.hub.view(start.id) {
            return Ok(view);
        }
        let capabilities = self.runner.capabilities(&start.agent)?;
        let prompt = start.prompt.filter(|prompt| !prompt.trim().is_empty());
        match &prompt {
            None if !capabilities.terminal => {
                return Err(Problem::new(
                    ErrorCode::BadRequest,
                    "A prompt is needed: what should the agent do?",
                ));
            }
            Some(prompt) => check_prompt(prompt)?,
            None => {}
        }
        if start.time_limit == Some(0) || start.approval_limit == Some(0) {
            return Err(Problem::new(ErrorCode::BadRequest, "A time limit must be at least one second."));
        }
        let asked = self.runner.workspace(&start.dir)?;
        let command = match (start.command, capabilities.command) {
            (Some(command), true) => {
                check_command(&command)?;
                self.runner.command(&asked, &command)?;
                Some(command)
            }
            (None, true) => {
                return Err(Problem::new(
                    ErrorCode::BadRequest,
                    "A command line is needed: what should be started?",
                )
                .hint("`offdesk run --agent terminal -- PROGRAM ARGUMENTS…`"));
            }
            // In its own terminal an agent takes arguments of its own.
            (Some(command), false) if capabilities.terminal => {
                check_command(&command)?;
                self.runner.program(&start.agent)?;
                Some(command)
            }
            (Some(_), false) => {
                return Err(Problem::new(
                    ErrorCode::BadRequest,
                    format!("The agent “{}” takes a prompt and no command line.", start.agent),
                ));
            }
            (None, false) => {
                self.runner.program(&start.agent)?;
                None
            }
        };
        let words = start.label.as_deref().filter(|label| !label.trim().is_empty()).or(prompt.as_deref());
        let words = words.unwrap_or(&start.agent).to_string();
        // Held until the run is known, so that asking twice at once prepares one place.
        let _turn = self.busy.hold(start.id).await;
        if let Some(view) = self.hub.view(start.id) {
            return Ok(view);
        }
        let (dir, workspace) = self.place(start.id, asked, start.worktree, words).await?;
        let local_model = match start.local_model {
            Some(wanted) => {
                let environment = self.runner.environment();
                Some(local_models::check(&environment, &start.agent, &capabilities, wanted).await?)
            }
            None => None,
        };
        let label = match start.label.filter(|label| !label.trim().is_empty()) {
            Some(label) => check_label(label)?,
            None => {
                let line = command.as_deref().map(command_line);
                default_label(line.as_deref().or(prompt.as_deref()), &start.agent, &dir)
            }
        };
        let created = Event::RunCreated {
            agent: start.agent,
            dir: dir.display().to_string(),
            label,
            time_limit: start.time_limit,
            approval_limit: start.approval_limit,
            terminal: capabilities.terminal,
            local_model,
            command,
            by: by.clone(),
        };
        let prepared = workspace.map(|workspace| Event::WorkspacePrepared { workspace });
        let said = prompt.map(|text| Event::PromptSent { prompt: PromptId::new(), text, by });
        let known = start.continues.map(|continues| Event::AgentIdentified {
            agent_session: Some(continues.agent_session),
            model: None,
            version: None,
        });
        let events = [created]
            .into_iter()
            .chain(prepared)
            .chain(known)
            .chain(said)
            .map(|event| NewEvent { event, origin: None })
            .collect();
        let append = Append { run: start.id, events, fold: None };
        let from_desk = start.desk.is_some();
        if let Some(desk) = start.desk {
            locked(&self.desks).insert(start.id, desk);
        }
        let appended = self.store.append(append).await.map_err(storage_problem).inspect_err(|_| {
            locked(&self.desks).remove(&start.id);
        })?;
        if from_desk {
            // A person sits there and waits: their own program is not held up by others'.
            let actor = self.spawn(appended.run, Vec::new());
            actor.send(Inbox::PlaceFree).await.map_err(|_| gone())?;
        } else {
            self.spawn(appended.run, vec![Effect::Enqueue]);
        }
        self.hub.view(start.id).ok_or_else(gone)
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

    /// The terminal the run is started from; once.
    pub(crate) fn take_desk(&self, run: RunId) -> Option<DeskTerminal> {
        locked(&self.desks).remove(&run)
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

pub(crate) fn check_prompt(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::new(ErrorCode::BadRequest, "The prompt is empty."));
    }
    if text.len() > LONGEST_PROMPT {
        let size = text.len() as f64 / (1024.0 * 1024.0);
        return Err(Problem::new(
            ErrorCode::TooLarge,
            format!("The prompt has {size:.1} MiB; 4 MiB is the most."),
        )
        .hint("Put the text into a file in the workspace and name the file in the prompt."));
    }
    Ok(())
}

fn check_command(command: &[String]) -> Result<(), Problem> {
    let named = command.first().is_some_and(|program| !program.is_empty());
    let size: usize = command.iter().map(|word| word.len() + 1).sum();
    if !named || size > LONGEST_COMMAND || command.iter().any(|word| word.contains('\0')) {
        return Err(Problem::new(
            ErrorCode::BadRequest,
            "A command line is a program and its arguments, 64 KiB at most.",
        ));
    }
    Ok(())
}

/// A command line as one would type it, for its run's name.
fn command_line(command: &[String]) -> String {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let mut line = shlex::try_join(words.iter().copied()).unwrap_or_else(|_| words.join(" "));
    crate::mask_line(&mut line);
    line
}

pub(crate) fn check_label(label: String) -> Result<String, Problem> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 200 || label.chars().any(char::is_control) {
        return Err(Problem::new(ErrorCode::BadRequest, "A name is one line of at most 200 characters."));
    }
    Ok(label.into())
}

fn default_label(prompt: Option<&str>, agent: &str, dir: &std::path::Path) -> String {
    let first = prompt.and_then(|prompt| prompt.lines().map(str::trim).find(|line| !line.is_empty()));
    match first {
        Some(line) => {
            let mut label: String = line.chars().filter(|c| !c.is_control()).take(LABEL_LENGTH).collect();
            if line.chars().count() > LABEL_LENGTH {
                label.push('…');
            }
            label
        }
        None => {
            let folder = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            format!("{agent} in {folder}")
        }
    }
}
