//! Agents that an agent starts to work for it.

use crate::ToolId;
use serde::{Deserialize, Serialize};

/// Which sub-agent asks for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SubAgent {
    /// The tool use in which it works; what it says and does has this as its parent.
    pub tool: ToolId,
    /// What it was started for, in the agent's words.
    pub name: String,
}
