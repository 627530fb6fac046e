//! Bodies of requests that change something.

use crate::*;
use serde::{Deserialize, Serialize};

/// Start a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
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
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub time_limit: Option<u64>,
    /// The model, as the agent offers it; by default the agent's own choice.
    #[serde(default)]
    pub model: Option<String>,
    /// The mode, as the agent offers it; by default the one in which it asks before everything.
    #[serde(default)]
    pub mode: Option<String>,
    /// Files that go with the first prompt.
    #[serde(default)]
    pub attachments: Vec<UploadId>,
    /// Go on by itself when a limit that stopped it resets.
    #[serde(default)]
    pub resume_when_reset: bool,
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
    /// When it goes to an agent that is at work.
    #[serde(default)]
    pub when: When,
    /// Files that go with it.
    #[serde(default)]
    pub attachments: Vec<UploadId>,
}

impl SendPrompt {
    /// These words, to be said at once.
    pub fn now(text: impl Into<String>) -> Self {
        Self { id: PromptId::new(), text: text.into(), when: When::Now, attachments: Vec::new() }
    }
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
