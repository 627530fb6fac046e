//! A run, folded from its events.

use crate::queue::put_before;
use crate::run_view::one_line;
use crate::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One process of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// 1 for the first.
    pub number: u32,
    /// The agent's process, once it lives.
    pub pid: Option<u32>,
    /// When it was started.
    pub started_at: Option<Timestamp>,
    /// A stop was asked for: because the time ran out (true), or by a person (false).
    pub stopping: Option<bool>,
    /// How it ended, once it did.
    pub exit: Option<Exit>,
}

/// A run, whole: what deciding needs to know. Its public face is [`Run::view`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The agent's kind.
    pub agent: String,
    /// The workspace, absolute.
    pub dir: String,
    /// What it is called.
    pub label: String,
    /// Seconds an attempt may take.
    pub time_limit: Option<u64>,
    /// Seconds an approval may wait; then it counts as denied.
    #[serde(default)]
    pub approval_limit: Option<u64>,
    /// The agent is a terminal: it has no turns.
    pub terminal: bool,
    /// The command line, for an agent that is one.
    #[serde(default)]
    pub command: Option<Vec<String>>,
    /// What its screen seems to ask.
    #[serde(default)]
    pub detected: Option<DetectedPrompt>,
    /// The agent has a prompt it has not begun with.
    pub awaiting_turn: bool,
    /// The latest attempt.
    pub attempt: Option<Attempt>,
    /// The agent's own handle for the conversation.
    pub agent_session: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The model on the host itself it is to use.
    #[serde(default)]
    pub local_model: Option<String>,
    /// A turn is under way.
    pub turn: Option<TurnId>,
    /// Prompts the agent does not have yet, oldest first.
    pub prompts: Vec<PendingPrompt>,
    /// The prompt the agent was given last, until its turn ends.
    #[serde(default)]
    pub given: Option<String>,
    /// Approvals that are not finished, by id; ended ones are forgotten here and kept by the log.
    pub approvals: BTreeMap<ApprovalId, Approval>,
    /// What it used: sums over the attempts before this one, and this one's latest word.
    pub usage: Usage,
    /// The last thing worth a line.
    pub line: String,
    /// What was chosen for it and what limits it.
    #[serde(default)]
    pub steering: Steering,
    /// Stopped before its first attempt.
    pub stopped_in_queue: bool,
    /// The next attempt was asked for and has not begun.
    pub resuming: bool,
    /// Put away.
    pub archived: bool,
    /// The git repository it works in.
    #[serde(default)]
    pub workspace: Option<Workspace>,
    /// Snapshots of it.
    #[serde(default)]
    pub snapshots: Snapshots,
    /// The last event folded in.
    pub seq: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When something last happened.
    pub updated_at: Timestamp,
}

impl Run {
    /// The run that `run.created` makes. Nothing else makes one.
    pub fn created(envelope: &Envelope) -> Option<Run> {
        let Event::RunCreated {
            agent,
            dir,
            label,
            time_limit,
            approval_limit,
            terminal,
            command,
            local_model,
            ..
        } = &envelope.event
        else {
            return None;
        };
        Some(Run {
            id: envelope.run,
            agent: agent.clone(),
            dir: dir.clone(),
            label: label.clone(),
            time_limit: *time_limit,
            approval_limit: *approval_limit,
            terminal: *terminal,
            command: command.clone(),
            detected: None,
            awaiting_turn: false,
            attempt: None,
            agent_session: None,
            model: None,
            local_model: local_model.clone(),
            turn: None,
            prompts: Vec::new(),
            given: None,
            approvals: BTreeMap::new(),
            usage: Usage::default(),
            steering: Steering::default(),
            line: String::new(),
            stopped_in_queue: false,
            resuming: false,
            archived: false,
            workspace: None,
            snapshots: Snapshots::default(),
            seq: envelope.seq,
            created_at: envelope.at,
            updated_at: envelope.at,
        })
    }

