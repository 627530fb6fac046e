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

/// Whether an agent works on a turn and nothing was heard of it for so many minutes: since when it counts as silent, and
/// what is told. A shell that runs something has no turns, and nobody waits for its word.
pub fn silence(
    run: &Run,
    minutes: u32,
    now: Timestamp,
    first_line: bool,
    mask: &dyn Fn(&str) -> String,
) -> Option<(Timestamp, Wish)> {
    let since = after(run.updated_at, i64::from(minutes) * 60);
    let is_silent = works(run) && since <= now;
    is_silent.then(|| (since, words::About { run, first_line, mask }.silent(minutes)))
}

/// That it was silent is over: something was heard of it since, or it does not work any more. Nothing: it still is.
pub fn spoke(run: Option<&Run>, notification: &Notification) -> Option<Change> {
    let run_silent = run.is_some_and(|run| works(run) && run.updated_at <= notification.made_at);
    let end = || Change::End { key: notification.key.clone(), why: "It went on.".into(), device: None };
    (!run_silent).then(end)
}

fn works(run: &Run) -> bool {
    run.turn.is_some() && run.state() == RunState::Working
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

pub(crate) fn silent_key(run: RunId) -> String {
    format!("silent/{run}")
}

pub(crate) fn screen_key(id: &str) -> String {
    format!("screen/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        after("2026-11-21T12:00:00Z".parse().unwrap(), minute * 60)
    }

    /// A run with these events, a minute apart.
    fn run(events: Vec<Event>) -> Run {
        let id = RunId::new();
        let host = HostId(id.0);
        let created = Event::RunCreated {
            agent: "claude".into(),
            dir: "/work/api".into(),
            label: "Mend the login".into(),
            time_limit: None,
            approval_limit: None,
            terminal: false,
            local_model: None,
            command: None,
            by: Actor::Gateway,
        };
        let all = std::iter::once(created).chain(events).zip(0..);
        let mut envelopes = all.map(|(event, n)| Envelope {
            seq: u64::try_from(n).unwrap() + 1,
            at: at(n),
            host,
            run: id,
            event,
        });
        let mut run = envelopes.next().as_ref().and_then(Run::created).unwrap();
        envelopes.for_each(|envelope| drop(run.apply(&envelope)));
        run
    }

    #[test]
    fn an_agent_that_works_and_says_nothing_is_told_of_until_it_says_something() {
        let (attempt, turn) = (AttemptId::new(), TurnId::new());
        let works = vec![
            Event::RunStarting { attempt, number: 1 },
            Event::RunStarted { attempt, pid: 1, program: "claude".into() },
            Event::TurnStarted { turn },
        ];
        let silent = |run: &Run, now: i64| silence(run, 15, at(now), false, &str::to_string);
        let working = run(works.clone());
        assert_eq!(silent(&working, 17), None, "its last word was at 12:03");
        let (since, wish) = silent(&working, 20).unwrap();
        assert_eq!((since, wish.reason), (at(18), Reason::Silent));
        assert_eq!(wish.title, "api: silent for 15 minutes", "neither its name nor its words");
        // It is the same silence whenever somebody looks, so it is told once.
        assert_eq!(silent(&working, 200).map(|(since, _)| since), Some(at(18)));

        let rests = Event::TurnFinished { turn, status: TurnStatus::Completed, error: None };
        let rested = run(works.into_iter().chain([rests]).collect());
        assert_eq!(silent(&rested, 200), None, "it waits for a person, and is done");

        let told = Notification {
            id: NotificationId::new(),
            key: wish.key,
            reason: wish.reason,
            run: wish.run,
            title: wish.title,
            body: wish.body,
            place: wish.place,
            decidable: None,
            made_at: since,
            due_at: since,
            ended: None,
            sent: true,
            escalated: false,
            deliveries: Vec::new(),
        };
        assert_eq!(spoke(Some(&working), &told), None, "still silent");
        let over =
            |run: Option<&Run>| matches!(spoke(run, &told), Some(Change::End { key, .. }) if key == told.key);
        assert!(over(Some(&rested)) && over(None));
        let mut heard = working;
        heard.updated_at = at(19);
        assert!(over(Some(&heard)), "it said something since");
    }
}
