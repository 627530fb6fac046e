//! What everyone sees of a run: how it stands, and who must do something.

use crate::*;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a run stands. Never stored by itself: computed from facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum RunState {
    /// Waits for a free place.
    Queued,
    /// Its process is being started.
    Starting,
    /// The agent works.
    Working,
    /// The agent waits for a person's decision.
    Waiting,
    /// The agent is there and has nothing to do.
    Idle,
    /// Ended well.
    Done,
    /// Ended badly.
    Failed,
    /// Ended because a person said so.
    Stopped,
    /// Its process died unseen; it can be resumed.
    Lost,
    /// Ended because its time ran out.
    TimedOut,
}

impl RunState {
    /// A shape for lists, so that states are told apart without colour.
    pub fn shape(self) -> &'static str {
        match self {
            RunState::Waiting => "◆",
            RunState::Working | RunState::Starting => "●",
            RunState::Idle => "○",
            RunState::Queued => "…",
            RunState::Done => "✓",
            RunState::Failed | RunState::Lost => "✗",
            RunState::Stopped | RunState::TimedOut => "■",
        }
    }

    /// Whether the latest attempt is over.
    pub fn is_over(self) -> bool {
        use RunState::*;
        matches!(self, Done | Failed | Stopped | Lost | TimedOut)
    }

    /// Whether it takes one of the pool's places.
    pub fn takes_place(self) -> bool {
        matches!(self, RunState::Starting | RunState::Working | RunState::Waiting)
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RunState::Queued => "queued",
            RunState::Starting => "starting",
            RunState::Working => "working",
            RunState::Waiting => "waiting",
            RunState::Idle => "idle",
            RunState::Done => "done",
            RunState::Failed => "failed",
            RunState::Stopped => "stopped",
            RunState::Lost => "lost",
            RunState::TimedOut => "timedOut",
        })
    }
}

/// What a run needs from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Needs {
    /// A decision.
    Approval,
    /// An answer.
    Question,
    /// The next prompt.
    Prompt,
}

/// A run as everyone sees it: a small whole object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct RunView {
    /// Its id.
    pub id: RunId,
    /// The agent's kind.
    pub agent: String,
    /// The workspace, absolute.
    pub dir: String,
    /// What it is called.
    pub label: String,
    /// How it stands.
    pub state: RunState,
    /// What it needs.
    pub needs: Option<Needs>,
    /// Number of the latest attempt; 0 before the first.
    pub attempt: u32,
    /// Id of the latest attempt.
    pub attempt_id: Option<AttemptId>,
    /// Process id of the agent, while it lives.
    pub pid: Option<u32>,
    /// Place in the queue, 1 is next; only while queued.
    pub queue: Option<u32>,
    /// Decisions that wait.
    pub waiting: u32,
    /// One line that says why it stands as it does: what it asks, the last thing said, how it ended.
    pub line: String,
    /// The model, where known.
    pub model: Option<String>,
    /// The model runs on the host itself: its name there.
    #[serde(default)]
    pub local_model: Option<String>,
    /// The agent is a terminal.
    pub terminal: bool,
    /// What was chosen for it, what waits in its queue, and what limits it.
    #[serde(flatten)]
    pub controls: RunControls,
    /// The command line, for an agent that is one.
    #[serde(default)]
    pub command: Option<Vec<String>>,
    /// What its screen seems to ask.
    #[serde(default)]
    pub detected: Option<DetectedPrompt>,
    /// What it used.
    pub usage: Usage,
    /// Whether it was put away.
    pub archived: bool,
    /// The git repository it works in; nothing: none.
    #[serde(default)]
    pub workspace: Option<Workspace>,
    /// The last event folded into this view; a view with a lower one is older.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub seq: u64,
    /// When it was asked for.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub created_at: Timestamp,
    /// When something last happened.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub updated_at: Timestamp,
}

/// The longest `line` of a view, in characters.
const LINE_LENGTH: usize = 160;

pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
        if out.chars().count() > LINE_LENGTH {
            let mut short: String = out.chars().take(LINE_LENGTH).collect();
            short.push('…');
            return short;
        }
    }
    out
}

impl Run {
    /// How the run stands.
    pub fn state(&self) -> RunState {
        let Some(attempt) = &self.attempt else {
            return if self.stopped_in_queue { RunState::Stopped } else { RunState::Queued };
        };
        if let Some(exit) = &attempt.exit {
            if self.resuming {
                return RunState::Queued;
            }
            return match (attempt.stopping, exit) {
                (_, Exit::Lost { .. }) => RunState::Lost,
                (Some(true), _) => RunState::TimedOut,
                (Some(false), _) => RunState::Stopped,
                (None, Exit::Exited { code: 0, .. }) => RunState::Done,
                (None, _) => RunState::Failed,
            };
        }
        if attempt.pid.is_none() {
            return RunState::Starting;
        }
        if self.open_approvals().next().is_some() {
            return RunState::Waiting;
        }
        if self.turn.is_some()
            || self.awaiting_turn
            || !self.prompts.is_empty()
            || self.undelivered().next().is_some()
        {
            return RunState::Working;
        }
        RunState::Idle
    }

    /// The run as everyone sees it. `queue` is its place in the queue, which only the gateway knows.
    pub fn view(&self, queue: Option<u32>) -> RunView {
        let state = self.state();
        let waiting: Vec<&Approval> = self.open_approvals().collect();
        let first = waiting.iter().min_by_key(|a| a.requested_at);
        let needs = match (state, first) {
            (RunState::Waiting, Some(a)) if a.request.kind == ApprovalKind::Question => Some(Needs::Question),
            (RunState::Waiting, _) => Some(Needs::Approval),
            // A terminal has no turns: it waits for somebody only when its screen asks.
            (RunState::Idle, _) if !self.terminal || self.detected.is_some() => Some(Needs::Prompt),
            _ => None,
        };
        let line = match first {
            Some(a) => one_line(&format!("{}: {}", a.request.title, a.request.text)),
            None => match &self.detected {
                Some(detected) => one_line(&detected.text),
                None => self.line.clone(),
            },
        };
        RunView {
            id: self.id,
            agent: self.agent.clone(),
            dir: self.dir.clone(),
            label: self.label.clone(),
            state,
            needs,
            attempt: self.attempt.as_ref().map_or(0, |a| a.number),
            attempt_id: self.attempt.as_ref().map(|a| a.id),
            pid: self.attempt.as_ref().and_then(|a| a.pid),
            queue: queue.filter(|_| state == RunState::Queued),
            waiting: waiting.len() as u32,
            line,
            model: self.model.clone(),
            local_model: self.local_model.clone(),
            terminal: self.terminal,
            controls: self.controls(),
            command: self.command.clone(),
            detected: self.detected.clone(),
            usage: self.usage.clone(),
            archived: self.archived,
            workspace: self.workspace.clone(),
            seq: self.seq,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}
