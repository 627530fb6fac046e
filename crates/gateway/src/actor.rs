//! One actor per run: it decides, appends, and then does what follows from what was appended. Nothing is done that
//! was not appended first.

use crate::deciding::{Command, Effect, Steer, admit, decide, due, react};
use crate::fault;
use crate::hub::Delta;
use crate::runs::Runs;
use crate::storage_problem;
use crate::workspaces::{Snap, Snapped};
use offdesk_protocol::{self as protocol, *};
use offdesk_runner::{AttemptHandle, Begin, How, Order, Report};
use offdesk_store::{Append, FoldPosition, NewEvent};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// Reports an attempt may be ahead of us.
const REPORTS: usize = 64;
/// After a write to the log failed, or an attempt had no room for an order.
const RETRY: Duration = Duration::from_millis(500);
/// The clock is looked at again at least so often: while a machine sleeps, timers stand still.
const LOOK: Duration = Duration::from_secs(30);

/// What reaches a run's actor.
#[allow(clippy::large_enum_variant, reason = "few wait at a time, and a command is what most of them are")]
pub(crate) enum Inbox {
    /// A command, and who waits to hear whether it was taken.
    Command(Command, oneshot::Sender<Result<(), Problem>>),
    /// The pool gives it a place.
    PlaceFree,
}

pub(crate) struct Actor {
    run: Arc<Run>,
    runs: Arc<Runs>,
    handle: Option<AttemptHandle>,
    reports: Option<mpsc::Receiver<Report>>,
    /// A report the log could not take yet.
    stuck: Option<Report>,
    /// Something is to be done again soon.
    retry_at: Option<Instant>,
    /// Prompts and decisions the attempt was given and has not confirmed.
    given: HashSet<uuid::Uuid>,
    /// The snapshot that is being taken; prompts wait for it.
    snapping: Option<oneshot::Receiver<Snapped>>,
    /// What the next turn begins with is kept.
    based: bool,
}

impl Actor {
    pub(crate) fn new(run: Arc<Run>, runs: Arc<Runs>) -> Self {
        Self {
            run,
            runs,
            handle: None,
            reports: None,
            stuck: None,
            retry_at: None,
            given: HashSet::new(),
            snapping: None,
            based: false,
        }
    }

