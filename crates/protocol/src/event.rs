//! Events: durable numbered facts.

use crate::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// Grows by one with each event of the log.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub seq: u64,
    /// When it was appended.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// Where it happened.
    pub host: HostId,
    /// The run it belongs to.
    pub run: RunId,
    /// What happened.
    pub event: Event,
}

/// The place in an attempt's output an event was read from; unique in the log, so that reading twice adds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    /// Whose output.
    pub attempt: AttemptId,
    /// Byte offset of the line in the output.
    pub offset: u64,
    /// The how-manieth event of that line.
    pub ordinal: u32,
}

/// Everything that can happen. Kinds are added, never changed; a reader keeps what it does not know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Event {
    /// A person asked for a run.
    #[serde(rename = "run.created")]
    RunCreated {
        /// The agent's kind.
        agent: String,
        /// The workspace, absolute.
        dir: String,
        /// What the run is called.
        label: String,
        /// Seconds an attempt may take; nothing: no limit.
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        time_limit: Option<u64>,
        /// Seconds an approval waits before it counts as denied; nothing: as long as it takes.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        approval_limit: Option<u64>,
        /// The agent is a terminal: it has no turns.
        #[serde(default)]
        terminal: bool,
        /// The model on the host itself it is to use.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        local_model: Option<String>,
        /// The command line, for an agent that is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        command: Option<Vec<String>>,
        /// Who asked.
        by: Actor,
    },
    /// The next attempt of a run that ended was asked for.
    #[serde(rename = "run.resumed")]
    RunResumed {
        /// Who asked.
        by: Actor,
        /// In a new conversation: what the agent knew and what waited to be said belong to the old one.
        #[serde(default)]
        afresh: bool,
    },
    /// An attempt was given an id and is about to be started. A crash after this leaves something to look for.
    #[serde(rename = "run.starting")]
    RunStarting {
        /// The attempt.
        attempt: AttemptId,
        /// 1 for the first.
        number: u32,
    },
    /// The attempt's process lives.
    #[serde(rename = "run.started")]
    RunStarted {
        /// The attempt.
        attempt: AttemptId,
        /// The agent's process id.
        pid: u32,
        /// The program that was started.
        program: String,
    },
    /// The agent said who it is.
    #[serde(rename = "agent.identified")]
    AgentIdentified {
        /// The agent's own handle for this conversation; used to resume it.
        agent_session: Option<String>,
        /// The model it uses.
        model: Option<String>,
        /// Its version.
        version: Option<String>,
    },
    /// The agent said what can be chosen and typed; all of it, as it is now.
    #[serde(rename = "agent.offered")]
    AgentOffered {
        /// What.
        offers: Offers,
    },
    /// A person chose a model.
    #[serde(rename = "run.modelAsked")]
    RunModelAsked {
        /// The choice.
        control: ControlId,
        /// The agent's word for it.
        model: String,
        /// Who chose.
        by: Actor,
    },
    /// A person chose a mode.
    #[serde(rename = "run.modeAsked")]
    RunModeAsked {
        /// The choice.
        control: ControlId,
        /// The agent's word for it.
        mode: String,
        /// Who chose.
        by: Actor,
    },
    /// The agent says that it works with this model now.
    #[serde(rename = "agent.modelChanged")]
    AgentModelChanged {
        /// The agent's word for it.
        model: String,
        /// The choice it follows.
        control: Option<ControlId>,
    },
    /// The agent says that it works in this mode now.
    #[serde(rename = "agent.modeChanged")]
    AgentModeChanged {
        /// The agent's word for it.
        mode: String,
        /// The choice it follows.
        control: Option<ControlId>,
    },
    /// The agent does not do what was chosen.
    #[serde(rename = "agent.controlRefused")]
    AgentControlRefused {
        /// The choice.
        control: ControlId,
        /// Why, for a person.
        why: String,
    },
    /// A stop was asked for; the attempt ends soon.
    #[serde(rename = "run.stopRequested")]
    RunStopRequested {
        /// Who asked.
        by: Actor,
        /// Because its time ran out.
        timed_out: bool,
    },
    /// The running turn is to be cut short.
    #[serde(rename = "run.interruptRequested")]
    RunInterruptRequested {
        /// Who asked.
        by: Actor,
    },
    /// The attempt is over.
    #[serde(rename = "run.exited")]
    RunExited {
        /// The attempt.
        attempt: AttemptId,
        /// How it ended.
        exit: Exit,
    },
    /// The run was put away.
    #[serde(rename = "run.archived")]
    RunArchived {
        /// Who did.
        by: Actor,
    },
    /// The run was deleted for good. It is the only event of it that is left.
    #[serde(rename = "run.deleted")]
    RunDeleted {
        /// Who did.
        by: Actor,
    },
    /// The run was given another name.
    #[serde(rename = "run.labelled")]
    RunLabelled {
        /// The new name.
        label: String,
    },
    /// The agent began to work on a prompt.
    #[serde(rename = "turn.started")]
    TurnStarted {
        /// The turn.
        turn: TurnId,
    },
    /// The agent stopped working.
    #[serde(rename = "turn.finished")]
    TurnFinished {
        /// The turn.
        turn: TurnId,
        /// How.
        status: TurnStatus,
        /// What went wrong, for a person.
        error: Option<String>,
    },
    /// A person said something to the agent; on its way.
    #[serde(rename = "prompt.sent")]
    PromptSent {
        /// The prompt.
        prompt: PromptId,
        /// The words.
        text: String,
        /// Who said it.
        by: Actor,
        /// When it goes to an agent that is at work.
        #[serde(default)]
        when: When,
        /// Files that go with it.
        #[serde(default)]
        attachments: Vec<Attachment>,
    },
    /// A prompt was taken back before the agent had it.
    #[serde(rename = "prompt.withdrawn")]
    PromptWithdrawn {
        /// The prompt.
        prompt: PromptId,
        /// Who took it back.
        by: Actor,
    },
    /// A prompt was put in other words before the agent had it.
    #[serde(rename = "prompt.changed")]
    PromptChanged {
        /// The prompt.
        prompt: PromptId,
        /// The words.
        text: String,
        /// Who changed it.
        by: Actor,
    },
    /// A prompt that waits was given another place.
    #[serde(rename = "prompt.moved")]
    PromptMoved {
        /// The prompt.
        prompt: PromptId,
        /// Before this one; nothing: to the end.
        before: Option<PromptId>,
        /// Who moved it.
        by: Actor,
    },
    /// The agent has the prompt.
    #[serde(rename = "prompt.delivered")]
    PromptDelivered {
        /// The prompt.
        prompt: PromptId,
        /// The agent told of a turn behind it before it was known to have it, so none is awaited.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        turned: bool,
    },
    /// The agent said or thought something, whole.
    #[serde(rename = "message.added")]
    MessageAdded {
        /// The message; streaming deltas named it before.
        message: MessageId,
        /// Said or thought.
        role: Role,
        /// The words, markdown.
        text: String,
        /// The tool use this message belongs to, for sub-agents.
        parent: Option<ToolId>,
    },
    /// The agent uses a tool.
    #[serde(rename = "tool.started")]
    ToolStarted {
        /// The use.
        tool: ToolId,
        /// The agent's name for the tool.
        name: String,
        /// What kind of tool.
        kind: ToolKind,
        /// One line for a person.
        title: String,
        /// The tool's input.
        #[cfg_attr(feature = "ts", ts(type = "unknown"))]
        input: Value,
        /// The tool use this one belongs to, for sub-agents.
        parent: Option<ToolId>,
    },
    /// The tool use ended.
    #[serde(rename = "tool.finished")]
    ToolFinished {
        /// The use.
        tool: ToolId,
        /// How.
        status: ToolStatus,
        /// What it gave, possibly shortened; `truncated` says how many bytes are missing.
        output: String,
        /// Bytes left out of `output`.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        truncated: u64,
        /// What it changed.
        diffs: Vec<FileDiff>,
    },
    /// The agent asks to be allowed something. The same id again: the request was brought up to date.
    #[serde(rename = "approval.requested")]
    ApprovalRequested {
        /// What is asked.
        approval: ApprovalRequest,
    },
    /// The agent asks a question.
    #[serde(rename = "question.asked")]
    QuestionAsked {
        /// What is asked.
        approval: ApprovalRequest,
    },
    /// The approval has its one resolution.
    #[serde(rename = "approval.resolved")]
    ApprovalResolved {
        /// Which.
        approval: ApprovalId,
        /// How.
        resolution: Resolution,
        /// The decision, where a person made one.
        decision: Option<Decision>,
        /// Who.
        by: Actor,
    },
    /// The question has its answer.
    #[serde(rename = "question.answered")]
    QuestionAnswered {
        /// Which.
        approval: ApprovalId,
        /// How.
        resolution: Resolution,
        /// The decision, where a person made one.
        decision: Option<Decision>,
        /// Who.
        by: Actor,
    },
    /// The agent has the decision.
    #[serde(rename = "approval.delivered")]
    ApprovalDelivered {
        /// Which.
        approval: ApprovalId,
    },
    /// The agent has gone on.
    #[serde(rename = "approval.finished")]
    ApprovalFinished {
        /// Which.
        approval: ApprovalId,
        /// How it went.
        outcome: Outcome,
    },
    /// The run works in a git repository, perhaps in a worktree made for it.
    #[serde(rename = "workspace.prepared")]
    WorkspacePrepared {
        /// Where.
        workspace: Workspace,
    },
    /// The workspace's files were kept as they are, before a prompt is given to the agent.
    #[serde(rename = "snapshot.taken")]
    SnapshotTaken {
        /// The snapshot's commit.
        commit: String,
    },
    /// What a turn changed.
    #[serde(rename = "changes.recorded")]
    ChangesRecorded {
        /// The turn.
        turn: TurnId,
        /// The snapshot before it.
        base: String,
        /// The snapshot after it.
        tree: String,
        /// The files, the first of them.
        files: Vec<ChangedFile>,
        /// Files beyond those.
        more: u32,
    },
    /// A person did something with the run's workspace.
    #[serde(rename = "workspace.changed")]
    WorkspaceChanged {
        /// What.
        deed: WorkspaceDeed,
        /// Who.
        by: Actor,
    },
    /// A person kept a file with the run. The log and the diff, which are made anew at each end, are no news.
    #[serde(rename = "artifact.added")]
    ArtifactAdded {
        /// What, and by whom.
        artifact: Artifact,
    },
    /// What the run has used so far.
    #[serde(rename = "usage.reported")]
    UsageReported {
        /// The figures.
        usage: Usage,
    },
    /// The agent told how near a limit of its model's service is.
    #[serde(rename = "limit.reported")]
    LimitReported {
        /// The limit.
        limit: Limit,
    },
    /// Whether the run goes on by itself when a limit that stopped it resets.
    #[serde(rename = "run.resumeWhenReset")]
    RunResumeWhenReset {
        /// Whether it does.
        on: bool,
        /// Who said so.
        by: Actor,
    },
    /// Something a person should know.
    #[serde(rename = "notice.raised")]
    NoticeRaised {
        /// How bad.
        level: NoticeLevel,
        /// A stable word for programs.
        code: String,
        /// A sentence for people.
        text: String,
    },
    /// A terminal's screen has come to rest and seems to ask something.
    #[serde(rename = "prompt.detected")]
    PromptDetected {
        /// What it seems to ask.
        detected: DetectedPrompt,
    },
    /// The screen asks that no more.
    #[serde(rename = "prompt.gone")]
    PromptGone {
        /// The detected prompt's id.
        id: String,
    },
    /// A kind this program is too old to know. The log keeps the original.
    #[serde(other, rename = "unknown")]
    Unknown,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Exit {
    /// By itself, with this code.
    Exited {
        /// The exit code.
        code: i32,
        /// The last words on its standard error.
        detail: Option<String>,
    },
    /// By a signal.
    Signalled {
        /// The signal's number.
        signal: i32,
        /// The last words on its standard error.
        detail: Option<String>,
    },
    /// It could not be started.
    NotStarted {
        /// Why, for a person.
        detail: String,
    },
    /// Its supervisor or host died; nobody saw the end.
    Lost {
        /// What is known.
        detail: String,
    },
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum TurnStatus {
    /// The agent is done and waits for the next prompt.
    Completed,
    /// It was cut short.
    Interrupted,
    /// It failed.
    Failed,
}

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// What the agent says.
    Agent,
    /// What the agent thinks.
    Thought,
}

/// What kind of tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ToolKind {
    /// Runs a command.
    Command,
    /// Changes files.
    Edit,
    /// Reads files.
    Read,
    /// Searches.
    Search,
    /// Fetches from a network.
    Fetch,
    /// Starts a sub-agent.
    Agent,
    /// Asks the person.
    Question,
    /// Plans.
    Plan,
    /// Anything else.
    Other,
}

/// How a tool use ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ToolStatus {
    /// Done.
    Ok,
    /// Failed.
    Failed,
    /// Not allowed.
    Denied,
}

/// What a run has used so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Usage {
    /// Tokens read, without cached ones.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub input_tokens: u64,
    /// Tokens written.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub output_tokens: u64,
    /// Tokens read from a cache.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub cached_tokens: u64,
    /// US dollars, where the agent says.
    pub cost_usd: Option<f64>,
}

/// How bad a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Look at this.
    Warning,
    /// Something failed.
    Error,
}
