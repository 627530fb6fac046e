//! History: the conversations agents keep on disk by themselves, whoever began them.

use crate::*;
use serde::{Deserialize, Serialize};

/// A conversation that an agent kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// The agent's kind: `claude`, `codex`, `cline` …
    pub agent: String,
    /// The agent's own name for the conversation.
    pub id: String,
    /// What it calls it, else the first prompt's first line.
    pub title: String,
    /// The folder it worked in, where the agent says.
    pub dir: Option<String>,
    /// When it began, where the agent says.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub started_at: Option<Timestamp>,
    /// When something was last written.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub updated_at: Timestamp,
    /// Prompts and answers; unknown where the file is too large to count.
    pub messages: Option<u32>,
    /// The model used last.
    pub model: Option<String>,
    /// The program that kept it, where several do: `Cursor`, `VSCodium` …
    pub place: Option<String>,
    /// A process that has it open.
    pub live: Option<HistoryLive>,
    /// The run of ours that made or continued it: it is shown as that run.
    pub run: Option<RunId>,
    /// A run can go on with it now.
    pub can_continue: bool,
    /// Why not, for people.
    pub why_not: Option<String>,
}

/// A process outside our runs that has a conversation open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HistoryLive {
    /// Its process id.
    pub pid: u32,
    /// It names the conversation, or has its file open. Otherwise the agent runs in the same folder and this is the
    /// conversation changed last there: it may be open.
    pub certain: bool,
}

/// One page of the list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HistoryList {
    /// The conversations.
    pub entries: Vec<HistoryEntry>,
    /// How many fit the question, on all pages.
    pub total: u32,
    /// Given as `before`, leads to the next page; nothing: this was the last.
    pub next: Option<String>,
    /// Agents that have something here, whatever was asked for.
    pub agents: Vec<String>,
    /// Folders they worked in, the latest first, whatever was asked for; the first hundred.
    pub dirs: Vec<String>,
}

/// A piece of a conversation, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HistoryPage {
    /// The conversation.
    pub entry: HistoryEntry,
    /// What was said and done.
    pub items: Vec<HistoryItem>,
    /// Given as `before`, leads to what was earlier; nothing: it begins here.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub earlier: Option<u64>,
}

/// One thing in a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct HistoryItem {
    /// Its place: grows along the conversation, and stays while the conversation grows.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub pos: u64,
    /// When, where the agent says.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub at: Option<Timestamp>,
    /// Bytes left out of its texts.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub truncated: u64,
    /// What.
    pub what: HistoryWhat,
}

/// What was said or done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum HistoryWhat {
    /// A person's words.
    Prompt {
        /// The words.
        text: String,
    },
    /// The agent's words.
    Message {
        /// Said or thought.
        role: Role,
        /// The words.
        text: String,
    },
    /// A use of a tool.
    Tool {
        /// The tool, as the agent calls it.
        name: String,
        /// What for, in a line.
        title: String,
        /// How it ended; nothing: that is not written.
        status: Option<ToolStatus>,
        /// What it gave.
        output: String,
    },
    /// Something about the conversation itself, such as a summary of what was forgotten.
    Notice {
        /// What.
        text: String,
    },
    /// Something this version cannot read, as it is written.
    Raw {
        /// As written.
        text: String,
    },
}

/// End a process that has a conversation open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StopHistory {
    /// The process the person was shown: another one is never ended.
    pub pid: u32,
}

/// The conversation a new run goes on with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Continues {
    /// The agent's own name for it.
    pub agent_session: String,
}
