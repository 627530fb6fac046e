//! What an agent offers to choose from, and what a person chose.

use crate::*;
use serde::{Deserialize, Serialize};

/// What an agent says can be chosen or typed, as it said it last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", default)]
pub struct Offers {
    /// Models.
    pub models: Vec<ModelOffer>,
    /// Modes in which the agent still asks before it acts.
    pub modes: Vec<ModeOffer>,
    /// Modes the agent has and Offdesk does not offer, and why.
    pub modes_left_out: Vec<ModeLeftOut>,
    /// Commands that can be typed at the beginning of a prompt, without their `/`.
    pub slash: Vec<SlashOffer>,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ModelOffer {
    /// The agent's word for it.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What the agent says of it.
    #[serde(default)]
    pub description: Option<String>,
    /// The model this stands for, where the id is only another name.
    #[serde(default)]
    pub resolved: Option<String>,
}

/// A mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ModeOffer {
    /// The agent's word for it.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// What the agent says of it.
    #[serde(default)]
    pub description: Option<String>,
}

/// A mode that is not offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ModeLeftOut {
    /// The agent's word for it.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// A command that is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SlashOffer {
    /// Without its `/`.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What may follow it.
    #[serde(default)]
    pub hint: Option<String>,
}

/// Something chosen for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Control {
    /// Work with this model.
    Model {
        /// The agent's word for it.
        id: String,
    },
    /// Work in this mode.
    Mode {
        /// The agent's word for it.
        id: String,
    },
}

/// Choose a model or a mode for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Choose {
    /// As the agent offers it.
    pub id: String,
}

/// Longest id of a model or a mode, in bytes.
pub const LONGEST_CHOICE: usize = 200;

/// Whether this can be the id of a model or a mode: one visible line that no program takes for an option of its own.
pub fn is_choice(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST_CHOICE
        && !id.starts_with('-')
        && id == id.trim()
        && visible(id) == id
        && !id.contains(['\n', '\t'])
}
