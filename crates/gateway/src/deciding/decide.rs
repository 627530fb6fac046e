//! `decide(&Run, Command) -> Result<Vec<Event>, Refusal>`.

use super::steer::{self, QueueChange, Steer};
use offdesk_protocol::*;

/// What a person says, with whole files.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) id: PromptId,
    pub(crate) text: String,
    pub(crate) when: When,
    pub(crate) attachments: Vec<Attachment>,
}

impl Said {
    pub(crate) fn event(self, by: Actor) -> Event {
        let Self { id, text, when, attachments } = self;
        Event::PromptSent { prompt: id, text, by, when, attachments }
    }
}

/// What can be asked of a run, by a person or by what its attempt reports.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    /// A person says something.
    Prompt { prompt: Said, by: Actor },
    /// A person changes what waits. `taken` was given to the attempt and is back.
    Queue { prompt: PromptId, change: QueueChange, taken: Vec<PromptId>, by: Actor },
    /// Beside what it works on.
    Steer(Steer),
    /// A person decides.
    Decide { approval: ApprovalId, decision: Decision, by: Actor },
    /// What is asked changed since it was shown.
    Refresh { request: ApprovalRequest },
    /// Nobody decided in the time the run gives.
    Expire { approval: ApprovalId },
    /// Cut the turn short.
    Interrupt { capabilities: Capabilities, by: Actor },
    /// End the attempt.
    Stop { by: Actor, timed_out: bool },
    /// Start the next attempt.
    Resume { capabilities: Capabilities, prompt: Option<Said>, by: Actor },
    /// Start the next attempt in a new conversation.
    Restart { prompt: Option<Said>, by: Actor },
    /// A place is free: begin.
    Begin { attempt: AttemptId },
    /// Put away.
    Archive { by: Actor },
    /// Give another name.
    Label { label: String },
    /// The attempt's process lives.
    Started { pid: u32, program: String },
    /// The agent has the prompt.
    PromptDelivered { prompt: PromptId, turned: bool },
    /// The agent has the decision.
    Delivered { approval: ApprovalId },
    /// The agent does not ask that any more.
    Undeliverable { approval: ApprovalId },
    /// The terminal's screen seems to ask this now.
    Detected { detected: Option<DetectedPrompt> },
    /// Something a person should know.
    Notice { level: NoticeLevel, code: String, text: String },
    /// The attempt is over.
    Exited { exit: Exit },
    /// The workspace was kept as it is, before a prompt.
    SnapshotTaken { commit: String },
    /// What a turn changed is known.
    Changed { turn: TurnId, base: String, tree: String, files: Vec<ChangedFile>, more: u32 },
    /// A person did something with the workspace.
    WorkspaceChanged { deed: WorkspaceDeed, by: Actor },
    /// A person kept a file.
    ArtifactAdded { artifact: Artifact },
}

/// What the command makes happen, or why not. An empty list: it has happened already.
pub(crate) fn decide(run: &Run, command: Command) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::Prompt { .. } if run.state().is_over() && is_gone(run) => Err(GONE),
        Command::Prompt { prompt, by } => Ok(say(run, prompt, by)),
        Command::Queue { prompt, change, by, .. } => steer::queue(run, prompt, change, by),
        Command::Steer(wish) => Ok(steer::steer(run, wish)),
        Command::Decide { approval, decision, by } => resolve(run, approval, decision, by),
        Command::Refresh { request } => Ok(vec![asked_again(request)]),
        Command::Expire { approval } => {
            let waits = run.approvals.get(&approval).filter(|record| record.resolution.is_none());
            let expired = waits.map(|record| resolved(record, Resolution::Expired, None, Actor::Gateway));
            Ok(expired.into_iter().collect())
        }
        Command::Interrupt { capabilities, by } => interrupt(run, &capabilities, by),
        Command::Stop { by, timed_out } => Ok(stop(run, by, timed_out)),
        Command::Resume { capabilities, prompt, by } => resume(run, &capabilities, prompt, by),
        Command::Restart { prompt, by } => restart(run, prompt, by),
        Command::Begin { attempt } => begin(run, attempt),
        Command::Archive { by } => match run.state() {
            state if state.is_over() && !run.archived => Ok(vec![Event::RunArchived { by }]),
            state if state.is_over() => Ok(Vec::new()),
            state => Err(Refusal::WrongState { wanted: "put it away", state }),
        },
        Command::Label { label } if label == run.label => Ok(Vec::new()),
        Command::Label { label } => Ok(vec![Event::RunLabelled { label }]),
        Command::Started { pid, program } => Ok(started(run, pid, program)),
        Command::PromptDelivered { prompt, turned } => {
            let waits = run.prompts.iter().any(|pending| pending.id == prompt);
            Ok(waits.then_some(Event::PromptDelivered { prompt, turned }).into_iter().collect())
        }
        Command::Delivered { approval } => {
            let waits = run.undelivered().any(|record| record.request.id == approval);
            Ok(waits.then_some(Event::ApprovalDelivered { approval }).into_iter().collect())
        }
        Command::Undeliverable { approval } => {
            let known = run.undelivered().any(|record| record.request.id == approval);
            let finished = Event::ApprovalFinished { approval, outcome: Outcome::Unknown };
            Ok(known.then_some(finished).into_iter().collect())
        }
        Command::Notice { level, code, text } => Ok(vec![Event::NoticeRaised { level, code, text }]),
        Command::Detected { detected } => Ok(detected_now(run, detected)),
        Command::Exited { exit } => Ok(exited(run, exit)),
        Command::SnapshotTaken { commit } if run.snapshots.latest.as_ref() == Some(&commit) => Ok(Vec::new()),
        Command::SnapshotTaken { commit } => Ok(vec![Event::SnapshotTaken { commit }]),
        Command::Changed { turn, base, tree, files, more } => {
            let due = run.snapshots.due == Some(turn);
            Ok(due.then_some(Event::ChangesRecorded { turn, base, tree, files, more }).into_iter().collect())
        }
        Command::WorkspaceChanged { deed, by } => Ok(vec![Event::WorkspaceChanged { deed, by }]),
        Command::ArtifactAdded { artifact } => Ok(vec![Event::ArtifactAdded { artifact }]),
    }
}

