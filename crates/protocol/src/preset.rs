//! Presets: how a person likes to start runs, kept at the gateway so that all their devices have it.

use crate::*;
use serde::{Deserialize, Serialize};

/// A way to start runs. It starts nothing by itself: whoever uses it starts a run with what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Preset {
    /// Made by the client, so that keeping it twice keeps one. An id that is known is changed.
    #[serde(default = "PresetId::new")]
    pub id: PresetId,
    /// What it is called. No two have the same name.
    pub name: String,
    /// The agent's kind.
    pub agent: String,
    /// The folder, absolute.
    pub dir: String,
    /// Work in a fresh git worktree of the folder's repository.
    #[serde(default)]
    pub worktree: Option<NewWorktree>,
    /// A model on the host itself, by Ollama's name for it.
    #[serde(default)]
    pub local_model: Option<String>,
    /// The model, as the agent offers it.
    #[serde(default)]
    pub model: Option<String>,
    /// The mode, as the agent offers it.
    #[serde(default)]
    pub mode: Option<String>,
    /// Go on by itself when a limit that stopped it resets.
    #[serde(default)]
    pub resume_when_reset: bool,
    /// Words the first prompt begins with.
    #[serde(default)]
    pub prompt: Option<String>,
    /// The command line, program first, for an agent that is one. No shell reads it.
    #[serde(default)]
    pub command: Option<Vec<String>>,
}

/// Removes a preset. Runs that were started with it stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovePreset {
    /// The preset.
    pub id: PresetId,
}