    /// Folds one event in. Events at or below [`Run::seq`] were folded before and change nothing.
    /// Gives the approval the event is about, as it is afterwards, also when it is finished and forgotten.
    pub fn apply(&mut self, envelope: &Envelope) -> Option<Approval> {
        if envelope.seq <= self.seq {
            return None;
        }
        self.seq = envelope.seq;
        self.updated_at = envelope.at;
        let at = envelope.at;
        let live = self.live_attempt().is_some();
        self.steering.apply(envelope, live);
        match &envelope.event {
            Event::RunCreated { .. }
            | Event::RunDeleted { .. }
            | Event::ArtifactAdded { .. }
            | Event::Unknown => {}
            Event::RunStarting { attempt, number } => {
                self.attempt = Some(Attempt {
                    id: *attempt,
                    number: *number,
                    pid: None,
                    started_at: None,
                    stopping: None,
                    exit: None,
                });
                self.turn = None;
                self.detected = None;
                self.awaiting_turn = false;
                self.resuming = false;
                self.archived = false;
            }
            Event::RunResumed { afresh, .. } => {
                if *afresh {
                    self.agent_session = None;
                    self.prompts.clear();
                }
                self.resuming = true;
                self.stopped_in_queue = false;
                self.archived = false;
            }
            Event::RunStarted { pid, .. } => {
                if let Some(attempt) = &mut self.attempt {
                    attempt.pid = Some(*pid);
                    attempt.started_at = Some(at);
                }
            }
            Event::AgentIdentified { agent_session, model, .. } => {
                self.agent_session = agent_session.clone().or(self.agent_session.take());
                self.model = model.clone().or(self.model.take());
            }
            Event::RunStopRequested { timed_out, .. } => match &mut self.attempt {
                Some(attempt) if attempt.exit.is_none() => attempt.stopping = Some(*timed_out),
                Some(_) => self.resuming = false,
                None => (self.stopped_in_queue, self.resuming) = (true, false),
            },
            Event::RunInterruptRequested { .. } => {}
            Event::RunExited { exit, .. } => {
                if let Some(attempt) = &mut self.attempt {
                    attempt.exit = Some(exit.clone());
                    attempt.pid = None;
                }
                if let (Some(turn), Some(_)) = (self.turn.take(), &self.workspace) {
                    self.snapshots.due = Some(turn);
                }
                self.detected = None;
                match exit {
                    Exit::NotStarted { detail } | Exit::Lost { detail } => self.line = one_line(detail),
                    Exit::Exited { code: 0, .. } => {}
                    Exit::Exited { detail: Some(detail), .. }
                    | Exit::Signalled { detail: Some(detail), .. } => self.line = one_line(detail),
                    Exit::Exited { code, .. } => self.line = format!("Ended with exit code {code}."),
                    Exit::Signalled { signal, .. } => self.line = format!("Ended by signal {signal}."),
                }
            }
            Event::RunArchived { .. } => self.archived = true,
            Event::RunLabelled { label } => self.label = label.clone(),
            Event::TurnStarted { turn } => {
                self.turn = Some(*turn);
                self.awaiting_turn = false;
            }
            Event::TurnFinished { turn, error, .. } => {
                self.turn = None;
                self.snapshots.due = self.workspace.is_some().then_some(*turn);
                self.given = None;
                self.awaiting_turn = false;
                if let Some(error) = error {
                    self.line = one_line(error);
                }
            }
            Event::AgentModelChanged { model, .. } => self.model = Some(model.clone()),
            Event::AgentControlRefused { why, .. } => self.line = one_line(why),
            Event::AgentOffered { .. }
            | Event::AgentModeChanged { .. }
            | Event::RunModelAsked { .. }
            | Event::RunModeAsked { .. }
            | Event::LimitReported { .. }
            | Event::RunResumeWhenReset { .. } => {}
            Event::PromptWithdrawn { prompt, .. } => self.prompts.retain(|pending| pending.id != *prompt),
            Event::PromptChanged { prompt, text, .. } => {
                for pending in self.prompts.iter_mut().filter(|pending| pending.id == *prompt) {
                    pending.text = text.clone();
                }
            }
            Event::PromptMoved { prompt, before, .. } => put_before(&mut self.prompts, *prompt, *before),
            Event::PromptSent { prompt, text, when, attachments, .. } => {
                self.prompts.push(PendingPrompt {
                    id: *prompt,
                    text: text.clone(),
                    when: *when,
                    attachments: attachments.clone(),
                });
                self.line = one_line(text);
                self.archived = false;
            }
            Event::PromptDelivered { prompt, turned } => {
                let given = self.prompts.iter().find(|p| p.id == *prompt).map(|p| p.text.clone());
                self.given = given.or(self.given.take());
                self.prompts.retain(|p| p.id != *prompt);
                self.awaiting_turn = !turned && self.turn.is_none() && !self.terminal;
            }
            Event::MessageAdded { role: Role::Agent, text, .. } => self.line = one_line(text),
            Event::MessageAdded { .. } | Event::ToolFinished { .. } => {}
            Event::ToolStarted { title, .. } => self.line = one_line(title),
            Event::ApprovalRequested { approval } | Event::QuestionAsked { approval } => {
                let asked = Approval {
                    requested_at: self.approvals.get(&approval.id).map_or(at, |a| a.requested_at),
                    request: approval.clone(),
                    state: ApprovalState::Requested,
                    resolution: None,
                    decided_by: None,
                    decision: None,
                    outcome: None,
                    resolved_at: None,
                    delivered_at: None,
                    finished_at: None,
                    touches: None,
                };
                self.approvals.insert(approval.id, asked.clone());
                return Some(asked);
            }
            Event::ApprovalResolved { approval, resolution, decision, by }
            | Event::QuestionAnswered { approval, resolution, decision, by } => {
                let record = self.approvals.get_mut(approval)?;
                if record.resolution.is_some() {
                    return None;
                }
                record.resolution = Some(*resolution);
                record.decision = decision.clone();
                record.decided_by = Some(by.clone());
                record.resolved_at = Some(at);
                record.state = match resolution {
                    Resolution::Allowed => ApprovalState::Allowed,
                    Resolution::Denied => ApprovalState::Denied,
                    Resolution::Expired => ApprovalState::Expired,
                    Resolution::Withdrawn => ApprovalState::Withdrawn,
                };
                // Nothing follows a withdrawal: there is nobody to deliver it to.
                return match resolution {
                    Resolution::Withdrawn => self.approvals.remove(approval),
                    _ => Some(record.clone()),
                };
            }
            Event::ApprovalDelivered { approval } => {
                let record = self.approvals.get_mut(approval)?;
                record.state = ApprovalState::Delivered;
                record.delivered_at = Some(at);
                return Some(record.clone());
            }
            Event::ApprovalFinished { approval, outcome } => {
                let mut record = self.approvals.remove(approval)?;
                record.state = ApprovalState::Finished;
                record.outcome = Some(*outcome);
                record.finished_at = Some(at);
                return Some(record);
            }
            Event::WorkspacePrepared { workspace } => self.workspace = Some(workspace.clone()),
            Event::SnapshotTaken { commit } => {
                self.snapshots.first.get_or_insert_with(|| commit.clone());
                self.snapshots.latest = Some(commit.clone());
            }
            Event::ChangesRecorded { tree, .. } => {
                self.snapshots.latest = Some(tree.clone());
                self.snapshots.due = None;
            }
            Event::WorkspaceChanged { deed, .. } => {
                if let (WorkspaceDeed::WorktreeRemoved { .. }, Some(workspace)) = (deed, &mut self.workspace)
                {
                    workspace.removed = true;
                }
            }
            Event::PromptDetected { detected } => self.detected = Some(detected.clone()),
            Event::PromptGone { id } => {
                self.detected = self.detected.take().filter(|detected| detected.id != *id);
            }
            Event::UsageReported { usage } => self.usage = usage.clone(),
            Event::NoticeRaised { level, text, .. } => {
                if *level != NoticeLevel::Info {
                    self.line = one_line(text);
                }
            }
        }
        None
    }