    pub(crate) async fn live(mut self, mut inbox: mpsc::Receiver<Inbox>, effects: Vec<Effect>) {
        self.settle();
        for effect in effects {
            self.perform(effect).await;
        }
        loop {
            let deadline = self.deadline();
            let patience = self.patience().map(|(_, moment)| moment);
            let retry = self.retry_at;
            let reset = self.until_reset();
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => self.take(message).await,
                    None => return,
                },
                report = next_report(&mut self.reports), if self.stuck.is_none() => match report {
                    Some(report) => self.hear(report).await,
                    None => self.reports = None,
                },
                snapped = next_snapped(&mut self.snapping), if self.snapping.is_some() => self.snapped(snapped).await,
                () = until(retry), if retry.is_some() => self.again().await,
                () = until(deadline), if deadline.is_some() => self.time_out().await,
                () = until(reset), if reset.is_some() => self.go_on().await,
                () = until(patience), if patience.is_some() => self.expire().await,
            }
        }
    }

    async fn take(&mut self, message: Inbox) {
        match message {
            Inbox::Command(command, reply) => {
                let done = self.obey(command).await;
                // Whoever asked may have gone away; the command stands.
                let _ = reply.send(done);
            }
            Inbox::PlaceFree => {
                let attempt = AttemptId::new();
                if let Err(problem) = self.obey(Command::Begin { attempt }).await {
                    tracing::warn!(run.id = %self.run.id, "A run could not begin: {problem}");
                    if problem.code == ErrorCode::StorageFailed {
                        let id = self.run.id;
                        self.runs.pool(|pool| pool.enqueue(id));
                    }
                    self.settle();
                }
            }
        }
    }

    /// When to look whether the limit that stopped the run has reset. Not all runs go on in the same second.
    fn until_reset(&self) -> Option<Instant> {
        let left = reset_of(&self.run)?.duration_since(Timestamp::now());
        Some(Instant::now() + Duration::try_from(left).unwrap_or_default().min(LOOK))
    }

    async fn go_on(&mut self) {
        if reset_of(&self.run).is_none_or(|reset| reset > Timestamp::now()) {
            return;
        }
        if let Err(problem) = self.obey(Command::Steer(Steer::GoOn)).await {
            tracing::error!(run.id = %self.run.id, "A run whose limit has reset could not go on: {problem}");
            tokio::time::sleep(RETRY).await;
        }
    }

    /// What was given to the attempt and came back may change; the rest of it is on its way.
    async fn requeue(&mut self, command: Command) -> Result<(), Problem> {
        let Command::Queue { prompt, taken, .. } = &command else { return Ok(()) };
        for taken in taken {
            self.given.remove(&taken.0);
        }
        let done = if self.given.contains(&prompt.0) {
            let text = "The agent has this prompt already, so it cannot be changed or taken back.";
            Err(Problem::new(ErrorCode::WrongState, text)
                .hint("Interrupt the run, or say what you want instead."))
        } else {
            let events = decide(&self.run, command)?;
            self.append(events.into_iter().map(|event| NewEvent { event, origin: None }).collect(), None)
                .await
        };
        self.deliver();
        done
    }

    async fn obey(&mut self, command: Command) -> Result<(), Problem> {
        if matches!(command, Command::Queue { .. }) {
            return self.requeue(command).await;
        }
        let runs = self.runs.clone();
        // Held until the decision is in the log: a rule whose revoking was acknowledged before decides nothing.
        let mut _holding = None;
        if let Command::Decide { by: protocol::Actor::Rule { rule, .. }, .. } = &command {
            let rules = runs.rulebook.read().await;
            if !rules.iter().any(|held| held.id == *rule) {
                return Err(Problem::new(ErrorCode::NotFound, "The rule was revoked."));
            }
            _holding = Some(rules);
        }
        let events = decide(&self.run, command)?;
        self.append(events.into_iter().map(|event| NewEvent { event, origin: None }).collect(), None).await
    }

    async fn append(&mut self, events: Vec<NewEvent>, fold: Option<FoldPosition>) -> Result<(), Problem> {
        if events.is_empty() && fold.is_none() {
            return Ok(());
        }
        let append = Append { run: self.run.id, events, fold };
        let appended = self.runs.store.append(append).await.map_err(storage_problem)?;
        self.run = appended.run;
        self.settle();
        for event in appended.events {
            for effect in react(&event.envelope.event) {
                self.perform(effect).await;
            }
        }
        Ok(())
    }

    /// Tells the pool whether this run takes a place.
    fn settle(&self) {
        let (id, takes_place) = (self.run.id, self.run.state().takes_place());
        self.runs.pool(|pool| pool.settle(id, takes_place));
    }

    async fn perform(&mut self, effect: Effect) {
        let id = self.run.id;
        match effect {
            Effect::Enqueue => self.runs.pool(|pool| pool.enqueue(id)),
            Effect::Dequeue => self.runs.pool(|pool| pool.dequeue(id)),
            Effect::Launch => {
                let agent_session = self.run.agent_session.clone();
                self.begin(How::New { agent_session, desk: self.runs.take_desk(id) });
            }
            Effect::Adopt => self.adopt().await,
            Effect::Deliver => self.deliver(),
            Effect::Judge => self.runs.judge(id),
            Effect::LearnRules => {
                let runs = self.runs.clone();
                self.runs.spawn_task(async move {
                    if let Err(problem) = runs.rules_changed().await {
                        tracing::error!("A new rule does not hold before the next start: {problem}");
                    }
                });
            }
            Effect::Interrupt => self.order(Order::Interrupt),
            Effect::Stop => self.order(Order::Stop),
            Effect::Record => self.record_changes(),
        }
    }

    fn begin(&mut self, how: How) {
        let Some(attempt) = self.run.live_attempt() else { return };
        let begin = Begin {
            run: self.run.id,
            attempt: attempt.id,
            agent: self.run.agent.clone(),
            dir: PathBuf::from(&self.run.dir),
            local_model: self.run.local_model.clone(),
            model: self.run.steering.wanted_model.clone(),
            mode: self.run.steering.wanted_mode.clone(),
            command: self.run.command.clone().unwrap_or_default(),
            detected: self.run.detected.clone(),
            how,
        };
        let (send, reports) = mpsc::channel(REPORTS);
        let handle = self.runs.runner.begin(begin, send);
        self.given.clear();
        self.reports = Some(reports);
        self.runs.set_attempt(self.run.id, Some(handle.clone()));
        self.handle = Some(handle);
    }

    async fn adopt(&mut self) {
        let Some(attempt) = self.run.live_attempt().map(|attempt| attempt.id) else { return };
        let position = match self.runs.read(move |reader| reader.fold_position(attempt)).await {
            Ok(position) => position.map(|position| (position.offset, position.state)),
            Err(problem) => {
                // Reading from the start gives the same facts; it only takes longer.
                tracing::warn!(run.id = %self.run.id, "The reading position is unknown: {problem}");
                None
            }
        };
        let agent_session = self.run.agent_session.clone();
        self.begin(How::Adopt { position, agent_session });
    }

    fn order(&mut self, order: Order) {
        if let Some(handle) = &self.handle
            && let Err(order) = handle.try_send(order)
        {
            match order {
                Order::Prompt { id, .. } => self.given.remove(&id.0),
                Order::Decide { approval, .. } => self.given.remove(&approval.0),
                Order::Control { id, .. } => self.given.remove(&id.0),
                _ => false,
            };
            self.retry_at = Some(Instant::now() + RETRY);
        }
    }

    /// Gives the attempt what it does not have, oldest first.
    fn deliver(&mut self) {
        if self.run.live_attempt().is_none_or(|attempt| attempt.pid.is_none()) {
            return;
        }
        let run = self.run.clone();
        for record in run.undelivered() {
            let approval = record.request.id;
            if self.given.insert(approval.0) {
                let (decision, verdict) = match &record.decision {
                    Some(decision) => (decision.id, decision.verdict.clone()),
                    None => {
                        let say = Some("Nobody answered in the time this run gives for it.".into());
                        (DecisionId(approval.0), Verdict::Deny { say, stop: false })
                    }
                };
                self.order(Order::Decide { approval, decision, verdict });
            }
        }
        if run.terminal {
            // Its keys are not kept waiting.
            if run.snapshots.first.is_none() {
                self.begins_with_snapshot(&run);
            }
        } else if run.turn.is_none()
            && !run.awaiting_turn
            && !run.prompts.is_empty()
            && !self.begins_with_snapshot(&run)
        {
            return;
        }
        // What was chosen holds for what is said after it.
        for pending in &run.steering.controls {
            if self.given.insert(pending.id.0) {
                self.order(Order::Control { id: pending.id, control: pending.control.clone() });
            }
        }
        let capabilities = self.runs.runner.capabilities(&run.agent).unwrap_or_default();
        for PendingPrompt { id, text, attachments, .. } in due(&run, &capabilities) {
            if self.given.insert(id.0) {
                self.order(Order::Prompt { id, text, attachments });
            }
        }
    }

    /// Whether the workspace is kept as it is before a turn; if not, that is begun, and prompts wait for it.
    fn begins_with_snapshot(&mut self, run: &Arc<Run>) -> bool {
        if run.workspace.is_none() {
            return true;
        }
        if self.snapping.is_some() {
            return false;
        }
        if !self.based {
            self.snapping = Some(self.runs.snap(run.clone(), Snap::Before));
        }
        self.based
    }

    /// What the turn that ended changed is found out beside everything else.
    fn record_changes(&mut self) {
        self.based = false;
        if self.run.snapshots.due.is_some() && self.snapping.is_none() {
            self.snapping = Some(self.runs.snap(self.run.clone(), Snap::After));
        }
    }

    async fn snapped(&mut self, snapped: Option<Snapped>) {
        self.snapping = None;
        let after = matches!(&snapped, Some(Snapped { what: Snap::After, .. }));
        let turn = snapped.as_ref().and_then(|snapped| snapped.turn).filter(|_| after);
        // Whatever came of it, the agent is not kept waiting.
        self.based = !after;
        for command in snapped.map(Snapped::commands).unwrap_or_default() {
            if let Err(problem) = self.obey(command).await {
                tracing::warn!(run.id = %self.run.id, "What changed could not be noted: {problem}");
            }
        }
        // Another turn has ended meanwhile. One whose changes could not be noted is not tried for ever.
        if self.run.snapshots.due.is_some_and(|due| Some(due) != turn) {
            self.record_changes();
        }
        self.deliver();
    }

    async fn again(&mut self) {
        self.retry_at = None;
        if let Some(report) = self.stuck.take() {
            self.hear(report).await;
        }
        if self.stuck.is_none() {
            self.deliver();
            if self.run.live_attempt().is_some_and(|attempt| attempt.stopping.is_some()) {
                self.order(Order::Stop);
            }
        }
    }

    async fn hear(&mut self, report: Report) {
        if let Err(problem) = self.record(report.clone()).await {
            tracing::error!(run.id = %self.run.id, "What a run did could not be written to the log: {problem}");
            self.stuck = Some(report);
            self.retry_at = Some(Instant::now() + RETRY);
        }
    }

    async fn record(&mut self, report: Report) -> Result<(), Problem> {
        match report {
            Report::Started { pid, program } => self.obey(Command::Started { pid, program }).await,
            Report::Facts { events, position } => self.facts(events, position).await,
            Report::Delta { message, role, text } => {
                self.runs.hub.delta(Delta { run: self.run.id, message, role, text: text.into() });
                Ok(())
            }
            Report::PromptDelivered { prompt, turned } => {
                self.obey(Command::PromptDelivered { prompt, turned }).await
            }
            Report::Delivered(approval) => self.obey(Command::Delivered { approval }).await,
            Report::Undeliverable(approval) => self.obey(Command::Undeliverable { approval }).await,
            Report::ControlRefused(id, why) => self.obey(Command::Steer(Steer::Refused { id, why })).await,
            Report::Trouble(text) => {
                self.obey(Command::Notice { level: NoticeLevel::Error, code: "trouble".into(), text }).await
            }
            Report::Detected(detected) => self.obey(Command::Detected { detected }).await,
            Report::Notice(AgentProblem { code, text, fix }) => {
                let text = format!("{text} {fix}");
                self.obey(Command::Notice { level: NoticeLevel::Warning, code, text }).await
            }
            Report::Exited(exit) => {
                self.obey(Command::Exited { exit }).await?;
                self.handle = None;
                self.given.clear();
                self.runs.set_attempt(self.run.id, None);
                self.runs.collect_later(self.run.id);
                Ok(())
            }
        }
    }

    async fn facts(
        &mut self,
        events: Vec<(Event, Origin)>,
        position: Option<(u64, String)>,
    ) -> Result<(), Problem> {
        let Some(attempt) = self.run.live_attempt().map(|attempt| attempt.id) else { return Ok(()) };
        let fold = position.map(|(offset, state)| FoldPosition { attempt, offset, state });
        // Admission looks at the run as it will be after the events before it.
        let mut ahead = Run::clone(&self.run);
        let mut admitted = Vec::new();
        for (event, origin) in events {
            let Some(event) = admit(&ahead, event) else { continue };
            ahead.apply(&protocol::Envelope {
                seq: ahead.seq + 1,
                at: ahead.updated_at,
                host: HostId(uuid::Uuid::nil()),
                run: ahead.id,
                event: event.clone(),
            });
            admitted.push(NewEvent { event, origin: Some(origin) });
        }
        fault::point("fold.beforeCommit");
        let done = self.append(admitted, fold).await;
        fault::point("fold.afterCommit");
        done
    }

    fn deadline(&self) -> Option<Instant> {
        let attempt = self.run.live_attempt().filter(|attempt| attempt.stopping.is_none())?;
        let limit = self.run.time_limit?;
        let taken = Timestamp::now().duration_since(attempt.started_at?);
        let taken = Duration::try_from(taken).unwrap_or_default();
        Some(Instant::now() + Duration::from_secs(limit).saturating_sub(taken))
    }

    /// The approval whose time is over next, and when.
    fn patience(&self) -> Option<(ApprovalId, Instant)> {
        let limit = Duration::from_secs(self.run.approval_limit?);
        let first = self.run.open_approvals().min_by_key(|record| record.requested_at)?;
        let waited = Timestamp::now().duration_since(first.requested_at);
        let waited = Duration::try_from(waited).unwrap_or_default();
        Some((first.request.id, Instant::now() + limit.saturating_sub(waited)))
    }

    async fn expire(&mut self) {
        let Some((approval, _)) = self.patience() else { return };
        if let Err(problem) = self.obey(Command::Expire { approval }).await {
            tracing::error!(run.id = %self.run.id, "An approval whose time is over could not be denied: {problem}");
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn time_out(&mut self) {
        let by = protocol::Actor::Gateway;
        if let Err(problem) = self.obey(Command::Stop { by, timed_out: true }).await {
            tracing::error!(run.id = %self.run.id, "A run whose time is over could not be stopped: {problem}");
            tokio::time::sleep(RETRY).await;
        }
    }
}

/// The moment at which a run goes on by itself.
fn reset_of(run: &Run) -> Option<Timestamp> {
    let spread = i64::from(run.id.0.as_bytes()[15] % 20) + 1;
    let until = run.waits_until()?;
    Some(until.checked_add(jiff::SignedDuration::from_secs(spread)).unwrap_or(until))
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

async fn next_snapped(snapping: &mut Option<oneshot::Receiver<Snapped>>) -> Option<Snapped> {
    match snapping {
        Some(snapping) => snapping.await.ok(),
        None => std::future::pending().await,
    }
}

async fn next_report(reports: &mut Option<mpsc::Receiver<Report>>) -> Option<Report> {
    match reports {
        Some(reports) => reports.recv().await,
        None => std::future::pending().await,
    }
}
