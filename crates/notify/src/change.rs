//! What an event makes of what is told.

use crate::words;
use offdesk_protocol::*;

/// Something that should be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// What it is about; a newer one about the same takes its place.
    pub key: String,
    /// Why.
    pub reason: Reason,
    /// The run it is about.
    pub run: Option<RunId>,
    /// The project it is about.
    pub project: Option<String>,
    /// First line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// Where it leads.
    pub place: String,
    /// It may be decided where it is shown.
    pub decidable: Option<Decidable>,
    /// When it is told; nothing: as soon as may be.
    pub due: Option<Timestamp>,
}

/// What follows from an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Tell this.
    Tell(Box<Wish>),
    /// What has this key is over.
    End {
        /// Which.
        key: String,
        /// Why, in a sentence.
        why: String,
        /// Where it was answered.
        device: Option<DeviceId>,
    },
    /// A person did something by their own hand just now: they are looking.
    Attended,
}

/// How long an agent that is done may take to begin with something else, before anybody hears that it is done.
const SETTLE_SECS: i64 = 3;
/// A screen that seems to ask may only have stopped for a moment.
const GUESS_SECS: i64 = 6;

fn after(at: Timestamp, secs: i64) -> Timestamp {
    at.saturating_add(jiff::SignedDuration::from_secs(secs)).unwrap_or(at)
}

/// Reads an event. `run` is the run as it is by now; `mask` hides secrets in a line; `first_line`: the text may quote.
pub fn changes_of(
    envelope: &Envelope,
    run: &Run,
    first_line: bool,
    mask: &dyn Fn(&str) -> String,
) -> Vec<Change> {
    let about = words::About { run, first_line, mask };
    let at = envelope.at;
    let run_key = run_key(run.id);
    let tell = |wish: Wish| vec![Change::Tell(Box::new(wish))];
    match &envelope.event {
        Event::ApprovalRequested { approval } | Event::QuestionAsked { approval } => {
            // As it is by now: what was answered in the meantime is old.
            let open = run.approvals.get(&approval.id).filter(|one| one.state == ApprovalState::Requested);
            open.map(|one| tell(about.request(&one.request))).unwrap_or_default()
        }
        Event::ApprovalResolved { approval, resolution, by, .. }
        | Event::QuestionAnswered { approval, resolution, by, .. } => {
            let (why, device) = words::resolved(*resolution, by);
            let mut changes = vec![Change::End { key: approval_key(*approval), why, device }];
            if matches!(by, Actor::Person { .. }) {
                changes.push(Change::Attended);
            }
            changes
        }
        Event::TurnFinished { status, error, .. } if !run.terminal => match status {
            TurnStatus::Completed => tell(about.finished(after(at, SETTLE_SECS))),
            TurnStatus::Failed => tell(about.failed(error.as_deref())),
            TurnStatus::Interrupted => Vec::new(),
        },
        Event::TurnStarted { .. } | Event::PromptDelivered { .. } | Event::RunStarting { .. } => {
            vec![Change::End { key: run_key, why: "It went on.".into(), device: None }]
        }
        Event::PromptSent { by, .. }
        | Event::RunStopRequested { by, timed_out: false }
        | Event::RunInterruptRequested { by }
        | Event::RunArchived { by } => {
            let (why, device) = words::went_on(by);
            let mut changes = vec![Change::End { key: run_key, why, device }];
            if matches!(by, Actor::Person { .. }) {
                changes.push(Change::Attended);
            }
            changes
        }
        Event::RunExited { exit, .. } => exited(&about, run, exit, at),
        Event::PromptDetected { detected } => tell(about.detected(detected, after(at, GUESS_SECS))),
        Event::PromptGone { id } => {
            vec![Change::End { key: screen_key(id), why: "It asks that no more.".into(), device: None }]
        }
        Event::LimitReported { limit } if limit.state == LimitState::Reached => limited(&about, limit, at),
        _ => Vec::new(),
    }
}

fn exited(about: &words::About<'_>, run: &Run, exit: &Exit, at: Timestamp) -> Vec<Change> {
    // A person's own stop is no news, and a shell of theirs ends when they leave it.
    let stopping = run.attempt.as_ref().and_then(|attempt| attempt.stopping);
    let wish = match (stopping, exit) {
        (Some(false), _) => return Vec::new(),
        (Some(true), _) => about.timed_out(),
        (None, Exit::Lost { .. }) => about.lost(),
        (None, _) if run.terminal => return Vec::new(),
        (None, Exit::Exited { code: 0, .. }) => about.finished(after(at, SETTLE_SECS)),
        (None, _) => about.failed(None),
    };
    vec![Change::Tell(Box::new(wish))]
}

fn limited(about: &words::About<'_>, limit: &Limit, at: Timestamp) -> Vec<Change> {
    let resets = limit.resets_at.or_else(|| {
        let secs = i64::try_from(limit.resets_in?).ok()?;
        Some(after(at, secs))
    });
    let mut changes = vec![Change::Tell(Box::new(about.limit_reached(limit, resets, at)))];
    if let Some(resets) = resets.filter(|resets| *resets > at) {
        changes.push(Change::Tell(Box::new(about.limit_reset(limit, resets))));
    }
    changes
}

pub(crate) fn approval_key(approval: ApprovalId) -> String {
    format!("approval/{approval}")
}

pub(crate) fn run_key(run: RunId) -> String {
    format!("run/{run}")
}

pub(crate) fn screen_key(id: &str) -> String {
    format!("screen/{id}")
}