    /// Whether somebody has said these words, and they are on their way or what the agent works on.
    pub fn has_said(&self, text: &str) -> bool {
        let same = |said: &str| said.split_whitespace().eq(text.split_whitespace());
        self.given.as_deref().is_some_and(same) || self.prompts.iter().any(|pending| same(&pending.text))
    }

    /// Whose approval it is, for rules.
    pub fn asking(&self) -> Asking<'_> {
        Asking { run: self.id, agent: &self.agent, dir: &self.dir, project: self.project() }
    }

    /// The folder of the project it works on.
    pub fn project(&self) -> &str {
        match &self.workspace {
            Some(workspace) if workspace.worktree => &workspace.repository,
            _ => &self.dir,
        }
    }

    /// Approvals that wait for a decision.
    pub fn open_approvals(&self) -> impl Iterator<Item = &Approval> {
        self.approvals.values().filter(|a| a.state == ApprovalState::Requested)
    }

    /// Approvals that were decided and are not with the agent yet.
    pub fn undelivered(&self) -> impl Iterator<Item = &Approval> {
        use ApprovalState::*;
        self.approvals.values().filter(|a| matches!(a.state, Allowed | Denied | Expired))
    }

    /// The attempt, while it is not over.
    pub fn live_attempt(&self) -> Option<&Attempt> {
        self.attempt.as_ref().filter(|a| a.exit.is_none())
    }
}
