//! Choices, the queue of prompts, and going on when a limit resets.

use offdesk_protocol::*;
use uuid::Uuid;

/// What an agent is told to go on with.
const GO_ON: &str = "Continue.";

/// What can be asked of a run beside what it works on.
#[derive(Clone, Debug)]
pub(crate) enum Steer {
    /// A person chooses a model or a mode.
    Choose { id: ControlId, control: Control, by: Actor },
    /// The agent cannot be told that.
    Refused { id: ControlId, why: String },
    /// The limit that stopped it resets: go on, or not.
    ResumeWhenReset { on: bool, by: Actor },
    /// The limit has reset.
    GoOn,
}

/// A change of what waits for the agent.
#[derive(Clone, Debug)]
pub(crate) enum QueueChange {
    Withdraw,
    Say(String),
    Move { before: Option<PromptId> },
}

pub(super) fn steer(run: &Run, steer: Steer) -> Vec<Event> {
    match steer {
        Steer::Choose { id, control, by } => choose(run, id, control, by),
        Steer::Refused { id, why } => {
            let waits = run.steering.controls.iter().any(|pending| pending.id == id);
            waits.then_some(Event::AgentControlRefused { control: id, why }).into_iter().collect()
        }
        Steer::ResumeWhenReset { on, .. } if on == run.steering.resume_when_reset => Vec::new(),
        Steer::ResumeWhenReset { on, by } => vec![Event::RunResumeWhenReset { on, by }],
        Steer::GoOn => go_on(run),
    }
}

/// What is so, or was asked last, is not asked again.
fn choose(run: &Run, control: ControlId, chosen: Control, by: Actor) -> Vec<Event> {
    let steering = &run.steering;
    let asked = |same: fn(&Control, &Control) -> bool| {
        steering
            .controls
            .iter()
            .rev()
            .map(|pending| &pending.control)
            .find(|pending| same(pending, &chosen))
            .cloned()
    };
    let alike = |a: &Control, b: &Control| std::mem::discriminant(a) == std::mem::discriminant(b);
    let now = match &chosen {
        Control::Model { .. } => run.model.clone().map(|id| Control::Model { id }),
        Control::Mode { .. } => steering.mode.clone().map(|id| Control::Mode { id }),
    };
    let wished = match &chosen {
        Control::Model { .. } => steering.wanted_model.clone().map(|id| Control::Model { id }),
        Control::Mode { .. } => steering.wanted_mode.clone().map(|id| Control::Mode { id }),
    };
    let standing = match run.live_attempt() {
        Some(_) => asked(alike).or(now),
        None => wished.or(now),
    };
    match chosen {
        chosen if standing.as_ref() == Some(&chosen) => Vec::new(),
        Control::Model { id: model } => vec![Event::RunModelAsked { control, model, by }],
        Control::Mode { id: mode } => vec![Event::RunModeAsked { control, mode, by }],
    }
}

/// Once for each reset: what is said then has an id that follows from it.
fn go_on(run: &Run) -> Vec<Event> {
    let Some(until) = run.waits_until() else { return Vec::new() };
    let prompt = PromptId(Uuid::new_v5(&run.id.0, format!("reset:{}", until.as_microsecond()).as_bytes()));
    let by = Actor::Gateway;
    let said = Event::PromptSent {
        prompt,
        text: GO_ON.into(),
        by: by.clone(),
        when: When::Now,
        attachments: Vec::new(),
    };
    let resumed = run.state().is_over().then_some(Event::RunResumed { by, afresh: false });
    [said].into_iter().chain(resumed).collect()
}

/// Only what the agent does not have can be changed.
pub(super) fn queue(
    run: &Run,
    prompt: PromptId,
    change: QueueChange,
    by: Actor,
) -> Result<Vec<Event>, Refusal> {
    let Some(place) = run.prompts.iter().position(|pending| pending.id == prompt) else {
        return Err(Refusal::WrongState { wanted: "take back what the agent has", state: run.state() });
    };
    Ok(match change {
        QueueChange::Withdraw => vec![Event::PromptWithdrawn { prompt, by }],
        QueueChange::Say(text) if run.prompts.get(place).is_some_and(|pending| pending.text == text) => {
            Vec::new()
        }
        QueueChange::Say(text) => vec![Event::PromptChanged { prompt, text, by }],
        QueueChange::Move { before } if before == Some(prompt) => Vec::new(),
        QueueChange::Move { before } => vec![Event::PromptMoved { prompt, before, by }],
    })
}

/// Prompts to be given to the agent now. One that can't be spoken to during a turn would drop one or the other: it gets
/// one prompt for each turn, and so does everyone for what is to wait until after it.
pub(crate) fn due(run: &Run, capabilities: &Capabilities) -> Vec<PendingPrompt> {
    if capabilities.terminal {
        return run.prompts.clone();
    }
    let busy = run.turn.is_some() || run.awaiting_turn;
    let next = || run.prompts.first().filter(|_| !busy).cloned().into_iter().collect();
    if !capabilities.steer {
        return next();
    }
    let now: Vec<PendingPrompt> =
        run.prompts.iter().filter(|prompt| prompt.when == When::Now).cloned().collect();
    if now.is_empty() { next() } else { now }
}
