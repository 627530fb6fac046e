//! Doing a run again: from its first prompt, or as another run.

use crate::*;
use serde::{Deserialize, Serialize};

/// Begin a run's work anew: the next attempt gets the run's first prompt and a conversation that knows nothing. What was
/// said before stays in the log. A living attempt is stopped first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RestartRun {
    /// The prompt's new id. Made by the client, so that asking twice restarts once.
    #[serde(default = "PromptId::new")]
    pub prompt: PromptId,
}

/// Start another run like this one: same agent, folder and limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloneRun {
    /// The new run's id. Made by the client, so that asking twice starts one.
    #[serde(default = "RunId::new")]
    pub id: RunId,
    /// The first prompt; by default that of the run it is made from.
    #[serde(default)]
    pub prompt: Option<String>,
    /// What to call it; by default as a new run is called.
    #[serde(default)]
    pub label: Option<String>,
}
