//! Approvals: an agent's request to be allowed one action, or told one thing, and its one resolution.

use crate::{
    ApprovalId, AttemptId, DecisionId, DeviceId, Field, NewRule, RuleId, RunId, SubAgent, Timestamp, Touches,
    WebPage,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What kind of thing is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ApprovalKind {
    /// Run a command in a shell.
    Command,
    /// Create, change or delete a file.
    Edit,
    /// Use any other tool.
    Tool,
    /// Go on with a plan.
    Plan,
    /// Answer a question.
    Question,
}

/// A change to one file, as a unified diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FileDiff {
    /// The file's path, as the agent said it.
    pub path: String,
    /// The change as unified diff hunks, without file headers.
    pub unified: String,
    /// Hex SHA-256 of the file the change was proposed on; absent for a new file.
    pub base_hash: Option<String>,
    /// Whether the file is made by this change.
    pub created: bool,
}

/// One question with its options.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The question itself; answers are keyed by it.
    pub text: String,
    /// A word or two that name it.
    pub header: Option<String>,
    /// Several options may be chosen.
    pub multi: bool,
    /// What can be chosen. Empty: free text only. Free text is accepted, unless a field says that it is closed.
    pub options: Vec<QuestionOption>,
    /// It may be left without an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// What the answer must be, where it is a field of a form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub field: Option<Field>,
}

/// One thing that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct QuestionOption {
    /// What is chosen.
    pub label: String,
    /// What choosing it means.
    pub description: Option<String>,
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The question's text, word for word.
    pub question: String,
    /// The chosen labels, or the words typed.
    pub answers: Vec<String>,
}

/// What an agent asks for, exactly as it will be shown. Stored before anyone sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ApprovalRequest {
    /// Derived from the place in the attempt's output where it was asked.
    pub id: ApprovalId,
    /// The run that asks.
    pub run: RunId,
    /// The attempt that asks; no decision crosses attempts.
    pub attempt: AttemptId,
    /// What kind of thing is asked for.
    pub kind: ApprovalKind,
    /// The agent's name for the tool.
    pub tool: String,
    /// A plain sentence: "Run a command", "Edit src/main.rs".
    pub title: String,
    /// The full text of exactly what will run, be written or be answered.
    pub text: String,
    /// The full change, where the request is one.
    #[serde(default)]
    pub diffs: Vec<FileDiff>,
    /// The tool's input as the agent gave it; what an edit changes.
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    #[serde(default)]
    pub input: Value,
    /// What the agent says it is for.
    #[serde(default)]
    pub reason: Option<String>,
    /// The questions, where the request is one.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// The sub-agent that asks; nothing: the agent itself does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub sub_agent: Option<SubAgent>,
    /// The page that a person is asked to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub web_page: Option<WebPage>,
    /// Hex SHA-256 over all of the above that is shown; a decision names the one it saw.
    pub hash: String,
}

/// How an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ApprovalState {
    /// Waits for its one decision.
    Requested,
    /// Was allowed; on its way to the agent.
    Allowed,
    /// Was denied; on its way to the agent.
    Denied,
    /// Ran out of the time it was given; counts as denied.
    Expired,
    /// The agent took it back, or is gone.
    Withdrawn,
    /// The agent has the decision.
    Delivered,
    /// The agent has gone on.
    Finished,
}

/// How a resolved approval ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Done, or refused as decided.
    Ok,
    /// It was allowed and tried, and failed.
    Failed,
    /// The agent ended before saying.
    Unknown,
}

/// What resolved an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Resolution {
    /// Go ahead.
    Allowed,
    /// Do not.
    Denied,
    /// Nobody answered in the time set.
    Expired,
    /// No longer asked.
    Withdrawn,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Actor {
    /// A person, through a device or program named here ("the command line", "Chrome on Android").
    Person {
        /// What they used.
        name: String,
        /// The device, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        device: Option<DeviceId>,
    },
    /// The agent itself.
    Agent,
    /// The gateway, by a limit or a recovery it states in the event.
    Gateway,
    /// A rule that a person made.
    Rule {
        /// Which.
        rule: RuleId,
        /// What it is about, as it was when it decided.
        text: String,
    },
}

/// A person's decision on an approval, as sent and as recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// Made by whoever decides; sending it again changes nothing.
    pub id: DecisionId,
    /// The hash that was shown.
    pub hash: String,
    /// What was decided.
    pub verdict: Verdict,
    /// Decide so from now on: a rule, made together with this decision or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub rule: Option<NewRule>,
}

impl Decision {
    /// A new decision on what was shown under this hash.
    pub fn new(hash: impl Into<String>, verdict: Verdict) -> Self {
        Self { id: DecisionId::new(), hash: hash.into(), verdict, rule: None }
    }
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Verdict {
    /// Go ahead, once, exactly as shown.
    Allow,
    /// Go ahead with this input instead.
    AllowEdited {
        /// The whole tool input that is to run.
        #[cfg_attr(feature = "ts", ts(type = "unknown"))]
        input: Value,
    },
    /// Do not.
    Deny {
        /// Words the agent reads.
        #[serde(default)]
        say: Option<String>,
        /// Also end the turn.
        #[serde(default)]
        stop: bool,
    },
    /// The answers to a question.
    Answer {
        /// One for each question.
        answers: Vec<Answer>,
    },
}

impl Verdict {
    /// What this verdict makes of the approval.
    pub fn resolution(&self) -> Resolution {
        match self {
            Verdict::Allow | Verdict::AllowEdited { .. } | Verdict::Answer { .. } => Resolution::Allowed,
            Verdict::Deny { .. } => Resolution::Denied,
        }
    }
}

/// An approval as it stands: the request and its receipts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// What is asked.
    #[serde(flatten)]
    pub request: ApprovalRequest,
    /// How it stands.
    pub state: ApprovalState,
    /// How it was resolved, once it was.
    pub resolution: Option<Resolution>,
    /// Who decided.
    pub decided_by: Option<Actor>,
    /// What was decided, where a person did.
    pub decision: Option<Decision>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it was asked.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub requested_at: Timestamp,
    /// When it was resolved.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub resolved_at: Option<Timestamp>,
    /// When the agent got the decision.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub delivered_at: Option<Timestamp>,
    /// When the agent had gone on.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub finished_at: Option<Timestamp>,
    /// What it would touch, read anew whenever a waiting one is served; never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub touches: Option<Touches>,
}
