//! Bodies of requests that change something.

use crate::*;
use serde::{Deserialize, Serialize};

/// Start a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields = nullable))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartRun {
    /// Made by the client, so that asking twice starts one.
    #[serde(default = "RunId::new")]
    pub id: RunId,
    /// The agent's kind.
    pub agent: String,
    /// The workspace: an absolute folder inside an allowed root.
    pub dir: String,
    /// The first prompt. A terminal agent needs none.
    #[serde(default)]
    pub prompt: Option<String>,
    /// What to call the run; by default the first line of the prompt.
    #[serde(default)]
    pub label: Option<String>,
    /// Seconds an attempt may take; by default no limit.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional = nullable, type = "number | null"))]
    pub time_limit: Option<u64>,
    /// A model on the host itself, by Ollama's name for it; by default the agent's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub local_model: Option<String>,
    /// The command line, program first, for an agent that is one. No shell reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub command: Option<Vec<String>>,
    /// Seconds an approval may wait for a person before it counts as denied; by default as long as it takes.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional = nullable, type = "number | null"))]
    pub approval_limit: Option<u64>,
    /// The terminal it is started from, which is on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub desk: Option<DeskTerminal>,
    /// A conversation of the agent's own, from its history, to go on with.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional = nullable))]
    pub continues: Option<Continues>,
    /// Work in a fresh git worktree of the folder's repository; by default in the folder itself.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional = nullable))]
    pub worktree: Option<NewWorktree>,
}

impl StartRun {
    /// A run of this agent in this folder, with everything else as usual.
    pub fn of(agent: impl Into<String>, dir: impl Into<String>) -> Self {
        Self {
            id: RunId::new(),
            agent: agent.into(),
            dir: dir.into(),
            prompt: None,
            label: None,
            time_limit: None,
            local_model: None,
            approval_limit: None,
            worktree: None,
            command: None,
            desk: None,
            continues: None,
        }
    }
}

/// Say something to an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendPrompt {
    /// Made by the client, so that sending twice says it once.
    #[serde(default = "PromptId::new")]
    pub id: PromptId,
    /// The words.
    pub text: String,
}

/// Decide several approvals at once; each decision names what was seen, and stands or falls alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DecideMany {
    /// At most 200.
    pub decisions: Vec<DecideOne>,
}

/// One of several decisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DecideOne {
    /// On what.
    pub approval: ApprovalId,
    /// What.
    pub decision: Decision,
}

/// What became of one of several decisions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// On what.
    pub id: ApprovalId,
    /// The approval afterwards, where the decision was taken.
    pub approval: Option<Approval>,
    /// Why not, where it was not.
    pub problem: Option<Problem>,
}

/// Start the next attempt of a run that ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResumeRun {
    /// What to say first.
    #[serde(default)]
    pub prompt: Option<SendPrompt>,
}

/// Give a run another name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LabelRun {
    /// The new name.
    pub label: String,
}

/// Exchange a one-time code for a bearer key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Login {
    /// The code from the address's fragment.
    pub code: String,
    /// What to call this page in lists and receipts.
    #[serde(default)]
    pub name: Option<String>,
}

/// The bearer key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LoginGranted {
    /// Sent as `Authorization: Bearer …`, or in the live `hello`.
    pub token: String,
}

/// Where runs may work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Folders {
    /// Folders under which workspaces are allowed, absolute.
    pub roots: Vec<String>,
    /// Workspaces used lately, newest first.
    pub recent: Vec<String>,
    /// The folder listed, absolute, when one was asked for.
    pub dir: Option<String>,
    /// Its sub-folders' names, sorted; hidden ones left out.
    pub children: Vec<String>,
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// Its run.
    pub run: RunId,
    /// Its event.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub seq: u64,
    /// The place, with the words found between `⟦` and `⟧`.
    pub snippet: String,
}
