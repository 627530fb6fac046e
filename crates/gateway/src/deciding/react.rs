//! `react(&Event) -> Vec<Effect>`.

use offdesk_protocol::{Decision, Event, Run, RunState};

/// What must be done. Doing it twice changes nothing: everything delivered carries an id that is written once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Wait for a place in the pool.
    Enqueue,
    /// Leave the queue.
    Dequeue,
    /// Start the present attempt's process.
    Launch,
    /// Find the present attempt's process again.
    Adopt,
    /// Give the agent every prompt and decision it does not have.
    Deliver,
    /// A rule was made: take it up.
    LearnRules,
    /// Let rules decide what is asked.
    Judge,
    /// Tell the agent to leave off.
    Interrupt,
    /// End the attempt.
    Stop,
    /// Note what the turn that ended has changed.
    Record,
}

/// What follows from an event that was just appended.
pub(crate) fn react(event: &Event) -> Vec<Effect> {
    match event {
        Event::RunCreated { .. } | Event::RunResumed { .. } => vec![Effect::Enqueue],
        Event::RunStarting { .. } => vec![Effect::Launch],
        Event::ApprovalResolved { decision: Some(Decision { rule: Some(_), .. }), .. } => {
            vec![Effect::Deliver, Effect::LearnRules]
        }
        Event::RunStarted { .. }
        | Event::PromptSent { .. }
        | Event::PromptWithdrawn { .. }
        | Event::PromptChanged { .. }
        | Event::PromptMoved { .. }
        | Event::RunModelAsked { .. }
        | Event::RunModeAsked { .. }
        | Event::ApprovalResolved { .. }
        | Event::QuestionAnswered { .. } => vec![Effect::Deliver],
        Event::ApprovalRequested { .. } => vec![Effect::Judge],
        // What was said meanwhile may have waited for the end of the turn.
        Event::TurnFinished { .. } => vec![Effect::Record, Effect::Deliver],
        Event::RunExited { .. } => vec![Effect::Record],
        Event::RunInterruptRequested { .. } => vec![Effect::Interrupt],
        Event::RunStopRequested { .. } => vec![Effect::Dequeue, Effect::Stop],
        _ => Vec::new(),
    }
}

/// What must be done for a run that was read from the log when the gateway starts. Interrupts are not repeated: the
/// moment they were for is over.
pub(crate) fn recover(run: &Run) -> Vec<Effect> {
    let mut effects = match run.live_attempt() {
        _ if run.state() == RunState::Queued => vec![Effect::Enqueue],
        Some(attempt) if attempt.stopping.is_some() => vec![Effect::Adopt, Effect::Stop],
        Some(_) => vec![Effect::Adopt, Effect::Deliver, Effect::Judge],
        // Its actor counts the time until the limit resets.
        None if run.waits_until().is_some() => vec![Effect::Deliver],
        None => Vec::new(),
    };
    if run.snapshots.due.is_some() && run.workspace.as_ref().is_some_and(|workspace| !workspace.removed) {
        effects.insert(0, Effect::Record);
    }
    effects
}