/// Whether an event read from the agent's output still says something new about this run. The first resolution of an
/// approval wins, also against the agent that takes its request back.
pub(crate) fn admit(run: &Run, event: Event) -> Option<Event> {
    match event {
        Event::ApprovalResolved { approval, .. } | Event::QuestionAnswered { approval, .. } => {
            match run.approvals.get(&approval) {
                Some(record) if record.resolution.is_none() => Some(event),
                // Decided, and then taken back before the agent used the decision.
                Some(_) => Some(Event::ApprovalFinished { approval, outcome: Outcome::Unknown }),
                None => None,
            }
        }
        // The agent went on without a decision of ours (its own rules allowed it meanwhile).
        Event::ApprovalFinished { approval, .. } => match run.approvals.get(&approval) {
            Some(record) if record.resolution.is_none() => {
                Some(resolved(record, Resolution::Withdrawn, None, Actor::Agent))
            }
            // Some agents call it a failure when they were denied, or say nothing: nothing was done, as decided.
            Some(record) if record.resolution != Some(Resolution::Allowed) => {
                Some(Event::ApprovalFinished { approval, outcome: Outcome::Ok })
            }
            Some(_) => Some(event),
            None => None,
        },
        // What was sent from elsewhere and then typed into the agent's terminal is one prompt, not two.
        Event::PromptSent { text, .. } if run.has_said(&text) => None,
        Event::PromptDelivered { prompt, .. } if !run.prompts.iter().any(|pending| pending.id == prompt) => {
            None
        }
        other => Some(other),
    }
}

fn resolved(record: &Approval, resolution: Resolution, decision: Option<Decision>, by: Actor) -> Event {
    let approval = record.request.id;
    match record.request.kind {
        ApprovalKind::Question => Event::QuestionAnswered { approval, resolution, decision, by },
        _ => Event::ApprovalResolved { approval, resolution, decision, by },
    }
}

fn asked_again(request: ApprovalRequest) -> Event {
    match request.kind {
        ApprovalKind::Question => Event::QuestionAsked { approval: request },
        _ => Event::ApprovalRequested { approval: request },
    }
}

fn say(run: &Run, prompt: Said, by: Actor) -> Vec<Event> {
    if run.prompts.iter().any(|pending| pending.id == prompt.id) {
        return Vec::new();
    }
    let mut events = vec![prompt.event(by.clone())];
    if run.state().is_over() {
        events.push(Event::RunResumed { by, afresh: false });
    }
    events
}

fn resolve(run: &Run, approval: ApprovalId, decision: Decision, by: Actor) -> Result<Vec<Event>, Refusal> {
    let record = run.approvals.get(&approval).ok_or(Refusal::UnknownApproval(approval))?;
    if record.resolution.is_some() {
        return match &record.decision {
            Some(made) if made.id == decision.id => Ok(Vec::new()),
            _ => Err(Refusal::AlreadyResolved(Box::new(record.clone()))),
        };
    }
    if decision.hash != record.request.hash {
        return Err(Refusal::Changed { hash: record.request.hash.clone() });
    }
    fits(record, &decision.verdict)?;
    let resolution = decision.verdict.resolution();
    Ok(vec![resolved(record, resolution, Some(decision), by)])
}

