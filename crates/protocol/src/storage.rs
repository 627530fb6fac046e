//! What is kept on a host's disk, and cleaning it up.

use crate::{RunId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is kept, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum StorageKind {
    /// The log: all events.
    Log,
    /// What agents put out: the bytes of each attempt.
    Outputs,
    /// Files that went with prompts.
    Uploads,
    /// Files that are kept with their runs: logs, diffs, and what people kept.
    Artifacts,
    /// Worktrees made for runs.
    Worktrees,
    /// Snapshots of workspaces, in their repositories.
    Snapshots,
    /// Conversations of our own agent for local models.
    Conversations,
    /// Copies of our program that supervisors run from.
    Programs,
    /// What was read of other agents' conversations, so that it need not be read again.
    History,
    /// What no run is known to need.
    Leftovers,
    /// Settings, keys and what else is needed.
    Other,
}

impl StorageKind {
    /// All there are, in the order in which they are shown.
    pub const ALL: [StorageKind; 11] = [
        StorageKind::Log,
        StorageKind::Outputs,
        StorageKind::Uploads,
        StorageKind::Artifacts,
        StorageKind::Worktrees,
        StorageKind::Snapshots,
        StorageKind::Conversations,
        StorageKind::Programs,
        StorageKind::History,
        StorageKind::Leftovers,
        StorageKind::Other,
    ];

    /// Cleaned where nothing else is said. The others cost something: a conversation cannot be resumed, the history is
    /// read again, the log is written anew.
    pub fn by_default(self) -> bool {
        use StorageKind::*;
        matches!(self, Outputs | Uploads | Artifacts | Worktrees | Snapshots | Programs | Leftovers)
    }

    /// Whether anything of it can be cleaned at all.
    pub fn can_be_cleaned(self) -> bool {
        self != StorageKind::Other
    }

    /// As it is written in the API.
    pub fn name(self) -> &'static str {
        match self {
            StorageKind::Log => "log",
            StorageKind::Outputs => "outputs",
            StorageKind::Uploads => "uploads",
            StorageKind::Artifacts => "artifacts",
            StorageKind::Worktrees => "worktrees",
            StorageKind::Snapshots => "snapshots",
            StorageKind::Conversations => "conversations",
            StorageKind::Programs => "programs",
            StorageKind::History => "history",
            StorageKind::Leftovers => "leftovers",
            StorageKind::Other => "other",
        }
    }
}

impl fmt::Display for StorageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much is kept by what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// The data folder. Snapshots are in the repositories.
    pub folder: String,
    /// All together, in bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes: u64,
    /// Of that, what only runs need that were put away, or nobody.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub put_away: u64,
    /// By kind; those of which there is nothing are left out.
    pub uses: Vec<StorageUse>,
    /// When it was looked at.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub measured_at: Timestamp,
}

/// How much of one kind is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StorageUse {
    /// What it is.
    pub kind: StorageKind,
    /// Its bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes: u64,
    /// How many things: attempts, files, worktrees, snapshots.
    pub items: u32,
    /// Of the bytes, what only runs need that were put away, or nobody.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub put_away: u64,
}

/// A wish to clean up. Without a plan nothing is done: the answer shows what would go and what would stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CleanStorage {
    /// These kinds only; none: those that cost nothing.
    #[serde(default)]
    pub kinds: Vec<StorageKind>,
    /// Only of runs in which nothing happened for so many days.
    pub older_than_days: u32,
    /// Worktrees may go with the files that git ignores in them.
    #[serde(default)]
    pub ignored: bool,
    /// The plan that was shown: do it.
    #[serde(default)]
    pub plan: Option<String>,
}

/// A wish to delete a run for good. Without a plan nothing is done: the answer shows what would go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteRun {
    /// Snapshots go, too, that hold work nothing else has.
    #[serde(default)]
    pub lose_work: bool,
    /// The run's worktree may go with the files that git ignores in it.
    #[serde(default)]
    pub ignored: bool,
    /// The plan that was shown: do it.
    #[serde(default)]
    pub plan: Option<String>,
}

/// What goes, or went, and what stays and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StorageClean {
    /// Names exactly what goes; a wish that names it is done, if nothing has changed since.
    pub plan: String,
    /// It was done.
    pub done: bool,
    /// What goes, in bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes: u64,
    /// What goes.
    pub goes: Vec<StorageItem>,
    /// What stays.
    pub stays: Vec<StorageItem>,
}

/// Something that goes or stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StorageItem {
    /// What it is.
    pub kind: StorageKind,
    /// What it is of, for a person: a run's name, a folder.
    pub name: String,
    /// The run, where it is one's.
    pub run: Option<RunId>,
    /// How many things.
    pub items: u32,
    /// Their bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub bytes: u64,
    /// Why it goes or stays.
    pub why: String,
}