fn fits(record: &Approval, verdict: &Verdict) -> Result<(), Refusal> {
    let question = record.request.kind == ApprovalKind::Question;
    match verdict {
        Verdict::Deny { .. } => Ok(()),
        Verdict::Answer { answers } if question => {
            let misfit = record.request.questions.iter().find_map(|question| question.misfit(answers));
            misfit.map_or(Ok(()), |why| Err(Refusal::VerdictDoesNotFit(why)))
        }
        Verdict::Answer { .. } => Err(Refusal::VerdictDoesNotFit("This is no question; allow or deny it.")),
        Verdict::Allow | Verdict::AllowEdited { .. } if question => {
            Err(Refusal::VerdictDoesNotFit("This is a question; answer or deny it."))
        }
        Verdict::AllowEdited { input } if !input.is_object() => Err(Refusal::VerdictDoesNotFit(
            "The edited input must be an object like the one that was asked for.",
        )),
        Verdict::Allow | Verdict::AllowEdited { .. } => Ok(()),
    }
}

fn interrupt(run: &Run, capabilities: &Capabilities, by: Actor) -> Result<Vec<Event>, Refusal> {
    if !capabilities.interrupt {
        return Err(Refusal::Unsupported("be interrupted and works on; stop the run to end what it does"));
    }
    match run.state() {
        RunState::Working | RunState::Waiting => Ok(vec![Event::RunInterruptRequested { by }]),
        RunState::Idle if capabilities.terminal => Ok(vec![Event::RunInterruptRequested { by }]),
        RunState::Idle => Ok(Vec::new()),
        state => Err(Refusal::WrongState { wanted: "interrupt it", state }),
    }
}

fn stop(run: &Run, by: Actor, timed_out: bool) -> Vec<Event> {
    let stopping = run.attempt.as_ref().is_some_and(|attempt| attempt.stopping.is_some());
    let queued = run.state() == RunState::Queued;
    if queued || (run.live_attempt().is_some() && !stopping) {
        return vec![Event::RunStopRequested { by, timed_out }];
    }
    Vec::new()
}

fn resume(
    run: &Run,
    capabilities: &Capabilities,
    prompt: Option<Said>,
    by: Actor,
) -> Result<Vec<Event>, Refusal> {
    let state = run.state();
    if !state.is_over() {
        return Err(Refusal::WrongState { wanted: "resume it", state });
    }
    if is_gone(run) {
        return Err(GONE);
    }
    if !capabilities.resume && !capabilities.terminal {
        return Err(Refusal::Unsupported("be resumed"));
    }
    let said = prompt.map(|prompt| prompt.event(by.clone()));
    Ok(said.into_iter().chain([Event::RunResumed { by, afresh: false }]).collect())
}

/// What waited to be said belongs to the old conversation, so the first prompt comes after it is left.
fn restart(run: &Run, prompt: Option<Said>, by: Actor) -> Result<Vec<Event>, Refusal> {
    let state = run.state();
    if !state.is_over() {
        return Err(Refusal::WrongState { wanted: "restart it", state });
    }
    let said = prompt.map(|prompt| prompt.event(by.clone()));
    Ok([Event::RunResumed { by, afresh: true }].into_iter().chain(said).collect())
}

fn begin(run: &Run, attempt: AttemptId) -> Result<Vec<Event>, Refusal> {
    match run.state() {
        RunState::Queued => {
            let number = run.attempt.as_ref().map_or(0, |attempt| attempt.number) + 1;
            Ok(vec![Event::RunStarting { attempt, number }])
        }
        state => Err(Refusal::WrongState { wanted: "start it", state }),
    }
}

fn started(run: &Run, pid: u32, program: String) -> Vec<Event> {
    match run.live_attempt() {
        Some(attempt) if attempt.pid.is_none() => {
            vec![Event::RunStarted { attempt: attempt.id, pid, program }]
        }
        _ => Vec::new(),
    }
}

fn detected_now(run: &Run, detected: Option<DetectedPrompt>) -> Vec<Event> {
    match (&run.detected, detected) {
        (before, now) if *before == now || run.live_attempt().is_none() => Vec::new(),
        (_, Some(detected)) => vec![Event::PromptDetected { detected }],
        (Some(before), None) => vec![Event::PromptGone { id: before.id.clone() }],
        (None, None) => Vec::new(),
    }
}

/// Nothing can be started any more where the run worked.
const GONE: Refusal = Refusal::Unsupported("go on: the worktree it worked in was removed");

fn is_gone(run: &Run) -> bool {
    run.workspace.as_ref().is_some_and(|workspace| workspace.removed)
}

/// What was open ends with its attempt: no decision crosses attempts.
fn exited(run: &Run, exit: Exit) -> Vec<Event> {
    let Some(attempt) = run.live_attempt() else { return Vec::new() };
    let mut events: Vec<Event> = run
        .approvals
        .values()
        .map(|record| match record.resolution {
            None => resolved(record, Resolution::Withdrawn, None, Actor::Gateway),
            Some(_) => Event::ApprovalFinished { approval: record.request.id, outcome: Outcome::Unknown },
        })
        .collect();
    events.push(Event::RunExited { attempt: attempt.id, exit });
    events
}
